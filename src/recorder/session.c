/* session.c - records, then relays. */
#include "recorder/session.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

_Static_assert(JOB_NOT_RUN == SKR_HOW_NOT_RUN && JOB_LOST == SKR_HOW_LOST,
    "FORMAT.md and msg.h number the ends alike");

/*
 * A client that is lost takes output and error output with it, one a moment
 * after the other; longer than this apart is no such moment.
 */
#define OUT_GONE_NS	INT64_C(1000000000)
#define PTY_EOF		"\x04"		/* VEOF: what a terminal sends at the end of input */

int
session_init(struct session *s, int monitor, int io, int err, int link)
{
	int r;

	memset(s, 0, sizeof(*s));
	s->state = SESSION_START;
	s->file = -1;
	seals_init(&s->seals);
	s->io = io;
	s->monitor = chan_new(monitor, PEER_R, (enum peer)(PEER_D | PEER_M));
	s->link = chan_new(link, PEER_R, PEER_X);
	if (s->monitor == NULL || s->link == NULL)
		return ERR_NOMEM;
	if ((r = relay_init(&s->in)) != 0 || (r = relay_init(&s->out)) != 0 ||
	    (r = relay_init(&s->err)) != 0)
		return r;
	s->err.sink = err;
	if ((s->out.sink = fcntl(io, F_DUPFD_CLOEXEC, 3)) < 0) {
		log_errno("dup failed");
		return ERR_SYS;
	}
	if (fd_set_nonblock(io, 1) != 0 || fd_set_nonblock(err, 1) != 0)
		return ERR_SYS;
	return 0;
}

void
session_close(struct session *s)
{
	relay_close(&s->in);
	relay_close(&s->out);
	relay_close(&s->err);
	seals_close(&s->seals);
	writer_free(s->writer);
	fd_close(&s->file);
	fd_close(&s->io);
	chan_free(s->link);
	chan_free(s->monitor);
	msg_rec_open_free(&s->open);
	msg_rec_end_free(&s->end);
}

int
session_record(struct session *s, uint8_t type, const void *p, size_t n)
{
	int r;

	r = writer_event(s->writer, clock_mono_ns(), type, p, n);
	if (r != 0)
		s->failed = 1;
	return r;
}

/* Text for a terminal in raw mode: every newline with its return. */
static int
make_lines(struct buf *b, const uint8_t *p, size_t n)
{
	size_t i;
	int r;

	for (i = 0; i < n; i++) {
		if (p[i] == '\n' && (i == 0 || p[i - 1] != '\r') &&
		    (r = buf_put_u8(b, '\r')) != 0)
			return r;
		if ((r = buf_put_u8(b, p[i])) != 0)
			return r;
	}
	return 0;
}

int
session_show(struct session *s, const void *p, size_t n)
{
	struct relay *to = s->pty ? &s->out : &s->err;
	struct buf *b = NULL;
	int r;

	if (n == 0)
		return 0;
	if (s->pty) {
		if ((b = buf_new(2 * (size_t)DATA_MAX)) == NULL)
			return ERR_NOMEM;
		if ((r = make_lines(b, p, n)) != 0)
			goto out;
		p = buf_data(b);
		n = buf_len(b);
	}
	if ((r = session_record(s, 'n', p, n)) != 0)
		goto out;
	if (relay_put(to, p, n) != 0)
		log_warn("notice recorded but not shown: client does not read");
	relay_write(to);
out:
	buf_free(b);
	return r;
}

int
session_wants(const struct session *s, const struct relay *r)
{
	if (r->source < 0)
		return 0;
	if (s->state == SESSION_OPEN)
		return s->has_pipes && relay_waiting(r) == 0;
	return s->state == SESSION_ENDING && r != &s->in &&
	    relay_room(r) >= RELAY_READ;
}

/* What is there now of output: recorded, then let go.  1 and ERR_CLOSED as relay_read() says. */
static int
relay_output(struct session *s, struct relay *r, uint8_t type)
{
	const uint8_t *p;
	size_t n;
	int e;

	if ((e = relay_read(r, &p, &n)) != 0)
		return e;
	if ((e = session_record(s, type, p, n)) != 0)
		return e;
	relay_commit(r, n);
	relay_write(r);
	if (r == &s->out)
		writer_hasten(s->writer, haste_judge(&s->haste,
		    n == RELAY_READ, relay_waiting(r) == 0));
	return 0;
}

/* Once: then the others have their turn, a key of the operator's among them. */
static int
take_output(struct session *s, struct relay *r, uint8_t type)
{
	int e = session_wants(s, r) ? relay_output(s, r, type) : 0;

	return e == 1 || e == ERR_CLOSED ? 0 : e;
}

/* As much as is there now and fits; the source is closed at its end. */
static int
drain_output(struct session *s, struct relay *r, uint8_t type)
{
	int e = 0;

	while (e == 0 && relay_room(r) >= RELAY_READ)
		e = relay_output(s, r, type);
	return e == 1 || e == ERR_CLOSED ? 0 : e;
}

int
session_drain(struct session *s)
{
	int r;

	if ((r = drain_output(s, &s->out, s->pty ? 'o' : '1')) != 0)
		return r;
	return drain_output(s, &s->err, '2');
}

static int
relay_input(struct session *s)
{
	struct relay *r = &s->in;
	const uint8_t *p;
	size_t n;
	int e;

	e = relay_read(r, &p, &n);
	if (e == 0) {
		if ((e = session_record(s, s->pty ? 'i' : '0', p, n)) != 0)
			return e;
		relay_commit(r, n);
	} else if (e == ERR_CLOSED && s->pty && r->sink >= 0) {
		if ((e = session_record(s, 'i', PTY_EOF, 1)) != 0)
			return e;
		(void)relay_put(r, PTY_EOF, 1);
	} else if (e != ERR_CLOSED)
		return e == 1 ? 0 : e;
	relay_write(r);
	return 0;
}

/*
 * The client closed its standard output and is still there: who writes more
 * gets SIGPIPE.  A client that is lost is the monitor's business: its command
 * may go on, and is recorded (on_disconnect).
 */
static int
end_unwanted(struct session *s)
{
	static const char text[] = "the client's standard output is closed";
	struct pollfd err = { .fd = s->err.sink };	/* asks for its end alone */
	int64_t now;

	if (s->state != SESSION_OPEN || s->pty || s->out.source < 0 ||
	    s->out.sink >= 0)
		return 0;
	now = clock_mono_ns();
	if (s->out_gone_ns == 0)
		s->out_gone_ns = now;
	if (now - s->out_gone_ns < OUT_GONE_NS || err.fd < 0 ||
	    poll(&err, 1, 0) != 0)
		return 0;
	fd_close(&s->out.source);
	return session_record(s, 'n', text, sizeof(text) - 1);
}

int
session_relay(struct session *s, const struct session_ready *ready)
{
	int r;

	relay_write(&s->out);
	relay_write(&s->err);
	relay_write(&s->in);
	if ((r = end_unwanted(s)) != 0)
		return r;
	if (ready->out && (r = take_output(s, &s->out, s->pty ? 'o' : '1')) != 0)
		return r;
	if (ready->err && (r = take_output(s, &s->err, '2')) != 0)
		return r;
	if (ready->in && session_wants(s, &s->in) &&
	    (r = relay_input(s)) != 0)
		return r;
	if (s->in.sink < 0)		/* the command reads no more: neither do we */
		fd_close(&s->in.source);
	if (s->in.source < 0 && relay_waiting(&s->in) == 0)
		fd_close(&s->in.sink);
	return 0;
}

/* Header and SEG are on disk: that is what REC_OPEN waits for. */
static int
opened(struct session *s)
{
	struct msg_rec_opened m = { 0 };
	struct writer_total t;
	int r;

	writer_total(s->writer, &t);
	m.header_digest.p = t.header_digest;
	m.header_digest.n = sizeof(t.header_digest);
	s->state = SESSION_OPEN;
	msg_rec_open_free(&s->open);
	r = chan_put_rec_opened(s->monitor, s->open_id, &m, NULL, 0);
	return r == ERR_CLOSED ? 0 : r;
}

/* Nothing has started: without keys nothing does. */
static int
check_header(struct session *s, int64_t now)
{
	if (writer_is_open(s->writer))
		return opened(s);
	if (s->seals.chan != NULL && now < s->until_ns)
		return 0;
	log_error("no seal for the header: %s", s->seals.chan == NULL ?
	    "the channel to the keys is closed" : "no answer");
	s->is_keys = 1;
	return ERR_TIMEOUT;
}

/* Too long without seals: the monitor ends the session, once told. */
static int
check_grace(struct session *s, int64_t now)
{
	int r;

	if (s->state != SESSION_OPEN || s->is_unsealed_told ||
	    s->seals.away_ns == 0 || now < s->seals.away_ns + s->grace_ns)
		return 0;
	s->is_unsealed_told = 1;
	log_error("no seal for longer than seal_grace");
	r = chan_put_rec_unsealed(s->monitor, 0, NULL, NULL, 0);
	return r == ERR_CLOSED ? 0 : r;
}

int
session_seals(struct session *s, int is_ready)
{
	int64_t now = clock_mono_ns();
	int r = 0;

	if (s->writer == NULL || s->state == SESSION_DONE)
		return 0;
	if (is_ready && (r = seals_hear(&s->seals, now)) != 0) {
		s->failed = 1;
		return r;
	}
	if (s->state == SESSION_HEADER && (r = check_header(s, now)) != 0)
		return r;
	seals_ask(&s->seals, now);
	return check_grace(s, now);
}
