/* starter.c - fork, exec and reap for sekishod. */
#include "listen/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/process.h"
#include "confine/role.h"
#include "wire/chan.h"

/* Descriptors are moved up here before they go to 3, 4, ... */
#define FD_ASIDE	100
/* Room in the environment that a process may overwrite with its title. */
#define TITLE_ROOM	"SEKISHO_TITLE="					\
	"                                                                "	\
	"                                                                "

static const struct program programs[] = {
	{ ROLE_LOAD,	"sekisho-load",		"-c",		1, 1, 0 },
	{ ROLE_MONITOR,	"sekisho-monitor",	NULL,		0, 3, 1 },
	{ ROLE_NET,	"sekisho-net",		NULL,		0, 1, 1 },
	{ ROLE_RECORD,	"sekisho-record",	NULL,		0, 4, 1 },
	{ ROLE_EXEC,	"sekisho-exec",		NULL,		0, 2, 1 },
	{ ROLE_LEDGERD,	"sekisho-ledgerd",	NULL,		0, 1, 0 },
	{ ROLE_WORD,	"sekisho",		"--gateway",	0, 3, 1 },
	{ ROLE_KEYD,	"sekisho-keyd",		NULL,		0, 1, 0 },
	{ ROLE_RECOVER,	"sekisho-record",	"--recover",	0, 1, 0 },
};

/* A process that runs; for the log when it ends. */
struct running {
	struct running	*next;
	pid_t		 pid;
	const struct program *program;
};

struct starter {
	const struct starter_args *args;
	char		 dir[PATH_MAX];	/* where the programs are */
	pid_t		 self;
	struct chan	*chan;
	struct running	*running;
};

const struct program *
starter_program(unsigned int kind)
{
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if ((unsigned int)programs[i].kind == kind)
			return &programs[i];
	return NULL;
}

/* 0 and 1 become /dev/null, the given ones 3, 4, ...; 2 stays; the rest is closed. */
static int
place_fds(const int *fds, size_t n)
{
	int aside[FDS_MAX], null;
	size_t i;

	for (i = 0; i < n; i++)
		if ((aside[i] = fcntl(fds[i], F_DUPFD, FD_ASIDE)) < 0)
			return ERR_SYS;
	if ((null = open("/dev/null", O_RDWR)) < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0)
		return ERR_SYS;
	for (i = 0; i < n; i++)
		if (dup2(aside[i], 3 + (int)i) < 0)
			return ERR_SYS;
	fd_close_from(3 + (int)n);
	return 0;
}

/* In the child: never returns. */
static void
become(const struct starter *s, const struct program *p, const int *fds)
{
	static char path_env[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char lang_env[] = "LANG=C.UTF-8", title_env[] = TITLE_ROOM;
	char *env[] = { path_env, lang_env, title_env, NULL };
	char path[PATH_MAX + 64];
	char title[64];
	const char *argv[] = { title, p->arg,
		p->wants_conf ? s->args->conf : NULL, NULL };

	process_reset_signals();
	if (process_die_with(s->self) != 0 || chdir("/") < 0)
		_exit(71);
	umask(077);
	if (place_fds(fds, p->nfds) != 0) {
		log_errno("descriptors not placed program=%s", p->name);
		_exit(71);
	}
	snprintf(path, sizeof(path), "%s/%s", s->dir, p->name);
	/* what ps shows until it has work and says so itself */
	snprintf(title, sizeof(title), "%s%s", p->name,
	    p->waits ? ": [warm]" : "");
	execve(path, (char *const *)(uintptr_t)argv, env);
	log_errno("cannot execute path=%s", path);
	_exit(71);
}

static pid_t
start(struct starter *s, const struct program *p, const int *fds)
{
	struct running *r;
	pid_t pid;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return -1;
	if ((pid = fork()) < 0) {
		log_errno("fork failed program=%s", p->name);
		free(r);
		return -1;
	}
	if (pid == 0)
		become(s, p, fds);
	r->pid = pid;
	r->program = p;
	r->next = s->running;
	s->running = r;
	return pid;
}

/* What the main process says is checked as if a stranger said it: it talks to more people than we do. */
static int
on_start(void *ctx, struct msg *m)
{
	struct starter *s = ctx;
	struct msg_start start_msg = { 0 };
	struct msg_started started = { 0 };
	const struct program *p;
	int pidfd = -1, r;
	pid_t pid;

	if ((r = msg_start_get(m->body, &start_msg)) != 0)
		return r;
	if ((p = starter_program(start_msg.kind)) == NULL ||
	    m->nfds != p->nfds)
		return ERR_FORMAT;
	if ((pid = start(s, p, m->fds)) > 0) {
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (pidfd >= 0)
			started.pid = (uint32_t)pid;
		else {			/* nobody could ever end it */
			log_errno("no pidfd program=%s", p->name);
			(void)kill(pid, SIGKILL);
		}
	}
	r = chan_put_started(s->chan, m->id, &started, &pidfd,
	    pidfd >= 0 ? 1 : 0);
	fd_close(&pidfd);
	return r;
}

/* Programs whose exit status the main process tells of, or nobody needs to. */
static int
is_told_elsewhere(const struct program *p)
{
	return p->kind == ROLE_WORD || p->kind == ROLE_LOAD ||
	    p->kind == ROLE_LEDGERD || p->kind == ROLE_KEYD;
}

/* A line for every end that is not a quiet one. */
static void
log_end(const struct program *p, pid_t pid, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		log_error("killed by SIGSYS: a system call outside its list "
		    "program=%s pid=%d (the number: kernel log, type=1326)",
		    p->name, (int)pid);
	else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		log_error("killed by SIG%s program=%s pid=%d",
		    sigabbrev_np(WTERMSIG(status)), p->name, (int)pid);
	else if (WIFSIGNALED(status))
		log_debug("killed program=%s pid=%d", p->name, (int)pid);
	else if (WEXITSTATUS(status) != 0 && !is_told_elsewhere(p))
		log_warn("ended program=%s pid=%d status=%d", p->name,
		    (int)pid, WEXITSTATUS(status));
}

static int
reap(struct starter *s)
{
	struct msg_exited exited = { 0 };
	struct running *r, **at;
	int e, status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (at = &s->running; (r = *at) != NULL; at = &r->next)
			if (r->pid == pid)
				break;
		if (r == NULL)
			continue;
		log_end(r->program, pid, status);
		*at = r->next;
		free(r);
		exited.pid = (uint32_t)pid;
		exited.status = (uint32_t)status;
		if ((e = chan_put_exited(s->chan, 0, &exited, NULL, 0)) != 0)
			return e;
	}
	return 0;
}

static int
serve(struct starter *s, int signals)
{
	static const struct msg_rule rules[] = {
		{ 1, MSG_START, on_start },
	};
	struct pollfd p[2] = { { .fd = chan_fd(s->chan) },
		{ .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo si;
	struct msg m;
	int r;

	for (;;) {
		p[0].events = chan_events(s->chan);
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return ERR_SYS;
		if ((r = chan_flush(s->chan)) != 0)
			return r;
		while (read(signals, &si, sizeof(si)) > 0)
			;
		if ((r = reap(s)) != 0)
			return r;
		while ((r = chan_recv(s->chan, &m)) == 0) {
			r = msg_dispatch(rules, 1, 1, s, &m);
			msg_done(&m);
			if (r != 0)
				return r;
		}
		if (r != 1)
			return r;
	}
}

/* The body of the process; returns its exit status. */
static int
run(const struct starter_args *a, int fd)
{
	struct starter s = { .args = a, .self = getpid() };
	struct stat st, own;
	sigset_t set;
	int signals, r;
	char *slash;

	role_title("sekishod: starter");
	log_init("sekishod-starter", LOG_INFO);
	/* s is zeroed: the link is terminated */
	if (readlink("/proc/self/exe", s.dir, sizeof(s.dir) - 1) <= 0 ||
	    (slash = strrchr(s.dir, '/')) == NULL) {
		log_errno("own path unknown");
		return 71;
	}
	*slash = '\0';
	(void)setsid();			/* ^C is for the main process alone */
	process_ignore_signal(SIGTERM);
	process_ignore_signal(SIGINT);
	process_ignore_signal(SIGHUP);
	process_ignore_signal(SIGUSR1);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (process_undumpable() != 0 ||
	    sigprocmask(SIG_SETMASK, &set, NULL) < 0 ||
	    (signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0 ||
	    (s.chan = chan_new(fd, PEER_S, PEER_D)) == NULL)
		return 71;
	if ((r = serve(&s, signals)) != ERR_CLOSED)
		log_error("starter ends error=%s", err_name(r));
	/* another gate may have made its own there meanwhile */
	if (a->pid_file != NULL && fstat(a->pid_fd, &own) == 0 &&
	    lstat(a->pid_file, &st) == 0 && st.st_dev == own.st_dev &&
	    st.st_ino == own.st_ino)
		(void)unlink(a->pid_file);
	return r == ERR_CLOSED ? 0 : 70;
}

/* The number in the file, when that is a gate at work; 0: none. */
static int
gate_of(const char *path)
{
	char text[32] = "", link[48], exe[PATH_MAX] = "";
	int fd, n = 0;
	char *name;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) > 0)
		n = (int)strtol(text, NULL, 10);
	close(fd);
	if (n <= 1 || n == getpid())
		return 0;
	snprintf(link, sizeof(link), "/proc/%d/exe", n);
	if (readlink(link, exe, sizeof(exe) - 1) <= 0 ||
	    (name = strrchr(exe, '/')) == NULL)
		return 0;
	return strcmp(name, "/sekishod") == 0 ||
	    strcmp(name, "/sekishod (deleted)") == 0 ? n : 0;
}

int
starter_pid_file(struct starter_args *a, const char *path)
{
	struct stat st;
	int fd, other;

	if ((other = gate_of(path)) != 0) {
		log_error("a gate runs already pid=%d path=%s", other, path);
		return -1;
	}
	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0644);
	if (fd < 0) {
		log_errno("pid file not written path=%s", path);
		return -1;
	}
	a->pid_file = path;
	a->pid_fd = fd;
	return fd;
}

int
starter_fork(const struct starter_args *a, pid_t *pid, int *fd)
{
	int pair[2];

	if (chan_pair(pair) != 0)
		return ERR_SYS;
	if ((*pid = fork()) < 0) {
		log_errno("fork failed");
		fd_close(&pair[0]);
		fd_close(&pair[1]);
		return ERR_SYS;
	}
	if (*pid == 0) {
		fd_close(&pair[0]);
		_exit(run(a, pair[1]));
	}
	fd_close(&pair[1]);
	*fd = pair[0];
	return 0;
}
