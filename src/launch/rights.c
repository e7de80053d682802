/* rights.c - ids, capabilities and limits of the job. */
#include "launch/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "confine/caps.h"
#include "confine/process.h"

/*
 * The kernel hands out numbers below 300 only before the first wrap, so the
 * room for living processes is what lies above.
 */
#define PIDS_RESERVED	301

#define SIGNALS_MAX	4096	/* queued, with the timers */

static int
take_ids(const struct msg_prepare *o)
{
	gid_t groups[GROUPS_MAX];
	size_t n = o->groups.n / 4, i;
	const uint8_t *p = o->groups.p;
	uid_t u[3];
	gid_t g[3];

	for (i = 0; i < n && i < GROUPS_MAX; i++, p += 4)
		groups[i] = (gid_t)p[0] << 24 | (gid_t)p[1] << 16 |
		    (gid_t)p[2] << 8 | (gid_t)p[3];
	if (setgroups(n, groups) < 0 ||
	    setresgid(o->gid, o->gid, o->gid) < 0 ||
	    setresuid(o->uid, o->uid, o->uid) < 0 ||
	    getresuid(&u[0], &u[1], &u[2]) < 0 ||
	    getresgid(&g[0], &g[1], &g[2]) < 0) {
		log_errno("ids not changed uid=%u gid=%u", o->uid, o->gid);
		return ERR_SYS;
	}
	if (u[0] != o->uid || u[1] != o->uid || u[2] != o->uid ||
	    g[0] != o->gid || g[1] != o->gid || g[2] != o->gid) {
		log_error("ids are not what they should be");
		return ERR_DENIED;
	}
	return 0;
}

/* Root keeps the usual meaning of uid 0 within the bounding set; others get no rights by any exec. */
static int
lock_securebits(int is_root)
{
	unsigned long bits = SECBIT_NOROOT_LOCKED |
	    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
	    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	if (!is_root)
		bits |= SECBIT_NOROOT;
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0) {
		log_errno("securebits not set");
		return ERR_SYS;
	}
	return 0;
}

/* Exactly these, ambient ones untouched. */
static int
set_exactly(uint64_t caps, uint64_t inherit)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)caps, (uint32_t)caps, (uint32_t)inherit },
		{ (uint32_t)(caps >> 32), (uint32_t)(caps >> 32),
		    (uint32_t)(inherit >> 32) } };
	uint64_t permitted, effective, inheritable;
	int r;

	if (syscall(SYS_capset, &head, data) < 0) {
		log_errno("capset failed");
		return ERR_SYS;
	}
	if ((r = caps_get(&permitted, &effective, &inheritable)) != 0)
		return r;
	if (permitted != caps || effective != caps || inheritable != inherit) {
		log_error("capabilities are not what they should be");
		return ERR_DENIED;
	}
	return 0;
}

int
rights_take(const struct msg_prepare *order, const struct msg_plan *plan)
{
	uint64_t all, effective, inheritable, caps, ambient;
	int r;

	if ((r = caps_get(&all, &effective, &inheritable)) != 0)
		return r;
	caps = plan->caps & all;
	ambient = order->uid == 0 ? 0 : caps;
	if ((r = caps_bound(caps)) != 0)
		return r;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) {
		log_errno("capabilities not kept over the change of ids");
		return ERR_SYS;
	}
	if ((r = take_ids(order)) != 0 ||
	    (r = caps_set(caps | CAPS_BIT(CAP_SETPCAP), ambient)) != 0 ||
	    (r = caps_ambient(ambient)) != 0 ||
	    (r = lock_securebits(order->uid == 0)) != 0 ||
	    (r = set_exactly(caps, ambient)) != 0)
		return r;
	return process_no_new_privs();
}

int
rights_limits(const struct msg_plan *plan)
{
	const struct {
		int		 resource;
		uint64_t	 value;
	} limits[] = {
		{ RLIMIT_NPROC, plan->nproc }, { RLIMIT_FSIZE, plan->fsize },
		{ RLIMIT_NOFILE, plan->nofile }, { RLIMIT_CPU, plan->cpu_s },
		{ RLIMIT_AS, plan->memory },
	};
	struct rlimit now;
	uint64_t value;
	size_t i;
	int r;

	/* Timers and queued signals are counted for all of root together: the host keeps most of them. */
	if ((r = process_limit(RLIMIT_SIGPENDING, SIGNALS_MAX)) != 0)
		return r;
	/* 1 byte: no core file, and unlike 0 no host-wide core handler either. */
	if ((r = process_limit(RLIMIT_CORE, 1)) != 0)
		return r;
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		if ((value = limits[i].value) == 0)
			continue;
		/* Never more than the gate itself may have. */
		if (getrlimit((__rlimit_resource_t)limits[i].resource,
		    &now) == 0 && value > now.rlim_max)
			value = now.rlim_max;
		if ((r = process_limit(limits[i].resource, value)) != 0)
			return r;
	}
	return 0;
}

/* Not every kernel has the knob, and /proc may be read-only: then 0. */
static int
write_knob(int dir, const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CLOEXEC), done;

	if (fd < 0)
		return 0;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

int
rights_memfd_noexec(void)
{
	return write_knob(AT_FDCWD, "/proc/sys/vm/memfd_noexec", "2");
}

/* Before Linux 6.14 kernel.pid_max belongs to the whole host: hands off. */
static int
pid_max_is_private(void)
{
	struct utsname u;
	int major = 0, minor = 0;

	return uname(&u) == 0 &&
	    sscanf(u.release, "%3d.%3d", &major, &minor) == 2 &&
	    (major > 6 || (major == 6 && minor >= 14));
}

int
rights_pid_max(uint64_t nproc)
{
	char text[24];

	if (nproc == 0 || nproc > 30000 || !pid_max_is_private())
		return 0;
	snprintf(text, sizeof(text), "%llu",
	    (unsigned long long)nproc + PIDS_RESERVED);
	return write_knob(AT_FDCWD, "/proc/sys/kernel/pid_max", text);
}

int
rights_login(int proc, uid_t uid)
{
	char text[24];

	if (uid == 0)
		return 0;
	snprintf(text, sizeof(text), "%u", uid);
	return write_knob(proc, "self/loginuid", text);
}
