/*
 * filters.c - policy/role/NAME.def made into one seccomp filter each, at build time.
 *
 * Every line becomes a block that needs nothing from the lines around it:
 * it finds the number of the call in A and leaves it there.  Nothing matched:
 * the process is killed.
 */
#include "confine/role.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifndef __x86_64__
#error "the filters know x86_64 only"
#endif
#define X32_BIT		0x40000000U

#define NR_AT		((unsigned int)offsetof(struct seccomp_data, nr))
#define ARCH_AT		((unsigned int)offsetof(struct seccomp_data, arch))
#define LOW_AT(a)	((unsigned int)offsetof(struct seccomp_data, args) + \
			 8U * (unsigned int)(a))
#define HIGH_AT(a)	(LOW_AT(a) + 4U)

#define LOAD(at)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define EQUAL(v, t, f)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, \
			    (unsigned int)(v), (t), (f))
#define ANSWER(v)	BPF_STMT(BPF_RET | BPF_K, (v))

#define HEAD								\
	LOAD(ARCH_AT),							\
	EQUAL(AUDIT_ARCH_X86_64, 1, 0),					\
	ANSWER(SECCOMP_RET_KILL_PROCESS),				\
	LOAD(NR_AT),							\
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1),		\
	ANSWER(SECCOMP_RET_KILL_PROCESS),
#define TAIL								\
	ANSWER(SECCOMP_RET_KILL_PROCESS)

#define ALLOW(name)							\
	EQUAL(SYS_##name, 0, 1),					\
	ANSWER(SECCOMP_RET_ALLOW),
/* No bit outside "mask" (32 bits) in either half: for 64-bit arguments. */
#define ALLOW_BITS(name, arg, mask)					\
	EQUAL(SYS_##name, 0, 6),					\
	LOAD(HIGH_AT(arg)),						\
	EQUAL(0, 0, 3),							\
	LOAD(LOW_AT(arg)),						\
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,				\
	    ~(unsigned int)(mask), 1, 0),				\
	ANSWER(SECCOMP_RET_ALLOW),					\
	LOAD(NR_AT),
/* The low half is "value": for arguments that the kernel takes as 32 bits. */
#define ALLOW_ARG(name, arg, value)					\
	EQUAL(SYS_##name, 0, 4),					\
	LOAD(LOW_AT(arg)),						\
	EQUAL(value, 0, 1),						\
	ANSWER(SECCOMP_RET_ALLOW),					\
	LOAD(NR_AT),
#define REFUSE(name, error)						\
	EQUAL(SYS_##name, 0, 1),					\
	ANSWER(SECCOMP_RET_ERRNO | (error)),

static const struct sock_filter sekishod[] = {
	HEAD
#include "policy/role/sekishod.def"
	TAIL
};
static const struct sock_filter load[] = {
	HEAD
#include "policy/role/load.def"
	TAIL
};
static const struct sock_filter monitor[] = {
	HEAD
#include "policy/role/monitor.def"
	TAIL
};
static const struct sock_filter net[] = {
	HEAD
#include "policy/role/net.def"
	TAIL
};
static const struct sock_filter record[] = {
	HEAD
#include "policy/role/record.def"
	TAIL
};
static const struct sock_filter recover[] = {
	HEAD
#include "policy/role/recover.def"
	TAIL
};
static const struct sock_filter exec[] = {
	HEAD
#include "policy/role/exec.def"
	TAIL
};
static const struct sock_filter init[] = {
	HEAD
#include "policy/role/init.def"
	TAIL
};
static const struct sock_filter ledgerd[] = {
	HEAD
#include "policy/role/ledgerd.def"
	TAIL
};
static const struct sock_filter sekisho[] = {
	HEAD
#include "policy/role/sekisho.def"
	TAIL
};
static const struct sock_filter keyd[] = {
	HEAD
#include "policy/role/keyd.def"
	TAIL
};
static const struct sock_filter verify[] = {
	HEAD
#include "policy/role/verify.def"
	TAIL
};

#undef ALLOW
#undef ALLOW_BITS
#undef ALLOW_ARG
#undef REFUSE
#define ALLOW(name)			+1
#define ALLOW_BITS(name, arg, mask)	+1
#define ALLOW_ARG(name, arg, value)	+1
#define REFUSE(name, error)		+1

enum lines {
	sekishod_LINES = 0
#include "policy/role/sekishod.def"
	,
	load_LINES = 0
#include "policy/role/load.def"
	,
	monitor_LINES = 0
#include "policy/role/monitor.def"
	,
	net_LINES = 0
#include "policy/role/net.def"
	,
	record_LINES = 0
#include "policy/role/record.def"
	,
	recover_LINES = 0
#include "policy/role/recover.def"
	,
	exec_LINES = 0
#include "policy/role/exec.def"
	,
	init_LINES = 0
#include "policy/role/init.def"
	,
	ledgerd_LINES = 0
#include "policy/role/ledgerd.def"
	,
	sekisho_LINES = 0
#include "policy/role/sekisho.def"
	,
	keyd_LINES = 0
#include "policy/role/keyd.def"
	,
	verify_LINES = 0
#include "policy/role/verify.def"
	,
};

#define FILTER(n)							\
	const struct role_filter role_filter_##n = {			\
		#n, n, sizeof(n) / sizeof(n[0]), n##_LINES		\
	}
FILTER(sekishod);
FILTER(load);
FILTER(monitor);
FILTER(net);
FILTER(record);
FILTER(recover);
FILTER(exec);
FILTER(init);
FILTER(ledgerd);
FILTER(sekisho);
FILTER(keyd);
FILTER(verify);
