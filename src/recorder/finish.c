/* finish.c - how a session's recording ends: in order, alone, or on a full disk. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "recorder/session.h"

#define FULL_WAIT_NS	INT64_C(5000000000)	/* for REC_END: a command is killed in that time */

static void
shut(struct relay *r, int *is_shut)
{
	if (*is_shut || relay_waiting(r) > 0)
		return;
	if (r->sink >= 0 && shutdown(r->sink, SHUT_WR) != 0)
		log_errno("shutdown failed");
	*is_shut = 1;
}

/* Event x; END then waits for its seal, but not for ever. */
static int
begin_end(struct session *s, const struct writer_end *e)
{
	int64_t now = clock_mono_ns();
	int r;

	if ((r = writer_end(s->writer, now, e)) != 0) {
		s->failed = 1;
		s->status = SESSION_EXIT_RECORD;
		return r;
	}
	s->state = SESSION_LAST;
	s->until_ns = now + s->grace_ns;
	seals_ask(&s->seals, now);
	return 0;
}

/* END is on disk: the answer. */
static int
ended(struct session *s)
{
	struct msg_rec_ended m = { 0 };
	struct writer_total t;
	int r;

	s->state = SESSION_DONE;
	seals_close(&s->seals);
	if (s->monitor == NULL || !s->has_end)
		return 0;
	writer_total(s->writer, &t);
	m.in_bytes = t.in_bytes;
	m.out_bytes = t.out_bytes;
	m.err_bytes = t.err_bytes;
	m.duration_ms = t.duration_ns / 1000000;
	m.file_bytes = t.file_bytes;
	m.chain.p = t.chain;
	m.chain.n = sizeof(t.chain);
	m.is_sealed = t.is_sealed != 0;
	r = chan_put_rec_ended(s->monitor, s->end_id, &m, NULL, 0);
	return r == ERR_CLOSED ? 0 : r;
}

/* What the command still had to say, then its end. */
static int
drained(struct session *s)
{
	static const char late[] = "output was not drained in time";
	struct writer_end e = { .how = s->end.how, .status = s->end.status,
		.signal = s->end.signal, .reason = s->end.reason };
	int r;

	if ((r = session_drain(s)) != 0)
		return r;
	if (s->out.source >= 0 || s->err.source >= 0) {
		log_warn("%s", late);
		if ((r = session_record(s, 'n', late, sizeof(late) - 1)) != 0)
			return r;
	}
	fd_close(&s->out.source);
	fd_close(&s->err.source);
	return begin_end(s, &e);
}

/* The last words on a full disk: why, and how it ended when that is known. */
static int
full_end(struct session *s)
{
	char reason[SKR_REASON_MAX];
	struct writer_end e = { .how = SKR_HOW_RECORD, .signal = "",
		.reason = reason, .is_unknown = !s->has_end ||
		s->end.how == JOB_NOT_RUN || s->end.how == JOB_LOST };
	int r;

	snprintf(reason, sizeof(reason), "the recording failed: %s",
	    writer_why(s->writer));
	if (!e.is_unknown) {
		e.status = s->end.status;
		e.signal = s->end.signal;
	}
	r = writer_last_note(s->writer, clock_mono_ns(), reason);
	if (r == 0)
		r = begin_end(s, &e);
	if (r != 0)
		s->failed = 1;
	return r;
}

static int
check_last(struct session *s, int64_t now)
{
	int r;

	/* nobody is left to bring another channel to the keys */
	int is_alone = s->monitor == NULL && s->seals.chan == NULL;

	if (!writer_is_ended(s->writer)) {
		if (now < s->until_ns && !is_alone)
			return 0;
		log_error("END stands without a seal");
		if ((r = writer_end_unsealed(s->writer, now)) != 0) {
			s->failed = 1;
			return r;
		}
	}
	return ended(s);
}

static int
is_drained(const struct session *s, int64_t now)
{
	return (s->out.source < 0 && s->err.source < 0) ||
	    now >= s->drain_until_ns;
}

int
session_progress(struct session *s)
{
	int64_t now = clock_mono_ns();
	int r = 0;

	if (s->state == SESSION_ENDING && is_drained(s, now))
		r = drained(s);
	else if (s->state == SESSION_FULL && (s->has_end ||
	    s->monitor == NULL || now >= s->until_ns))
		r = full_end(s);
	if (r == 0 && s->state == SESSION_LAST)
		r = check_last(s, now);
	if (r != 0)
		return r;
	/* notices go to "out" with a terminal, to "err" without, until the end */
	if (s->state == SESSION_DONE ||
	    (s->has_pipes && !s->pty && s->out.source < 0))
		shut(&s->out, &s->is_out_shut);
	if (s->state == SESSION_DONE)
		shut(&s->err, &s->is_err_shut);
	return 0;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int
session_due_ms(const struct session *s, int64_t now_ns)
{
	int64_t due = INT64_MAX;
	int ms = -1;

	if (s->state == SESSION_ENDING)
		due = s->drain_until_ns;
	if ((s->state & (SESSION_HEADER | SESSION_FULL | SESSION_LAST)) != 0)
		due = s->until_ns;
	if (s->state == SESSION_OPEN && s->seals.away_ns != 0 &&
	    !s->is_unsealed_told)
		due = earlier(due, s->seals.away_ns + s->grace_ns);
	if ((s->state & (SESSION_OPEN | SESSION_ENDING)) != 0)
		ms = writer_due_ms(s->writer, now_ns);
	if (due == INT64_MAX)
		return ms;
	due = due <= now_ns ? 0 : (due - now_ns) / 1000000 + 1;
	return ms < 0 || due < ms ? (int)due : ms;
}

/* No byte goes anywhere any more. */
static void
let_go(struct session *s)
{
	fd_close(&s->io);
	fd_close(&s->in.source);
	fd_close(&s->in.sink);
	fd_close(&s->out.source);
	fd_close(&s->out.sink);
	fd_close(&s->err.source);
	fd_close(&s->err.sink);
	s->in.off = s->in.end = 0;
	s->out.off = s->out.end = 0;
	s->err.off = s->err.end = 0;
}

int
session_lost(struct session *s)
{
	struct writer_end e = { .how = JOB_LOST, .signal = "",
		.reason = "the monitor went away" };

	chan_free(s->monitor);
	chan_free(s->link);
	s->monitor = s->link = NULL;
	if ((s->state & (SESSION_START | SESSION_HEADER)) != 0)
		return 1;
	if ((s->state & (SESSION_OPEN | SESSION_ENDING)) == 0)
		return 0;		/* its end is on its way, or there */
	let_go(s);
	return begin_end(s, &e);
}

int
session_full(struct session *s)
{
	char why[256];
	struct msg_rec_failed f = { .why = why };
	int r;

	snprintf(why, sizeof(why), "%s", writer_why(s->writer));
	log_error("the recording is full: %s", why);
	let_go(s);
	s->failed = 0;			/* the end can still be written */
	s->status = SESSION_EXIT_RECORD;
	s->state = SESSION_FULL;
	s->until_ns = clock_mono_ns() + FULL_WAIT_NS;
	if (s->monitor == NULL)
		return 0;
	r = chan_put_rec_failed(s->monitor, 0, &f, NULL, 0);
	return r == ERR_CLOSED ? 0 : r;
}

int
session_is_delivered(const struct session *s)
{
	return s->state == SESSION_DONE && relay_waiting(&s->out) == 0 &&
	    relay_waiting(&s->err) == 0;
}
