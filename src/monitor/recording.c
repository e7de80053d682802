/* recording.c - a new recording file: created once, appended to, in place on disk before anything runs. */
#include "monitor/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

#define DIR_MODE	0750
#define FILE_MODE	0440

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
	int fd;

	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND |
	    O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0) {
		log_errno("recording not created name=%s", name);
		return errno == EEXIST ? ERR_CONFLICT : ERR_SYS;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 ||
	    fchown(fd, (uid_t)-1, gid) < 0 || fchmod(fd, FILE_MODE) < 0 ||
	    fsync(fd) < 0 || fsync(dir) < 0) {
		log_errno("recording not set up name=%s", name);
		close(fd);
		return ERR_SYS;
	}
	*out = fd;
	return 0;
}

int
recording_create(int dir, uint64_t session, int64_t at, gid_t gid, int *fd)
{
	char year[8], month[4], day[4], file[40];
	time_t day_of = (time_t)at;
	int fds[3] = { -1, -1, -1 };
	struct tm tm;
	int r;

	if (gmtime_r(&day_of, &tm) == NULL ||
	    strftime(year, sizeof(year), "%Y", &tm) == 0 ||
	    strftime(month, sizeof(month), "%m", &tm) == 0 ||
	    strftime(day, sizeof(day), "%d", &tm) == 0)
		return ERR_INTERNAL;
	snprintf(file, sizeof(file), "S%" PRIu64 ".skr", session);
	if ((r = enter(dir, year, gid, &fds[0])) == 0 &&
	    (r = enter(fds[0], month, gid, &fds[1])) == 0 &&
	    (r = enter(fds[1], day, gid, &fds[2])) == 0)
		r = create(fds[2], file, gid, fd);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
	fd_close(&fds[2]);
	return r;
}
