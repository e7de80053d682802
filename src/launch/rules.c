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
#define PRIVATE_MAX	8

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

/* Directories that are the job's own: "list" has room for all and a NULL. */
static void
list_private(const struct mounts *m, const char *list[PRIVATE_MAX])
{
	size_t n = 0;

	list[n++] = "/dev";
	list[n++] = "/run";
	list[n++] = "/var/run";		/* a link to the other, or private too */
	if (m->tmp_private)
		list[n++] = "/tmp";
	if (m->proc_private)
		list[n++] = "/proc";
	if (m->home != NULL)
		list[n++] = m->home;
	list[n] = NULL;
}

/*
 * What the profile reads of private directories, by name: a link from outside
 * into one of them grants nothing.
 */
static int
allow_inside(const struct split *s, const struct mounts *m, const char *path,
    uint64_t access)
{
	const char *private[PRIVATE_MAX], **p;
	int r = 0;

	list_private(m, private);
	for (p = private; r == 0 && *p != NULL; p++)
		if (split_is_beneath(path, *p))
			return split_allow(s, path, access);
		else if (split_is_beneath(*p, path))
			r = split_allow(s, *p, access);
	return r;
}

/* The empty file over a hidden one may be read where the profile reads. */
static int
allow_covers(const struct split *s, const struct msg_plan *plan)
{
	char *const *h, *const *l;
	int r = 0;

	for (h = s->hide; r == 0 && h != NULL && *h != NULL; h++)
		for (l = plan->read; l != NULL && *l != NULL; l++)
			if (split_is_beneath(*h, *l)) {
				r = split_allow_cover(s, *h);
				break;
			}
	return r;
}

static int
allow_private_read(const struct split *s, const struct job *j)
{
	char *const *p;
	int r = 0;

	for (p = j->plan.read; r == 0 && p != NULL && *p != NULL; p++)
		r = allow_inside(s, &j->cage.mounts, *p, LL_FS_READ);
	return r;
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
rules_new(const struct job *j, int *ruleset)
{
	struct split s = { .features = j->kernel };
	const struct msg_plan *plan = &j->plan;
	uint64_t net = 0;
	int r;

	*ruleset = -1;
	if (s.features.fs == 0)
		return 0;
	if (plan->port_rules && !has_any(&plan->connect))
		net |= LL_NET_CONNECT_TCP;
	if (plan->port_rules && !has_any(&plan->bind))
		net |= LL_NET_BIND_TCP;
	if ((*ruleset = landlock_new_known(LL_FS_ALL, net,
	    LL_SCOPE_ABSTRACT_UNIX | LL_SCOPE_SIGNAL, &s.features)) < 0)
		return ERR_SYS;
	s.ruleset = *ruleset;
	if ((r = allow_network(&s, plan, net)) != 0)
		fd_close(ruleset);
	return r;
}

int
rules_host(const struct job *j, int ruleset, struct seen *seen)
{
	const char *private[PRIVATE_MAX];
	struct split s = { .ruleset = ruleset, .features = j->kernel,
		.hide = j->cage.mounts.hide, .seen = seen };
	int r;

	if (ruleset < 0)
		return 0;
	list_private(&j->cage.mounts, private);
	s.skip = (char *const *)(uintptr_t)private;
	if ((r = allow_list(&s, j->plan.read, LL_FS_READ)) != 0)
		return r;
	return allow_list(&s, j->plan.execute, RUN_FROM);
}

/*
 * What may be changed is granted as a whole: a directory where each new file
 * could not be read again would be of no use.  There the covers alone hide.
 */
int
rules_inside(const struct job *j, int ruleset)
{
	struct split s = { .ruleset = ruleset, .features = j->kernel,
		.hide = j->cage.mounts.hide };
	struct stat st;
	int r;

	if (ruleset < 0)
		return 0;
	if (stat("/dev", &st) < 0) {
		log_errno("/dev is missing");
		return ERR_SYS;
	}
	s.covers = st.st_dev;
	if ((r = allow_private_read(&s, j)) != 0 ||
	    (r = allow_covers(&s, &j->plan)) != 0)
		return r;
	s.hide = NULL;
	if ((r = allow_list(&s, j->plan.write, CHANGE)) != 0 ||
	    (r = allow_list(&s, j->plan.write_exec,
	    CHANGE | LL_FS_EXECUTE)) != 0)
		return r;
	return allow_private(&s, &j->cage.mounts);
}

int
rules_exe(const struct job *j, int ruleset)
{
	struct split s = { .ruleset = ruleset, .features = j->kernel,
		.hide = j->cage.mounts.hide };
	int r;

	if (ruleset < 0)
		return 0;
	if ((r = allow_list(&s, j->exe.needed, RUN_FROM)) != 0 ||
	    j->exe.is_copy)
		return r;
	return split_allow(&s, j->exe.path, RUN_FROM);
}
