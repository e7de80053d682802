/* exe.c - finds, judges and hashes an executable. */
#include "request/exe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/fd.h"
#include "crypt/sha256.h"

#define SHOWN	256		/* bytes of a path in a refusal */

static int
no(struct req_refusal *why, enum sekisho_code code, const char *what,
    const char *path)
{
	char shown[SHOWN];

	return req_refuse(why, code, "help request",
	    "the executable %s %s", escape_to(shown, sizeof(shown), path,
	    strlen(path)), what);
}

/* Is "path" the directory "dir" or beneath it? */
static int
is_beneath(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return n > 0 && strncmp(path, dir, n) == 0 && path[n] == '/';
}

static int
is_allowed_place(const char *path, char *const *dirs)
{
	char real[PATH_MAX];
	size_t i;

	if (is_beneath(path, "/usr"))
		return 1;
	for (i = 0; dirs != NULL && dirs[i] != NULL; i++)
		if (realpath(dirs[i], real) != NULL && is_beneath(path, real))
			return 1;
	return 0;
}

/*
 * Could anybody but root put another file there?  A directory others may
 * write is sound only when sticky: then root's entries stay.
 */
static int
is_replaceable(const char *path)
{
	char dir[PATH_MAX];
	struct stat st;
	char *slash;

	(void)snprintf(dir, sizeof(dir), "%s", path);
	while ((slash = strrchr(dir, '/')) != NULL) {
		slash[slash == dir ? 1 : 0] = '\0';
		if (stat(dir, &st) < 0 || st.st_uid != 0)
			return 1;
		if ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0)
			return 1;
		if (slash == dir)
			return 0;
	}
	return 1;
}

/* Absolute path without links of the first match, into "real". */
static int
resolve(const char *word, char *const *dirs, char real[PATH_MAX],
    struct req_refusal *why)
{
	char path[PATH_MAX];
	const char *found;
	struct stat st;
	size_t i;

	if (strchr(word, '/') != NULL) {
		if (word[0] != '/')
			return no(why, SEKISHO_CODE_NOT_FOUND,
			    "must be given by its full path or its name alone",
			    word);
		found = strlen(word) < PATH_MAX ? realpath(word, real) : NULL;
		/* what is elsewhere is not told of, not even whether it is there */
		if (found != NULL ? !is_allowed_place(real, dirs) :
		    !is_allowed_place(word, dirs) ||
		    strstr(word, "/..") != NULL)
			return no(why, SEKISHO_CODE_NOT_ALLOWED,
			    "is outside /usr and the command directories", word);
		return found != NULL ? 0 : no(why, SEKISHO_CODE_NOT_FOUND,
		    "does not exist", word);
	}
	for (i = 0; dirs != NULL && dirs[i] != NULL; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", dirs[i], word) >=
		    (int)sizeof(path))
			continue;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		    (st.st_mode & 0111) != 0 && realpath(path, real) != NULL)
			return 0;
	}
	return no(why, SEKISHO_CODE_NOT_FOUND,
	    "is in none of the command directories", word);
}

static int
judge(const struct stat *st, const char *real, char *const *dirs,
    struct req_refusal *why)
{
	if (!is_allowed_place(real, dirs))	/* found by its name alone */
		return no(why, SEKISHO_CODE_NOT_ALLOWED,
		    "is outside /usr and the command directories", real);
	if (!S_ISREG(st->st_mode))
		return no(why, SEKISHO_CODE_NOT_ALLOWED,
		    "is not a regular file", real);
	if ((st->st_mode & 0111) == 0)
		return no(why, SEKISHO_CODE_NOT_ALLOWED,
		    "is not executable", real);
	if (st->st_uid != 0 || (st->st_mode & 022) != 0 ||
	    is_replaceable(real))
		return no(why, SEKISHO_CODE_NOT_ALLOWED,
		    "can be changed by others than root", real);
	if ((uint64_t)st->st_size > EXE_MAX)
		return no(why, SEKISHO_CODE_LIMIT,
		    "is larger than 512 MiB", real);
	return 0;
}

int
exe_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size && a->st_mode == b->st_mode &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int
exe_hash(void *arg, int fd, const struct stat *st, uint8_t digest[DIGEST_LEN])
{
	struct stat after;
	int r;

	(void)arg;
	if ((r = sha256_fd(fd, EXE_MAX, digest)) != 0)
		return r;
	return fstat(fd, &after) < 0 || !exe_is_same(st, &after) ?
	    ERR_CONFLICT : 0;
}

int
exe_find_with(const char *word, char *const *dirs, char **path,
    uint8_t digest[DIGEST_LEN], struct req_refusal *why, exe_hash_fn *hash,
    void *arg)
{
	char real[PATH_MAX] = "";
	struct stat st;
	int fd = -1, r;

	if ((r = resolve(word, dirs, real, why)) != 0)
		return r;
	/* a FIFO or device must not hold us up */
	fd = open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY);
	if (fd < 0)
		return no(why, SEKISHO_CODE_NOT_ALLOWED, errno == EACCES ?
		    "cannot be read by the gate, so it cannot be approved" :
		    "cannot be opened", real);
	if (fstat(fd, &st) < 0)
		r = no(why, SEKISHO_CODE_NOT_ALLOWED, "cannot be examined",
		    real);
	else if ((r = judge(&st, real, dirs, why)) == 0 &&
	    (r = hash(arg, fd, &st, digest)) == 0 &&
	    (*path = strdup(real)) == NULL)
		r = ERR_NOMEM;
	if (r == ERR_SYS || r == ERR_LIMIT)
		r = no(why, SEKISHO_CODE_NOT_ALLOWED, "cannot be read", real);
	if (r == ERR_CONFLICT)
		r = no(why, SEKISHO_CODE_CHANGED,
		    "was changed while it was read: try again", real);
	fd_close(&fd);
	return r;
}

int
exe_find(const char *word, char *const *dirs, char **path,
    uint8_t digest[DIGEST_LEN], struct req_refusal *why)
{
	return exe_find_with(word, dirs, path, digest, why, exe_hash, NULL);
}
