/* spawn.c - from an opened order and a cage to a command that only waits for its exec. */
#include "launch/spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "launch/job.h"
#include "launch/order.h"
#include "launch/pty.h"

/* Everything together takes about a millisecond; a loaded machine gets this long. */
#define SPAWN_MS	15000

int
spawn_expect(int sock, enum report_kind kind, struct report *r, int *fd,
    struct refusal *why)
{
	int e = report_recv(sock, r, fd, SPAWN_MS);

	if (e == 0 && r->kind == (uint32_t)kind)
		return 0;
	fd_close(fd);
	if (e == 0 && r->kind == REPORT_FAILED)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "sandbox unavailable: %s", r->text);
	return refuse(why, SEKISHO_CODE_SANDBOX,
	    "sandbox unavailable: its process %s", e == ERR_TIMEOUT ?
	    "did not get ready" : "ended too early");
}

/*
 * The command cannot tell us when its filter is there: a call of its own
 * might already be refused.  So the descriptor is looked for under the
 * number it will have.
 */
static int
take_listener(struct job *j, int number, struct refusal *why)
{
	static const struct timespec nap = { 0, 5000 };
	int64_t end = clock_mono_ms() + SPAWN_MS;
	struct report r;
	int fd;

	/* nobody inherits this any more: naps are as short as they say */
	(void)prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	for (;;) {
		j->listener = pidfd_getfd(j->pidfd, number, 0);
		if (j->listener >= 0)
			return 0;
		if (errno != EBADF && errno != ESRCH)
			break;
		if (report_recv(j->sock, &r, &fd, 0) != ERR_TIMEOUT) {
			fd_close(&fd);
			return refuse(why, SEKISHO_CODE_SANDBOX,
			    "sandbox unavailable: %s", r.text);
		}
		if (clock_mono_ms() > end)
			break;
		nanosleep(&nap, NULL);
	}
	log_errno("listener not taken");
	return refuse(why, SEKISHO_CODE_SANDBOX,
	    "sandbox unavailable: refusals cannot be supervised");
}

static void
add_features(struct job *j, unsigned int did)
{
	size_t n = strlen(j->features);

	snprintf(j->features + n, sizeof(j->features) - n,
	    " memfd_noexec=%d pid_max=%d loginuid=%d cgroup_pids=%d "
	    "cgroup_memory=%d",
	    (did & REPORT_DID_MEMFD) != 0, (did & REPORT_DID_PIDS) != 0,
	    (did & REPORT_DID_LOGIN) != 0,
	    j->cgroup.pids, j->cgroup.memory);
}

int
job_order(struct job *j, struct refusal *why)
{
	int r = order_give(j);

	/* a command that is gone is told of by job_gather() */
	if (r == 0 || r == ERR_SYS || r == ERR_CLOSED)
		return 0;
	return refuse(why, SEKISHO_CODE_SANDBOX,
	    "the order cannot be handed over (%s)", err_name(r));
}

int
job_gather(struct job *j, struct refusal *why)
{
	struct report r;
	int fd, e;

	if (!j->cage.is_settled && (e = cage_settle(j, why)) != 0)
		return e;
	if (j->order.pty) {
		if ((e = spawn_expect(j->sock, REPORT_PTY, &r, &j->master,
		    why)) != 0)
			return e;
		if (j->master < 0 || pty_resize(j->master, j->order.cols,
		    j->order.rows) != 0)
			return refuse(why, SEKISHO_CODE_SANDBOX,
			    "sandbox unavailable: no terminal");
	}
	if ((e = spawn_expect(j->sock, REPORT_LOADING, &r, &fd, why)) != 0)
		return e;
	add_features(j, j->did | r.did);
	if (!j->cage.is_ahead)
		(void)report_send(j->init_sock, REPORT_CONFINE, 0, NULL, -1);
	return take_listener(j, r.value, why);
}

int
job_settle(struct job *j, struct refusal *why)
{
	struct report r;
	int fd;

	if (j->cage.is_ahead)
		return 0;		/* it did so long ago */
	return spawn_expect(j->init_sock, REPORT_CONFINED, &r, &fd, why);
}

void
job_name(struct job *j)
{
	char name[32];

	snprintf(name, sizeof(name), "S%llu",
	    (unsigned long long)j->order.session);
	/* an init that is gone is told of by its pidfd */
	(void)report_send(j->init_sock, REPORT_OWNER, 0, name, j->master);
}

int
job_hear_init(struct job *j, struct report *r, int timeout_ms)
{
	int fd, e;

	e = report_recv(j->init_sock, r, &fd, timeout_ms);
	fd_close(&fd);
	if (e == ERR_TIMEOUT)
		return 1;
	if (e != 0) {
		fd_close(&j->init_sock);
		return e;
	}
	if (r->kind != REPORT_ENDED)
		return 0;
	j->status = r->value;
	j->has_status = 1;
	return 1;
}

void
job_destroy(struct job *j)
{
	siginfo_t si;

	if (j->init_pid == 0)
		return;
	(void)pidfd_send_signal(j->init_pidfd, SIGKILL, NULL, 0);
	while (waitid(P_PIDFD, (id_t)j->init_pidfd, &si, WEXITED) < 0 &&
	    errno == EINTR)
		continue;
	j->init_pid = 0;
	cgroup_close(&j->cgroup);
}
