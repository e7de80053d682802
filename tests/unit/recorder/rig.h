/*
 * rig.h - a real sekisho-record between a test that plays monitor, launcher, net, command and client.
 *
 * A child plays sekisho-keyd: it seals whatever it is asked for.  A test that
 * wants to be keyd itself calls rig_open_asked() with its own channel.
 */
#ifndef TESTS_RECORDER_RIG_H
#define TESTS_RECORDER_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "record/reader.h"
#include "recorder/recorder.h"
#include "tests/unit/seals.h"
#include "wire/chan.h"

#define RIG_UID		65534
#define RIG_WAIT_MS	20000
#define RIG_META	"{\"session\":\"S7\"}"
#define RIG_GRACE_S	30		/* seal_grace, unless g.grace_s says another */

struct rig {
	pid_t		 pid, keyd;
	uint32_t	 grace_s;
	struct chan	*monitor, *launcher;
	int		 io, err;		/* net's ends */
	int		 job_in, job_out, job_err;	/* the command's ends; pty: job_out is the slave */
	char		 dir[32], path[64], root[48];
};

static inline void
rig_child(int mon, int io, int err, int link)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	int at[4] = { mon, io, err, link }, i;

	(void)sigaction(SIGPIPE, &plain, NULL);
	for (i = 0; i < 4; i++)
		at[i] = fcntl(at[i], F_DUPFD, 100);
	for (i = 0; i < 4; i++)
		dup2(at[i], 3 + i);
	fd_close_from(7);
	/* past ASan's own end, which makes calls that are not on the list */
	syscall(SYS_exit_group, recorder_main());
}

/* The process and its channels; nothing has been said yet. */
static inline void
rig_spawn(struct rig *g)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int mon[2], link[2], io[2], err[2];

	memset(g, 0, sizeof(*g));
	g->grace_s = RIG_GRACE_S;
	g->job_in = g->job_out = g->job_err = -1;
	if (geteuid() != 0)
		skip();
	(void)sigaction(SIGPIPE, &ignore, NULL);	/* the recorder may go first */
	snprintf(g->dir, sizeof(g->dir), "/tmp/recorder.XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	snprintf(g->root, sizeof(g->root), "%s/empty", g->dir);
	assert_int_equal(mkdir(g->root, 0755), 0);
	snprintf(g->path, sizeof(g->path), "%s/S7.skr", g->dir);
	assert_int_equal(chan_pair(mon), 0);
	assert_int_equal(chan_pair(link), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    io), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    err), 0);
	g->pid = fork();
	assert_true(g->pid >= 0);
	if (g->pid == 0)
		rig_child(mon[1], io[1], err[1], link[1]);
	close(mon[1]);
	close(link[1]);
	close(io[1]);
	close(err[1]);
	g->io = io[0];
	g->err = err[0];
	g->monitor = chan_new(mon[0], (enum peer)(PEER_D | PEER_M), PEER_R);
	g->launcher = chan_new(link[0], PEER_X, PEER_R);
	assert_non_null(g->monitor);
	assert_non_null(g->launcher);
}

static inline void
rig_slice(struct rig *g)
{
	struct msg_slice_record mine = { .uid = RIG_UID, .gid = RIG_UID,
		.sync_ms = 200, .empty_dir = g->root,
		.seal_grace_s = g->grace_s };
	struct msg_slice slice = { 0 };
	struct buf *b = buf_new(4096);

	assert_int_equal(msg_slice_record_put(b, &mine), 0);
	slice.body.p = (uint8_t *)(uintptr_t)buf_data(b);
	slice.body.n = buf_len(b);
	assert_int_equal(chan_put_slice(g->monitor, 0, &slice, NULL, 0), 0);
	buf_free(b);
}

/* Gives it its slice, waits until it is confined and READY. */
static inline void
rig_ready(struct rig *g)
{
	struct msg m;

	rig_slice(g);
	assert_int_equal(chan_wait(g->monitor, &m, RIG_WAIT_MS), 0);
	assert_int_equal(m.type, MSG_READY);
	msg_done(&m);
}

static inline void
rig_start(struct rig *g)
{
	rig_spawn(g);
	rig_ready(g);
}

/* Waits for one message of the monitor's channel, whose body is left in "m". */
static inline void
rig_expect(struct rig *g, enum msg_type type, struct msg *m)
{
	assert_int_equal(chan_wait(g->monitor, m, RIG_WAIT_MS), 0);
	assert_int_equal(m->type, type);
}

static const uint8_t rig_uuid[SKR_UUID] = { 7 };

/* SEAL_BOUND, as keyd says it after SEAL_BIND; "later": another epoch. */
static inline void
rig_bound(struct chan *k, uint32_t later)
{
	struct header_epoch e = seals_epoch();
	struct msg_seal_bound b = { .epoch = e.nr + later,
		.start = e.start_ns, .public_key = { e.key, sizeof(e.key) } };
	int r;

	/* a recorder that gave up at once has not waited for it */
	r = chan_put_seal_bound(k, 0, &b, NULL, 0);
	assert_true(r == 0 || r == ERR_CLOSED);
}

/* One SEAL_SIGN. */
struct question {
	uint32_t	 id, epoch;
	unsigned int	 kind;
	uint8_t		 digest[SKR_DIGEST];
};

/* The next one, or what chan_wait() says. */
static inline int
rig_asked(struct chan *k, int wait_ms, struct question *q)
{
	struct msg_seal_sign s;
	struct msg m;
	int r;

	if ((r = chan_wait(k, &m, wait_ms)) != 0)
		return r;
	assert_int_equal(m.type, MSG_SEAL_SIGN);
	assert_int_equal(msg_seal_sign_get(m.body, &s), 0);
	assert_int_equal(s.digest.n, SKR_DIGEST);
	q->id = m.id;
	q->kind = s.kind;
	q->epoch = s.epoch;
	memcpy(q->digest, s.digest.p, SKR_DIGEST);
	msg_seal_sign_free(&s);
	msg_done(&m);
	return 0;
}

static inline void
rig_answer(struct chan *k, const struct question *q)
{
	struct msg_sealed a = { 0 };
	struct seal s;

	s = seals_make(q->kind, rig_uuid, q->digest, clock_mono_ns());
	a.epoch = q->kind == SEAL_HEAD ? q->epoch : s.epoch;
	a.at = s.time_ns;
	a.signature.p = s.signature;
	a.signature.n = sizeof(s.signature);
	assert_int_equal(chan_put_sealed(k, q->id, &a, NULL, 0), 0);
}

/* A channel for the recorder, keyd's end in *k. */
static inline int
rig_seal_channel(struct chan **k)
{
	int fds[2];

	assert_int_equal(chan_pair(fds), 0);
	*k = chan_new(fds[0], PEER_K, PEER_R);
	assert_non_null(*k);
	return fds[1];
}

/* Seals what it is asked for until the recorder goes; holds nothing but "fd". */
static inline void
rig_keyd_child(int fd)
{
	struct question q;
	struct chan *k;

	if (fd != 3)
		dup2(fd, 3);
	fd_close_from(4);
	k = chan_new(3, PEER_K, PEER_R);
	assert_non_null(k);
	rig_bound(k, 0);
	while (rig_asked(k, -1, &q) == 0)
		rig_answer(k, &q);
	_exit(0);
}

/* A keyd of its own; the recorder's end. */
static inline int
rig_keyd(struct rig *g)
{
	int fds[2];

	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(g->keyd, 0);
	g->keyd = fork();
	assert_true(g->keyd >= 0);
	if (g->keyd == 0)
		rig_keyd_child(fds[0]);
	close(fds[0]);
	return fds[1];
}

/* REC_OPEN with a new file in g->path and this seal channel, which is closed here. */
static inline void
rig_open_asked(struct rig *g, uint8_t pty, int seals)
{
	struct msg_rec_open o = { .session = 7, .pty = pty,
		.uuid = { (uint8_t *)(uintptr_t)rig_uuid, 16 },
		.meta = { (uint8_t *)(uintptr_t)RIG_META,
		    sizeof(RIG_META) - 1 } };
	int fds[2] = { open(g->path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL |
	    O_CLOEXEC, 0440), seals };

	assert_true(fds[0] >= 0);
	assert_int_equal(chan_put_rec_open(g->monitor, 1, &o, fds, 2), 0);
	close(fds[0]);
	close(seals);
}

/* The file is made in g->path. */
static inline void
rig_open(struct rig *g, uint8_t pty)
{
	struct msg m;

	rig_open_asked(g, pty, rig_keyd(g));
	rig_expect(g, MSG_REC_OPENED, &m);
	assert_int_equal(m.id, 1);
	msg_done(&m);
}

static inline void
rig_pipes(struct rig *g, int with_input)
{
	int in[2], out[2], err[2], fds[3];
	struct msg_pipes p = { .pty = 0 };
	size_t n = 0;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	if (with_input)
		fds[n++] = in[1];
	fds[n++] = out[0];
	fds[n++] = err[0];
	assert_int_equal(chan_put_pipes(g->launcher, 0, &p, fds, n), 0);
	close(in[1]);
	close(out[0]);
	close(err[0]);
	g->job_in = in[0];
	g->job_out = out[1];
	g->job_err = err[1];
}

static inline void
rig_send_end(struct rig *g, uint8_t how, uint32_t drain_ms)
{
	struct msg_rec_end e = { .how = how, .drain_ms = drain_ms };

	assert_int_equal(chan_put_rec_end(g->monitor, 9, &e, NULL, 0), 0);
}

static inline void
rig_ended(struct rig *g, struct msg_rec_ended *e)
{
	struct msg m;

	rig_expect(g, MSG_REC_ENDED, &m);
	assert_int_equal(m.id, 9);
	assert_int_equal(msg_rec_ended_get(m.body, e), 0);
	msg_done(&m);
}

/* Exactly "n" bytes must come within the time. */
static inline void
rig_read(int fd, uint8_t *p, size_t n)
{
	struct pollfd pf = { .fd = fd, .events = POLLIN };
	ssize_t got;

	while (n > 0) {
		assert_int_equal(poll(&pf, 1, RIG_WAIT_MS), 1);
		got = read(fd, p, n);
		assert_true(got > 0);
		p += got;
		n -= (size_t)got;
	}
}

static inline void
rig_expect_text(int fd, const char *text)
{
	uint8_t p[4096];

	assert_true(strlen(text) < sizeof(p));
	rig_read(fd, p, strlen(text));
	assert_memory_equal(p, text, strlen(text));
}

static inline void
rig_expect_eof(int fd)
{
	struct pollfd pf = { .fd = fd, .events = POLLIN };
	char c;

	assert_int_equal(poll(&pf, 1, RIG_WAIT_MS), 1);
	assert_int_equal(read(fd, &c, 1), 0);
}

/* How the process ended: its exit status, or 1000 + signal. */
static inline int
rig_wait(struct rig *g)
{
	int status;

	assert_int_equal(waitpid(g->pid, &status, 0), g->pid);
	g->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    1000 + WTERMSIG(status);
}

static inline void
rig_hang_up(struct rig *g)
{
	chan_free(g->monitor);
	g->monitor = NULL;
}

static inline void
rig_stop(struct rig *g)
{
	if (g->pid > 0) {
		kill(g->pid, SIGKILL);
		(void)rig_wait(g);
	}
	if (g->keyd > 0) {
		kill(g->keyd, SIGKILL);
		assert_int_equal(waitpid(g->keyd, NULL, 0), g->keyd);
		g->keyd = 0;
	}
	chan_free(g->monitor);
	chan_free(g->launcher);
	fd_close(&g->io);
	fd_close(&g->err);
	fd_close(&g->job_in);
	fd_close(&g->job_out);
	fd_close(&g->job_err);
	unlink(g->path);
	rmdir(g->root);
	rmdir(g->dir);
}

/* Everything of some event types in the recording, one behind the other. */
struct taken {
	const char	*types;
	uint8_t		*p;
	size_t		 n;
	struct reader_result result;
	int		 seals;		/* all of them good */
};

static inline int
take_event(void *arg, const struct reader_event *e)
{
	struct taken *t = arg;

	if (strchr(t->types, e->type) == NULL || e->n == 0)
		return 0;
	t->p = realloc(t->p, t->n + e->n);
	assert_non_null(t->p);
	memcpy(t->p + t->n, e->p, e->n);
	t->n += e->n;
	return 0;
}

static inline void
rig_take(struct rig *g, const char *types, struct taken *t)
{
	struct reader *r;
	int fd = open(g->path, O_RDONLY | O_CLOEXEC);

	memset(t, 0, sizeof(*t));
	t->types = types;
	assert_true(fd >= 0);
	assert_int_equal(reader_open(fd, &r), 0);
	reader_on_seal(r, seals_check, &t->seals);
	assert_int_equal(reader_each(r, take_event, t), 0);
	t->result = *reader_result(r);
	reader_free(r);
	close(fd);
}

static inline void
rig_recorded(struct rig *g, const char *types, const char *text,
    enum reader_state state)
{
	struct taken t;

	rig_take(g, types, &t);
	assert_int_equal(t.result.state, state);
	assert_int_equal(t.n, strlen(text));
	if (t.n > 0)
		assert_memory_equal(t.p, text, t.n);
	free(t.p);
}

/* Random, but the same each time for the same place in the stream. */
static inline void
rig_noise(uint8_t *p, size_t n, uint64_t *x)
{
	uint64_t word;
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		*x ^= *x << 13;
		*x ^= *x >> 7;
		*x ^= *x << 17;
		word = *x * UINT64_C(0x9e3779b97f4a7c15);
		memcpy(p + i, &word, 8);
	}
}

#endif
