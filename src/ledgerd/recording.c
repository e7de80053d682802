/* recording.c - where a session's recording lies: computed from its id, never taken from a row. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "ledgerd/db.h"
#include "ledgerd/inside.h"
#include "ledgerd/verify.h"

/* Opened part by part beneath the directory, no link followed. */
static int
open_beneath(int dir, const char *path)
{
	char part[RECORDING_PATH];
	const char *slash;
	int at = dir, next;

	while ((slash = strchr(path, '/')) != NULL) {
		memcpy(part, path, (size_t)(slash - path));
		part[slash - path] = '\0';
		next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
		    O_CLOEXEC);
		if (at != dir)
			close(at);
		if ((at = next) < 0)
			return -1;
		path = slash + 1;
	}
	next = openat(at, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK | O_NOCTTY);
	if (at != dir)
		close(at);
	return next;
}

int
recording_open(const struct ledgerd *ld, const uint8_t uuid[UUID_LEN],
    uint64_t nr)
{
	char path[RECORDING_PATH];
	struct stat st;
	int fd;

	if (ld->recordings < 0)
		return -1;
	fd = open_beneath(ld->recordings, session_path(path, uuid, nr));
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		fd_close(&fd);
	return fd;
}

int
recording_open_path(const struct ledgerd *ld, const char *path)
{
	return ld->recordings < 0 ? -1 : open_beneath(ld->recordings, path);
}

int
recording_is_there(const struct ledgerd *ld, const uint8_t uuid[UUID_LEN],
    uint64_t nr)
{
	int fd = recording_open(ld, uuid, nr), is;
	struct stat st;

	is = fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0;
	fd_close(&fd);
	return is;
}
