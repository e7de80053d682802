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
#include "ledgerd/group.h"
#include "ledgerd/inside.h"
#include "ledgerd/local.h"
#include "ledgerd/recover.h"
#include "ledgerd/job.h"

/* Messages taken from a monitor before the others have their turn; questions of people cost more. */
#define TURN	8
#define QUIET_MS	200	/* without a question: then the database is tidied up */
#define NO_ROOM_MS	5000	/* what the disk did not take is tried again after this */

static int
handle(struct client *p, struct msg *m)
{
	if (p->monitor == NULL)
		return on_monitor(p, m);
	return local_is(p) && p->user[0] == '\0' && !p->is_root ?
	    local_turn_away(p, m) : on_call(p, m);
}

/* Some messages of one peer; whatever goes wrong, only this peer is lost. */
static void
serve(struct client *p)
{
	int i, r = 0, most = p->monitor == NULL ? TURN : 1;
	struct msg m;

	if (p->hash != NULL) {
		r = call_go_on(p);
		most = 0;
	}
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

/* Monitors whose sessions must be ended for them. */
static unsigned int
count_gone(const struct ledgerd *ld)
{
	const struct client *p;
	unsigned int n = 0;

	for (p = ld->clients; p != NULL; p = p->next)
		n += p->is_gone && p->monitor == NULL &&
		    (p->pending != NULL || p->running != NULL);
	return n;
}

/* Takes those that are gone out of the list; a monitor takes its people with it. */
static int
sweep(struct ledgerd *ld)
{
	struct client **at, *p, *q;
	int r = 0, ended;

	group_begin(ld, count_gone(ld));
	for (p = ld->clients; p != NULL; p = p->next) {
		if (!p->is_gone || p->monitor != NULL)
			continue;
		for (q = ld->clients; q != NULL; q = q->next)
			if (q->monitor == p)
				q->is_gone = 1;
		if (r == 0 && (r = job_monitor_gone(p)) == 0)
			r = group_turn(ld);
	}
	if ((ended = group_end(ld)) != 0)
		r = ended;
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

static int
left_ms(int64_t at)
{
	int64_t left = at - clock_mono_ms();

	return left < 0 ? 0 : (int)left;
}

/* When something is due although nobody writes. */
static int
timeout_ms(const struct ledgerd *ld)
{
	int wait = refused_wait_ms(ld->refused, clock_unix());

	wait = sooner(wait, disk_wait_ms(ld));
	wait = sooner(wait, keys_wait_ms(ld));
	wait = sooner(wait, recover_wait_ms(ld));
	if (store_wants_rest(ld->store))
		wait = sooner(wait, left_ms(ld->quiet_ms));
	return ld->orphans_at_ms == 0 ? wait :
	    sooner(wait, left_ms(ld->orphans_at_ms));
}

static int
do_due(struct ledgerd *ld)
{
	int r;

	tally_clock(ld);
	whole_due(&ld->whole);
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
	int r;

	/* who has left takes no answer; what it said before is still to be read */
	if ((revents & POLLOUT) != 0 && (r = chan_flush(p->chan)) != 0 &&
	    r != ERR_CLOSED)
		p->is_gone = 1;
	if (((revents & (POLLIN | POLLHUP | POLLERR)) == 0 &&
	    p->hash == NULL) || p->is_gone)
		return 0;
	if (p->hash != NULL && (revents & (POLLHUP | POLLERR)) != 0) {
		p->is_gone = 1;		/* nobody waits for it any more */
		return 0;
	}
	group_join(p);
	serve(p);
	return 1;
}

/* Those that have something to say: monitors, or people. */
static unsigned int
count_ready(const struct client *first, const struct pollfd *fds, int people)
{
	const struct client *p;
	unsigned int n = 0;
	size_t i;

	for (p = first, i = 0; p != NULL; p = p->next, i++)
		n += (p->monitor != NULL) == people &&
		    (fds[i].revents & POLLIN) != 0;
	return n;
}

/*
 * A handler may put a new peer in front: walks that begin at "first" do not
 * meet it.  fds[i] belongs to the i-th of them.
 */
static int
attend_monitors(struct ledgerd *ld, struct client *first,
    const struct pollfd *fds)
{
	struct client *p;
	size_t i;
	int r = 0;

	group_begin(ld, count_ready(first, fds, 0));
	for (p = first, i = 0; p != NULL && r == 0; p = p->next, i++)
		if (p->monitor == NULL && attend(p, fds[i].revents))
			r = group_turn(ld);
	return r != 0 ? r : group_end(ld);
}

/*
 * People ask for what takes long (an executable to be hashed, pages of
 * requests): what time is left over is theirs, and each round begins behind
 * the one who came last.
 */
static int
people_turn(struct ledgerd *ld, struct client *first, const struct pollfd *fds)
{
	int64_t end = clock_mono_ms() + ld->people_ms;
	unsigned int nr = 0, lap, from = 0;
	struct client *p;
	size_t i;
	int r;

	if (ld->npersons > 0)
		from = ld->turn % ld->npersons;
	for (lap = 0; lap < 2; lap++)
		for (p = first, i = 0, nr = 0; p != NULL; p = p->next, i++) {
			if (p->monitor == NULL || (nr++ < from) != lap)
				continue;
			ld->turn = nr;
			if (p->monitor->is_gone || !attend(p, fds[i].revents))
				continue;
			if ((r = group_turn(ld)) != 0 ||
			    clock_mono_ms() >= end)
				return r;
		}
	return 0;
}

static int
attend_people(struct ledgerd *ld, struct client *first,
    const struct pollfd *fds)
{
	int r;

	group_begin(ld, count_ready(first, fds, 1));
	r = people_turn(ld, first, fds);
	return r != 0 ? r : group_end(ld);
}

/* One round: wait, then serve whoever is ready. */
static int
round_once(struct ledgerd *ld)
{
	struct pollfd *more, *fds;
	struct client *p, *first = ld->clients;
	size_t n = 2, i;
	int r, ready, hashing = 0;

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
	for (p = ld->clients, i = 2; p != NULL; p = p->next, i++) {
		fds[i] = (struct pollfd){ chan_fd(p->chan),
		    chan_events(p->chan), 0 };
		/* who waits for a digest is not read, and nobody waits */
		if (p->hash != NULL) {
			fds[i].events &= ~POLLIN;
			hashing = 1;
		}
	}
	if ((ready = poll(fds, (nfds_t)n, hashing ? 0 : timeout_ms(ld))) < 0) {
		if (errno == EINTR)
			return 0;
		log_errno("poll failed");
		return ERR_SYS;
	}
	if (ready > 0 || hashing)
		ld->quiet_ms = clock_mono_ms() + QUIET_MS;
	else if (store_wants_rest(ld->store) && left_ms(ld->quiet_ms) == 0)
		return store_rest(ld->store);
	if ((r = attend_monitors(ld, first, fds + 2)) != 0 ||
	    (r = attend_people(ld, first, fds + 2)) != 0 ||
	    (r = keys_serve(ld, fds[1].revents)) != 0)
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
