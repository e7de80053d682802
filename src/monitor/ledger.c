/* ledger.c - answers of the ledger, and what happens while it is away. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "monitor/task.h"
#include "sekisho/code.h"

#define WORD(code)	sekisho_code_word(SEKISHO_CODE_##code)
#define LOOSE		0x80000000U	/* bit of calls that belong to no task */
#define LOOSE_MAX	100		/* such entries of one connection */

/* What the ledger may answer in which state of the task that asked. */
static const struct msg_rule rules[] = {
	{ TASK_LOOKUP,		MSG_ORDER,	command_on_order },
	{ TASK_LOOKUP | TASK_BIND | TASK_CONSUME, MSG_REFUSED,
	    command_on_refused },
	{ TASK_CONSUME,		MSG_CONSUMED,	kit_on_consumed },
	{ TASK_CONSUME,		MSG_LOOK_AGAIN,	command_on_look_again },
	{ TASK_BIND,		MSG_BOUND,	word_on_bound },
	{ TASK_REFUSING | TASK_SEALING, MSG_ACK, finish_on_ack },
	{ TASK_REFUSING | TASK_SEALING, MSG_REFUSED, finish_on_refused },
};

void
ledger_note_refusal(struct mon *m, const char *code, const char *what,
    const char *reason)
{
	struct msg_refusal no = { .user = m->user, .source = m->source };

	if (m->loose_sum > LOOSE_MAX)
		return;			/* said once below */
	if (m->ledger == NULL || m->loose_sum == LOOSE_MAX) {
		m->loose_sum++;
		log_warn("refusal without entry user=%s code=%s what=%s",
		    m->user, code, what);
		return;
	}
	no.code = strndup(code, CODE_MAX);
	no.what = strndup(what == NULL ? "" : what, REASON_MAX);
	no.reason = strndup(reason, REASON_MAX);
	if (no.code == NULL || no.what == NULL || no.reason == NULL)
		mon_die(m);
	else {
		m->loose++;
		m->loose_sum++;
		mon_sent(m, chan_put_refusal(m->ledger, LOOSE | m->loose_sum,
		    &no, NULL, 0));
	}
	str_wipe(no.code);
	str_wipe(no.what);
	str_wipe(no.reason);
}

/* Nearly full: nothing new starts (command.c).  Full: what runs is ended while its end can still be written; words go on. */
int
ledger_on_disk(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_disk disk;
	struct task *t;
	int r;

	if ((r = msg_disk_get(msg->body, &disk)) != 0)
		return r;
	if (disk.level < DISK_FINE || disk.level > DISK_END)
		return ERR_FORMAT;
	m->disk = (enum disk_level)disk.level;
	for (t = m->tasks; t != NULL && m->disk == DISK_END; t = t->next)
		if ((t->state & TASK_COMMAND) != 0)
			finish_stop(t, JOB_RECORD, WORD(RECORD),
			    "the gate's disk is full",
			    m->slice.kill_grace_s * 1000);
	return 0;
}

/* Everything that waited for the ledger is told to it (again). */
static void
resumed(struct mon *m)
{
	struct task *t, *next;

	m->resume_call = 0;
	m->ledger_gone_ms = 0;
	m->is_ledger_given_up = 0;
	for (t = m->tasks; t != NULL; t = next) {
		next = t->next;
		job_tell_start(t);
		if ((t->state & (TASK_REFUSING | TASK_SEALING)) != 0)
			finish_tell_ledger(t);
	}
}

static int
on_resume_answer(struct mon *m, struct msg *msg)
{
	struct msg_ack ack;
	struct msg_refused no;
	struct task *t;
	int r;

	if (msg->type == MSG_ACK) {
		if ((r = msg_ack_get(msg->body, &ack)) == 0)
			resumed(m);
		return r;
	}
	if (msg->type != MSG_REFUSED)
		return ERR_DENIED;
	if ((r = msg_refused_get(msg->body, &no)) != 0)
		return r;
	log_error("ledger does not resume code=%s reason=%s", no.code,
	    no.reason);
	msg_refused_free(&no);
	resumed(m);
	for (t = m->tasks; t != NULL; t = t->next)
		finish_stop(t, JOB_LEDGER, WORD(UNAVAILABLE),
		    "the ledger does not know this session any more",
		    m->slice.kill_grace_s * 1000);
	return 0;
}

void
ledger_dispatch(struct mon *m, struct msg *msg)
{
	struct msg_backoff late;
	struct msg_pong pong;
	struct task *t;
	int r = ERR_STATE;

	m->ledger_asked_ms = 0;
	if (msg->type == MSG_PONG)
		r = msg_pong_get(msg->body, &pong);
	else if (msg->type == MSG_DISK)
		r = ledger_on_disk(m, msg);
	else if (msg->type == MSG_BACKOFF)
		r = msg_backoff_get(msg->body, &late);	/* of a failure long answered */
	else if (m->resume_call != 0 && msg->id == m->resume_call)
		r = on_resume_answer(m, msg);
	else if ((msg->id & LOOSE) != 0 && m->loose > 0 &&
	    (msg->type == MSG_ACK || msg->type == MSG_REFUSED)) {
		m->loose--;
		r = 0;
	} else if ((t = task_of_call(m, msg->id)) != NULL)
		r = msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]),
		    t->state, t, msg);
	if (r != 0) {
		log_error("ledger said what it may not msg=%s id=%u error=%s",
		    msg_name((unsigned int)msg->type), msg->id, err_name(r));
		mon_die(m);
	}
}

/* The answer will not come: nothing new starts without the ledger. */
static void
answer_lost(struct task *t)
{
	static const char *const reason =
	    "the ledger cannot be reached, nothing new starts";

	t->call = 0;
	if ((t->state & TASK_ASKING) != 0)
		t->due_ms = 0;
	switch (t->state) {
	case TASK_LOOKUP:
	case TASK_BIND:
		finish_refused(t, WORD(UNAVAILABLE), reason, NULL);
		break;
	case TASK_KIT:
		finish_stop(t, JOB_LEDGER, WORD(UNAVAILABLE), reason, 0);
		break;
	case TASK_PREPARE:
	case TASK_CONSUME:
		/* a use that was taken all the same stays "not run" */
		finish_not_run(t, WORD(UNAVAILABLE), reason, NULL);
		break;
	default:
		break;
	}
}

void
ledger_lost(struct mon *m)
{
	struct task *t;

	chan_free(m->ledger);
	m->ledger = NULL;
	m->loose = 0;
	m->resume_call = 0;
	m->ledger_asked_ms = 0;
	if (m->ledger_gone_ms == 0)
		m->ledger_gone_ms = clock_mono_ms();
	log_warn("ledger is away user=%s", m->user == NULL ? "" : m->user);
	for (t = m->tasks; t != NULL; t = t->next)
		answer_lost(t);
}

void
ledger_silent(struct mon *m, int64_t since_ms)
{
	log_error("ledger does not answer user=%s", m->user);
	m->is_ledger_stuck = 1;
	if (m->ledger_gone_ms == 0)
		m->ledger_gone_ms = since_ms;
	ledger_lost(m);
}

/* Sessions whose use was taken and whose end is not written yet. */
static int
put_sessions(struct mon *m, struct buf *b)
{
	struct task *t;
	int r;

	for (t = m->tasks; t != NULL; t = t->next)
		if (t->is_consumed && (t->state & (TASK_GO | TASK_RUN |
		    TASK_ENDING | TASK_SEALING)) != 0 &&
		    (r = buf_put_u64(b, t->order.session)) != 0)
			return r;
	return 0;
}

static int
send_resume(struct mon *m)
{
	struct msg_resume res = { .user = m->user, .source = m->source };
	struct buf *b;
	int r;

	if ((b = buf_new(8 * CHANNELS_MAX)) == NULL)
		return ERR_NOMEM;
	if ((r = put_sessions(m, b)) == 0) {
		res.sessions.p = (uint8_t *)(uintptr_t)buf_data(b);
		res.sessions.n = buf_len(b);
		m->resume_call = mon_call(m);
		mon_sent(m, chan_put_resume(m->ledger, m->resume_call, &res,
		    NULL, 0));
	}
	buf_free(b);
	return r;
}

int
ledger_on_new(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_ledger ledger;
	int r, fd;

	if ((r = msg_ledger_get(msg->body, &ledger)) != 0)
		return r;
	if ((fd = msg_take_fd(msg, 0)) < 0)
		return ERR_FORMAT;
	if (m->ledger != NULL)
		ledger_lost(m);		/* sekishod saw its end before we did */
	m->is_ledger_stuck = 0;
	if ((m->ledger = chan_new(fd, PEER_M, PEER_G)) == NULL)
		return ERR_NOMEM;
	if (m->user != NULL)
		return send_resume(m);
	m->ledger_gone_ms = 0;
	return 0;
}
