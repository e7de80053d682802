/* recording.c - a new recording file: created once, appended to, in place on disk before anything runs. */
#include "monitor/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

#define DIR_MODE	0750
#define FILE_MODE	0440
#define PATH_ROOM	64

/* Group, mode and place on the disk; also of one whose maker died before this. */
static int
set_up(int dir, int fd, gid_t gid, int made)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (!made && st.st_gid == gid && (st.st_mode & 07777) == DIR_MODE)
		return 0;
	return fchown(fd, (uid_t)-1, gid) < 0 || fchmod(fd, DIR_MODE) < 0 ||
	    fsync(dir) < 0 ? -1 : 0;
}

/* Open "name" beneath "dir", made (and "dir" synced) when it is not there yet. */
static int
enter(int dir, const char *name, gid_t gid, int *out)
{
	int fd, made;

	made = mkdirat(dir, name, DIR_MODE) == 0;
	if (!made && errno != EEXIST) {
		log_errno("recording directory not made name=%s", name);
		return ERR_SYS;
	}
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		log_errno("recording directory not opened name=%s", name);
		return ERR_SYS;
	}
	if (set_up(dir, fd, gid, made) != 0) {
		log_errno("recording directory not set up name=%s", name);
		close(fd);
		return ERR_SYS;
	}
	*out = fd;
	return 0;
}

static int
create(int dir, const char *name, gid_t gid, int *out)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND |
	    O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0) {
		log_errno("recording not created name=%s", name);
		return errno == EEXIST ? ERR_CONFLICT : ERR_SYS;
	}
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0 ||
	    fchown(fd, (uid_t)-1, gid) < 0 || fchmod(fd, FILE_MODE) < 0) {
		log_errno("recording not set up name=%s", name);
		close(fd);
		return ERR_SYS;
	}
	*out = fd;
	return 0;
}

int
recording_day(const struct blob *uuid, int64_t *at)
{
	int64_t ms = 0;
	size_t i;

	if (uuid->n != UUID_LEN || uuid->p[6] >> 4 != 7)
		return ERR_FORMAT;
	for (i = 0; i < 6; i++)
		ms = ms << 8 | uuid->p[i];
	*at = ms / 1000;
	return 0;
}

/* YYYY/MM/DD/S<session>.skr: three directories, then the file. */
static int
make_path(char out[PATH_ROOM], uint64_t session, int64_t at)
{
	time_t day = (time_t)at;
	struct tm tm;
	size_t n;

	if (gmtime_r(&day, &tm) == NULL ||
	    (n = strftime(out, PATH_ROOM, "%Y/%m/%d", &tm)) == 0)
		return ERR_INTERNAL;
	snprintf(out + n, PATH_ROOM - n, "/S%" PRIu64 ".skr", session);
	return 0;
}

int
recording_create(int dir, uint64_t session, int64_t at, gid_t gid, int *fd,
    int *day)
{
	char path[PATH_ROOM], *name = path, *slash;
	int now = dir, below = -1, r;

	if ((r = make_path(path, session, at)) != 0)
		return r;
	while (r == 0 && (slash = strchr(name, '/')) != NULL) {
		*slash = '\0';
		r = enter(now, name, gid, &below);
		if (now != dir)
			close(now);
		now = below;		/* -1 when that failed */
		below = -1;
		name = slash + 1;
	}
	if (r == 0)
		r = create(now, name, gid, fd);
	if (r == 0)
		*day = now;
	else if (now != dir)
		fd_close(&now);
	return r;
}

/* One commit of the file system serves both. */
int
recording_settle(int fd, int day)
{
	if (fsync(fd) == 0 && fsync(day) == 0)
		return 0;
	log_errno("recording not synced");
	return ERR_SYS;
}

void
recording_drop_empty(int dir, uint64_t session, int64_t at)
{
	char path[PATH_ROOM];
	struct stat st;

	if (make_path(path, session, at) != 0 ||
	    fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode) || st.st_size != 0)
		return;
	if (unlinkat(dir, path, 0) < 0)
		log_errno("empty recording stays session=S%" PRIu64, session);
}
