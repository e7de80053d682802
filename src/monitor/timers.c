/* timers.c - everything that happens because something did not, or not in time. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "monitor/task.h"
#include "monitor/texts.h"
#include "sekisho/code.h"

#define WORD(code)	sekisho_code_word(SEKISHO_CODE_##code)
#define PING_MS		3000	/* several of them in any stall_s */
#define WARN_BEFORE_MS	(TASK_WARN_S * 1000LL)

static int64_t
earlier(int64_t a, int64_t b)
{
	if (a == 0)
		return b;
	return b == 0 || a < b ? a : b;
}

static int64_t
task_next(const struct task *t)
{
	int64_t next = t->due_ms;

	if (t->state == TASK_RUN && t->end.how == 0 && t->run_until_ms != 0) {
		next = earlier(next, t->run_until_ms);
		if (!t->is_warned)
			next = earlier(next, t->run_until_ms - WARN_BEFORE_MS);
	}
	return next;
}

int
timers_next_ms(const struct mon *m)
{
	int64_t next = 0, left;
	const struct task *t;

	if (m->state == MON_OPEN || m->state == MON_LEAVING)
		next = m->ping_ms;
	if (m->ledger_gone_ms != 0 && !m->is_ledger_given_up)
		next = earlier(next, m->ledger_gone_ms +
		    m->slice.seal_grace_s * 1000LL);
	if (m->ledger_asked_ms != 0)
		next = earlier(next, m->ledger_asked_ms +
		    m->slice.seal_grace_s * 1000LL);
	next = earlier(next, m->drain_ms);
	next = earlier(next, idle_next(m));
	for (t = m->tasks; t != NULL; t = t->next)
		next = earlier(next, task_next(t));
	if (next == 0)
		return -1;
	left = next - clock_mono_ms();
	if (left < 0)
		return 0;
	return left > 3600000 ? 3600000 : (int)left;
}

/*
 * It was us who slept (a suspended machine, a stopped process): nobody was
 * asked, so nobody's silence of that time counts.
 */
static void
woke_up(struct mon *m, int64_t now)
{
	int64_t late = now - m->ping_ms;
	struct task *t;

	log_warn("slept ms=%lld", (long long)late);
	m->net_seen_ms = now;
	if (m->ledger_asked_ms != 0)
		m->ledger_asked_ms = now;
	for (t = m->tasks; t != NULL; t = t->next) {
		t->record_seen_ms = t->exec_seen_ms = now;
		if (t->due_ms != 0)
			t->due_ms += late;
	}
}

/* One that hangs without closing its channel keeps nothing running. */
static void
ping_ledger(struct mon *m, int64_t now)
{
	struct task *t;

	for (t = m->tasks; t != NULL; t = t->next)
		if ((t->state & (TASK_WITH_JOB | TASK_ENDING)) != 0)
			break;
	if (t == NULL || m->ledger == NULL)
		return;
	if (m->ledger_asked_ms == 0)
		m->ledger_asked_ms = now;
	mon_sent(m, chan_put_ping(m->ledger, 0, NULL, NULL, 0));
}

static void
ping_all(struct mon *m, int64_t now)
{
	struct task *t;

	if (m->ping_ms > now)
		return;
	if (m->ping_ms != 0 && now - m->ping_ms > PING_MS)
		woke_up(m, now);
	m->ping_ms = now + PING_MS;
	if (m->net != NULL)
		idle_ask(m, now);
	ping_ledger(m, now);
	for (t = m->tasks; t != NULL; t = t->next) {
		if ((t->state & (TASK_WITH_JOB | TASK_ENDING)) == 0)
			continue;
		if (t->record != NULL)
			mon_sent(m, chan_put_ping(t->record, 0, NULL, NULL,
			    0));
		if (t->exec != NULL)
			mon_sent(m, chan_put_ping(t->exec, 0, NULL, NULL, 0));
	}
}

/* Somebody who does not answer for stall_s is as good as dead, and is made so. */
static void
check_stalls(struct mon *m, int64_t now)
{
	int64_t oldest = now - m->slice.stall_s * 1000LL;
	struct task *t;

	if (m->net != NULL && m->net_seen_ms < oldest) {
		log_error("net does not answer user=%s", m->user);
		mon_die(m);
		return;
	}
	for (t = m->tasks; t != NULL; t = t->next) {
		if ((t->state & (TASK_WITH_JOB | TASK_ENDING)) == 0)
			continue;
		if (t->record != NULL && t->record_seen_ms < oldest)
			job_record_lost(t, "the recorder does not answer");
		if (t->exec != NULL && (t->state & TASK_WITH_JOB) != 0 &&
		    t->exec_seen_ms < oldest) {
			log_error("launcher does not answer");
			/* its death takes the tree along; the recorder is needed for END */
			finish_abandon_exec(t);
		}
	}
}

static void
check_run(struct task *t, int64_t now)
{
	if (t->state != TASK_RUN || t->end.how != 0 || t->run_until_ms == 0)
		return;
	if (now >= t->run_until_ms) {
		finish_stop(t, JOB_TIMEOUT, WORD(TIMEOUT),
		    "the longest approved run time is over",
		    t->mon->slice.kill_grace_s * 1000);
	} else if (!t->is_warned && now >= t->run_until_ms - WARN_BEFORE_MS) {
		t->is_warned = 1;
		kit_notice(t, text_warning(t->order.request,
		    (t->run_until_ms - now) / 1000, t->longest_s, t->has_pty),
		    1);
	}
}

/* What was awaited did not come. */
static void
overdue(struct task *t)
{
	t->due_ms = 0;
	switch (t->state) {
	case TASK_KIT:
	case TASK_WORD_KIT:
		log_error("sekishod does not answer");
		finish_no_kit(t);
		break;
	case TASK_PREPARE:
		if (!t->is_rec_open)
			job_record_lost(t, "the recorder does not answer");
		else if (!t->has_streams) {	/* else it waits for the client's input */
			task_kill_kit(t);
			finish_not_run(t, WORD(SANDBOX),
			    "the launcher does not answer", NULL);
		}
		break;
	case TASK_GO:
	case TASK_RUN:
		log_error("launcher does not end its job");
		finish_abandon_exec(t);
		break;
	case TASK_ENDING:
		job_record_lost(t, "the recorder does not end");
		break;
	case TASK_REFUSING:
	case TASK_LOOKUP:
	case TASK_CONSUME:
	case TASK_SEALING:
	case TASK_BIND:
		ledger_silent(t->mon, clock_mono_ms() -
		    t->mon->slice.seal_grace_s * 1000LL);
		break;
	default:
		break;
	}
}

/* Longer away than seal_grace: what runs is ended, what waits is answered. */
static void
check_ledger(struct mon *m, int64_t now)
{
	struct task *t;

	if (m->ledger != NULL && m->ledger_asked_ms != 0 && now >=
	    m->ledger_asked_ms + m->slice.seal_grace_s * 1000LL)
		ledger_silent(m, m->ledger_asked_ms);
	if (m->ledger_gone_ms == 0 || m->is_ledger_given_up ||
	    now < m->ledger_gone_ms + m->slice.seal_grace_s * 1000LL)
		return;
	m->is_ledger_given_up = 1;
	for (t = m->tasks; t != NULL; t = t->next)
		if ((t->state & (TASK_REFUSING | TASK_SEALING)) != 0)
			finish_tell_ledger(t);
		else
			finish_stop(t, JOB_LEDGER, WORD(UNAVAILABLE),
			    "the ledger was away too long",
			    m->slice.kill_grace_s * 1000);
}

static void
check_drain(struct mon *m, int64_t now)
{
	struct task *t;

	if (m->drain_ms == 0 || now < m->drain_ms)
		return;
	m->drain_ms = 0;
	for (t = m->tasks; t != NULL; t = t->next)
		finish_stop(t, JOB_STOPPING, WORD(STOPPING),
		    "the gate is stopping", m->slice.kill_grace_s * 1000);
}

void
timers_run(struct mon *m)
{
	int64_t now = clock_mono_ms();
	struct task *t;

	if (m->state != MON_OPEN && m->state != MON_LEAVING)
		return;
	ping_all(m, now);
	check_stalls(m, now);
	check_ledger(m, now);
	check_drain(m, now);
	idle_run(m, now);
	for (t = m->tasks; t != NULL && !m->is_over; t = t->next) {
		check_run(t, now);
		if (t->due_ms != 0 && now >= t->due_ms)
			overdue(t);
	}
}
