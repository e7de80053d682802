/*
 * words.c - the real sekisho behind a real ledger, one word after another,
 * its n-th allocation failing: it never dies of a signal, and when it says
 * that it succeeded, what it printed is what it prints without a fault.
 */
#include "tests/fault/gate.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "tests/fault/nomem.h"

#define CONST(s)	((char *)(uintptr_t)(s))
#define OUTPUT_MAX	(512U << 10)
#define WORDS_MAX	10
#define RUNS_MAX	100	/* of one word: verify asks a hundred thousand times */
#define DIED		-1	/* no WORD_EXIT came */

static const struct word {
	int		 auditor;	/* carol, else alice */
	int		 is_steady;	/* prints the same each time */
	int		 status;	/* without a fault */
	const char	*argv[WORDS_MAX];
} words[] = {
	{ 0, 1, 0, { "whoami" } },
	{ 0, 1, 0, { "request", "list", "--json" } },
	{ 0, 1, 0, { "request", "show", "R1" } },
	{ 0, 0, 0, { "request", "new", "--reason", "because", "--", "sed", "-i",
	    "s/a/c/", "f" } },
	{ 1, 1, 0, { "session", "show", "S1" } },
	{ 1, 1, 0, { "session", "list" } },
	{ 1, 1, 0, { "session", "text", "S1" } },
	{ 1, 1, 0, { "session", "export", "S1" } },
	{ 1, 1, 0, { "session", "replay", "S1", "--speed", "100" } },
	{ 1, 1, 0, { "review", "list", "--all" } },
	{ 1, 0, 0, { "review", "show", "J1" } },	/* says what it could not open */
	{ 1, 0, 0, { "audit", "log" } },
	{ 1, 0, 0, { "audit", "head" } },
	{ 1, 0, 3, { "verify" } },	/* no head was given */
};
#define NWORDS	(sizeof(words) / sizeof(words[0]))

/* One run of a word. */
struct run {
	struct chan	*control;
	pid_t		 pid;
	int		 io, err;
	char		*out;
	size_t		 nout;
	int		 status;
};

/* A channel to the ledger for this word alone. */
static int
bound(struct gate *g, struct person *p, int *fd)
{
	struct msg_bind b = { .user = CONST(p->name),
		.source = CONST("192.0.2.7:4711") };
	struct msg m;
	int r;

	if ((r = person_up(g, p)) != 0 ||
	    (r = chan_put_bind(p->monitor, ++g->call, &b, NULL, 0)) != 0 ||
	    (r = person_answer(g, p, &m)) != 0)
		return r;
	*fd = m.type == MSG_BOUND ? msg_take_fd(&m, 0) : -1;
	msg_done(&m);
	return *fd < 0 ? ERR_DENIED : 0;
}

static void
begin(struct gate *g, struct run *x, const struct word *w)
{
	struct person *p = w->auditor ? &g->carol : &g->alice;
	struct msg_word word = { .argv = (char **)(uintptr_t)w->argv,
		.user = CONST(p->name), .zone = CONST("UTC") };
	int mon[2], io[2], err[2], fds[3], fd = -1;

	if (chan_pair(mon) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, io) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, err) < 0)
		abort();
	fds[0] = mon[1];
	fds[1] = io[1];
	fds[2] = err[1];
	x->pid = spawn(g, WORD, fds, 3);
	close(mon[1]);
	close(io[1]);
	close(err[1]);
	x->io = io[0];
	x->err = err[0];
	x->control = chan_new(mon[0], (enum peer)(PEER_D | PEER_M), PEER_W);
	x->status = DIED;
	if (x->control == NULL || x->pid == 0 || bound(g, p, &fd) != 0)
		return;
	if (spawn_slice(g, WORD, x->control) == 0)
		(void)chan_put_word(x->control, 0, &word, &fd, 1);
	close(fd);
}

/* What it prints, until it is gone. */
static int
listen_to(struct gate *g, struct run *x)
{
	struct pollfd p[3] = { { .fd = x->io, .events = POLLIN },
		{ .fd = x->err, .events = POLLIN },
		{ .fd = chan_fd(x->control), .events = POLLIN } };
	struct msg_word_exit end;
	struct msg m;
	ssize_t n;
	int i, r;

	while (p[0].fd >= 0 || p[1].fd >= 0 || p[2].fd >= 0) {
		if (poll(p, 3, WAIT_MS) <= 0)
			return gate_wrong(g, "a word hangs");
		for (i = 0; i < 2; i++) {
			if (p[i].fd < 0 || p[i].revents == 0)
				continue;
			n = read(p[i].fd, x->out + x->nout,
			    OUTPUT_MAX - x->nout);
			if (n <= 0)
				p[i].fd = -1;
			else if (i == 0)
				x->nout += (size_t)n;
		}
		if (p[2].fd < 0 || p[2].revents == 0)
			continue;
		while ((r = chan_recv(x->control, &m)) == 0) {
			if (m.type == MSG_WORD_EXIT &&
			    msg_word_exit_get(m.body, &end) == 0)
				x->status = (int)end.status;
			msg_done(&m);
		}
		if (r != 1)
			p[2].fd = -1;
	}
	return 0;
}

static int
run_word(struct gate *g, struct run *x, const struct word *w)
{
	int r;

	x->nout = 0;
	begin(g, x, w);
	r = x->control == NULL ? -1 : listen_to(g, x);
	(void)spawn_reap(g, WORD, &x->pid);
	chan_free(x->control);
	fd_close(&x->io);
	fd_close(&x->err);
	return r != 0 || g->why[0] != '\0' ? -1 : 0;
}

/* The report of nomem.so, mapped here as well. */
static struct nomem_report *
report(const struct gate *g)
{
	int fd = open(g->report, O_RDWR | O_CLOEXEC);
	struct nomem_report *r;

	r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return r == MAP_FAILED ? NULL : r;
}

/* Both for a person to compare. */
static void
keep(const struct gate *g, const char *name, const struct run *x)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s.%s", g->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || fd_write_full(fd, x->out, x->nout) != 0)
		perror(path);
	fd_close(&fd);
}

/* How many allocations it asks for. */
static long
count(struct gate *g, const struct word *w, struct run *x,
    struct nomem_report *r)
{
	r->count = r->failed = 0;
	g->fault.n = "0";
	g->fault.start = g->starts[WORD] + 1;
	return run_word(g, x, w) != 0 ? 0 : r->count;
}

/* One word, each of its allocations ("stride": each so many-th), once or with all later ones. */
static int
sweep(struct gate *g, const struct word *w, struct run *x, struct run *good,
    const char *later)
{
	struct nomem_report *r = report(g);
	char n[32];
	long at, failed, step;

	if (r == NULL)
		return gate_wrong(g, "no report");
	if ((step = count(g, w, x, r) / RUNS_MAX) < g->words_stride)
		step = g->words_stride;
	for (at = 1 + g->words_from % step; g->why[0] == '\0'; at += step) {
		snprintf(n, sizeof(n), "%ld%s", at, later);
		r->count = r->failed = 0;
		g->fault.n = n;
		g->fault.start = g->starts[WORD] + 1;
		if (run_word(g, x, w) != 0)
			break;
		if ((failed = r->failed) == 0)
			break;		/* it has no so many */
		g->words_faults++;
		if (x->status == w->status && w->is_steady && (x->nout != good->nout ||
		    memcmp(x->out, good->out, x->nout) != 0)) {
			keep(g, "wanted", good);
			keep(g, "got", x);
			(void)gate_wrong(g, "%s %s, allocation %s: status 0 "
			    "with another output", w->argv[0], w->argv[1] ==
			    NULL ? "" : w->argv[1], n);
			break;
		}
	}
	if (g->why[0] != '\0')
		printf("at %s %s, allocation %s\n", w->argv[0],
		    w->argv[1] == NULL ? "" : w->argv[1], n);
	g->fault.start = 0;
	(void)munmap(r, sizeof(*r));
	return g->why[0] == '\0' ? 0 : -1;
}

int
words_sweep(struct gate *g)
{
	struct run x = { .io = -1 }, good = { .io = -1 };
	size_t i;
	int r = 0;

	x.out = malloc(OUTPUT_MAX);
	good.out = malloc(OUTPUT_MAX);
	if (x.out == NULL || good.out == NULL)
		abort();
	g->fault.program = WORD;
	g->fault.kind = "nomem";
	for (i = 0; i < NWORDS && r == 0; i++) {
		if (g->words_only != 0 && g->words_only != (long)i + 1)
			continue;
		if ((r = run_word(g, &good, &words[i])) != 0)
			break;
		if (good.status != words[i].status)
			r = gate_wrong(g, "%s: status %d without a fault",
			    words[i].argv[0], good.status);
		if (r == 0 && (r = sweep(g, &words[i], &x, &good, "")) == 0)
			r = sweep(g, &words[i], &x, &good, "+");
	}
	printf("points=%ld hits=%ld\n", g->words_faults, g->words_faults);
	free(x.out);
	free(good.out);
	return r;
}
