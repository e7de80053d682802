/* mounts.c - the launcher's half: mounts are cloned while the host is still in sight. */
#include "launch/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "launch/alias.h"
#include "launch/sys.h"

#define ITEMS_MAX	512

void
mounts_init(struct mounts *m)
{
	memset(m, 0, sizeof(*m));
	m->events = -1;
}

void
mounts_free(struct mounts *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		fd_close(&m->items[i].fd);
		free(m->items[i].path);
	}
	free(m->items);
	free(m->home);
	strv_free(m->hide);
	strv_free(m->kernel);
	alias_close(m->host);
	fd_close(&m->events);
	mounts_init(m);
}

/* "path" is "dir" or beneath it. */
static int
is_beneath(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1)
		return 1;
	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

/* A detached copy of the mounts at "path", already as restricted as its kind asks. */
static int
clone_mount(struct mount_item *it, struct refusal *why)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
		.propagation = MS_PRIVATE };

	int plain = sys_open_plain(it->path);

	if (it->kind != MOUNT_WRITE_EXEC)
		attr.attr_set |= MOUNT_ATTR_NOEXEC;
	/* Not by name: somebody may put a link where a directory was seen. */
	if (plain >= 0)
		it->fd = open_tree(plain, "", AT_EMPTY_PATH | OPEN_TREE_CLONE |
		    OPEN_TREE_CLOEXEC | SYS_AT_RECURSIVE);
	fd_close(&plain);
	if (it->fd < 0 || mount_setattr(it->fd, "", AT_EMPTY_PATH |
	    SYS_AT_RECURSIVE, &attr, sizeof(attr)) < 0) {
		log_errno("mount not cloned path=%s", it->path);
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "the mount at %s cannot be cloned", it->path);
	}
	return 0;
}

static int
add_item(struct mounts *m, enum mount_kind kind, const char *path,
    struct refusal *why)
{
	struct mount_item *items, *it;
	struct stat st;
	char *real;
	int r;

	if ((real = realpath(path, NULL)) == NULL)
		return 0;			/* not there: not granted */
	if (strcmp(real, path) != 0 && kind != MOUNT_SOCKET) {
		free(real);
		return refuse(why, SEKISHO_CODE_SANDBOX, "the writable path "
		    "%s of the profile has a symbolic link in it", path);
	}
	if (m->n >= ITEMS_MAX || lstat(real, &st) < 0 ||
	    (items = reallocarray(m->items, m->n + 1, sizeof(*items))) ==
	    NULL) {
		free(real);
		return ERR_LIMIT;
	}
	m->items = items;
	it = &items[m->n++];
	*it = (struct mount_item){ kind, -1, S_ISDIR(st.st_mode), real };
	if ((r = alias_kernel_mounts(m->host, real, &m->kernel)) != 0)
		return r;
	return clone_mount(it, why);
}

static int
add_list(struct mounts *m, enum mount_kind kind, char *const *list,
    struct refusal *why)
{
	int r = 0;

	for (; r == 0 && list != NULL && *list != NULL; list++) {
		if (kind != MOUNT_SOCKET && ((m->tmp_private &&
		    is_beneath(*list, "/tmp")) || is_beneath(*list, "/dev") ||
		    is_beneath(*list, "/proc")))
			continue;	/* private, made anew */
		if (kind != MOUNT_SOCKET && strcmp(*list, "/run") == 0) {
			m->run_writable = 1;
			continue;
		}
		r = add_item(m, kind, *list, why);
	}
	return r;
}

static int
by_length(const void *a, const void *b)
{
	const struct mount_item *x = a, *y = b;
	size_t nx = strlen(x->path), ny = strlen(y->path);

	return nx < ny ? -1 : nx > ny;
}

/* Home folders that are system folders stay as they are: hiding them would hide the system. */
static int
may_hide_home(const char *home)
{
	static const char *const system_dirs[] = { "/usr", "/bin", "/sbin",
		"/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/run",
		"/boot" };
	static const char *const above[] = { "/", "/var", "/var/lib", "/home" };
	size_t i;

	for (i = 0; i < sizeof(above) / sizeof(*above); i++)
		if (strcmp(home, above[i]) == 0)
			return 0;
	for (i = 0; i < sizeof(system_dirs) / sizeof(*system_dirs); i++)
		if (is_beneath(home, system_dirs[i]))
			return 0;
	return 1;
}

/* Already private and empty: a cover would only take its writability. */
static int
is_private(const struct mounts *m, const char *path)
{
	return strcmp(path, "/run") == 0 ||
	    (m->tmp_private && strcmp(path, "/tmp") == 0) ||
	    (m->home != NULL && strcmp(path, m->home) == 0);
}

/*
 * Paths that exist are kept without symbolic links, together with every
 * other place where the same files are mounted; what does not exist cannot
 * be reached by the job either.
 */
static int
add_hidden(struct mounts *m, char *const *list)
{
	char *real;
	int r = 0;

	for (; r == 0 && list != NULL && *list != NULL; list++) {
		if ((real = realpath(*list, NULL)) == NULL)
			continue;
		if (strcmp(real, "/") != 0 && !is_private(m, real))
			r = alias_add(m->host, real, &m->hide);
		free(real);
	}
	return r;
}

int
mounts_open(struct mounts *m, const char *home, char *const *hide,
    const struct msg_plan *plan, struct refusal *why)
{
	struct stat st;
	int r;

	mounts_init(m);
	if ((r = alias_open(&m->host, &m->events)) != 0)
		return r;
	m->tmp_private = plan->tmp_private;
	m->proc_private = plan->proc_private;
	if (plan->home_private && may_hide_home(home) &&
	    (m->home = realpath(home, NULL)) != NULL &&
	    (stat(m->home, &st) < 0 || !S_ISDIR(st.st_mode) ||
	    !may_hide_home(m->home))) {
		free(m->home);
		m->home = NULL;
	}
	if ((r = add_list(m, MOUNT_WRITE, plan->write, why)) != 0 ||
	    (r = add_list(m, MOUNT_WRITE_EXEC, plan->write_exec, why)) != 0)
		return r;
	if (m->n > 1)
		qsort(m->items, m->n, sizeof(*m->items), by_length);
	if ((r = add_list(m, MOUNT_SOCKET, plan->sockets, why)) != 0 ||
	    (r = add_hidden(m, hide)) != 0)
		return r;
	return add_hidden(m, plan->hide);
}
