/* rules.c - the profile's paths and ports as Landlock rules. */
#include "launch/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/landlock.h"

#define RUN_FROM	(LL_FS_EXECUTE | LL_FS_READ)
#define CHANGE		(LL_FS_READ | LL_FS_WRITE)

/* A path that is not there needs no rule; any other failure is one. */
static int
allow(int ruleset, const char *path, uint64_t access)
{
	int fd = open(path, O_PATH | O_CLOEXEC), r;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0) {
		log_errno("path of the profile cannot be opened path=%s", path);
		return ERR_SYS;
	}
	r = landlock_allow_fd(ruleset, fd, access);
	close(fd);
	return r;
}

static int
allow_list(int ruleset, char *const *list, uint64_t access)
{
	int r = 0;

	for (; r == 0 && list != NULL && *list != NULL; list++)
		r = allow(ruleset, *list, access);
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
allow_private(int ruleset, const struct mounts *m)
{
	int r;

	if ((r = allow(ruleset, "/dev", LL_FS_READ | LL_FS_WRITE_FILE |
	    LL_FS_IOCTL_DEV)) != 0 ||
	    (r = allow(ruleset, "/dev/shm", CHANGE)) != 0)
		return r;
	if (m->tmp_private && (r = allow(ruleset, "/tmp", CHANGE)) != 0)
		return r;
	if (m->home != NULL && (r = allow(ruleset, m->home, CHANGE)) != 0)
		return r;
	return m->run_writable ? allow(ruleset, "/run", CHANGE) : 0;
}

int
rules_make(const struct msg_plan *plan, const struct mounts *mounts,
    const struct exe *exe, int *ruleset)
{
	struct landlock_features f;
	uint64_t net = 0;
	int r;

	*ruleset = -1;
	landlock_probe(&f);
	if (f.fs == 0)
		return 0;
	if (plan->port_rules && !has_any(&plan->connect))
		net |= LL_NET_CONNECT_TCP;
	if (plan->port_rules && !has_any(&plan->bind))
		net |= LL_NET_BIND_TCP;
	if ((*ruleset = landlock_new(LL_FS_ALL, net, LL_SCOPE_ABSTRACT_UNIX |
	    LL_SCOPE_SIGNAL)) < 0)
		return ERR_SYS;
	if ((r = allow_list(*ruleset, plan->read, LL_FS_READ)) != 0 ||
	    (r = allow_list(*ruleset, plan->execute, RUN_FROM)) != 0 ||
	    (r = allow_list(*ruleset, plan->write, CHANGE)) != 0 ||
	    (r = allow_list(*ruleset, plan->write_exec,
	    CHANGE | LL_FS_EXECUTE)) != 0 ||
	    (r = allow_list(*ruleset, exe->needed, RUN_FROM)) != 0 ||
	    (r = allow_private(*ruleset, mounts)) != 0)
		goto out;
	if (!exe->is_copy && (r = allow(*ruleset, exe->path, RUN_FROM)) != 0)
		goto out;
	if ((net & LL_NET_CONNECT_TCP) != 0 && (r = allow_ports(*ruleset,
	    &plan->connect, LL_NET_CONNECT_TCP)) != 0)
		goto out;
	if ((net & LL_NET_BIND_TCP) != 0)
		r = allow_ports(*ruleset, &plan->bind, LL_NET_BIND_TCP);
out:
	if (r != 0)
		fd_close(ruleset);
	return r;
}
