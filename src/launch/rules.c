/* rules.c - the profile's paths and ports as Landlock rules. */
#include "launch/rules.h"

#include <sys/stat.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/landlock.h"
#include "launch/split.h"

#define RUN_FROM	(LL_FS_EXECUTE | LL_FS_READ)
#define CHANGE		(LL_FS_READ | LL_FS_WRITE)

static int
allow_list(const struct split *s, char *const *list, uint64_t access)
{
	int r = 0;

	for (; r == 0 && list != NULL && *list != NULL; list++)
		r = split_allow(s, *list, access);
	return r;
}

/* u32 big-endian ports; port 0 stands for any. */
static int
has_any(const struct blob *ports)
{
	size_t i;

	for (i = 0; i + 4 <= ports->n; i += 4)
		if (ports->p[i + 2] == 0 && ports->p[i + 3] == 0)
			return 1;
	return 0;
}

static int
allow_ports(int ruleset, const struct blob *ports, uint64_t access)
{
	size_t i;
	int r = 0;

	if (has_any(ports))
		return 0;		/* not handled at all */
	for (i = 0; r == 0 && i + 4 <= ports->n; i += 4)
		r = landlock_allow_port(ruleset, (uint16_t)
		    (ports->p[i + 2] << 8 | ports->p[i + 3]), access);
	return r;
}

static int
allow_private(const struct split *s, const struct mounts *m)
{
	int r;

	if ((r = split_allow(s, "/dev", LL_FS_READ | LL_FS_WRITE_FILE |
	    LL_FS_IOCTL_DEV)) != 0 ||
	    (r = split_allow(s, "/dev/shm", CHANGE)) != 0)
		return r;
	if (m->tmp_private && (r = split_allow(s, "/tmp", CHANGE)) != 0)
		return r;
	if (m->home != NULL && (r = split_allow(s, m->home, CHANGE)) != 0)
		return r;
	return m->run_writable ? split_allow(s, "/run", CHANGE) : 0;
}

/*
 * What may be changed is granted as a whole: a directory where each new file
 * could not be read again would be of no use.  There the covers alone hide.
 */
static int
allow_paths(struct split *s, const struct msg_plan *plan,
    const struct mounts *m, const struct exe *exe)
{
	struct stat st;
	int r;

	if (stat("/dev", &st) < 0) {
		log_errno("/dev is missing");
		return ERR_SYS;
	}
	s->covers = st.st_dev;
	s->hide = m->hide;
	if ((r = allow_list(s, plan->read, LL_FS_READ)) != 0 ||
	    (r = allow_list(s, plan->execute, RUN_FROM)) != 0 ||
	    (r = allow_list(s, exe->needed, RUN_FROM)) != 0 ||
	    (!exe->is_copy && (r = split_allow(s, exe->path, RUN_FROM)) != 0))
		return r;
	s->hide = NULL;
	if ((r = allow_list(s, plan->write, CHANGE)) != 0 ||
	    (r = allow_list(s, plan->write_exec,
	    CHANGE | LL_FS_EXECUTE)) != 0)
		return r;
	return allow_private(s, m);
}

static int
allow_network(const struct split *s, const struct msg_plan *plan, uint64_t net)
{
	int r = 0;

	if ((net & LL_NET_CONNECT_TCP) != 0)
		r = allow_ports(s->ruleset, &plan->connect,
		    LL_NET_CONNECT_TCP);
	if (r == 0 && (net & LL_NET_BIND_TCP) != 0)
		r = allow_ports(s->ruleset, &plan->bind, LL_NET_BIND_TCP);
	return r;
}

int
rules_make(const struct msg_plan *plan, const struct mounts *mounts,
    const struct exe *exe, int *ruleset)
{
	struct split s = { .ruleset = -1 };
	uint64_t net = 0;
	int r;

	*ruleset = -1;
	landlock_probe(&s.features);
	if (s.features.fs == 0)
		return 0;
	if (plan->port_rules && !has_any(&plan->connect))
		net |= LL_NET_CONNECT_TCP;
	if (plan->port_rules && !has_any(&plan->bind))
		net |= LL_NET_BIND_TCP;
	if ((*ruleset = landlock_new(LL_FS_ALL, net, LL_SCOPE_ABSTRACT_UNIX |
	    LL_SCOPE_SIGNAL)) < 0)
		return ERR_SYS;
	s.ruleset = *ruleset;
	if ((r = allow_paths(&s, plan, mounts, exe)) != 0 ||
	    (r = allow_network(&s, plan, net)) != 0)
		fd_close(ruleset);
	return r;
}
