/* delegate.c - finds the delegated cgroup, and leaves it free of processes. */
#include "confine/delegate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"

#define ROOT		"/sys/fs/cgroup"
/* What systemd sets on a unit with Delegate=. */
#define DELEGATED	"trusted.delegate"

int
delegate_path(const char *text, char *path, size_t size)
{
	const char *line = strncmp(text, "0::/", 4) == 0 ? text :
	    strstr(text, "\n0::/");
	size_t n;

	if (line == NULL)
		return ERR_NOTFOUND;
	line += strcspn(line, "/");
	n = strcspn(line, "\n");
	if (n == 1)		/* "/": the root, which nobody delegates */
		n = 0;
	if (n >= size)
		return ERR_LIMIT;
	memcpy(path, line, n);
	path[n] = '\0';
	return 0;
}

static int
is_delegated(const char *path)
{
	char v[8];
	ssize_t n = getxattr(path, DELEGATED, v, sizeof(v));

	return n == 1 && v[0] == '1';
}

/* /proc/self/cgroup */
static int
own_text(char *text, size_t size)
{
	int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return ERR_SYS;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? ERR_SYS : 0;
}

int
delegate_open(int *is_inside)
{
	char text[PATH_MAX_LEN], own[PATH_MAX_LEN];
	char path[PATH_MAX_LEN + sizeof(ROOT)], *end;
	int up;

	if (own_text(text, sizeof(text)) != 0 ||
	    delegate_path(text, own, sizeof(own)) != 0)
		return -1;
	snprintf(path, sizeof(path), ROOT "%s", own);
	for (up = 0; up < 2; up++) {
		*is_inside = up == 0;
		if (is_delegated(path))
			return open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
		if ((end = strrchr(path, '/')) == NULL ||
		    (size_t)(end - path) < sizeof(ROOT))
			return -1;
		*end = '\0';
	}
	return -1;
}

/* "0" in cgroup.procs is the writer. */
static int
join(int dir)
{
	int fd = openat(dir, DELEGATE_GATE "/cgroup.procs",
	    O_WRONLY | O_CLOEXEC), done;

	if (fd < 0)
		return ERR_SYS;
	done = write(fd, "0", 1) == 1;
	close(fd);
	return done ? 0 : ERR_SYS;
}

int
delegate_move(void)
{
	int is_inside = 0, dir = delegate_open(&is_inside), r = 0;

	if (dir < 0 || !is_inside) {
		fd_close(&dir);
		return 0;
	}
	if ((mkdirat(dir, DELEGATE_GATE, 0755) < 0 && errno != EEXIST) ||
	    join(dir) != 0) {
		log_errno("the delegated cgroup cannot be used");
		r = ERR_SYS;
	}
	fd_close(&dir);
	return r;
}
