/* head.c - what must be decided before libseccomp's tree of numbers. */
#include "filter/head.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "base/err.h"

_Static_assert(__NR_read == 0 && __NR_rseq == NR_HOLE_FIRST - 1 &&
    __NR_pidfd_send_signal == NR_HOLE_LAST + 1, "numbers of x86-64");

#define X32_BIT		0x40000000U
#define NR_NONE		0xffffffffU	/* -1: a tracer took the call away */
#define ENOSYS_RET	(SECCOMP_RET_ERRNO | ENOSYS)

int
head_unknown(uint32_t nr)
{
	return nr > NR_NEWEST || (nr >= NR_HOLE_FIRST && nr <= NR_HOLE_LAST);
}

static int
put(struct buf *bpf, const struct sock_filter *code, size_t n)
{
	return buf_put(bpf, code, n * sizeof(*code));
}

int
head_put(const struct filter_set *s, struct buf *bpf)
{
	const struct sock_filter arch[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
	};
	/* Jumps behind the last instruction land on libseccomp's first. */
	const struct sock_filter unknown[] = {
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, NR_HOLE_FIRST, 0, 7),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NR_HOLE_LAST, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, ENOSYS_RET),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NR_NEWEST, 0, 4),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NR_NONE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, ENOSYS_RET),
	};
	uint32_t nr;
	int r;

	if ((r = put(bpf, arch, sizeof(arch) / sizeof(arch[0]))) != 0)
		return r;
	for (nr = 0; nr < FILTER_NR_MAX; nr++) {
		const struct sock_filter allow[] = {
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		};

		if (s->allow[nr] && head_unknown(nr) &&
		    (r = put(bpf, allow, 2)) != 0)
			return r;
	}
	return put(bpf, unknown, sizeof(unknown) / sizeof(unknown[0]));
}
