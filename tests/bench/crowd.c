/* crowd.c - see crowd.h.  Pipes join parent and clients: turns to log in, who is ready, go, results. */
#include "tests/bench/crowd.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOGINS_AT_ONCE	4	/* below the gate's and sshd's limits of unfinished logins */
#define QUIET_MS	60000	/* no byte for so long: the session is stuck */

struct plan {
	const struct client	*client;
	const char		*command;
	const char		*want;		/* what must come, NULL: nothing is sent */
	size_t			 want_len;
	bool			 has_pty;	/* of the client that is forked next */
	int			 turns[2], ready[2], go[2], result[2];
};

struct result {
	int64_t	bytes;		/* right ones, from the front */
	int	status;
	bool	is_right;
};

/* Until "ready" and the end of its line. */
static int
wait_ready(ssh_channel ch)
{
	char line[256];
	size_t have = 0;
	int n;

	while (have < sizeof(line) - 1) {
		n = ssh_channel_read_timeout(ch, line + have, 1, 0, QUIET_MS);
		if (n != 1)
			return -1;
		have++;
		if (line[have - 1] != '\n')
			continue;
		line[have] = '\0';
		if (strncmp(line, "ready", 5) == 0)
			return 0;
		have = 0;
	}
	return -1;
}

static void
take_all(const struct plan *p, ssh_channel ch, struct result *r)
{
	static char buf[65536];
	size_t at = 0;
	int n;

	r->is_right = true;
	while ((n = ssh_channel_read_timeout(ch, buf, sizeof(buf), 0,
	    QUIET_MS)) > 0) {
		if ((size_t)n > p->want_len - at ||
		    memcmp(buf, p->want + at, (size_t)n) != 0) {
			r->is_right = false;
			break;
		}
		at += (size_t)n;
	}
	r->bytes = (int64_t)at;
	if (at != p->want_len || n < 0)
		r->is_right = false;
	r->status = r->is_right ? ssh_channel_get_exit_status(ch) : -1;
}

/* One client, in its own process.  Never returns. */
static void
be_client(const struct plan *p)
{
	struct result r = { 0, -1, false };
	ssh_channel ch = NULL;
	ssh_session s;
	char turn, c = 1;
	bool is_up;

	close(p->go[1]);
	if (read(p->turns[0], &turn, 1) != 1)
		_exit(1);
	s = client_login(p->client, NULL);
	is_up = s != NULL &&
	    (ch = client_exec(s, p->command, p->has_pty)) != NULL &&
	    (p->want == NULL || wait_ready(ch) == 0);
	if (write(p->turns[1], &turn, 1) != 1)
		_exit(1);
	c = is_up ? 1 : 0;
	if (write(p->ready[1], &c, 1) != 1 || !is_up)
		_exit(1);
	(void)!read(p->go[0], &c, 1);		/* ends when the parent lets go */
	if (p->want != NULL) {
		ssh_channel_write(ch, "\n", 1);
		take_all(p, ch, &r);
	}
	(void)!write(p->result[1], &r, sizeof(r));
	client_end(s);
	_exit(0);
}

static int
pipes_open(struct plan *p)
{
	return pipe2(p->turns, O_CLOEXEC) == 0 && pipe2(p->ready, O_CLOEXEC) == 0 &&
	    pipe2(p->go, O_CLOEXEC) == 0 && pipe2(p->result, O_CLOEXEC) == 0 ? 0 : -1;
}

/* Starts "n" clients and waits until each is ready or has failed; how many are ready, -1 for none at all. */
static int
gather(struct plan *p, int n, bool has_ptys)
{
	char turn[LOGINS_AT_ONCE] = { 0 }, c;
	int i, held = 0;

	if (pipes_open(p) != 0)
		return -1;
	if (write(p->turns[1], turn, sizeof(turn)) != (ssize_t)sizeof(turn))
		return -1;
	fflush(stdout);
	for (i = 0; i < n; i++) {
		p->has_pty = has_ptys && (i % 2 == 0 || p->want == NULL);
		if (fork() == 0)
			be_client(p);
	}
	close(p->ready[1]);
	close(p->result[1]);
	for (i = 0; i < n && read(p->ready[0], &c, 1) == 1; i++)
		held += c;
	return held;
}

int
crowd_hold(const struct client *c, int n, const char *command)
{
	struct plan p = { .client = c, .command = command };
	int held;
	char byte;

	if ((held = gather(&p, n, true)) < 0)
		return n;
	printf("{\"held\": %d}\n", held);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	close(p.go[1]);
	while (wait(NULL) > 0)
		continue;
	return n - held;
}

static const char *
file_map(const char *path, size_t *len)
{
	struct stat st;
	void *m = MAP_FAILED;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		*len = (size_t)st.st_size;
		m = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	return m == MAP_FAILED ? NULL : m;
}

int
crowd_run(const struct client *c, int n, const char *command, const char *file,
    bool has_ptys)
{
	struct plan p = { .client = c, .command = command };
	struct result r;
	int64_t bytes = 0;
	int held, right = 0;
	double begun;

	if ((p.want = file_map(file, &p.want_len)) == NULL) {
		say_fail("crowd", "the file to compare with cannot be read");
		return n;
	}
	if ((held = gather(&p, n, has_ptys)) < 0)
		return n;
	begun = now_us();
	close(p.go[1]);
	while (read(p.result[0], &r, sizeof(r)) == (ssize_t)sizeof(r)) {
		bytes += r.bytes;
		right += r.is_right && r.status == 0 ? 1 : 0;
	}
	printf("{\"held\": %d, \"seconds\": %.3f, \"bytes\": %lld, "
	    "\"lost\": %lld, \"wrong\": %d}\n", held, (now_us() - begun) / 1e6,
	    (long long)bytes, (long long)p.want_len * n - (long long)bytes,
	    n - right);
	while (wait(NULL) > 0)
		continue;
	return n - right;
}
