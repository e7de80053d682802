/* exe.c - the executable: found, hashed, and from then on unable to change. */
#include "launch/exe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "crypt/sha256.h"
#include "launch/copy.h"
#include "launch/elf.h"

/* Larger programs than this are not copied or hashed. */
#define EXE_MAX		(1ULL << 30)
#define SHEBANG_MAX	256	/* BINPRM_BUF_SIZE of the kernel */

void
exe_init(struct exe *e)
{
	memset(e, 0, sizeof(*e));
	e->fd = e->script_fd = -1;
}

void
exe_free(struct exe *e)
{
	fd_close(&e->fd);
	fd_close(&e->script_fd);
	free(e->path);
	free(e->shebang_arg);
	strv_free(e->needed);
	exe_init(e);
}

/* One step of a path: owned by root, not writable by group or others. */
static int
step_is_safe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == 0 &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

int
exe_path_is_safe(const char *real)
{
	char name[NAME_MAX + 1];
	const char *p = real, *end;
	int dir, next, safe;

	if (*p != '/' || (dir = open("/", O_PATH | O_CLOEXEC)) < 0)
		return 0;
	safe = step_is_safe(dir);
	while (safe && *(p += strspn(p, "/")) != '\0') {
		end = p + strcspn(p, "/");
		if ((size_t)(end - p) >= sizeof(name)) {
			safe = 0;
			break;
		}
		memcpy(name, p, (size_t)(end - p));
		name[end - p] = '\0';
		next = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		close(dir);
		dir = next;
		safe = dir >= 0 && step_is_safe(dir);
		p = end;
	}
	fd_close(&dir);
	return safe;
}

int
exe_shebang(const uint8_t *p, size_t n, char **interpreter, char **arg)
{
	char line[SHEBANG_MAX], *at, *end;

	if (n < 3 || p[0] != '#' || p[1] != '!')
		return ERR_FORMAT;
	n = n - 2 < sizeof(line) - 1 ? n - 2 : sizeof(line) - 1;
	memcpy(line, p + 2, n);
	line[n] = '\0';
	if ((end = strchr(line, '\n')) == NULL || strlen(line) < n - strlen(end))
		return ERR_FORMAT;
	*end = '\0';
	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	at = line + strspn(line, " \t");
	if (*at != '/')
		return ERR_FORMAT;
	end = at + strcspn(at, " \t");
	*arg = NULL;
	if (*end != '\0') {
		*end++ = '\0';
		end += strspn(end, " \t");
		if (*end != '\0' && (*arg = strdup(end)) == NULL)
			return ERR_NOMEM;
	}
	if ((*interpreter = strdup(at)) == NULL) {
		free(*arg);
		return ERR_NOMEM;
	}
	return 0;
}

/* Without symbolic links; NULL: logged. */
static char *
path_of(int fd)
{
	char link[64], real[PATH_MAX_LEN];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	if (n <= 0 || real[0] != '/') {
		log_errno("path of descriptor unknown");
		return NULL;
	}
	real[n] = '\0';
	return strdup(real);
}

/* Same file, not written since: what decides whether the hash still holds. */
static int
same_moment(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_size == b->stx_size &&
	    a->stx_dev_major == b->stx_dev_major &&
	    a->stx_dev_minor == b->stx_dev_minor &&
	    a->stx_ctime.tv_sec == b->stx_ctime.tv_sec &&
	    a->stx_ctime.tv_nsec == b->stx_ctime.tv_nsec;
}

/* Hash the file itself and see that it stood still meanwhile. */
static int
hash_in_place(struct exe *e, struct refusal *why)
{
	struct statx before, after;

	if (statx(e->fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &before) < 0 ||
	    sha256_fd(e->fd, EXE_MAX, e->digest) != 0 ||
	    statx(e->fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &after) < 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "%s cannot be read", e->path);
	if (!same_moment(&before, &after))
		return refuse(why, SEKISHO_CODE_CHANGED,
		    "%s was changed while it was checked", e->path);
	return 0;
}

/* A sealed copy takes the place of the file. */
static int
take_copy(struct exe *e, struct refusal *why)
{
	int copy = copy_sealed(e->fd, "sekisho-exe", EXE_MAX);

	if (copy < 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "%s cannot be copied", e->path);
	fd_close(&e->fd);
	e->fd = copy;
	e->is_copy = 1;
	return 0;
}

static int
hash_copy(struct exe *e, struct refusal *why)
{
	if (sha256_fd(e->fd, EXE_MAX, e->digest) != 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "%s cannot be read", e->path);
	return 0;
}

int
exe_hash(struct exe *e, const uint8_t *want, struct refusal *why)
{
	int r = 0;

	if (!e->is_hashed)
		r = e->is_copy ? hash_copy(e, why) : hash_in_place(e, why);
	if (r != 0)
		return r;
	e->is_hashed = 1;
	if (!sha256_equal(e->digest, want))
		return refuse(why, SEKISHO_CODE_CHANGED,
		    "%s is not the file that was approved", e->path);
	return 0;
}

/* What the kernel itself will open to run an ELF file or script: it must be as safe as a system file. */
static int
find_needed(struct exe *e, int fd, int depth, struct refusal *why)
{
	uint8_t head[SHEBANG_MAX];
	char *other = NULL, *arg = NULL, *real = NULL;
	ssize_t n = pread(fd, head, sizeof(head), 0);
	int next = -1, r;

	if (n < 4)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "%s is not a program", e->path);
	if (exe_shebang(head, (size_t)n, &other, &arg) == 0) {
		free(arg);
		if (depth > 0) {
			free(other);
			return refuse(why, SEKISHO_CODE_SANDBOX,
			    "the interpreter of %s is a script", e->path);
		}
	} else if (elf_loader(fd, &other) != 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "%s is neither an ELF program nor a script with an "
		    "absolute interpreter", e->path);
	if (other == NULL)
		return 0;		/* static */
	r = 0;
	if ((next = open(other, O_RDONLY | O_CLOEXEC | O_NOCTTY |
	    O_NONBLOCK)) < 0 || (real = path_of(next)) == NULL ||
	    !exe_path_is_safe(real))
		r = refuse(why, SEKISHO_CODE_SANDBOX, "%s needs %s, which is "
		    "missing or can be written by others", e->path, other);
	else if (strv_add(&e->needed, real) != 0)
		r = ERR_NOMEM;
	else if (depth == 0 && memcmp(head, "#!", 2) == 0)
		r = find_needed(e, next, 1, why);
	fd_close(&next);
	free(real);
	free(other);
	return r;
}

int
exe_open(struct exe *e, const char *path, const uint8_t *want,
    struct refusal *why)
{
	struct refusal other = { 0 };
	struct stat st;
	char magic[2] = { 0 };
	int r = 0;

	e->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (path[0] != '/' || e->fd < 0 || fstat(e->fd, &st) < 0)
		return refuse(why, SEKISHO_CODE_NOT_FOUND,
		    "executable %s cannot be opened", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "%s is not an executable file", path);
	if ((e->path = path_of(e->fd)) == NULL)
		return ERR_NOMEM;
	e->dev = st.st_dev;
	e->ino = st.st_ino;
	(void)!pread(e->fd, magic, sizeof(magic), 0);
	if ((magic[0] == '#' || !exe_path_is_safe(e->path)) &&
	    (r = take_copy(e, why)) != 0)
		return r;
	(void)!pread(e->fd, magic, sizeof(magic), 0);
	e->is_script = magic[0] == '#' && magic[1] == '!';
	if ((r = find_needed(e, e->fd, 0, &other)) == 0)
		return 0;
	/* other content is the reason then, whatever else is wrong with it */
	if (exe_hash(e, want, why) == 0)
		*why = other;
	return r;
}

int
exe_script(struct exe *e, const uint8_t *p, size_t n, struct refusal *why)
{
	char *interpreter = NULL, *real = NULL;
	int r = 0;

	if (e->is_script)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "the interpreter %s is itself a script", e->path);
	if (exe_shebang(p, n, &interpreter, &e->shebang_arg) == 0) {
		real = realpath(interpreter, NULL);
		if (real == NULL || strcmp(real, e->path) != 0)
			r = refuse(why, SEKISHO_CODE_CHANGED, "the script asks "
			    "for %s, approved is %s", interpreter, e->path);
	}
	free(real);
	free(interpreter);
	if (r != 0)
		return r;
	if ((e->script_fd = fd_sealed("sekisho-script", p, n, 0)) < 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "the script cannot be sealed");
	return 0;
}
