/* sys.h - kernel interfaces that Debian 12's C library does not wrap or name. */
#ifndef LAUNCH_SYS_H
#define LAUNCH_SYS_H

#include <stdint.h>
#include <sys/types.h>

enum {
	SYS_AT_RECURSIVE = 0x8000,	/* linux/fcntl.h clashes with fcntl.h */
	SYS_AT_EXECVE_CHECK = 0x10000	/* Linux 6.14 */
};

/*
 * Like fork(2) with CLONE_x flags; the child gets SIGKILL only by its own
 * doing.  *pidfd belongs to the caller.  -1: errno.
 */
pid_t sys_clone(uint64_t flags, int cgroup_fd, int *pidfd);

/* open(O_PATH) where no part of the path may be a symbolic link.  -1: errno. */
int sys_open_plain(const char *path);

#endif
