/* bpf.c - seccomp(2) without libseccomp: 55 us instead of 300. */
#include "confine/bpf.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	(1UL << 5)	/* Linux 5.19 */
#endif

static long
load(const void *insns, size_t n, unsigned long flags)
{
	struct sock_fprog prog = {
		.len = (unsigned short)n,
		.filter = (struct sock_filter *)(uintptr_t)insns,
	};

	if (n == 0 || n > BPF_MAXINSNS) {
		errno = EINVAL;
		return -1;
	}
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

int
bpf_load(const void *insns, size_t n)
{
	if (load(insns, n, 0) != 0) {
		log_errno("seccomp filter not loaded");
		return ERR_SYS;
	}
	return 0;
}

int
bpf_load_listener(const void *insns, size_t n)
{
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd;

	fd = load(insns, n, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	if (fd < 0 && errno == EINVAL)
		fd = load(insns, n, flags);	/* before Linux 5.19 */
	if (fd < 0) {
		log_errno("seccomp filter with listener not loaded");
		return ERR_SYS;
	}
	return (int)fd;
}
