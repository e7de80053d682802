/*
 * die.h - pwrite(), fdatasync() and renameat() that die or fail at the call a test names: they stand in front of libc's.
 */
#ifndef TESTS_KEYD_DIE_H
#define TESTS_KEYD_DIE_H

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

#include "rig.h"

/* How much of a block reaches the disk before the end. */
static const size_t cuts[] = { 0, 1, 15, 16, 48, 100, 200, 511, 512, 2048, 4063,
	4064, 4095, 4096 };
#define NCUTS		(sizeof(cuts) / sizeof(cuts[0]))

enum fault { FAULT_NONE, FAULT_DIE, FAULT_EIO, FAULT_SHORT, FAULT_EINTR };

static struct {
	enum fault	 fault;
	int		 at;		/* number of the call it happens at */
	size_t		 cut;		/* bytes of it that are written */
	int		 calls;
} plan;

/* Is it this call's turn? */
static enum fault
turn(void)
{
	return plan.calls++ == plan.at ? plan.fault : FAULT_NONE;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	enum fault f = turn();

	if (f == FAULT_EINTR) {
		errno = EINTR;
		return -1;
	}
	if (f != FAULT_NONE && plan.cut > 0)
		n = (size_t)syscall(SYS_pwrite64, fd, p,
		    n < plan.cut ? n : plan.cut, at);
	if (f == FAULT_DIE)
		(void)kill(getpid(), SIGKILL);
	if (f == FAULT_EIO || (f == FAULT_SHORT && plan.cut == 0)) {
		errno = EIO;
		return -1;
	}
	return f == FAULT_NONE ? syscall(SYS_pwrite64, fd, p, n, at) :
	    (ssize_t)n;
}

static int
other(long r)
{
	if (r == 0)
		return 0;
	errno = (int)-r;
	return -1;
}

/* Before a sync or a rename, or in place of it. */
static int
goes_wrong(void)
{
	enum fault f = turn();

	if (f == FAULT_DIE)
		(void)kill(getpid(), SIGKILL);
	return f == FAULT_EIO;
}

int
fdatasync(int fd)
{
	return goes_wrong() ? other(-EIO) : (int)syscall(SYS_fdatasync, fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return goes_wrong() ? other(-EIO) : (int)syscall(SYS_renameat,
	    from_dir, from, to_dir, to);
}

#endif
