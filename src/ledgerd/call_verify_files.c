/* call_verify_files.c - heads, recordings and the names among them, to be read by whoever checks them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "ledgerd/verify.h"

#define NAMES		512	/* on one page */
#define PATH_SHOWN	200	/* of a name that is asked for; ours are 30 long */
#define DEPTH		8	/* directories within recordings that are looked into; ours are 3 */

/* Parts of [A-Za-z0-9._-] no longer than ours, none of them "." or "..": nothing outside of the directory. */
static int
is_path(const char *p)
{
	size_t n, depth = 0;

	if (strlen(p) > PATH_SHOWN)
		return 0;
	while (*p != '\0') {
		n = strspn(p, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
		if (n == 0 || n >= RECORDING_PATH || *p == '.' ||
		    ++depth > DEPTH)
			return 0;
		p += n;
		if (*p == '\0')
			return 1;
		if (*p++ != '/')
			return 0;
	}
	return 0;
}

static int
not_there(struct call *c, const char *what)
{
	return req_refuse(&c->why, SEKISHO_CODE_NOT_FOUND, "",
	    "there is no %s of this name", what);
}

/* What one directory holds from place "after" on: [[name, "dir" | "file" | "other"]..]. */
static int
list(struct call *c, int dir, long after)
{
	json_t *names = json_array();
	struct dirent *e = NULL;
	const char *kind;
	struct stat st;
	long next = after;
	DIR *d;

	if (names == NULL || (d = fdopendir(dir)) == NULL) {
		log_errno("directory cannot be read");
		close(dir);
		json_decref(names);
		return ERR_SYS;
	}
	if (after > 0)
		seekdir(d, after);
	while (json_array_size(names) < NAMES && (e = readdir(d)) != NULL) {
		next = telldir(d);
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		kind = fstatat(dirfd(d), e->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) < 0 ? "other" :
		    S_ISDIR(st.st_mode) ? "dir" : S_ISREG(st.st_mode) ?
		    "file" : "other";
		json_array_append_new(names, json_pack("[o, s]",
		    json_text(e->d_name), kind));
	}
	(void)closedir(d);
	c->more = e != NULL;
	c->reply = json_pack("{s:o, s:I}", "names", names, "next",
	    (json_int_t)next);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

int
call_verify_heads(struct call *c)
{
	static const char *const keys[] = { "name", "after", NULL };
	int dir = keys_dir(c->ld), fd, r;
	const char *name;
	int64_t after;

	if ((r = call_keys(c, keys)) != 0 || (r = verify_may(c)) != 0)
		return r;
	if (json_want_str(c->body, "name", "", &name) != 0 ||
	    (*name != '\0' && (!is_path(name) || strchr(name, '/') != NULL)))
		return call_bad(c, "name");
	if (json_want_int(c->body, "after", 0, 0, INT64_MAX, &after) != 0)
		return call_bad(c, "after");
	if (dir < 0)
		return not_there(c, "file of heads");
	if (*name == '\0') {
		fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return fd < 0 ? ERR_SYS : list(c, fd, (long)after);
	}
	c->fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK | O_NOCTTY);
	if (c->fd < 0)
		return not_there(c, "file of heads");
	return (c->reply = json_object()) == NULL ? ERR_NOMEM : 0;
}

int
call_verify_open(struct call *c)
{
	static const char *const keys[] = { "path", NULL };
	const char *path;
	struct stat st;
	int r;

	if ((r = call_keys(c, keys)) != 0 || (r = verify_may(c)) != 0)
		return r;
	if (json_want_str(c->body, "path", "", &path) != 0 || !is_path(path))
		return call_bad(c, "path");
	if (c->ld->recordings >= 0)
		c->fd = recording_open_path(c->ld, path);
	if (c->fd >= 0 && fstat(c->fd, &st) == 0 && S_ISREG(st.st_mode))
		return (c->reply = json_object()) == NULL ? ERR_NOMEM : 0;
	fd_close(&c->fd);
	/* that it is missing is an answer, not a refusal to be written down */
	c->reply = json_pack("{s:b}", "missing", 1);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

int
call_verify_files(struct call *c)
{
	static const char *const keys[] = { "dir", "after", NULL };
	const char *name;
	struct stat st;
	int64_t after;
	int fd, r;

	if ((r = call_keys(c, keys)) != 0 || (r = verify_may(c)) != 0)
		return r;
	if (json_want_str(c->body, "dir", "", &name) != 0 ||
	    (*name != '\0' && !is_path(name)))
		return call_bad(c, "dir");
	if (json_want_int(c->body, "after", 0, 0, INT64_MAX, &after) != 0)
		return call_bad(c, "after");
	if (c->ld->recordings < 0)
		return not_there(c, "directory");
	fd = *name == '\0' ? openat(c->ld->recordings, ".", O_RDONLY |
	    O_DIRECTORY | O_CLOEXEC) : recording_open_path(c->ld, name);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode)))
		fd_close(&fd);
	if (fd < 0)
		return not_there(c, "directory");
	return list(c, fd, (long)after);
}
