/*
 * stopwatch.c - runs one program and says how long it took and whether its output was right, as one JSON object.
 * links:
 *
 *	stopwatch [-s SECONDS] [-i FILE] [-e FILE] PROGRAM [ARG ...]
 *
 * -e: the output must be the bytes of FILE, without it there must be none.
 * -i: standard input, otherwise /dev/null.  -s: killed after that (30).
 * {"us": from start to end, "first_us": from start to the first byte, -1 if
 * none came, "bytes": n, "is_right": bool, "status": n}; a death by signal has
 * 128 + its number.  Standard error is left alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"

#define BLOCK	(256 * 1024)

extern char **environ;

struct want {
	const char	*bytes;
	size_t		 len;
};

static int
want_open(struct want *w, const char *path)
{
	struct stat st;
	void *m;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 || fstat(fd, &st) != 0)
		return -1;
	w->len = (size_t)st.st_size;
	m = mmap(NULL, w->len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (m == MAP_FAILED)
		return -1;
	w->bytes = m;
	return 0;
}

/* In a group of its own, so that a program that hangs can be ended with all it started. */
static pid_t
start(char **argv, const char *input, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, input, O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	if (posix_spawnp(&pid, argv[0], &files, &attr, argv, environ) != 0)
		pid = -1;
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return pid;
}

/* Reads to the end; *first is when the first byte came. False: too late or other bytes. */
static bool
take(int fd, const struct want *w, int64_t until_ns, size_t *bytes,
    int64_t *first_ns)
{
	static char buf[BLOCK];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool is_right = true;
	int64_t left;
	ssize_t n;

	for (;;) {
		left = (until_ns - clock_mono_ns()) / 1000000;
		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			return false;
		if ((p.revents & (POLLIN | POLLHUP)) == 0)
			continue;
		if ((n = read(fd, buf, sizeof(buf))) < 0)
			return false;
		if (n == 0)
			return is_right && *bytes == w->len;
		if (*bytes == 0)
			*first_ns = clock_mono_ns();
		if (is_right && ((size_t)n > w->len - *bytes ||
		    memcmp(buf, w->bytes + *bytes, (size_t)n) != 0))
			is_right = false;
		*bytes += (size_t)n;
		if (!is_right && *bytes > w->len + BLOCK)
			return false;	/* it closes, and the program ends of that */
	}
}

/* The status a shell would show; whoever does not end in time is killed with all it started. */
static int
end(pid_t pid, bool is_late, int64_t until_ns)
{
	struct pollfd p = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	int64_t left = (until_ns - clock_mono_ns()) / 1000000;
	int status = 0;

	if (is_late || left <= 0 || poll(&p, 1, (int)left) <= 0)
		(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (p.fd >= 0)
		close(p.fd);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
	struct want want = { "", 0 };
	const char *input = "/dev/null";
	int64_t seconds = 30, begun, until, first = -1, took;
	int o, pipes[2], status;
	size_t bytes = 0;
	bool is_right;
	pid_t pid;

	while ((o = getopt(argc, argv, "+s:i:e:")) != -1) {
		if (o == 's' && num_parse(optarg, 1, 3600, &seconds) == 0)
			continue;
		if (o == 'i')
			input = optarg;
		else if (o != 'e' || want_open(&want, optarg) != 0) {
			fprintf(stderr, "usage: stopwatch [-s seconds] "
			    "[-i file] [-e file] program [arg ...]\n");
			return 64;
		}
	}
	if (optind == argc || pipe2(pipes, O_CLOEXEC) != 0)
		return 64;
	(void)fcntl(pipes[0], F_SETPIPE_SZ, BLOCK);
	begun = clock_mono_ns();
	until = begun + seconds * 1000000000;
	if ((pid = start(argv + optind, input, pipes[1])) < 0) {
		fprintf(stderr, "stopwatch: %s does not start\n", argv[optind]);
		return 69;
	}
	close(pipes[1]);
	is_right = take(pipes[0], &want, until, &bytes, &first);
	status = end(pid, clock_mono_ns() >= until, until);
	took = clock_mono_ns() - begun;
	printf("{\"us\": %.1f, \"first_us\": %.1f, \"bytes\": %zu, "
	    "\"is_right\": %s, \"status\": %d}\n", (double)took / 1e3,
	    first < 0 ? -1.0 : (double)(first - begun) / 1e3, bytes,
	    is_right ? "true" : "false", status);
	return 0;
}
