/*
 * filter.h - from the system calls a profile names to the program the kernel runs (libseccomp).
 *
 * What is not allowed is answered by the supervisor through notification.
 * ENOSYS: clone3, io_uring_*, numbers newer than this table knows.
 * KILL_PROCESS: another architecture, x32.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define FILTER_NR_MAX	1024	/* numbers from 0; Linux 6.18 has 470 */

struct filter_rules {
	char *const	*allow, *const *deny;	/* names, @groups, "#462" */
	char *const	*quiet, *const *kill;	/* the same; taken out of allow too */
	char *const	*families;	/* unix inet inet6 netlink */
	char *const	*protocols;	/* of inet and inet6: tcp udp raw */
};

struct filter_set {
	uint8_t	allow[FILTER_NR_MAX], quiet[FILTER_NR_MAX],
		kill[FILTER_NR_MAX];	/* 1: in it */
};

/* The word that made filter_expand() fail; both point into rules or constants. */
struct filter_problem {
	const char	*key;		/* "syscalls.deny" */
	const char	*word;
	const char	*why;		/* "a system call or group of this version" */
};

/*
 * Names to numbers.  A name in "allow" that this version of libseccomp does
 * not know is left out (the kernel answers for what it cannot name); anywhere
 * else it is ERR_NOTFOUND.  ERR_DENIED: a call no profile may allow.
 */
int filter_expand(const struct filter_rules *r, struct filter_set *out,
    struct filter_problem *problem);

/* Appends struct sock_filter[] to "bpf".  ERR_INTERNAL: libseccomp failed (logged). */
int filter_compile(const struct filter_rules *r, const struct filter_set *s,
    struct buf *bpf);

/* "openat", or "#462"; into out[FILTER_NAME]; returns out. */
#define FILTER_NAME	32
const char *filter_name(uint32_t nr, char *out);
/* ERR_NOTFOUND: neither a known name nor "#" and a number below FILTER_NR_MAX. */
int filter_number(const char *name, uint32_t *nr);
/* Is the call allowed only with some arguments? */
int filter_has_arguments(uint32_t nr);

#endif
