/* view.c - the init's half of mounts.h: the job's view of the file system is put together. */
#include "launch/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "launch/dev.h"
#include "launch/sys.h"

#define ALL_FLAGS	(MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define COVER_INODES	2	/* few enough that no other tmpfs is taken for one */
#define COVER_OPTIONS	"mode=555,size=4k,nr_inodes=2"
#define TMP_OPTIONS	"mode=1777,size=1g,nr_inodes=262144"

int
mounts_make_dir(const char *path, unsigned int mode)
{
	char part[PATH_MAX_LEN];
	size_t n = strlen(path), i;

	if (n == 0 || n >= sizeof(part))
		return ERR_LIMIT;
	memcpy(part, path, n + 1);
	for (i = 1; i <= n; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST &&
		    errno != EROFS) {
			log_errno("mkdir failed path=%s", part);
			return ERR_SYS;
		}
		part[i] = path[i];
	}
	return 0;
}

int
mounts_tmpfs(const char *path, unsigned long flags, const char *options)
{
	if (mount("tmpfs", path, "tmpfs", flags, options) < 0) {
		log_errno("tmpfs not mounted path=%s", path);
		return ERR_SYS;
	}
	return 0;
}

int
mounts_restrict(const char *path, unsigned long long attr)
{
	struct mount_attr a = { .attr_set = attr };

	if (mount_setattr(AT_FDCWD, path, 0, &a, sizeof(a)) < 0) {
		log_errno("mount not restricted path=%s", path);
		return ERR_SYS;
	}
	return 0;
}

/* From here on nothing of the host's tree can be written, and no device node in it opened. */
static int
all_read_only(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY |
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount_setattr(AT_FDCWD, "/", SYS_AT_RECURSIVE, &attr,
	    sizeof(attr)) < 0) {
		log_errno("root not made read-only");
		return ERR_SYS;
	}
	return 0;
}

static int
private_dirs(const struct mounts *m)
{
	struct stat run, var_run, home = { 0 };
	char options[128];
	int r;

	if (m->tmp_private &&
	    (r = mounts_tmpfs("/tmp", ALL_FLAGS, TMP_OPTIONS)) != 0)
		return r;
	if (m->home != NULL && stat(m->home, &home) == 0) {
		snprintf(options, sizeof(options), "mode=%o,uid=%u,gid=%u,"
		    "size=256m,nr_inodes=65536", home.st_mode & 0755U,
		    home.st_uid, home.st_gid);
		if ((r = mounts_tmpfs(m->home, ALL_FLAGS, options)) != 0)
			return r;
	}
	if ((r = mounts_tmpfs("/run", ALL_FLAGS, "mode=755,size=64m")) != 0)
		return r;
	if (stat("/run", &run) == 0 && stat("/var/run", &var_run) == 0 &&
	    (run.st_dev != var_run.st_dev || run.st_ino != var_run.st_ino))
		return mounts_tmpfs("/var/run", ALL_FLAGS | MS_RDONLY,
		    "mode=755,size=4k");
	return 0;
}

/* Something to mount on where the private trees do not have it yet. */
static int
mount_point(const struct mount_item *it)
{
	char parent[PATH_MAX_LEN], *slash;
	int fd;

	if (it->is_dir)
		return mounts_make_dir(it->path, 0755);
	snprintf(parent, sizeof(parent), "%s", it->path);
	if ((slash = strrchr(parent, '/')) != NULL && slash != parent) {
		*slash = '\0';
		if (mounts_make_dir(parent, 0755) != 0)
			return ERR_SYS;
	}
	fd = open(it->path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		fd = open(it->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_errno("mount point missing path=%s", it->path);
		return ERR_SYS;
	}
	close(fd);
	return 0;
}

static int
attach(const struct mount_item *it)
{
	int r, point;

	if ((r = mount_point(it)) != 0)
		return r;
	point = sys_open_plain(it->path);
	if (point < 0 || move_mount(it->fd, "", point, "",
	    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
		log_errno("mount not attached path=%s", it->path);
		r = ERR_SYS;
	}
	fd_close(&point);
	return r;
}

/*
 * What tells more of the host's kernel than a job must know, or takes it away
 * from who waits for it; uid 0 may read these without any capability.
 */
static const char *const secrets[] = { "/proc/kcore", "/proc/kmsg",
	"/proc/keys", "/proc/kpagecount", "/proc/kpageflags",
	"/proc/kpagecgroup", "/proc/sysrq-trigger", "/proc/timer_list",
	"/proc/sched_debug", "/proc/vmallocinfo", "/sys/kernel/debug",
	"/sys/kernel/tracing", "/sys/firmware/efi/efivars", NULL };

/* What is seen at "path" now is a cover: a tmpfs, or an empty file of the job's own /dev. */
static int
is_cover(const char *path)
{
	struct stat st, dev;
	struct statfs fs;

	if (stat(path, &st) < 0 || stat("/dev", &dev) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return statfs(path, &fs) == 0 && fs.f_type == TMPFS_MAGIC &&
		    fs.f_files == COVER_INODES;
	return st.st_dev == dev.st_dev && st.st_size == 0;
}

/* Over "path", and seen to be there. */
static int
cover(const char *path)
{
	struct stat st, now;
	int failed;

	if (stat(path, &st) < 0)
		return 0;		/* beneath something already covered */
	if (S_ISDIR(st.st_mode))
		failed = mounts_tmpfs(path, ALL_FLAGS | MS_RDONLY,
		    COVER_OPTIONS) != 0;
	else
		failed = mount(DEV_EMPTY_FILE, path, NULL, MS_BIND, NULL) < 0 ||
		    mounts_restrict(path, MOUNT_ATTR_RDONLY |
		    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		    MOUNT_ATTR_NOEXEC) != 0;
	if (failed || !is_cover(path) || stat(path, &now) < 0 ||
	    (now.st_dev == st.st_dev && now.st_ino == st.st_ino)) {
		log_errno("path not hidden path=%s", path);
		return ERR_SYS;
	}
	return 0;
}

static int
private_proc(void)
{
	if (mount("proc", "/proc", "proc", ALL_FLAGS | MS_RDONLY, NULL) < 0) {
		log_errno("private proc not mounted");
		return ERR_SYS;
	}
	return 0;
}

int
mounts_apply(const struct mounts *m)
{
	char *const *path;
	size_t i;
	int r;

	if ((r = all_read_only()) != 0 || (r = private_dirs(m)) != 0 ||
	    (r = dev_private()) != 0 ||
	    (m->proc_private && (r = private_proc()) != 0))
		return r;
	for (i = 0; i < m->n; i++)
		if ((r = attach(&m->items[i])) != 0)
			return r;
	for (path = m->kernel; path != NULL && *path != NULL; path++)
		if ((r = mounts_restrict(*path, MOUNT_ATTR_RDONLY)) != 0)
			return r;
	for (path = m->hide; path != NULL && *path != NULL; path++)
		if ((r = cover(*path)) != 0)
			return r;
	for (i = 0; secrets[i] != NULL; i++)
		if ((r = cover(secrets[i])) != 0)
			return r;
	if ((r = dev_finish()) != 0)
		return r;
	return m->run_writable ? 0 : mounts_restrict("/run",
	    MOUNT_ATTR_RDONLY);
}

int
mounts_seen(struct seen *s)
{
	static const char *const own[] = { "/dev", "/proc", "/run", "/tmp",
		"/var/run", NULL };
	int r;

	if ((r = seen_list(s, (char *const *)(uintptr_t)own)) != 0)
		return r;
	return seen_list(s, (char *const *)(uintptr_t)secrets);
}

static int
all_covered(const char *const *list)
{
	struct stat st;

	for (; list != NULL && *list != NULL; list++)
		if (stat(*list, &st) == 0 && !is_cover(*list)) {
			log_error("path is no longer hidden path=%s", *list);
			return 0;
		}
	return 1;
}

int
mounts_watch(const struct mounts *m, int *events)
{
	*events = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (*events < 0) {
		log_errno("mountinfo of the view not opened");
		return ERR_SYS;
	}
	return all_covered((const char *const *)(uintptr_t)m->hide) &&
	    all_covered(secrets) ? 0 : ERR_SYS;
}
