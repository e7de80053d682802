/*
 * inject.c - runs one program and lets one of its system calls go wrong.
 *
 *	inject REPORT KIND WHICH N[+] PROGRAM ARG...
 *
 * KIND kill: SIGKILL on entry of call N (it is not done); short: a write of
 * more than one byte takes half; EIO, ENOSPC, EINTR, ...: it is not done and
 * fails.  WHICH: "all", or names with commas between them; calls are counted
 * from the first recvmsg on, which brings the slice.  N 0: only count.
 * "+": N and every later one.
 *
 * strace(1) counts each call by itself, so it cannot number the points of a
 * run; and its inject= replaces the call by number -1, which the filters of
 * our programs answer with death.  Here a failed call becomes brk(0), which
 * all of them may say and which changes nothing.
 *
 * The report is one line of NAME=VALUE: points (calls counted), hits, call
 * (the last that was hit), last (of all), exit or signal, and said: answers that say yes
 * sent after a sync had failed.
 */
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "wire/msg.h"

#define RECOVERED_RESULT	(MSG_HEAD + 8)	/* where it stands in the frame */

enum kind { KILL, SHORT, FAIL };

static const struct {
	const char	*name;
	long		 nr;
} calls[] = {
	{ "openat", SYS_openat }, { "open", SYS_open },
	{ "write", SYS_write }, { "writev", SYS_writev },
	{ "pwrite64", SYS_pwrite64 }, { "read", SYS_read },
	{ "pread64", SYS_pread64 }, { "fsync", SYS_fsync },
	{ "fdatasync", SYS_fdatasync }, { "ftruncate", SYS_ftruncate },
	{ "rename", SYS_rename }, { "renameat", SYS_renameat },
	{ "fallocate", SYS_fallocate }, { "unlink", SYS_unlink },
	{ "unlinkat", SYS_unlinkat }, { "mmap", SYS_mmap },
	{ "munmap", SYS_munmap }, { "brk", SYS_brk },
	{ "recvmsg", SYS_recvmsg }, { "sendmsg", SYS_sendmsg },
	{ "poll", SYS_poll }, { "ppoll", SYS_ppoll },
	{ "close", SYS_close }, { "fcntl", SYS_fcntl },
	{ "fstat", SYS_fstat }, { "newfstatat", SYS_newfstatat },
	{ "lseek", SYS_lseek }, { "fstatfs", SYS_fstatfs },
	{ "mkdir", SYS_mkdir }, { "getrandom", SYS_getrandom },
	{ "clock_gettime", SYS_clock_gettime }, { "flock", SYS_flock },
	{ "socketpair", SYS_socketpair }, { "exit_group", SYS_exit_group },
	{ "getpid", SYS_getpid }, { "prctl", SYS_prctl },
	{ "seccomp", SYS_seccomp }, { "fchmod", SYS_fchmod },
	{ "fchown", SYS_fchown }, { "access", SYS_access },
};
#define NCALLS	(sizeof(calls) / sizeof(calls[0]))

static const struct {
	const char	*name;
	int		 nr;
} errors[] = {
	{ "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EINTR", EINTR },
	{ "EACCES", EACCES }, { "EMFILE", EMFILE }, { "ENOMEM", ENOMEM },
};

struct inject {
	enum kind	 kind;
	int		 error;
	const char	*which;
	long		 n;		/* 0: only count */
	int		 and_later;

	pid_t		 pid;
	int		 has_begun;	/* the slice was asked for */
	long		 points, hits, said;
	long		 hit_call, last_call;
	int		 has_lost_sync;
	char		 lost[PATH_MAX];	/* of which file */
	int		 is_pending;	/* a failed call waits for its result */
	unsigned long long first_argument;	/* of it */
	int		 exit, signal;
};

static const char *
call_name(long nr, char number[24])
{
	size_t i;

	for (i = 0; i < NCALLS; i++)
		if (calls[i].nr == nr)
			return calls[i].name;
	(void)snprintf(number, 24, "%ld", nr);
	return number;
}

/* Is the call's name in the list? */
static int
is_wanted(const struct inject *x, long nr)
{
	const char *p = x->which, *name;
	char number[24];
	size_t n;

	if (strcmp(p, "all") == 0)
		return 1;
	name = call_name(nr, number);
	n = strlen(name);
	for (; p != NULL; p = strchr(p, ',') == NULL ? NULL : strchr(p, ',') + 1)
		if (strncmp(p, name, n) == 0 && (p[n] == ',' || p[n] == '\0'))
			return 1;
	return 0;
}

/* Half of what was asked for; a vector gives its first piece. */
static int
shorten(struct user_regs_struct *r)
{
	if (r->rdx < 2)
		return 0;
	r->rdx = r->orig_rax == SYS_writev ? 1 : r->rdx / 2;
	return 1;
}

/* Messages that a synced change must come before; RECOVERED can also say that it failed. */
static int
is_yes(const uint8_t *p)
{
	unsigned int type = (unsigned int)p[0] << 8 | p[1];

	return type == MSG_ACK || type == MSG_CONSUMED || type == MSG_ORDER ||
	    type == MSG_HEAD_SIGNED || type == MSG_SEALED ||
	    type == MSG_REC_OPENED || type == MSG_REC_ENDED ||
	    type == MSG_EPOCH || (type == MSG_RECOVERED &&
	    p[RECOVERED_RESULT] != RECOVERY_FAILED);
}

static int
peek(pid_t pid, const void *at, void *out, size_t n)
{
	struct iovec local = { out, n };
	struct iovec remote = { (void *)(uintptr_t)at, n };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)n;
}

/* Is it a yes that sendmsg is about to send? */
static int
says_yes(const struct inject *x, const struct user_regs_struct *r)
{
	uint8_t frame[RECOVERED_RESULT + 1] = { 0 };
	struct msghdr h;
	struct iovec v;

	if (!peek(x->pid, (const void *)(uintptr_t)r->rsi, &h, sizeof(h)) ||
	    h.msg_iovlen < 1 || !peek(x->pid, h.msg_iov, &v, sizeof(v)) ||
	    v.iov_len < 2 || !peek(x->pid, v.iov_base, frame,
	    v.iov_len < sizeof(frame) ? v.iov_len : sizeof(frame)))
		return 0;
	return is_yes(frame);
}

static int
path_of(const struct inject *x, unsigned long long fd, char out[PATH_MAX])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/fd/%llu", (int)x->pid, fd);
	n = readlink(link, out, PATH_MAX - 1);
	out[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/*
 * SQLite passes over a failed sync of the directory of its new file; done
 * once more in time it is as good.  That of a file never is.
 */
static void
on_sync(struct inject *x, const struct user_regs_struct *r)
{
	char path[PATH_MAX];
	struct stat st;

	if (x->has_lost_sync && path_of(x, r->rdi, path) &&
	    strcmp(path, x->lost) == 0 && stat(path, &st) == 0 &&
	    S_ISDIR(st.st_mode))
		x->has_lost_sync = 0;
}

/* A call begins. */
static void
on_entry(struct inject *x)
{
	struct user_regs_struct r;
	long nr;

	if (ptrace(PTRACE_GETREGS, x->pid, NULL, &r) < 0)
		return;
	nr = (long)r.orig_rax;
	x->last_call = nr;
	if (nr == SYS_recvmsg)
		x->has_begun = 1;
	if (nr == SYS_sendmsg && x->has_lost_sync && says_yes(x, &r))
		x->said++;
	if (nr == SYS_fsync || nr == SYS_fdatasync)
		on_sync(x, &r);
	if (!x->has_begun || !is_wanted(x, nr) ||
	    (x->kind == SHORT && r.rdx < 2))
		return;
	x->points++;
	if (x->n == 0 || (x->points != x->n &&
	    !(x->and_later && x->points > x->n)))
		return;
	x->hits++;
	x->hit_call = nr;
	switch (x->kind) {
	case KILL:
		(void)kill(x->pid, SIGKILL);
		return;
	case SHORT:
		if (shorten(&r))
			(void)ptrace(PTRACE_SETREGS, x->pid, NULL, &r);
		return;
	case FAIL:
	default:
		if (nr == SYS_fsync || nr == SYS_fdatasync)
			x->has_lost_sync = path_of(x, r.rdi, x->lost);
		x->first_argument = r.rdi;
		r.orig_rax = SYS_brk;
		r.rdi = 0;
		x->is_pending = 1;
		(void)ptrace(PTRACE_SETREGS, x->pid, NULL, &r);
	}
}

static void
on_exit_of_call(struct inject *x)
{
	struct user_regs_struct r;

	if (!x->is_pending)
		return;
	x->is_pending = 0;
	if (ptrace(PTRACE_GETREGS, x->pid, NULL, &r) < 0)
		return;
	r.rax = (unsigned long long)-(long long)x->error;
	r.rdi = x->first_argument;
	(void)ptrace(PTRACE_SETREGS, x->pid, NULL, &r);
}

/* From the exec to the end of the program. */
static void
watch(struct inject *x)
{
	int status, deliver = 0, is_inside = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, x->pid, NULL,
		    (void *)(uintptr_t)(unsigned int)deliver) < 0 &&
		    errno != ESRCH)
			break;
		deliver = 0;
		if (waitpid(x->pid, &status, 0) < 0)
			break;
		if (WIFEXITED(status)) {
			x->exit = WEXITSTATUS(status);
			return;
		}
		if (WIFSIGNALED(status)) {
			x->signal = WTERMSIG(status);
			return;
		}
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			if (WSTOPSIG(status) != SIGTRAP)
				deliver = WSTOPSIG(status);
			continue;
		}
		is_inside = !is_inside;
		if (is_inside)
			on_entry(x);
		else
			on_exit_of_call(x);
	}
	x->exit = 71;
}

static void
report(const struct inject *x, const char *path)
{
	char hit[24], last[24];
	FILE *f = fopen(path, "we");

	if (f == NULL)
		return;
	fprintf(f, "points=%ld hits=%ld call=%s last=%s exit=%d signal=%d "
	    "said=%ld\n", x->points, x->hits, x->hits > 0 ?
	    call_name(x->hit_call, hit) : "-", call_name(x->last_call, last),
	    x->exit, x->signal, x->said);
	(void)fclose(f);
}

/* The program waits for us at its first instruction. */
static int
begin(struct inject *x, char **argv)
{
	int status;

	if ((x->pid = fork()) < 0)
		return -1;
	if (x->pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(71);
		(void)raise(SIGSTOP);
		execv(argv[0], argv);
		_exit(71);
	}
	fd_close_from(3);		/* its channels must end with it */
	if (waitpid(x->pid, &status, 0) < 0 || !WIFSTOPPED(status))
		return -1;
	return (int)ptrace(PTRACE_SETOPTIONS, x->pid, NULL,
	    (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
	    PTRACE_O_TRACEEXEC));
}

static int
read_kind(struct inject *x, const char *s)
{
	size_t i;

	if (strcmp(s, "kill") == 0)
		x->kind = KILL;
	else if (strcmp(s, "short") == 0)
		x->kind = SHORT;
	else {
		x->kind = FAIL;
		for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
			if (strcmp(errors[i].name, s) == 0)
				x->error = errors[i].nr;
		if (x->error == 0)
			return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct inject x = { 0 };
	char *plus;

	if (argc < 6 || read_kind(&x, argv[2]) != 0) {
		fprintf(stderr, "usage: inject REPORT kill|short|ERROR WHICH "
		    "N[+] PROGRAM ARG...\n");
		return 64;
	}
	x.which = argv[3];
	x.n = strtol(argv[4], &plus, 10);
	x.and_later = *plus == '+';
	if (begin(&x, argv + 5) != 0) {
		perror("inject");
		return 71;
	}
	watch(&x);
	report(&x, argv[1]);
	return x.signal != 0 ? 128 + x.signal : x.exit;
}
