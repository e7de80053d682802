/* run.h - compiles rules and asks the program, as the kernel would, about one call. */
#ifndef UNIT_FILTER_RUN_H
#define UNIT_FILTER_RUN_H

#include <linux/audit.h>
#include <string.h>

#include "base/buf.h"
#include "filter/filter.h"
#include "tests/unit/confine/bpf.h"

#define NOTIF	SECCOMP_RET_USER_NOTIF
#define ALLOWED	SECCOMP_RET_ALLOW
#define NOSYS	(SECCOMP_RET_ERRNO | 38U)
#define KILLED	SECCOMP_RET_KILL_PROCESS

struct program {
	struct sock_filter	 f[4096];
	size_t			 n;
	struct filter_set	 set;
};

/* 0 or what filter_expand() or filter_compile() said. */
static inline int
program_make(struct program *p, const struct filter_rules *rules,
    struct filter_problem *bad)
{
	struct buf *b = buf_new(sizeof(p->f));
	int r;

	if ((r = filter_expand(rules, &p->set, bad)) == 0 &&
	    (r = filter_compile(rules, &p->set, b)) == 0) {
		p->n = buf_len(b) / sizeof(p->f[0]);
		memcpy(p->f, buf_data(b), buf_len(b));
	}
	buf_free(b);
	return r;
}

static inline uint32_t
ask(const struct program *p, uint32_t nr, uint64_t a0, uint64_t a1,
    uint64_t a2)
{
	const struct seccomp_data d = { .nr = (int)nr,
		.arch = AUDIT_ARCH_X86_64, .args = { a0, a1, a2, 0, 0, 0 } };

	return bpf_run(p->f, p->n, &d);
}

static inline uint32_t
ask_all(const struct program *p, uint32_t nr, const uint64_t args[6])
{
	struct seccomp_data d = { .nr = (int)nr, .arch = AUDIT_ARCH_X86_64 };

	memcpy(d.args, args, sizeof(d.args));
	return bpf_run(p->f, p->n, &d);
}

static inline uint32_t
ask_arch(const struct program *p, uint32_t nr, uint32_t arch)
{
	const struct seccomp_data d = { .nr = (int)nr, .arch = arch };

	return bpf_run(p->f, p->n, &d);
}

#endif
