/* lists.h - the lines of policy/role/NAME.def as data, read a second time and independently of src/confine/filters.c. */
#ifndef UNIT_CONFINE_LISTS_H
#define UNIT_CONFINE_LISTS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "confine/role.h"

enum line_kind { LINE_ALLOW, LINE_BITS, LINE_ARG, LINE_REFUSE };

struct line {
	enum line_kind	 kind;
	long		 nr;
	unsigned int	 arg;
	uint64_t	 value;		/* mask, value or errno */
};

struct list {
	const struct role_filter *filter;
	const struct line *lines;
	size_t		 n;
	size_t		 ceiling;	/* distinct calls; 0: none set */
};

#define ALLOW(name)			{ LINE_ALLOW, SYS_##name, 0, 0 },
#define ALLOW_BITS(name, arg, mask)	{ LINE_BITS, SYS_##name, (arg), (uint64_t)(mask) },
#define ALLOW_ARG(name, arg, value)	{ LINE_ARG, SYS_##name, (arg), (uint32_t)(value) },
#define REFUSE(name, error)		{ LINE_REFUSE, SYS_##name, 0, (error) },

static const struct line sekishod_lines[] = {
#include "policy/role/sekishod.def"
};
static const struct line load_lines[] = {
#include "policy/role/load.def"
};
static const struct line monitor_lines[] = {
#include "policy/role/monitor.def"
};
static const struct line net_lines[] = {
#include "policy/role/net.def"
};
static const struct line record_lines[] = {
#include "policy/role/record.def"
};
static const struct line recover_lines[] = {
#include "policy/role/recover.def"
};
static const struct line exec_lines[] = {
#include "policy/role/exec.def"
};
static const struct line init_lines[] = {
#include "policy/role/init.def"
};
static const struct line ledgerd_lines[] = {
#include "policy/role/ledgerd.def"
};
static const struct line sekisho_lines[] = {
#include "policy/role/sekisho.def"
};
static const struct line keyd_lines[] = {
#include "policy/role/keyd.def"
};
static const struct line verify_lines[] = {
#include "policy/role/verify.def"
};

#undef ALLOW
#undef ALLOW_BITS
#undef ALLOW_ARG
#undef REFUSE

#define LIST(name, ceiling) { &role_filter_##name, name##_lines,	\
	sizeof(name##_lines) / sizeof(name##_lines[0]), (ceiling) }
static const struct list lists[] = {
	LIST(sekishod, 45),
	LIST(load, 0),
	LIST(monitor, 0),
	LIST(net, 35),
	LIST(record, 20),
	LIST(recover, 30),
	LIST(exec, 0),
	LIST(init, 12),
	LIST(ledgerd, 60),
	LIST(sekisho, 0),
	LIST(keyd, 25),
	LIST(verify, 45),
};
#undef LIST
#define NLISTS	(sizeof(lists) / sizeof(lists[0]))

/* Distinct calls that are allowed in some way: a REFUSE gives nothing. */
static inline size_t
list_calls(const struct list *l)
{
	size_t i, j, n = 0;

	for (i = 0; i < l->n; i++) {
		if (l->lines[i].kind == LINE_REFUSE)
			continue;
		for (j = 0; j < i; j++)
			if (l->lines[j].nr == l->lines[i].nr &&
			    l->lines[j].kind != LINE_REFUSE)
				break;
		n += j == i;
	}
	return n;
}

#endif
