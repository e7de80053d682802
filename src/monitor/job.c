/* job.c - what record and exec say while they prepare, run and end a job; and their silence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "monitor/task.h"
#include "sekisho/code.h"

#define WORD(code)	sekisho_code_word(SEKISHO_CODE_##code)
/* The launcher keeps the profile's time too; ours comes first and names the reason. */
#define BEFORE_LAUNCHER_MS	500

void
job_tell_start(struct task *t)
{
	struct msg_job_started started = { .session = t->order.session };

	if (!t->is_started || t->is_start_told || t->mon->ledger == NULL)
		return;
	t->is_start_told = 1;
	mon_sent(t->mon, chan_put_job_started(t->mon->ledger, 0, &started,
	    NULL, 0));
}

static int
on_gone(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_gone gone;
	int64_t due_ms = t->end.how != 0 ? t->due_ms : 0;
	int r;

	if ((r = msg_gone_get(msg->body, &gone)) != 0)
		return r;
	trace_step(t, TRACE_GONE);
	task_move(t, TASK_RUN);
	t->due_ms = due_ms;		/* a JOB_KILL may be under way */
	if (t->longest_s != 0)
		t->run_until_ms = clock_mono_ms() + t->longest_s * 1000LL -
		    BEFORE_LAUNCHER_MS;
	t->is_warned = t->longest_s <= TASK_WARN_S;	/* too short to warn */
	t->is_started = 1;
	job_tell_start(t);
	return 0;
}

static int
on_exec_refused(void *ctx, struct msg *msg)
{
	struct msg_refused no;
	int r;

	if ((r = msg_refused_get(msg->body, &no)) != 0)
		return r;
	finish_not_run(ctx, no.code, no.reason, no.next);
	msg_refused_free(&no);
	return 0;
}

static int
on_job_exit(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_job_exit end;
	int r;

	if ((r = msg_job_exit_get(msg->body, &end)) != 0)
		return r;
	trace_step(t, TRACE_JOB_EXIT);
	t->refusals = end.refusals;
	if (t->end.how == 0)
		t->end.how = JOB_RAN;
	t->end.status = end.status;
	snprintf(t->end.signal, sizeof(t->end.signal), "%s", end.signal);
	msg_job_exit_free(&end);
	finish_record(t);
	return 0;
}

static int
on_rec_ended(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	int r;

	if ((r = msg_rec_ended_get(msg->body, &t->totals)) != 0)
		return r;
	trace_step(t, TRACE_REC_ENDED);
	finish_ended(t);
	return 0;
}

static int
on_rec_refused(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_refused no;
	int r;

	if ((r = msg_refused_get(msg->body, &no)) != 0)
		return r;
	job_record_lost(t, no.reason);
	msg_refused_free(&no);
	return 0;
}

static int
on_rec_failed(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_rec_failed failed;
	int r;

	if ((r = msg_rec_failed_get(msg->body, &failed)) != 0)
		return r;
	if (failed.is_keys && t->state == TASK_PREPARE) {
		log_error("recording not sealed session=S%llu why=%s",
		    (unsigned long long)t->order.session, failed.why);
		chan_free(t->record);	/* it has no header, so no end */
		t->record = NULL;
		finish_not_run(t, WORD(UNAVAILABLE),
		    "the keys cannot be reached, nothing new starts", NULL);
	} else if (t->state == TASK_PREPARE)
		job_record_lost(t, failed.why);
	else {
		log_error("recording failed session=S%llu why=%s",
		    (unsigned long long)t->order.session, failed.why);
		finish_failing(t);
	}
	msg_rec_failed_free(&failed);
	return 0;
}

/* It records on, but nothing new of it is sealed. */
static int
on_rec_unsealed(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_rec_unsealed m;
	int r;

	if ((r = msg_rec_unsealed_get(msg->body, &m)) != 0)
		return r;
	log_error("recording not sealed any more session=S%llu",
	    (unsigned long long)t->order.session);
	finish_stop(t, JOB_LEDGER, WORD(UNAVAILABLE),
	    "the keys were away too long", t->mon->slice.kill_grace_s * 1000);
	return 0;
}

static int
on_rec_pong(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_pong pong;

	t->record_seen_ms = clock_mono_ms();
	return msg_pong_get(msg->body, &pong);
}

static int
on_exec_pong(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_pong pong;

	t->exec_seen_ms = clock_mono_ms();
	return msg_pong_get(msg->body, &pong);
}

/* What the recorder may say in which state of its task. */
static const struct msg_rule record_rules[] = {
	{ TASK_WITH_KIT,		MSG_READY,	kit_on_ready },
	{ TASK_PREPARE | TASK_ENDING,	MSG_REC_OPENED,	kit_on_rec_opened },
	{ TASK_PREPARE,			MSG_REFUSED,	on_rec_refused },
	{ TASK_WITH_KIT,		MSG_PONG,	on_rec_pong },
	{ TASK_ENDING,			MSG_REC_ENDED,	on_rec_ended },
	{ TASK_WITH_KIT,		MSG_REC_FAILED,	on_rec_failed },
	{ TASK_WITH_KIT,		MSG_REC_UNSEALED, on_rec_unsealed },
};

/* What the launcher may say in which state of its task. */
static const struct msg_rule exec_rules[] = {
	{ TASK_WITH_KIT,		MSG_READY,	kit_on_ready },
	{ TASK_PREPARE,			MSG_PREPARED,	kit_on_prepared },
	{ TASK_PREPARE | TASK_GO,	MSG_REFUSED,	on_exec_refused },
	{ TASK_GO,			MSG_GONE,	on_gone },
	{ TASK_WITH_KIT,		MSG_PONG,	on_exec_pong },
	{ TASK_WITH_JOB,		MSG_JOB_EXIT,	on_job_exit },
};

void
job_record_says(struct task *t, struct msg *msg)
{
	if (msg_dispatch(record_rules, sizeof(record_rules) /
	    sizeof(record_rules[0]), t->state, t, msg) != 0)
		job_record_lost(t, "the recorder said what it may not");
}

void
job_exec_says(struct task *t, struct msg *msg)
{
	if (msg_dispatch(exec_rules, sizeof(exec_rules) /
	    sizeof(exec_rules[0]), t->state, t, msg) != 0)
		job_exec_lost(t);
}

void
job_record_lost(struct task *t, const char *why)
{
	log_error("recording failed session=S%llu why=%s",
	    (unsigned long long)t->order.session, why);
	chan_free(t->record);
	t->record = NULL;
	switch (t->state) {
	case TASK_PREPARE:
		finish_not_run(t, WORD(RECORD), "the recording failed", NULL);
		break;
	case TASK_ENDING:
		finish_unrecorded(t);
		break;
	default:
		finish_stop(t, JOB_RECORD, WORD(RECORD),
		    "the recording failed, so the session was ended", 0);
		break;
	}
}

void
job_exec_lost(struct task *t)
{
	chan_free(t->exec);
	t->exec = NULL;
	switch (t->state) {
	case TASK_PREPARE:
		finish_not_run(t, WORD(LOST),
		    "the launcher broke off, nothing was run", NULL);
		break;
	case TASK_GO:
	case TASK_RUN:
		log_error("launcher is gone session=S%llu",
		    (unsigned long long)t->order.session);
		finish_lost(t);
		break;
	case TASK_CONSUME:
		finish_stop(t, JOB_LOST, WORD(LOST),
		    "the launcher broke off, nothing was run", 0);
		break;
	default:
		/* after the end it may go when it likes */
		break;
	}
}
