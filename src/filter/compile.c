/* compile.c - a set of system calls to BPF by libseccomp. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/strv.h"
#include "filter/filter.h"
#include "filter/groups.h"
#include "filter/head.h"

#define WHOLE		0xffffffffULL
#define TYPE_MASK	0xfULL		/* SOCK_NONBLOCK and SOCK_CLOEXEC are above */
/*
 * Only masked comparisons: an ordered one may be merged wrongly
 * (GHSA-4q85-33p6-j5g6), a plain one is bypassed by garbage in the high half.
 */
#define IS(arg, mask, value)						\
	{ (arg), SCMP_CMP_MASKED_EQ, (mask), (uint64_t)(value) }

/* libseccomp's own errors are negative errno values. */
static int
failed(const char *what, int error)
{
	errno = -error;
	log_errno("libseccomp: %s failed", what);
	return ERR_INTERNAL;
}

static int
add(scmp_filter_ctx ctx, uint32_t action, const char *call, unsigned int n,
    const struct scmp_arg_cmp *args)
{
	uint32_t nr;
	int e;

	if (filter_number(call, &nr) != 0)
		return 0;		/* not a call of this architecture */
	e = seccomp_rule_add_array(ctx, action, (int)nr, n, args);
	return e != 0 ? failed(call, e) : 0;
}

static int
add_socket_type(scmp_filter_ctx ctx, int family, int type, int protocol)
{
	const struct scmp_arg_cmp args[] = {
		IS(0, WHOLE, family), IS(1, TYPE_MASK, type),
		IS(2, WHOLE, protocol),
	};

	return add(ctx, SCMP_ACT_ALLOW, "socket", 3, args);
}

/* inet and inet6: only the listed protocols, so that no other (SCTP, MPTCP ...) passes the port rules by. */
static int
add_inet(scmp_filter_ctx ctx, int family, char *const *protocols)
{
	const struct scmp_arg_cmp raw[] = {
		IS(0, WHOLE, family), IS(1, TYPE_MASK, SOCK_RAW),
	};
	int r = 0;

	if (strv_has(protocols, "tcp") &&
	    ((r = add_socket_type(ctx, family, SOCK_STREAM, 0)) != 0 ||
	    (r = add_socket_type(ctx, family, SOCK_STREAM, IPPROTO_TCP)) != 0))
		return r;
	if (strv_has(protocols, "udp") &&
	    ((r = add_socket_type(ctx, family, SOCK_DGRAM, 0)) != 0 ||
	    (r = add_socket_type(ctx, family, SOCK_DGRAM, IPPROTO_UDP)) != 0))
		return r;
	if (strv_has(protocols, "raw"))
		r = add(ctx, SCMP_ACT_ALLOW, "socket", 2, raw);
	return r;
}

static int
add_netlink(scmp_filter_ctx ctx)
{
	/* Routes and interfaces (ip), sockets (ss); nothing that only administers. */
	static const int protocols[] = { NETLINK_ROUTE, NETLINK_SOCK_DIAG };
	size_t i;
	int r = 0;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		const struct scmp_arg_cmp args[] = {
			IS(0, WHOLE, AF_NETLINK), IS(2, WHOLE, protocols[i]),
		};

		if ((r = add(ctx, SCMP_ACT_ALLOW, "socket", 2, args)) != 0)
			break;
	}
	return r;
}

/*
 * Without the family "unix" no socket can be named, but a connected pair can
 * be had; not of datagrams, which may be sent to a name all the same.  Every
 * program that looks up a name asks for such a socket: refused without a word.
 */
static int
add_no_unix(scmp_filter_ctx ctx, int has_pair, int has_socket)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	const struct scmp_arg_cmp is_unix[] = { IS(0, WHOLE, AF_UNIX) };
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && has_pair && i < 2; i++) {
		const struct scmp_arg_cmp pair[] = { IS(0, WHOLE, AF_UNIX),
			IS(1, TYPE_MASK, types[i]) };

		r = add(ctx, SCMP_ACT_ALLOW, "socketpair", 2, pair);
	}
	if (r == 0 && has_socket)
		r = add(ctx, SCMP_ACT_ERRNO(EPERM), "socket", 1, is_unix);
	return r;
}

static int
add_unix(scmp_filter_ctx ctx, int has_pair, int has_socket)
{
	const struct scmp_arg_cmp is_unix[] = { IS(0, WHOLE, AF_UNIX) };
	int r = 0;

	if (has_pair)
		r = add(ctx, SCMP_ACT_ALLOW, "socketpair", 1, is_unix);
	if (r == 0 && has_socket)
		r = add(ctx, SCMP_ACT_ALLOW, "socket", 1, is_unix);
	return r;
}

static int
add_sockets(scmp_filter_ctx ctx, const struct filter_rules *rules,
    const struct filter_set *s)
{
	uint32_t nr;
	int pair, sock, r;

	pair = filter_number("socketpair", &nr) == 0 && s->allow[nr];
	sock = filter_number("socket", &nr) == 0 && s->allow[nr];
	if ((r = strv_has(rules->families, "unix") ?
	    add_unix(ctx, pair, sock) : add_no_unix(ctx, pair, sock)) != 0 ||
	    !sock)
		return r;
	if (strv_has(rules->families, "netlink") &&
	    (r = add_netlink(ctx)) != 0)
		return r;
	if (strv_has(rules->families, "inet") &&
	    (r = add_inet(ctx, AF_INET, rules->protocols)) != 0)
		return r;
	if (strv_has(rules->families, "inet6") &&
	    (r = add_inet(ctx, AF_INET6, rules->protocols)) != 0)
		return r;
	return 0;
}

static int
add_arguments(scmp_filter_ctx ctx, const struct filter_set *s)
{
	const struct filter_arg *a;
	uint32_t nr;
	size_t i;
	int r;

	for (i = 0; i < filter_nargs; i++) {
		a = &filter_args[i];
		if (filter_number(a->call, &nr) != 0 || !s->allow[nr])
			continue;
		if (a->with != NULL && (filter_number(a->with, &nr) != 0 ||
		    !s->allow[nr]))
			continue;
		const struct scmp_arg_cmp args[] = {
			IS(a->arg, a->mask, a->value)
		};
		if ((r = add(ctx, SCMP_ACT_ALLOW, a->call, 1, args)) != 0)
			return r;
	}
	return 0;
}

static int
fill(scmp_filter_ctx ctx, const struct filter_rules *rules,
    const struct filter_set *s)
{
	char name[FILTER_NAME];
	uint32_t nr;
	size_t i;
	int r;

	if ((r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS)) != 0 ||
	    (r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2)) != 0)
		return failed("seccomp_attr_set", r);
	for (i = 0; filter_enosys[i] != NULL; i++)
		if ((r = add(ctx, SCMP_ACT_ERRNO(ENOSYS), filter_enosys[i], 0,
		    NULL)) != 0)
			return r;
	for (nr = 0; nr < FILTER_NR_MAX; nr++)
		if (s->allow[nr] && !head_unknown(nr) &&
		    !filter_has_arguments(nr) &&
		    (r = add(ctx, SCMP_ACT_ALLOW, filter_name(nr, name), 0,
		    NULL)) != 0)
			return r;
	if ((r = add_arguments(ctx, s)) != 0)
		return r;
	return add_sockets(ctx, rules, s);
}

/* libseccomp writes to descriptors only. */
static int
export(scmp_filter_ctx ctx, struct buf *bpf)
{
	uint8_t *bytes = NULL;
	size_t n = 0;
	int fd, r;

	if ((fd = memfd_create("filter", MFD_CLOEXEC)) < 0) {
		log_errno("memfd_create failed");
		return ERR_SYS;
	}
	if ((r = seccomp_export_bpf(ctx, fd)) != 0)
		r = failed("seccomp_export_bpf", r);
	else if (lseek(fd, 0, SEEK_SET) != 0) {
		log_errno("lseek failed");
		r = ERR_SYS;
	} else if ((r = fd_read_all(fd, BPF_MAX, &bytes, &n)) == 0)
		r = buf_put(bpf, bytes, n);
	mem_wipe(bytes, n);
	fd_close(&fd);
	return r;
}

int
filter_compile(const struct filter_rules *rules, const struct filter_set *s,
    struct buf *bpf)
{
	scmp_filter_ctx ctx;
	int r;

	/* The level is ours to say: this process may not ask the kernel, and the job's kernel is asked by the launcher. */
	if ((r = seccomp_api_set(5)) != 0)
		return failed("seccomp_api_set", r);
	if ((ctx = seccomp_init(SCMP_ACT_NOTIFY)) == NULL) {
		log_error("libseccomp: no filter");
		return ERR_NOMEM;
	}
	if ((r = fill(ctx, rules, s)) == 0 && (r = head_put(s, bpf)) == 0)
		r = export(ctx, bpf);
	seccomp_release(ctx);
	return r;
}
