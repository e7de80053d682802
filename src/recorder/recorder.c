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
#define STATUS_RECORD	74		/* EX_IOERR: the recording failed */
#define FAILED_WAIT_MS	1000		/* for REC_FAILED to leave */
#define MESSAGES_A_TURN	64		/* then bytes get their turn */
#define MESSAGES_LAST	4096		/* more than a socket holds */
#define LINK_ROOM	(16U << 10)	/* room for a notice before we read one */

enum slot {
	SLOT_MONITOR, SLOT_LINK, SLOT_IN, SLOT_IN_SINK, SLOT_OUT,
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

static int
wait_ms(const struct session *s)
{
	int64_t now = clock_mono_ns(), drain;
	int due = -1;

	if ((s->state & (SESSION_OPEN | SESSION_ENDING)) != 0)
		due = writer_due_ms(s->writer, now);
	if (s->state == SESSION_ENDING) {
		drain = (s->drain_until_ns - now) / 1000000 + 1;
		if (drain < due)
			due = drain < 0 ? 0 : (int)drain;
	}
	return due;
}

/* With "notices" waiting for a client that does not read, the launcher waits too. */
static int
listens_to_link(const struct session *s)
{
	return s->link != NULL && s->state != SESSION_START &&
	    (s->state != SESSION_OPEN ||
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

static int
hear_monitor(struct session *s)
{
	int r;

	r = hear(s, s->monitor, MESSAGES_A_TURN, session_from_monitor);
	if (r != ERR_CLOSED || s->state != SESSION_DONE)
		return r;
	chan_free(s->monitor);		/* only the rest is left to deliver */
	s->monitor = NULL;
	return 0;
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

	ask(&p[SLOT_MONITOR], s->monitor != NULL ? chan_fd(s->monitor) : -1,
	    s->monitor != NULL ? chan_events(s->monitor) : 0);
	ask(&p[SLOT_LINK], s->link != NULL ? chan_fd(s->link) : -1,
	    listens_to_link(s) ? POLLIN : 0);
	ask_relay(s, &s->in, &p[SLOT_IN]);
	ask_relay(s, &s->out, &p[SLOT_OUT]);
	ask_relay(s, &s->err, &p[SLOT_ERR]);
	if (poll(p, SLOTS, wait_ms(s)) < 0 && errno != EINTR) {
		log_errno("poll failed");
		return ERR_SYS;
	}
	if (p[SLOT_MONITOR].revents != 0 && (r = hear_monitor(s)) != 0)
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
	if ((r = session_progress(s)) != 0)
		return r;
	return s->monitor == NULL && session_is_delivered(s) ? 1 : 0;
}

/* No record, no work: say so, and let every descriptor go. */
static int
give_up(struct session *s, int error)
{
	char why[256];
	struct msg_rec_failed f = { .why = why };

	snprintf(why, sizeof(why), "%s", s->failed ? writer_why(s->writer) :
	    err_name(error));
	log_error("recording given up: %s", why);
	if (!s->failed)
		(void)session_lost(s);
	if (s->monitor != NULL &&
	    chan_put_rec_failed(s->monitor, 0, &f, NULL, 0) == 0)
		(void)chan_drain(s->monitor, FAILED_WAIT_MS);
	return STATUS_RECORD;
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
	while ((r = turn(&s)) == 0)
		;
	if (r == 1)
		status = 0;
	else if (r == ERR_CLOSED)
		status = session_lost(&s) == 0 ? 0 : STATUS_RECORD;
	else
		status = give_up(&s, r);
out:
	session_close(&s);
	return status;
}
