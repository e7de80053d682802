/*
 * init.c - PID 1 of the job's namespace: builds the view, starts the command, reaps, and dies last.
 *
 * The command must not be PID 1 itself: signals with their default action
 * are ignored there.  When this process dies the kernel kills everything in
 * the namespace, and it dies with the launcher.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "confine/bpf.h"
#include "confine/caps.h"
#include "confine/process.h"
#include "confine/role.h"
#include "launch/job.h"
#include "launch/peek.h"
#include "launch/report.h"
#include "launch/rights.h"
#include "launch/sys.h"

/* getppid() is 0 here whoever lives, so the socket tells whether the launcher does. */
static void
die_with_launcher(int sock)
{
	struct pollfd p = { .fd = sock };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		report_fail(sock, "parent-death signal not set");
	if (poll(&p, 1, 0) != 0 && (p.revents & POLLHUP) != 0)
		_exit(1);
}

/* What is left to this process: to signal and to read what is in its own namespace. */
static void
give_up_rights(int sock)
{
	const uint64_t caps = CAPS_BIT(CAP_KILL) | CAPS_BIT(CAP_SYS_PTRACE);

	if (caps_bound(caps) != 0 || caps_lock() != 0 ||
	    caps_set(caps, 0) != 0 || process_undumpable() != 0 ||
	    process_no_new_privs() != 0)
		report_fail(sock, "init not confined");
}

static int
watch_children(int sock)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0 ||
	    (fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		report_fail(sock, "no signal descriptor");
	return fd;
}

/* Reap all that ended; the command's own status ends this process. */
static void
reap(int sock, pid_t command)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == command) {
			(void)report_send(sock, REPORT_ENDED, status, NULL,
			    -1);
			_exit(0);	/* the kernel kills the rest */
		}
}

/* To the group in front of the terminal, or the command's own group. */
static void
signal_group(int terminal, pid_t command, int number)
{
	pid_t group = 0;

	if (terminal < 0 || ioctl(terminal, TIOCGPGRP, &group) < 0 ||
	    group <= 1)
		group = command;
	(void)kill(-group, number);
}

static void
serve(int sock, int children, pid_t command)
{
	struct pollfd p[2] = { { .fd = sock, .events = POLLIN },
		{ .fd = children, .events = POLLIN } };
	struct signalfd_siginfo si;
	struct report r;
	int fd, terminal = -1;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			_exit(1);
		if (p[1].revents != 0) {
			while (read(children, &si, sizeof(si)) > 0)
				continue;
			reap(sock, command);
		}
		if (p[0].revents == 0)
			continue;
		if (report_recv(sock, &r, &fd, 0) != 0)
			_exit(1);	/* the launcher is gone */
		if (r.kind == REPORT_PEEK)
			peek_answer(sock, &r);
		if (r.kind == REPORT_OWNER) {
			role_title("sekisho-exec: %s [init]", r.text);
			terminal = fd;
			continue;
		}
		fd_close(&fd);
		if (r.kind == REPORT_SIGNAL)
			signal_group(terminal, command, r.value);
		if (r.kind == REPORT_TERM) {
			(void)kill(-1, SIGTERM);
			(void)kill(-1, SIGCONT);
		}
	}
}

/* Nothing but this is left of the view's making: who looks later sees whether it changed since. */
static void
show_view(const struct cage *c, int sock)
{
	int events = -1;

	if (!c->is_ahead)
		return;
	if (mounts_watch(&c->mounts, &events) != 0)
		report_fail(sock, "file system view");
	if (report_send(sock, REPORT_VIEW, 0, NULL, events) != 0)
		_exit(1);
	fd_close(&events);
}

/* The two sockets and what the command needs are all that counts in this copy of the launcher. */
void
init_main(struct job *j, int sock, int job_sock)
{
	struct report r = { .kind = REPORT_JOB };
	int children, pidfd = -1, fd;
	pid_t command;

	report_keep_log();
	die_with_launcher(sock);
	(void)prctl(PR_SET_NAME, "sekisho-init", 0, 0, 0);
	role_title("sekisho-exec: [init]");
	process_reset_signals();
	umask(0);
	r.did = (rights_memfd_noexec() ? REPORT_DID_MEMFD : 0) |
	    (rights_pid_max(j->plan.nproc) ? REPORT_DID_PIDS : 0);
	if (mounts_apply(&j->cage.mounts) != 0)
		report_fail(sock, "file system view");
	show_view(&j->cage, sock);
	children = watch_children(sock);
	if ((command = sys_clone(0, -1, &pidfd)) == 0) {
		fd_close(&sock);
		child_main(j, job_sock);
	}
	if (command < 0 || report_send_whole(sock, &r, &pidfd, 1) != 0)
		report_fail(sock, "command not forked");
	/* it is waited for, we are not */
	if (report_recv(sock, &r, &fd, -1) != 0 || r.kind != REPORT_CONFINE)
		_exit(1);
	/* sock becomes 0, the signals 1: nothing else stays open. */
	if (dup3(sock, 0, O_CLOEXEC) < 0 || dup3(children, 1, O_CLOEXEC) < 0)
		report_fail(sock, "descriptors of init");
	fd_close_from(2);
	give_up_rights(0);
	if (bpf_load(role_filter_init.insns, role_filter_init.n) != 0)
		report_fail(0, "filter of init");
	if (report_send(0, REPORT_CONFINED, 0, NULL, -1) != 0)
		_exit(1);
	serve(0, 1, command);
	_exit(1);
}
