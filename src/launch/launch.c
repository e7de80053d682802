/* launch.c - the one loop of sekisho-exec: monitor, recorder, refused calls, the job's processes. */
#include "launch/launch.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/caps.h"
#include "confine/role.h"
#include "crypt/sha256.h"
#include "launch/state.h"
#include "launch/tell.h"

#define FD_MONITOR	3
#define FD_RECORD	4
#define SLICE_WAIT_MS	30000

/* What may be asked, and when. */
static const struct msg_rule rules[] = {
	{ X_IDLE,			MSG_GUESS,	on_guess },
	{ X_IDLE,			MSG_PREPARE,	on_prepare },
	{ X_PREPARED,			MSG_GO,		on_go },
	{ X_ALL,			MSG_PING,	on_ping },
	{ X_PREPARED | X_LIVE,		MSG_JOB_RESIZE,	on_resize },
	{ X_PREPARED | X_LIVE,		MSG_JOB_SIGNAL,	on_signal },
	{ X_ALL,			MSG_JOB_KILL,	on_kill },
};

enum { P_MONITOR, P_LINK, P_SOCK, P_LISTENER, P_INIT, P_REAP, P_INPUT, P_MOUNTS, P_OLD, P_ALL };

static int
get_slice(struct launch *l)
{
	struct msg_slice outer;
	struct msg_slice_exec slice;
	struct buf *b = NULL;
	struct msg m;
	int r;

	if ((r = chan_wait(l->monitor, &m, SLICE_WAIT_MS)) != 0)
		return r;
	r = m.type == MSG_SLICE ? msg_slice_get(m.body, &outer) : ERR_STATE;
	msg_done(&m);
	if (r != 0)
		return r;
	if ((b = buf_new(PLAN_MAX)) == NULL)
		r = ERR_NOMEM;
	else if ((r = buf_put(b, outer.body.p, outer.body.n)) == 0 &&
	    (r = msg_slice_exec_get(b, &slice)) == 0) {
		l->input_max = slice.input_max;
		l->notify.told_max = slice.max_refusals_shown;
		msg_slice_exec_free(&slice);
	}
	buf_free(b);
	msg_slice_free(&outer);
	return r;
}

/* All that wait: the monitor's messages in order. */
static int
from_monitor(struct launch *l)
{
	struct msg m;
	int r;

	while ((r = chan_recv(l->monitor, &m)) == 0) {
		r = msg_dispatch(rules, sizeof(rules) / sizeof(*rules),
		    (unsigned int)l->state, l, &m);
		msg_done(&m);
		if (r != 0)
			return r;
	}
	return r == 1 ? 0 : r;
}

/* The recorder says nothing on this link; its end is the end of the job. */
static void
from_link(struct launch *l)
{
	struct msg m;
	int r;

	while ((r = chan_recv(l->link, &m)) == 0)
		msg_done(&m);
	if (r == 1)
		return;
	chan_free(l->link);
	l->link = NULL;
	state_recorder_gone(l);
}

static short
events_of(const struct chan *c)
{
	return c == NULL ? 0 : chan_events(c);
}

static void
fill(const struct launch *l, struct pollfd p[P_ALL])
{
	const struct job *j = &l->job;
	/* A cage without its order: only its end and the host's mounts matter. */
	int waits = (l->state & (X_IDLE | X_COLLECT)) != 0;

	p[P_MONITOR] = (struct pollfd){ chan_fd(l->monitor),
	    events_of(l->monitor), 0 };
	p[P_LINK] = (struct pollfd){ l->link != NULL ? chan_fd(l->link) : -1,
	    events_of(l->link), 0 };
	p[P_SOCK] = (struct pollfd){ waits ? -1 : j->sock, POLLIN, 0 };
	p[P_LISTENER] = (struct pollfd){ l->is_killed ? -1 : j->listener,
	    POLLIN, 0 };
	p[P_INIT] = (struct pollfd){ waits ? -1 : j->init_sock, POLLIN, 0 };
	p[P_REAP] = (struct pollfd){ j->init_pid > 0 ? j->init_pidfd : -1,
	    POLLIN, 0 };
	p[P_INPUT] = (struct pollfd){ l->state == X_COLLECT ?
	    j->io.collect : -1, POLLIN, 0 };
	p[P_MOUNTS] = (struct pollfd){ waits ? j->cage.mounts.events : -1,
	    POLLPRI, 0 };
	p[P_OLD] = (struct pollfd){ j->cage.old, POLLIN, 0 };
}

/*
 * The order matters: the kernel tells of a changed mount once, so a cage is
 * lost before an order may take it; an exec is told before the end of what
 * was executed.
 */
static int
handle(struct launch *l, const struct pollfd p[P_ALL])
{
	int waits = (l->state & (X_IDLE | X_COLLECT)) != 0, r;

	if (p[P_OLD].revents != 0)
		cage_reap(&l->job.cage);
	if (waits && (p[P_MOUNTS].revents != 0 || p[P_REAP].revents != 0))
		state_cage_lost(l);
	if ((r = chan_flush(l->monitor)) != 0 ||
	    (p[P_MONITOR].revents != 0 && (r = from_monitor(l)) != 0))
		return r;
	if (l->link != NULL && chan_flush(l->link) != 0)
		l->link_failed = 1;
	if (l->link != NULL && (p[P_LINK].revents != 0 || l->link_failed))
		from_link(l);
	if (p[P_INPUT].revents != 0 && l->state == X_COLLECT &&
	    (r = state_input(l)) != 0)
		return r;
	if (p[P_SOCK].revents != 0 && l->job.sock >= 0)
		state_from_job(l);
	if ((p[P_LISTENER].revents & POLLIN) != 0 && l->job.listener >= 0)
		state_refusals(l);
	else if (p[P_LISTENER].revents != 0)
		fd_close(&l->job.listener);	/* nobody is left who could call: its end would wake us for ever */
	if (p[P_INIT].revents != 0 && l->job.init_sock >= 0)
		state_from_init(l);
	if (!waits && p[P_REAP].revents != 0 && l->job.init_pid > 0)
		state_reap(l);
	return 0;
}

static int
loop(struct launch *l)
{
	struct pollfd p[P_ALL];
	int r;

	for (;;) {
		fill(l, p);
		r = poll(p, P_ALL, state_timeout_ms(l));
		if (r < 0 && errno != EINTR) {
			log_errno("poll failed");
			return ERR_SYS;
		}
		state_timers(l);
		if (r <= 0)
			state_build(l);
		else if ((r = handle(l, p)) != 0)
			return r;
	}
}

/*
 * Rights that supervision does not need are given up before the order is
 * acknowledged; half of that while the command gets ready.
 */
static struct role
role_of(const struct launch *l)
{
	return (struct role){
		.name = "sekisho-exec", .caps = CAPS_BIT(CAP_KILL),
		.landlock = 1, .known = &l->job.kernel,
		.nofile = UINT64_MAX, .fsize = UINT64_MAX, .as = UINT64_MAX,
		.nproc = UINT64_MAX, .parent = l->parent,
		.filter = &role_filter_exec };
}

int
launch_confine_begin(struct launch *l)
{
	char leaf[64];
	const struct role_path paths[] = { { "/proc", 0, 0 },
		{ leaf, 1, 0 } };	/* to remove the job's cgroup */
	struct role role = role_of(l);

	snprintf(leaf, sizeof(leaf), "/proc/self/fd/%d", l->job.cgroup.base);
	role.paths = paths;
	role.npaths = l->job.cgroup.base >= 0 ? 2 : 1;
	return role_begin_entry(&role, &l->ruleset);
}

int
launch_confine_end(struct launch *l)
{
	struct role role = role_of(l);
	int ruleset = l->ruleset;

	role.npaths = 1;		/* it may read some: nothing to try */
	l->ruleset = -1;
	return role_end_entry(&role, ruleset);
}

/* OpenSSL loads its digests at the first use. */
static int
warm_up(void)
{
	uint8_t digest[SHA256_LEN];

	return sha256_mem("", 0, digest);
}

int
launch_main(void)
{
	struct launch l;
	int r;

	memset(&l, 0, sizeof(l));
	if (job_init(&l.job) != 0)
		return 1;
	l.state = X_IDLE;
	l.ruleset = -1;
	l.parent = getppid();
	l.monitor = chan_new(FD_MONITOR, PEER_X,
	    (enum peer)(PEER_D | PEER_M));
	l.link = chan_new(FD_RECORD, PEER_X, PEER_R);
	if (l.monitor == NULL || l.link == NULL)
		return 1;
	if ((r = get_slice(&l)) == 0 && (r = warm_up()) == 0 &&
	    (r = chan_put_ready(l.monitor, 0, NULL, NULL, 0)) == 0)
		r = loop(&l);
	job_destroy(&l.job);
	job_free(&l.job);
	mem_wipe(l.guess.p, l.guess.n);
	chan_free(l.link);
	chan_free(l.monitor);
	if (r == ERR_CLOSED)
		return 0;
	log_error("ended error=%s", err_name(r));
	return 1;
}
