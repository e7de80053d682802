/* spawn.c - from an opened order to a command that only waits for its exec. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "launch/job.h"
#include "launch/pty.h"
#include "launch/report.h"
#include "launch/rules.h"
#include "launch/sys.h"

/* Everything together takes about a millisecond; a loaded machine gets this long. */
#define SPAWN_MS	15000

static int
pairs(int init_pair[2], int job_pair[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    init_pair) < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET |
	    SOCK_CLOEXEC, 0, job_pair) < 0) {
		log_errno("socketpair failed");
		return ERR_SYS;
	}
	return 0;
}

static uint64_t
namespaces(const struct job *j)
{
	return CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID |
	    (j->plan.net_private ? CLONE_NEWNET : 0);
}

/* The next report; whatever is not "kind" becomes the reason. */
static int
expect(int sock, enum report_kind kind, struct report *r, int *fd,
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

/* The pid behind a pidfd as this process counts; -1: gone. */
static pid_t
pid_of(int pidfd)
{
	char path[64], line[128];
	int64_t pid = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if ((f = fopen(path, "re")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "Pid:\t", 5) == 0)
			(void)num_parse(line + 5, 1, INT32_MAX, &pid);
	}
	fclose(f);
	return (pid_t)pid;
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
add_features(struct job *j, int done)
{
	size_t n = strlen(j->features);

	snprintf(j->features + n, sizeof(j->features) - n,
	    " memfd_noexec=%d pid_max=%d loginuid=%d cgroup_pids=%d "
	    "cgroup_memory=%d",
	    (done & REPORT_DID_MEMFD) != 0, (done & REPORT_DID_PIDS) != 0,
	    (done & REPORT_DID_LOGIN) != 0,
	    j->cgroup.pids, j->cgroup.memory);
}

/*
 * Taking a mount namespace apart makes the last process that leaves it wait,
 * some milliseconds with every processor busy; nobody is to wait for that
 * before the end is told.  Without it (an error) it only takes longer.
 */
static void
keep_view(struct job *j)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)j->init_pid);
	j->view = open(path, O_RDONLY | O_CLOEXEC);
}

static int
gather(struct job *j, struct refusal *why)
{
	struct report r;
	int fd, e;

	if (j->order.pty) {
		if ((e = expect(j->init_sock, REPORT_PTY, &r, &j->master,
		    why)) != 0)
			return e;
		if (j->master < 0 || pty_resize(j->master, j->order.cols,
		    j->order.rows) != 0)
			return refuse(why, SEKISHO_CODE_SANDBOX,
			    "sandbox unavailable: no terminal");
	}
	if ((e = expect(j->init_sock, REPORT_JOB, &r, &j->pidfd, why)) != 0)
		return e;
	if (j->pidfd < 0 || (j->pid = pid_of(j->pidfd)) <= 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "sandbox unavailable: the command ended too early");
	add_features(j, r.value);
	if ((e = expect(j->sock, REPORT_LOADING, &r, &fd, why)) != 0)
		return e;
	(void)report_send(j->init_sock, REPORT_CONFINE, 0, NULL, -1);
	return take_listener(j, r.value, why);
}

/* While the init builds the view: what needs the host's tree only. */
static int
meanwhile(struct job *j, struct refusal *why)
{
	int ruleset = -1, r;

	if ((r = rules_new(j, &ruleset)) == 0) {
		/* a child that is gone is told of by gather() */
		(void)report_send(j->sock, REPORT_RULES, 0, NULL, ruleset);
		if ((r = rules_host(j, ruleset)) == 0)
			(void)report_send(j->sock, REPORT_HOST, 0, NULL, -1);
	}
	fd_close(&ruleset);
	if (r != 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "sandbox unavailable: no Landlock rules");
	return exe_hash(&j->exe, j->order.exe_digest.p, why);
}

int
job_spawn(struct job *j, struct refusal *why)
{
	int init_pair[2] = { -1, -1 }, job_pair[2] = { -1, -1 }, r;

	if ((r = pairs(init_pair, job_pair)) != 0)
		goto out;
	cgroup_open(&j->cgroup, j->plan.nproc, j->plan.memory);
	j->init_pid = sys_clone(namespaces(j), j->cgroup.fd, &j->init_pidfd);
	if (j->init_pid < 0 && j->cgroup.fd >= 0) {
		log_errno("the delegated cgroup cannot be used");
		cgroup_close(&j->cgroup);
		j->init_pid = sys_clone(namespaces(j), -1, &j->init_pidfd);
	}
	if (j->init_pid == 0) {
		fd_close(&init_pair[0]);
		fd_close(&job_pair[0]);
		init_main(j, init_pair[1], job_pair[1]);
	}
	if (j->init_pid < 0) {
		log_errno("clone3 failed");
		j->init_pid = 0;
		r = refuse(why, SEKISHO_CODE_SANDBOX,
		    "sandbox unavailable: no namespaces");
		goto out;
	}
	j->init_sock = init_pair[0];
	j->sock = job_pair[0];
	init_pair[0] = job_pair[0] = -1;
	fd_close(&init_pair[1]);
	fd_close(&job_pair[1]);
	stdio_close_job(&j->io);
	keep_view(j);
	if ((r = meanwhile(j, why)) != 0)
		job_destroy(j);
out:
	fd_close(&init_pair[0]);
	fd_close(&init_pair[1]);
	fd_close(&job_pair[0]);
	fd_close(&job_pair[1]);
	return r;
}

int
job_gather(struct job *j, struct refusal *why)
{
	int r = gather(j, why);

	if (r != 0)
		job_destroy(j);
	return r;
}

int
job_settle(struct job *j, struct refusal *why)
{
	struct report r;
	int fd, e = expect(j->init_sock, REPORT_CONFINED, &r, &fd, why);

	if (e != 0)
		job_destroy(j);
	return e;
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
