/* cgroup.c - a delegated cgroup v2 subtree is used, never taken. */
#include "launch/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "confine/delegate.h"

#define LEAF		"job-"

static int
write_file(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CLOEXEC), done;

	if (fd < 0)
		return 0;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* Leaves whose launcher was killed: its pid is in the name. */
static void
sweep(int base)
{
	int fd = fcntl(base, F_DUPFD_CLOEXEC, 3);
	struct dirent *e;
	int64_t pid;
	DIR *d;

	if (fd < 0 || (d = fdopendir(fd)) == NULL) {
		fd_close(&fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (strncmp(e->d_name, LEAF, strlen(LEAF)) == 0 &&
		    num_parse(e->d_name + strlen(LEAF), 1, INT32_MAX,
		    &pid) == 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
			(void)unlinkat(base, e->d_name, AT_REMOVEDIR);
	closedir(d);
}

static int
limit(int leaf, const char *name, uint64_t value)
{
	char text[24];

	if (value == 0)
		return 0;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return write_file(leaf, name, text);
}

void
cgroup_make(struct cgroup *c, int base, uint64_t nproc, uint64_t memory)
{
	*c = (struct cgroup){ .fd = -1, .base = base };
	if (base < 0)
		return;
	sweep(base);
	(void)write_file(base, "cgroup.subtree_control", "+pids");
	(void)write_file(base, "cgroup.subtree_control", "+memory");
	snprintf(c->name, sizeof(c->name), LEAF "%d", (int)getpid());
	if (mkdirat(base, c->name, 0755) < 0 || (c->fd = openat(base, c->name,
	    O_DIRECTORY | O_RDONLY | O_CLOEXEC)) < 0) {
		log_errno("no leaf in the delegated cgroup");
		cgroup_close(c);
		return;
	}
	/* The init is counted too. */
	c->pids = limit(c->fd, "pids.max", nproc == 0 ? 0 : nproc + 1);
	c->memory = limit(c->fd, "memory.max", memory);
	if (!c->pids && !c->memory)
		cgroup_close(c);
}

void
cgroup_open(struct cgroup *c, uint64_t nproc, uint64_t memory)
{
	int is_inside;

	cgroup_make(c, delegate_open(&is_inside), nproc, memory);
}

void
cgroup_close(struct cgroup *c)
{
	if (c->base >= 0 && c->name[0] != '\0' &&
	    unlinkat(c->base, c->name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		log_errno("leaf of the job stays name=%s", c->name);
	fd_close(&c->fd);
	fd_close(&c->base);
	*c = (struct cgroup){ .fd = -1, .base = -1 };
}
