/* loop.c - one poll loop over sekishod, the monitors and the people. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "ledgerd/disk.h"
#include "ledgerd/inside.h"
#include "ledgerd/local.h"
#include "ledgerd/recover.h"
#include "ledgerd/job.h"

/* Messages taken from a monitor before the others have their turn; questions of people cost more. */
#define TURN	8
#define NO_ROOM_MS	5000	/* what the disk did not take is tried again after this */

struct client *
client_new(struct ledgerd *ld, int fd, struct client *monitor)
{
	struct client *p;

	if ((p = calloc(1, sizeof(*p))) == NULL) {
		fd_close(&fd);
		return NULL;
	}
	p->chan = chan_new(fd, PEER_G, monitor == NULL ? PEER_M : PEER_W);
	if (p->chan == NULL) {
		free(p);
		return NULL;
	}
	p->ld = ld;
	p->monitor = monitor;
	p->state = monitor == NULL ? PS_NEW : PS_IN;
	p->next = ld->clients;
	ld->clients = p;
	if (monitor == NULL)
		ld->nmonitors++;
	else {
		monitor->npersons++;
		ld->npersons++;
	}
	return p;
}

void
client_free(struct client *p)
{
	struct running *run;

	while (p->pending != NULL)
		run_forget(p, p->pending->session);
	while ((run = p->running) != NULL) {
		p->running = run->next;
		free(run);
	}
	if (p->monitor == NULL)
		p->ld->nmonitors--;
	else {
		p->monitor->npersons--;
		p->ld->npersons--;
	}
	chan_free(p->chan);
	free(p);
}

int
client_refuse(struct client *p, uint32_t id, const struct req_refusal *why)
{
	struct msg_refused m = { 0 };

	m.code = (char *)(uintptr_t)sekisho_code_word(why->code);
	m.reason = (char *)(uintptr_t)why->reason;
	m.next = (char *)(uintptr_t)why->next;
	return chan_put_refused(p->chan, id, &m, NULL, 0);
}

int
client_no(struct client *p, uint32_t id, const struct req_refusal *why,
    const char *asked)
{
	int r;

	r = job_refusal(p, book_refusal(p, sekisho_code_word(why->code),
	    asked, why->reason), why->near);
	/* no room for an entry about it is no reason to say nothing */
	return r != 0 && r != ERR_FULL ? r : client_refuse(p, id, why);
}

int
client_ack(struct client *p, uint32_t id)
{
	return chan_put_ack(p->chan, id, NULL, NULL, 0);
}

static int
handle(struct client *p, struct msg *m)
{
	if (p->monitor == NULL)
		return on_monitor(p, m);
	return local_is(p) && p->user[0] == '\0' ? local_turn_away(p, m) :
	    on_call(p, m);
}

/* Some messages of one peer; whatever goes wrong, only this peer is lost. */
static void
serve(struct client *p)
{
	int i, r = 0, most = p->monitor == NULL ? TURN : 1;
	struct msg m;

	for (i = 0; i < most && r == 0 && !p->is_gone; i++) {
		if ((r = chan_recv(p->chan, &m)) != 0)
			break;
		r = handle(p, &m);
		msg_done(&m);
	}
	if (r == 0 || r == 1)
		return;
	/* a stranger at the local door must not fill the log: the door counts them */
	if (r != ERR_CLOSED)
		log_write(p->monitor != NULL && p->user[0] == '\0' ?
		    LOG_DEBUG : LOG_WARN,
		    "peer dropped kind=%s user=%s source=%s error=%s",
		    p->monitor == NULL ? "monitor" : "person", p->user,
		    p->source, err_name(r));
	p->is_gone = 1;
}

/* Takes those that are gone out of the list; a monitor takes its people with it. */
static int
sweep(struct ledgerd *ld)
{
	struct client **at, *p, *q;
	int r = 0;

	for (p = ld->clients; p != NULL; p = p->next) {
		if (!p->is_gone || p->monitor != NULL)
			continue;
		for (q = ld->clients; q != NULL; q = q->next)
			if (q->monitor == p)
				q->is_gone = 1;
		if (r == 0)
			r = job_monitor_gone(p);
	}
	/* people first: they count in their monitor's struct */
	for (at = &ld->clients; (p = *at) != NULL;) {
		if (p->is_gone && p->monitor != NULL) {
			*at = p->next;
			client_free(p);
		} else
			at = &p->next;
	}
	for (at = &ld->clients; (p = *at) != NULL;) {
		if (p->is_gone) {
			*at = p->next;
			client_free(p);
		} else
			at = &p->next;
	}
	return r;
}

static int
serve_daemon(struct ledgerd *ld)
{
	struct msg m;
	int r;

	for (;;) {
		if ((r = chan_recv(ld->d, &m)) != 0)
			break;
		r = on_daemon(ld, &m);
		msg_done(&m);
		if (r != 0)
			break;
	}
	if (r == 1)
		return 0;
	if (r == ERR_CLOSED) {
		log_warn("sekishod is gone");
		ld->is_done = 1;
		return 0;
	}
	return r;
}

/* Of two waits; -1: for ever. */
static int
sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* When something is due although nobody writes. */
static int
timeout_ms(const struct ledgerd *ld)
{
	int wait = refused_wait_ms(ld->refused, clock_unix());
	int64_t left = -1;

	wait = sooner(wait, disk_wait_ms(ld));
	wait = sooner(wait, keys_wait_ms(ld));
	wait = sooner(wait, recover_wait_ms(ld));
	if (ld->orphans_at_ms != 0) {
		left = ld->orphans_at_ms - clock_mono_ms();
		if (left < 0)
			left = 0;
	}
	return sooner(wait, (int)left);
}

static int
do_due(struct ledgerd *ld)
{
	int r;

	if ((r = book_refused(ld, 0)) != 0 ||
	    (ld->nmonitors > 0 && (r = disk_look(ld, 0)) != 0) ||
	    (r = keys_due(ld)) != 0 || (r = recover_due(ld)) != 0)
		return r;
	if (ld->orphans_at_ms != 0 && clock_mono_ms() >= ld->orphans_at_ms) {
		ld->orphans_at_ms = 0;
		return job_orphans(ld,
		    "nobody claimed it after a restart of the ledger");
	}
	return 0;
}

/* One peer that poll() found ready.  1: it was served. */
static int
attend(struct client *p, short revents)
{
	if ((revents & POLLOUT) != 0 && chan_flush(p->chan) != 0)
		p->is_gone = 1;
	if ((revents & (POLLIN | POLLHUP | POLLERR)) == 0 || p->is_gone)
		return 0;
	serve(p);
	return 1;
}

/*
 * A handler may put a new peer in front: walks that begin at "first" do not
 * meet it.  fds[i] belongs to the i-th of them.
 */
static void
attend_monitors(struct client *first, const struct pollfd *fds)
{
	struct client *p;
	size_t i;

	for (p = first, i = 0; p != NULL; p = p->next, i++)
		if (p->monitor == NULL)
			(void)attend(p, fds[i].revents);
}

/*
 * People ask for what takes long (an executable to be hashed, pages of
 * requests): what time is left over is theirs, and each round begins behind
 * the one who came last.
 */
static void
attend_people(struct ledgerd *ld, struct client *first,
    const struct pollfd *fds)
{
	int64_t end = clock_mono_ms() + ld->people_ms;
	unsigned int nr = 0, lap, from = 0;
	struct client *p;
	size_t i;

	if (ld->npersons > 0)
		from = ld->turn % ld->npersons;
	for (lap = 0; lap < 2; lap++)
		for (p = first, i = 0, nr = 0; p != NULL; p = p->next, i++) {
			if (p->monitor == NULL || (nr++ < from) != lap)
				continue;
			ld->turn = nr;
			if (!p->monitor->is_gone && attend(p, fds[i].revents) &&
			    clock_mono_ms() >= end)
				return;
		}
}

/* One round: wait, then serve whoever is ready. */
static int
round_once(struct ledgerd *ld)
{
	struct pollfd *more, *fds;
	struct client *p, *first = ld->clients;
	size_t n = 2, i;
	int r;

	for (p = ld->clients; p != NULL; p = p->next)
		n++;
	if (n > ld->fds_room) {
		more = reallocarray(ld->fds, n + 16, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		ld->fds = more;
		ld->fds_room = n + 16;
	}
	fds = ld->fds;
	fds[0] = (struct pollfd){ chan_fd(ld->d), chan_events(ld->d), 0 };
	fds[1] = (struct pollfd){ keys_fd(ld), keys_events(ld), 0 };
	for (p = ld->clients, i = 2; p != NULL; p = p->next, i++)
		fds[i] = (struct pollfd){ chan_fd(p->chan),
		    chan_events(p->chan), 0 };
	if (poll(fds, (nfds_t)n, timeout_ms(ld)) < 0) {
		if (errno == EINTR)
			return 0;
		log_errno("poll failed");
		return ERR_SYS;
	}
	attend_monitors(first, fds + 2);
	attend_people(ld, first, fds + 2);
	if ((r = keys_serve(ld, fds[1].revents)) != 0)
		return r;
	/* sekishod last, so that what a monitor said before DRAIN is done */
	if ((fds[0].revents & POLLOUT) != 0)
		(void)chan_flush(ld->d);
	r = (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 ?
	    serve_daemon(ld) : 0;
	return r;
}

/* An end that found no room is written as soon as there is some. */
static int
no_room(struct ledgerd *ld, int r)
{
	if (r != ERR_FULL)
		return r;
	if (ld->orphans_at_ms == 0)
		ld->orphans_at_ms = clock_mono_ms() + NO_ROOM_MS;
	return 0;
}

int
ledgerd_step(struct ledgerd *ld)
{
	int r;

	if ((r = round_once(ld)) != 0 ||
	    (r = no_room(ld, sweep(ld))) != 0 ||
	    (r = no_room(ld, do_due(ld))) != 0)
		return r;
	if (store_is_broken(ld->store))
		return ERR_SYS;
	if (ld->is_draining && ld->nmonitors == 0)
		ld->is_done = 1;
	return 0;
}

int
ledgerd_loop(struct ledgerd *ld)
{
	int r = 0;

	while (r == 0 && !ld->is_done)
		r = ledgerd_step(ld);
	if (r != 0)
		log_error("stopping error=%s", err_name(r));
	return r;
}
