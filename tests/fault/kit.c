/* kit.c - one recorded session: monitor, launcher, command and client around a real sekisho-record. */
#include "tests/fault/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"

#define CONST(s)	((char *)(uintptr_t)(s))
#define LINE		"first line of output\n"
#define NOTICE		"sekisho: a notice\n"
#define LAST		"last line\n"
#define MISSED_MS	2000

static int
stream_pair(int w[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, w);
}

int
kit_new(struct gate *g, const struct msg_order *o)
{
	int mon[2], io[2], err[2], link[2], fds[4];
	struct kit *k = calloc(1, sizeof(*k));
	struct msg m;
	int r;

	if (k == NULL || chan_pair(mon) != 0 || chan_pair(link) != 0 ||
	    stream_pair(io) < 0 || stream_pair(err) < 0)
		abort();
	g->kit = k;
	k->session = o->session;
	memcpy(k->uuid, o->uuid.p, UUID_LEN);
	k->meta = meta_of(o, &k->nmeta);
	fds[0] = mon[1];
	fds[1] = io[1];
	fds[2] = err[1];
	fds[3] = link[1];
	k->out = k->job_err = -1;
	k->pid = spawn(g, RECORD, fds, 4);
	for (r = 0; r < 4; r++)
		close(fds[r]);
	k->rec = chan_new(mon[0], (enum peer)(PEER_D | PEER_M), PEER_R);
	k->link = link[0];
	k->io = io[0];
	k->err = err[0];
	if (k->rec == NULL || k->pid == 0)
		abort();
	if ((r = spawn_slice(g, RECORD, k->rec)) != 0 ||
	    (r = gate_expect(g, k->rec, MSG_READY, 0, &m)) != 0)
		return r;
	msg_done(&m);
	fault_note_ready(g, RECORD);
	return 0;
}

void
kit_drop_empty(struct gate *g)
{
	const struct known_session *s = gate_session(g, g->kit->session);
	char path[160];
	struct stat st;

	if (g->kit->is_open)
		return;
	snprintf(path, sizeof(path), "%s/recordings/%s", g->dir, s->path);
	if (s->path[0] != '\0' && stat(path, &st) == 0 && st.st_size == 0)
		(void)unlink(path);
}

void
kit_free(struct gate *g)
{
	struct kit *k = g->kit;

	if (k == NULL)
		return;
	g->kit = NULL;
	chan_free(k->rec);		/* the end of it is the recorder's, too */
	fd_close(&k->link);
	fd_close(&k->io);
	fd_close(&k->err);
	fd_close(&k->out);
	fd_close(&k->job_err);
	(void)spawn_reap(g, RECORD, &k->pid);
	msg_rec_ended_free(&k->ended);
	free(k->meta);
	free(k);
}

/* A channel of keyd, bound to this session: the first words on it are ours. */
static int
bound_channel(struct gate *g, int *fd)
{
	struct msg_seal_bind b = { .session = g->kit->session,
		.uuid = { g->kit->uuid, UUID_LEN } };
	struct chan *c;
	int seals, r;

	if ((r = gate_seal_channel(g, g->kit->session, NULL, &seals)) != 0)
		return r;
	if ((*fd = fcntl(seals, F_DUPFD_CLOEXEC, 0)) < 0)
		abort();
	if ((c = chan_new(seals, PEER_M, PEER_K)) == NULL)
		abort();
	r = chan_put_seal_bind(c, 0, &b, NULL, 0);
	chan_free(c);
	if (r != 0)
		fd_close(fd);
	return r;
}

void
kit_seals(struct gate *g)
{
	int fd;

	if (g->kit == NULL || !g->kit->is_asked || g->kit->is_ended ||
	    bound_channel(g, &fd) != 0)
		return;
	(void)chan_put_rec_seals(g->kit->rec, 0, NULL, &fd, 1);
	close(fd);
}

/* One step down, made as the monitor makes it. */
static int
enter(int dir, const char *name)
{
	int fd;

	(void)mkdirat(dir, name, 0750);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fchown(fd, (uid_t)-1, LED_ID) < 0 ||
	    fchmod(fd, 0750) < 0)
		abort();
	close(dir);
	return fd;
}

/* recordings/YYYY/MM/DD/S1.skr by the time in the UUIDv7. */
static int
create(struct gate *g)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct known_session *s = gate_session(g, g->kit->session);
	char path[128], year[8], month[4], day[4], name[32];
	uint64_t ms = 0;
	struct tm tm;
	time_t at;
	int fd, i;

	for (i = 0; i < 6; i++)
		ms = ms << 8 | g->kit->uuid[i];
	at = (time_t)(ms / 1000);
	if (gmtime_r(&at, &tm) == NULL ||
	    strftime(year, sizeof(year), "%Y", &tm) == 0 ||
	    strftime(month, sizeof(month), "%m", &tm) == 0 ||
	    strftime(day, sizeof(day), "%d", &tm) == 0)
		abort();
	snprintf(path, sizeof(path), "%s/recordings", g->dir);
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		abort();
	fd = enter(enter(enter(fd, year), month), day);
	snprintf(name, sizeof(name), "S%" PRIu64 ".skr", g->kit->session);
	snprintf(s->path, sizeof(s->path), "%s/%s/%s/%s", year, month, day,
	    name);
	i = openat(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND |
	    O_CLOEXEC, 0440);
	close(fd);
	if (i < 0 || fchown(i, (uid_t)-1, LED_ID) < 0 ||
	    fchmod(i, 0440) < 0 || fcntl(i, F_OFD_SETLK, &lock) < 0)
		abort();
	return i;
}

/* The answer of the recorder; REC_UNSEALED may come at any time. */
static int
answer(struct gate *g, enum msg_type want, struct msg *m)
{
	int r;

	while ((r = gate_wait(g, g->kit->rec, m)) == 0) {
		if (m->type == want)
			return 0;
		if (m->type == MSG_REC_UNSEALED)
			g->kit->is_unsealed = 1;
		else if (m->type == MSG_REC_FAILED)
			r = ERR_SYS;
		else
			r = gate_wrong(g, "recorder said %s",
			    msg_name(m->type));
		msg_done(m);
		if (r != 0)
			return r;
	}
	return r;
}

int
kit_open(struct gate *g, uint8_t *header)
{
	struct msg_rec_open open = { .session = g->kit->session,
		.uuid = { g->kit->uuid, UUID_LEN },
		.meta = { (uint8_t *)g->kit->meta, g->kit->nmeta } };
	struct msg_rec_opened opened;
	struct msg m;
	int fds[2], r;

	if ((r = bound_channel(g, &fds[1])) != 0)
		return r;
	fds[0] = create(g);
	r = chan_put_rec_open(g->kit->rec, ++g->call, &open, fds, 2);
	close(fds[0]);
	close(fds[1]);
	if (r != 0)
		return r;
	g->kit->is_asked = 1;
	if ((r = answer(g, MSG_REC_OPENED, &m)) != 0)
		return r;
	if (msg_rec_opened_get(m.body, &opened) != 0 ||
	    opened.header_digest.n != DIGEST_LEN)
		r = gate_wrong(g, "REC_OPENED cannot be read");
	else
		memcpy(header, opened.header_digest.p, DIGEST_LEN);
	g->kit->is_open = r == 0;
	msg_rec_opened_free(&opened);
	msg_done(&m);
	return r;
}

/*
 * What the client gets: "n" bytes must come, or the recorder is gone, or its
 * fault hit the write to the client, whom it then believes to be away.
 */
static int
see(struct gate *g, struct known_session *s, int fd, size_t n, int is_output)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
		{ .fd = chan_fd(g->kit->rec), .events = POLLIN } };
	int may_miss = g->fault.program == RECORD &&
	    g->starts[RECORD] == g->fault.start;
	char text[256];
	ssize_t got;

	while (n > 0) {
		if (poll(p, 2, may_miss ? MISSED_MS : WAIT_MS) <= 0)
			return may_miss ? ERR_TIMEOUT :
			    gate_wrong(g, "no output comes");
		if (p[0].revents == 0)
			return ERR_CLOSED;	/* something else to hear */
		got = read(fd, text, n < sizeof(text) ? n : sizeof(text));
		if (got <= 0)
			return ERR_CLOSED;
		n -= (size_t)got;
		if (!is_output)
			continue;
		s->seen = realloc(s->seen, s->nseen + (size_t)got);
		if (s->seen == NULL)
			abort();
		memcpy(s->seen + s->nseen, text, (size_t)got);
		s->nseen += (size_t)got;
	}
	return 0;
}

/* The launcher gives the command's ends to the recorder. */
static int
give_pipes(struct kit *k)
{
	struct msg_pipes p = { .pty = 0 };
	int out[2], err[2], fds[2], r;
	struct chan *c;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 ||
	    (c = chan_new(fcntl(k->link, F_DUPFD_CLOEXEC, 0), PEER_X,
	    PEER_R)) == NULL)
		abort();
	fds[0] = out[0];
	fds[1] = err[0];
	r = chan_put_pipes(c, 0, &p, fds, 2);
	chan_free(c);
	close(out[0]);
	close(err[0]);
	k->out = out[1];
	k->job_err = err[1];
	return r;
}

static int
say(int fd, const char *text)
{
	size_t n = strlen(text);

	return write(fd, text, n) == (ssize_t)n ? 0 : ERR_CLOSED;
}

int
kit_play(struct gate *g)
{
	struct known_session *s = gate_session(g, g->kit->session);
	struct msg_rec_notice n = { .show = 1, .text = {
	    (uint8_t *)CONST(NOTICE), sizeof(NOTICE) - 1 } };
	struct kit *k = g->kit;
	int r;

	if ((r = give_pipes(k)) != 0 || (r = say(k->out, LINE)) != 0 ||
	    (r = see(g, s, k->io, sizeof(LINE) - 1, 1)) != 0 ||
	    (r = chan_put_rec_notice(k->rec, 0, &n, NULL, 0)) != 0 ||
	    (r = see(g, s, k->err, sizeof(NOTICE) - 1, 0)) != 0)
		return r;
	if (g->pause_ms > 0 && g->nsessions == 1) {		/* a checkpoint becomes due */
		int64_t until = clock_mono_ms() + g->pause_ms;

		while (clock_mono_ms() < until)
			if (gate_turn(g, 20) != 0)
				return ERR_INTERNAL;
	}
	if ((r = say(k->out, LAST)) == 0)
		r = see(g, s, k->io, sizeof(LAST) - 1, 1);
	fd_close(&k->out);
	fd_close(&k->job_err);
	return r;
}

int
kit_end(struct gate *g, uint8_t how)
{
	struct msg_rec_end e = { .how = how, .drain_ms = 2000 };
	struct msg m;
	int r;

	if ((r = chan_put_rec_end(g->kit->rec, 0, &e, NULL, 0)) != 0 ||
	    (r = answer(g, MSG_REC_ENDED, &m)) != 0)
		return r;
	if (msg_rec_ended_get(m.body, &g->kit->ended) != 0)
		r = gate_wrong(g, "REC_ENDED cannot be read");
	else
		g->kit->is_ended = 1;
	msg_done(&m);
	return r;
}
