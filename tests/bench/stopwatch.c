/*
 * stopwatch.c - runs one program and says how long it took and whether its output was right, as one JSON object.
 * links:
 *
 *	stopwatch [-ar] [-s SECONDS] [-i FILE] [-e FILE] PROGRAM [ARG ...]
 *
 * -r: output counts from behind its first line "ready", whatever stands before.
 * -e: the output must be the bytes of FILE, without it there must be none.
 * -a: any output is right.  -i: standard input, otherwise /dev/null.  -s: killed after that (30).
 * {"us": from start to end, "first_us": from start to the first byte (-r: to
 * "ready"), -1 if none came, "bytes": n, "is_right": bool, "status": n, "cpu_us": of
 * the program and its children}; a death by signal has 128 + its number.  Standard error is left alone; wrong output begins there.
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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"

#define BLOCK	(256 * 1024)
#define HEAD	200

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

struct output {
	const struct want	*want;
	bool			 is_on;		/* counting */
	bool			 is_any;
	bool			 is_right;
	size_t			 bytes;
	int64_t			 first_ns;	/* when counting began */
	char			 head[HEAD];	/* what came first, to tell when it was wrong */
	size_t			 head_len;
};

/* What of "n" bytes stands behind the line "ready"; NULL: it has not come yet. */
static const char *
behind_ready(const char *buf, size_t n)
{
	static const char *const lines[] = { "ready\n", "ready\r\n" };
	const char *p;
	size_t i;

	for (i = 0; i < 2; i++)
		if ((p = memmem(buf, n, lines[i], strlen(lines[i]))) != NULL)
			return p + strlen(lines[i]);
	return NULL;
}

static void
compare(struct output *o, const char *p, size_t n)
{
	if (o->is_any)
		;
	else if (n > o->want->len - o->bytes ||
	    memcmp(p, o->want->bytes + o->bytes, n) != 0)
		o->is_right = false;
	o->bytes += n;
}

/* Reads to the end.  False: too late, or so many other bytes that there is no use in going on. */
static bool
take(int fd, struct output *o, int64_t until_ns)
{
	static char buf[BLOCK];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	const char *from;
	int64_t left;
	size_t have = 0;	/* held back until "ready" */
	ssize_t n;

	for (;;) {
		left = (until_ns - clock_mono_ns()) / 1000000;
		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			return false;
		if ((p.revents & (POLLIN | POLLHUP)) == 0)
			continue;
		if ((n = read(fd, buf + have, sizeof(buf) - have)) < 0)
			return false;
		if (n == 0)
			return true;
		from = buf;
		if (o->head_len == 0) {
			o->head_len = (size_t)n < HEAD ? (size_t)n : HEAD;
			memcpy(o->head, buf, o->head_len);
		}
		if (!o->is_on && (from = behind_ready(buf,
		    have + (size_t)n)) == NULL) {
			have += (size_t)n;
			if (have == sizeof(buf))
				return false;
			continue;
		}
		if (o->first_ns < 0)
			o->first_ns = clock_mono_ns();
		if (o->is_right)
			compare(o, from, (size_t)(buf + have + n - from));
		o->is_on = true;
		have = 0;
	}
}

/* The status a shell would show; whoever does not end in time is killed with all it started. */
static int
end(pid_t pid, bool is_late, int64_t until_ns, struct rusage *used)
{
	struct pollfd p = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	int64_t left = (until_ns - clock_mono_ns()) / 1000000;
	int status = 0;

	if (is_late || left <= 0 || poll(&p, 1, (int)left) <= 0)
		(void)kill(-pid, SIGKILL);
	while (wait4(pid, &status, 0, used) < 0 && errno == EINTR)
		continue;
	if (p.fd >= 0)
		close(p.fd);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

static double
cpu_us(const struct rusage *r)
{
	return (double)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1e6 +
	    (double)(r->ru_utime.tv_usec + r->ru_stime.tv_usec);
}

static int
usage(void)
{
	fprintf(stderr, "usage: stopwatch [-ar] [-s seconds] [-i file] [-e file] "
	    "program [arg ...]\n");
	return 64;
}

int
main(int argc, char **argv)
{
	struct want want = { "", 0 };
	struct output out = { .want = &want, .is_on = true, .is_right = true,
	    .first_ns = -1 };
	const char *input = "/dev/null";
	int64_t seconds = 30, begun, until, took;
	int o, pipes[2], status;
	bool is_late, is_right;
	struct rusage used;
	pid_t pid;

	while ((o = getopt(argc, argv, "+ars:i:e:")) != -1)
		switch (o) {
		case 'a': out.is_any = true; break;
		case 'r': out.is_on = false; break;
		case 'i': input = optarg; break;
		case 'e':
			if (want_open(&want, optarg) != 0)
				return usage();
			break;
		case 's':
			if (num_parse(optarg, 1, 3600, &seconds) == 0)
				break;
			/* FALLTHROUGH */
		default: return usage();
		}
	if (optind == argc || pipe2(pipes, O_CLOEXEC) != 0)
		return usage();
	(void)fcntl(pipes[0], F_SETPIPE_SZ, BLOCK);
	begun = clock_mono_ns();
	until = begun + seconds * 1000000000;
	if ((pid = start(argv + optind, input, pipes[1])) < 0) {
		fprintf(stderr, "stopwatch: %s does not start\n", argv[optind]);
		return 69;
	}
	close(pipes[1]);
	is_late = !take(pipes[0], &out, until);
	status = end(pid, is_late, until, &used);
	took = clock_mono_ns() - begun;
	is_right = !is_late && out.is_right &&
	    (out.is_any || out.bytes == want.len);
	if (!is_right)
		fprintf(stderr, "%.*s", (int)out.head_len, out.head);
	printf("{\"us\": %.1f, \"first_us\": %.1f, \"bytes\": %zu, "
	    "\"is_right\": %s, \"status\": %d, \"cpu_us\": %.0f}\n", (double)took / 1e3,
	    out.first_ns < 0 ? -1.0 : (double)(out.first_ns - begun) / 1e3,
	    out.bytes, is_right ? "true" : "false", status,
	    cpu_us(&used));
	return 0;
}
