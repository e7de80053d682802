/*
 * split.c - one rule per entry along the way to a hidden path.
 *
 * The mount that covers a file disappears in every namespace when somebody
 * renames a new file over it, as passwd(1) does with /etc/shadow, and
 * Landlock cannot subtract from "/".
 */
#include "launch/split.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"

int
split_is_beneath(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1)
		return 1;
	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

static int
is_skipped(const struct split *s, const char *path)
{
	char *const *k;

	for (k = s->skip; k != NULL && *k != NULL; k++)
		if (split_is_beneath(path, *k))
			return 1;
	return 0;
}

/* Nobody renames anything there, and new entries are what one looks for. */
static int
is_kernels(const char *path)
{
	static const char *const tops[] = { "/proc", "/sys", "/dev" };
	size_t i;

	for (i = 0; i < sizeof(tops) / sizeof(*tops); i++)
		if (split_is_beneath(path, tops[i]))
			return 1;
	return 0;
}

/* Is something hidden beneath "path" (1), or "path" itself (2)? */
static int
what_is_hidden(const struct split *s, const char *path)
{
	size_t n = strcmp(path, "/") == 0 ? 0 : strlen(path);
	char *const *h;
	int r = 0;

	if (is_skipped(s, path))
		return 2;
	for (h = s->hide; h != NULL && *h != NULL; h++) {
		if (strcmp(*h, path) == 0)
			return 2;
		if (strncmp(*h, path, n) == 0 && (*h)[n] == '/' &&
		    !is_kernels(*h))
			r = 1;
	}
	return r;
}

static int
allow_fd(const struct split *s, int fd, mode_t mode, uint64_t access)
{
	return landlock_allow_known(s->ruleset, fd, mode, access,
	    &s->features);
}

/* The name is hidden: what is seen there may be read if it is the cover. */
static int
allow_cover(const struct split *s, int fd)
{
	struct stat st;

	if (s->covers == 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_dev != s->covers)
		return 0;
	return allow_fd(s, fd, st.st_mode, LL_FS_READ_FILE);
}

static int walk(const struct split *s, int fd, const char *path,
    uint64_t access);

/*
 * "type" is what readdir(3) said, which spares a call for each of hundreds.
 * A file that is a directory by now gets less than it would have; of a
 * directory that is something else the kernel says so, and we look.
 */
static int
allow_entry(const struct split *s, int fd, unsigned char type, uint64_t access)
{
	struct stat st;
	int r;

	if (type == DT_REG)
		return allow_fd(s, fd, S_IFREG, access);
	if (type == DT_DIR &&
	    (r = allow_fd(s, fd, S_IFDIR, access)) != ERR_FORMAT)
		return r;
	/* Gone meanwhile; where a link leads to is another entry. */
	if (fstat(fd, &st) < 0 || S_ISLNK(st.st_mode))
		return 0;
	return allow_fd(s, fd, st.st_mode, access);
}

/* What may be walked into. */
static int
is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
entry(const struct split *s, int dir, const char *above,
    const struct dirent *e, uint64_t access)
{
	char path[PATH_MAX_LEN];
	int hidden, fd, r = 0;

	if (snprintf(path, sizeof(path), "%s/%s", strcmp(above, "/") == 0 ? "" :
	    above, e->d_name) >= (int)sizeof(path))
		return 0;		/* cannot be named: not granted */
	hidden = what_is_hidden(s, path);
	if (hidden == 2 && s->covers == 0)
		return 0;
	fd = openat(dir, e->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;		/* gone meanwhile */
	switch (hidden) {
	case 0:
		r = allow_entry(s, fd, e->d_type, access);
		break;
	case 1:
		if (is_dir(fd))
			r = walk(s, fd, path, access);
		break;
	default:
		r = allow_cover(s, fd);
	}
	close(fd);
	return r;
}

/* "fd": O_PATH of the directory "path", above something hidden. */
static int
walk(const struct split *s, int fd, const char *path, uint64_t access)
{
	struct dirent *e;
	DIR *d = NULL;
	int dir, r;

	if (s->seen != NULL && (r = seen_dir(s->seen, fd, path)) != 0)
		return r;
	dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || (d = fdopendir(dir)) == NULL) {
		log_errno("directory above a hidden path path=%s", path);
		fd_close(&dir);
		return ERR_SYS;
	}
	r = allow_fd(s, fd, S_IFDIR, access & LL_FS_READ_DIR);
	while (r == 0 && (e = readdir(d)) != NULL)
		if (e->d_type != DT_LNK && strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			r = entry(s, dir, path, e, access);
	closedir(d);
	return r;
}

int
split_allow(const struct split *s, const char *path, uint64_t access)
{
	char *real = realpath(path, NULL);
	struct stat st;
	int fd = -1, r = 0;

	if (real == NULL && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (real == NULL || (fd = open(real, O_PATH | O_CLOEXEC)) < 0 ||
	    fstat(fd, &st) < 0) {
		log_errno("path of the profile cannot be opened path=%s", path);
		fd_close(&fd);
		free(real);
		return ERR_SYS;
	}
	switch (what_is_hidden(s, real)) {
	case 0:
		r = allow_fd(s, fd, st.st_mode, access);
		break;
	case 1:
		r = walk(s, fd, real, access);
		break;
	default:
		r = allow_cover(s, fd);
	}
	close(fd);
	free(real);
	return r;
}

int
split_allow_cover(const struct split *s, const char *path)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), r;

	if (fd < 0)
		return 0;		/* beneath something covered */
	r = allow_cover(s, fd);
	close(fd);
	return r;
}
