/* idle.c - a connection without work and a terminal without a byte have an end. */
#include "monitor/idle.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "monitor/mon.h"
#include "monitor/task.h"
#include "sekisho/code.h"

#define TIMEOUT		sekisho_code_word(SEKISHO_CODE_TIMEOUT)
#define CLOSED_TASK	UINT32_MAX	/* id of CHAN_ACTIVE: a channel that is closed by now */
/* Gateway words, what is over, what has not begun: no work in the sense of idle.connection. */
#define WORK		(TASK_STARTED & ~(TASK_REFUSING | TASK_BIND | \
	TASK_WORD_KIT | TASK_WORD | TASK_DONE))

int
idle_on_active(void *ctx, struct msg *msg)
{
	struct msg_chan_active moved;
	struct mon *m = ctx;
	struct task *t;
	int64_t at;
	int r;

	if ((r = msg_chan_active_get(msg->body, &moved)) != 0)
		return r;
	at = clock_mono_ms() - moved.ago_ms;
	if (at > m->idle.moved_ms)
		m->idle.moved_ms = at;
	if (msg->id != CLOSED_TASK && (t = task_find(m, msg->id)) != NULL &&
	    at > t->moved_ms)
		t->moved_ms = at;
	return 0;
}

void
idle_ask(struct mon *m, int64_t now)
{
	m->idle.asked_ms = now;
	if (m->net == NULL)
		return;			/* its end is known already */
	mon_sent(m, chan_put_ping(m->net, ++m->idle.asked_nr, NULL, NULL, 0));
}

void
idle_on_pong(struct mon *m, uint32_t nr)
{
	if (nr == m->idle.asked_nr)
		m->idle.heard_ms = m->idle.asked_ms;
}

static int
has_work(const struct mon *m)
{
	const struct task *t;

	for (t = m->tasks; t != NULL; t = t->next)
		if ((t->state & WORK) != 0)
			return 1;
	return 0;
}

/* Only while somebody could type: what goes on without a client has no terminal any more. */
static int
may_idle(const struct task *t)
{
	return t->state == TASK_RUN && t->has_pty && !t->is_closed &&
	    t->end.how == 0;
}

static int64_t
connection_end(const struct mon *m)
{
	if (m->state != MON_OPEN || m->slice.idle_connection_s == 0 ||
	    m->idle.is_told || m->idle.moved_ms == 0 || has_work(m))
		return 0;
	return m->idle.moved_ms + m->slice.idle_connection_s * 1000LL;
}

static int64_t
terminal_end(const struct task *t)
{
	if (t->mon->slice.idle_terminal_s == 0 || t->moved_ms == 0 ||
	    !may_idle(t))
		return 0;
	return t->moved_ms + t->mon->slice.idle_terminal_s * 1000LL;
}

/* Is anything to be done at "end"?  Not while net was asked and has not answered: its answer wakes us. */
static int64_t
due(const struct mon *m, int64_t end)
{
	return m->idle.asked_ms >= end && m->idle.heard_ms < end ? 0 : end;
}

int64_t
idle_next(const struct mon *m)
{
	int64_t next = due(m, connection_end(m)), end;
	const struct task *t;

	for (t = m->tasks; t != NULL; t = t->next)
		if ((end = due(m, terminal_end(t))) != 0 &&
		    (next == 0 || end < next))
			next = end;
	return next;
}

/* Has it come, and nothing moved meanwhile?  Asks net when that is not known. */
static int
has_come(struct mon *m, int64_t end, int64_t now)
{
	if (end == 0 || now < end || due(m, end) == 0)
		return 0;
	if (m->idle.heard_ms >= end)
		return 1;
	idle_ask(m, now);
	return 0;
}

/* "1 h", "90 s": in the largest unit that fits. */
static const char *
span(char out[24], uint32_t s)
{
	if (s % 3600 == 0)
		snprintf(out, 24, "%" PRIu32 " h", s / 3600);
	else if (s % 60 == 0)
		snprintf(out, 24, "%" PRIu32 " min", s / 60);
	else
		snprintf(out, 24, "%" PRIu32 " s", s);
	return out;
}

static void
end_connection(struct mon *m)
{
	char text[128], room[24];
	struct msg_bye bye = { .text = text };

	snprintf(text, sizeof(text), "sekisho: closed after %s without work "
	    "and without a byte", span(room, m->slice.idle_connection_s));
	log_info("connection idle user=%s source=%s", m->user, m->source);
	m->idle.is_told = 1;
	mon_sent(m, chan_put_bye(m->net, 0, &bye, NULL, 0));
}

static void
end_terminal(struct task *t)
{
	char text[128], room[24];

	snprintf(text, sizeof(text), "no byte moved in its terminal for %s",
	    span(room, t->mon->slice.idle_terminal_s));
	finish_stop(t, JOB_IDLE, TIMEOUT, text,
	    t->mon->slice.kill_grace_s * 1000);
}

void
idle_run(struct mon *m, int64_t now)
{
	struct task *t;

	for (t = m->tasks; t != NULL; t = t->next) {
		if (may_idle(t) && t->moved_ms == 0)
			t->moved_ms = now;
		if (has_come(m, terminal_end(t), now))
			end_terminal(t);
	}
	if (m->idle.moved_ms == 0 || has_work(m))
		m->idle.moved_ms = now;
	if (has_come(m, connection_end(m), now))
		end_connection(m);
}
