/* recorder.c - the poll loop of sekisho-record. */
#include "recorder/recorder.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "confine/role.h"
#include "recorder/session.h"
#include "recorder/start.h"

#define FD_MONITOR	3
#define FD_IO		4
#define FD_ERR		5
#define FD_LINK		6
#define STATUS_START	71		/* EX_OSERR */
#define FAILED_WAIT_MS	1000		/* for REC_FAILED to leave */
#define MESSAGES_A_TURN	64		/* then bytes get their turn */
#define MESSAGES_LAST	4096		/* more than a socket holds */
#define LINK_ROOM	(16U << 10)	/* room for a notice before we read one */

enum slot {
	SLOT_MONITOR, SLOT_SEALS, SLOT_LINK, SLOT_IN, SLOT_IN_SINK, SLOT_OUT,
	SLOT_OUT_SINK, SLOT_ERR, SLOT_ERR_SINK, SLOTS
};

/* -1 in a pollfd: not asked, so a hang-up nobody waits for wakes nobody. */
static void
ask(struct pollfd *p, int fd, short events)
{
	p->fd = events != 0 ? fd : -1;
	p->events = events;
	p->revents = 0;
}

static void
ask_relay(const struct session *s, const struct relay *r, struct pollfd *p)
{
	ask(&p[0], r->source, session_wants(s, r) ? POLLIN : 0);
	ask(&p[1], r->sink, relay_waiting(r) > 0 ? POLLOUT : 0);
}

/* With "notices" waiting for a client that does not read, the launcher waits too. */
static int
listens_to_link(const struct session *s)
{
	return s->link != NULL && (s->state & (SESSION_START |
	    SESSION_HEADER)) == 0 && (s->state != SESSION_OPEN ||
	    relay_room(s->pty ? &s->out : &s->err) >= LINK_ROOM);
}

/* Everything that a channel has to say now; ERR_CLOSED: it went away. */
static int
hear(struct session *s, struct chan *c, int max,
    int (*handler)(struct session *, struct msg *))
{
	struct msg m;
	int i, r;

	if ((r = chan_flush(c)) != 0 && r != ERR_CLOSED)
		return r;
	for (i = 0; i < max; i++) {
		if ((r = chan_recv(c, &m)) != 0)
			return r == 1 ? 0 : r;
		r = handler(s, &m);
		msg_done(&m);
		if (r != 0)
			return r == ERR_CLOSED ? ERR_INTERNAL : r;
		if (s->state == SESSION_HEADER)
			break;		/* what follows REC_OPEN waits for the seal */
	}
	return 0;
}

static int
hear_link(struct session *s, int max)
{
	int r;

	if (!listens_to_link(s))
		return 0;
	r = hear(s, s->link, max, session_from_link);
	if (r == ERR_CLOSED) {
		chan_free(s->link);
		s->link = NULL;
		return 0;
	}
	return r;
}

/* Before the header is sealed only its hang-up counts: the rest waits its turn. */
static short
monitor_events(const struct session *s)
{
	short events = chan_events(s->monitor);

	return s->state == SESSION_HEADER ? (short)(events & ~POLLIN) | POLLRDHUP :
	    events;
}

static int
hear_monitor(struct session *s, short revents)
{
	if (s->state == SESSION_HEADER)
		return (revents & (POLLHUP | POLLERR | POLLRDHUP)) != 0 ?
		    ERR_CLOSED : chan_flush(s->monitor);
	return hear(s, s->monitor, MESSAGES_A_TURN, session_from_monitor);
}

static void
ask_all(const struct session *s, struct pollfd p[SLOTS])
{
	const struct chan *k = s->seals.chan;

	ask(&p[SLOT_MONITOR], s->monitor != NULL ? chan_fd(s->monitor) : -1,
	    s->monitor != NULL ? monitor_events(s) : 0);
	ask(&p[SLOT_SEALS], k != NULL ? chan_fd(k) : -1,
	    k != NULL ? chan_events(k) : 0);
	ask(&p[SLOT_LINK], s->link != NULL ? chan_fd(s->link) : -1,
	    listens_to_link(s) ? POLLIN : 0);
	ask_relay(s, &s->in, &p[SLOT_IN]);
	ask_relay(s, &s->out, &p[SLOT_OUT]);
	ask_relay(s, &s->err, &p[SLOT_ERR]);
}

/* 1: the session is over. */
static int
is_over(const struct session *s)
{
	return s->monitor == NULL && session_is_delivered(s);
}

/*
 * One turn.  0: go on; 1: over; ERR_CLOSED: the monitor went away; other
 * errors: the session cannot be recorded any more.
 */
static int
turn(struct session *s)
{
	struct pollfd p[SLOTS];
	struct session_ready ready;
	int r;

	if (is_over(s))
		return 1;		/* nobody is left who could wake us */
	ask_all(s, p);
	if (poll(p, SLOTS, session_due_ms(s, clock_mono_ns())) < 0 &&
	    errno != EINTR) {
		log_errno("poll failed");
		return ERR_SYS;
	}
	if (p[SLOT_MONITOR].revents != 0 &&
	    (r = hear_monitor(s, p[SLOT_MONITOR].revents)) != 0)
		return r;
	/* what the launcher said before the end must stand before the end */
	if ((p[SLOT_LINK].revents != 0 || s->state == SESSION_ENDING) &&
	    (r = hear_link(s, s->state == SESSION_ENDING ? MESSAGES_LAST :
	    MESSAGES_A_TURN)) != 0)
		return r;
	ready.in = p[SLOT_IN].revents != 0;
	ready.out = p[SLOT_OUT].revents != 0;
	ready.err = p[SLOT_ERR].revents != 0;
	if ((r = session_relay(s, &ready)) != 0)
		return r;
	if (s->writer != NULL &&
	    (r = writer_tick(s->writer, clock_mono_ns())) != 0) {
		s->failed = 1;
		return r;
	}
	if ((r = session_seals(s, p[SLOT_SEALS].revents != 0)) != 0 ||
	    (r = session_progress(s)) != 0)
		return r;
	return is_over(s);
}

/* No record, no work: say so, and let every descriptor go. */
static int
give_up(struct session *s, int error)
{
	char why[256];
	struct msg_rec_failed f = { .why = why,
		.is_keys = s->is_keys != 0 };

	snprintf(why, sizeof(why), "%s", s->is_keys ?
	    "the keys cannot be reached" : s->failed ?
	    writer_why(s->writer) : err_name(error));
	log_error("recording given up: %s", why);
	if (s->monitor != NULL &&
	    chan_put_rec_failed(s->monitor, 0, &f, NULL, 0) == 0)
		(void)chan_drain(s->monitor, FAILED_WAIT_MS);
	return s->is_keys ? SESSION_EXIT_KEYS : SESSION_EXIT_RECORD;
}

/*
 * A turn said "error".  0: the end can still be written, go on until it is;
 * 1: over.
 */
static int
trouble(struct session *s, int error)
{
	if (s->writer != NULL && writer_is_full(s->writer) &&
	    writer_is_open(s->writer) && s->status == 0)
		return session_full(s);
	if (error != ERR_CLOSED) {
		s->status = give_up(s, error);
		if (s->failed || s->is_keys)
			return 1;
	}
	return session_lost(s) != 0;
}

int
recorder_main(void)
{
	struct session s;
	int r, status = STATUS_START;

	if ((r = session_init(&s, FD_MONITOR, FD_IO, FD_ERR, FD_LINK)) != 0 ||
	    (r = start_confined(&s)) != 0) {
		if (r != ERR_CLOSED)
			log_error("cannot start error=%s", err_name(r));
		goto out;
	}
	do
		r = turn(&s);
	while (r == 0 || (r < 0 && trouble(&s, r) == 0));
	status = s.status;
out:
	session_close(&s);
	return status;
}
