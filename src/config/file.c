/* file.c - reads configuration files after checking who can write them. */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"

#define OTHERS	(S_IWGRP | S_IWOTH)

static int
check_owner(const char *path, const struct stat *st, int is_top,
    struct conf_error *e)
{
	if (st->st_uid != 0)
		return conf_fail(e, path, 0, "expected root as owner, found "
		    "uid %u", (unsigned int)st->st_uid);
	if ((st->st_mode & OTHERS) == 0)
		return 0;
	if (!is_top && S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0)
		return 0;
	return conf_fail(e, path, 0, "expected to be writable by root only, "
	    "found mode %04o", (unsigned int)(st->st_mode & 07777));
}

int
conf_path_trusted(const char *path, struct conf_error *e)
{
	char real[PATH_MAX], *slash;
	struct stat st;
	int r, is_top = 1, is_file;

	if (realpath(path, real) == NULL)
		return conf_fail(e, path, 0, "expected a file that can be "
		    "read, found: %s", strerrordesc_np(errno));
	for (;;) {
		if (lstat(real, &st) < 0)
			return conf_fail(e, real, 0, "cannot be looked at: %s",
			    strerrordesc_np(errno));
		is_file = is_top && !S_ISDIR(st.st_mode);
		if ((r = check_owner(real, &st, is_top, e)) != 0)
			return r;
		if (strcmp(real, "/") == 0)
			return 0;
		/* The directory that holds the file counts as much as the file. */
		is_top = is_file;
		slash = strrchr(real, '/');
		slash[slash == real ? 1 : 0] = '\0';
	}
}

int
conf_file_read(const char *path, char **text, size_t *n, struct conf_error *e)
{
	struct stat st;
	uint8_t *bytes = NULL;
	int fd, r;

	if ((r = conf_path_trusted(path, e)) != 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return conf_fail(e, path, 0, "expected a file that can be "
		    "read, found: %s", strerrordesc_np(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		r = conf_fail(e, path, 0, "expected a regular file");
	else if ((r = check_owner(path, &st, 1, e)) == 0 &&
	    (r = fd_read_all(fd, CONF_FILE_MAX, &bytes, n)) != 0)
		r = conf_fail(e, path, 0, "expected at most %d bytes",
		    CONF_FILE_MAX);
	fd_close(&fd);
	if (r == 0)
		*text = (char *)bytes;	/* fd_read_all() put a NUL behind */
	return r;
}
