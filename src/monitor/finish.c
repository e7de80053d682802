/*
 * finish.c - every way a task can end.  The order is always the same: tree
 * gone, record closed, ledger told, and only then the status for the client.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "monitor/recording.h"
#include "monitor/task.h"
#include "monitor/texts.h"
#include "request/split.h"
#include "sekisho/code.h"

#define WORD(code)	sekisho_code_word(SEKISHO_CODE_##code)
#define DRAIN_RAN_MS	86400000U /* a slow client may take the rest at its speed; PING watches the recorder */
#define DRAIN_CUT_MS	1000U	/* what was cut off has nobody waiting for its rest */
#define KILL_SLACK_MS	5000	/* behind the launcher's own grace */
#define FAILING_MS	10000	/* a recorder that cannot write still writes END into its reserve */
#define REASON_SHORT	256	/* of REC_END and JOB_ENDED */

/* What can be done about a refusal of our own, when nobody said anything better. */
static char *
default_next(const struct task *t, const char *code)
{
	char *s = NULL;
	int r = 0;

	if (strcmp(code, WORD(REVOKED)) == 0)
		return strdup("whoami");
	if (t->has_order && strcmp(code, WORD(CHANGED)) == 0)
		r = asprintf(&s, "request show R%" PRIu64, t->order.request);
	else if (t->is_consumed)
		r = asprintf(&s, "session show S%" PRIu64, t->order.session);
	else if (t->has_order)
		r = asprintf(&s, "run R%" PRIu64, t->order.request);
	else if (t->argv != NULL && strcmp(t->argv[0], "shell") != 0)
		return split_quote(t->argv);	/* the same again, later */
	else
		return strdup("help");
	return r < 0 ? NULL : s;
}

void
finish_say(struct task *t, const char *code, const char *reason,
    const char *next)
{
	snprintf(t->end.code, sizeof(t->end.code), "%s",
	    code == NULL ? "" : code);
	str_wipe(t->end.reason);
	str_wipe(t->end.next);
	t->end.reason = strndup(reason == NULL ? "" : reason, REASON_MAX);
	t->end.next = next == NULL || *next == '\0' ?
	    default_next(t, t->end.code) : strndup(next, NEXT_MAX);
	if (t->end.reason == NULL || t->end.next == NULL)
		mon_die(t->mon);
}

/* The first reason stays: what follows from it is not one of its own. */
static void
set_verdict(struct task *t, enum job_end how, const char *code,
    const char *reason, const char *next)
{
	if (t->end.how != 0)
		return;
	t->end.how = how;
	finish_say(t, code, reason, next);
}

/* The reason, cut for a message that takes at most "max" bytes. */
static char *
short_reason(const struct task *t, char out[REASON_SHORT + 1])
{
	snprintf(out, REASON_SHORT + 1, "%s",
	    t->end.reason == NULL ? "" : t->end.reason);
	return out;
}

void
finish_task(struct task *t)
{
	struct mon *m = t->mon;
	struct msg_chan_exit end = { .status = t->end.status,
		.signal = t->end.signal };
	struct msg_chan_text text = { { NULL, 0 }, 0 };
	char *s = NULL;

	task_drop_kit(t);
	t->call = 0;
	if (t->is_closed || m->net == NULL) {
		task_move(t, TASK_CLOSED);
		return;
	}
	if (t->end.code[0] != '\0') {
		s = text_refused(t->end.code, t->end.reason, t->end.next,
		    t->has_pty);
		if (s == NULL) {
			mon_die(m);
			return;
		}
		text.text.p = (uint8_t *)s;
		text.text.n = strlen(s);
		mon_sent(m, chan_put_chan_text(m->net, t->id, &text, NULL, 0));
		end.status = (uint32_t)sekisho_code_status(t->end.code);
		end.signal = NULL;
		str_wipe(s);
	}
	mon_sent(m, chan_put_chan_exit(m->net, t->id, &end, NULL, 0));
	trace_step(t, TRACE_CHAN_EXIT);
	trace_task(t);
	task_move(t, TASK_DONE);
}

void
finish_refused(struct task *t, const char *code, const char *reason,
    const char *next)
{
	set_verdict(t, JOB_NOT_RUN, code, reason, next);
	finish_task(t);
}

void
finish_not_run(struct task *t, const char *code, const char *reason,
    const char *next)
{
	set_verdict(t, JOB_NOT_RUN, code, reason, next);
	t->end.how = JOB_NOT_RUN;	/* whatever kept it from running */
	chan_free(t->exec);		/* nothing of it runs yet: its end of file */
	t->exec = NULL;
	finish_record(t);
}

void
finish_record(struct task *t)
{
	char reason[REASON_SHORT + 1];
	struct msg_rec_end end = { .how = (uint8_t)t->end.how,
		.status = t->end.status, .signal = t->end.signal,
		.reason = short_reason(t, reason), .drain_ms = DRAIN_CUT_MS };

	if (t->record == NULL || !t->is_rec_asked) {
		if (t->end.how != JOB_NOT_RUN)
			finish_unrecorded(t);
		else
			finish_seal(t);
		return;
	}
	if (t->end.how == JOB_RAN)
		end.drain_ms = DRAIN_RAN_MS;
	mon_sent(t->mon, chan_put_rec_end(t->record, 0, &end, NULL, 0));
	trace_step(t, TRACE_REC_END);
	task_move(t, TASK_ENDING);
	t->record_seen_ms = clock_mono_ms();
	if (t->end.how != JOB_RAN)
		t->due_ms = t->record_seen_ms + DRAIN_CUT_MS +
		    t->mon->slice.stall_s * 1000LL;
}

void
finish_lost(struct task *t)
{
	/* what is left of the kit must not outlive its launcher */
	t->is_abandoned = 1;
	set_verdict(t, JOB_LOST, WORD(LOST),
	    "the launcher broke off, so the command was killed", NULL);
	finish_record(t);
}

void
finish_abandon_exec(struct task *t)
{
	chan_free(t->exec);
	t->exec = NULL;
	finish_lost(t);
}

void
finish_no_kit(struct task *t)
{
	static const char *const reason =
	    "the gate could not start a process in time";
	int is_word = t->state == TASK_WORD_KIT;

	task_kill_kit(t);		/* should it come all the same */
	if (is_word)
		finish_refused(t, WORD(LOST), reason, NULL);
	else
		finish_not_run(t, WORD(LOST), reason, NULL);
}

void
finish_unrecorded(struct task *t)
{
	/* a session without its recorded end has not ended well */
	if (t->end.how == JOB_RAN)
		t->end.how = 0;
	set_verdict(t, JOB_RECORD, WORD(RECORD),
	    "the recording failed, so the session was ended", NULL);
	task_kill_kit(t);
	finish_seal(t);
}

void
finish_failing(struct task *t)
{
	static const char *const reason =
	    "the recording failed, so the session was ended";

	if (t->state != TASK_ENDING) {
		finish_stop(t, JOB_RECORD, WORD(RECORD), reason, 0);
		return;
	}
	if (t->end.how == JOB_RAN)
		t->end.how = 0;		/* what it showed is not all recorded */
	set_verdict(t, JOB_RECORD, WORD(RECORD), reason, NULL);
	t->due_ms = clock_mono_ms() + FAILING_MS;
}

void
finish_ended(struct task *t)
{
	/* what it did counts as recorded, that nobody vouches for it is told */
	if (!t->totals.is_sealed && t->end.how == JOB_RAN &&
	    t->end.code[0] == '\0')
		finish_say(t, WORD(UNAVAILABLE), "the keys were away too long, "
		    "the end of the session is not sealed", NULL);
	finish_seal(t);
}

void
finish_seal(struct task *t)
{
	int64_t at;

	if (t->is_abandoned)
		task_kill_kit(t);
	else
		task_drop_kit(t);
	if (!t->has_order) {
		finish_task(t);
		return;
	}
	if (!t->is_rec_open && recording_day(&t->order.uuid, &at) == 0)
		recording_drop_empty(t->mon->recordings, t->order.session, at);
	task_move(t, TASK_SEALING);
	finish_tell_ledger(t);
}

void
finish_stop(struct task *t, enum job_end how, const char *code,
    const char *reason, uint32_t grace_ms)
{
	struct msg_job_kill kill = { .grace_ms = grace_ms };

	switch (t->state) {
	case TASK_KIT:
	case TASK_CONSUME:
	case TASK_BIND:
	case TASK_WORD_KIT:
		/* the answer that is on its way finds the verdict */
		set_verdict(t, how, code, reason, NULL);
		break;
	case TASK_PREPARE:
		finish_not_run(t, code, reason, NULL);
		break;
	case TASK_GO:
	case TASK_RUN:
		/* a client that left does not soften what comes later */
		if (t->end.how != 0 && grace_ms > 0)
			break;
		set_verdict(t, how, code, reason, NULL);
		if (t->exec != NULL)
			mon_sent(t->mon, chan_put_job_kill(t->exec, 0, &kill,
			    NULL, 0));
		t->due_ms = clock_mono_ms() + grace_ms + KILL_SLACK_MS;
		break;
	case TASK_WORD:
		task_kill_kit(t);
		finish_refused(t, code, reason, NULL);
		break;
	default:
		break;
	}
}

static void
send_refusal(struct task *t)
{
	struct msg_refusal no = { .user = t->mon->user,
		.source = t->mon->source, .code = t->end.code,
		.what = t->what, .reason = t->end.reason };

	mon_sent(t->mon, chan_put_refusal(t->mon->ledger, t->call, &no, NULL,
	    0));
}

static void
send_job_ended(struct task *t)
{
	char reason[REASON_SHORT + 1];
	struct msg_job_ended end = { .session = t->order.session,
		.how = (uint8_t)t->end.how, .status = t->end.status,
		.signal = t->end.signal, .reason = short_reason(t, reason),
		.in_bytes = t->totals.in_bytes,
		.out_bytes = t->totals.out_bytes,
		.err_bytes = t->totals.err_bytes, .refusals = t->refusals,
		.duration_ms = t->totals.duration_ms,
		.chain = t->totals.chain };

	mon_sent(t->mon, chan_put_job_ended(t->mon->ledger, t->call, &end,
	    NULL, 0));
	trace_step(t, TRACE_JOB_ENDED);
}

void
finish_tell_ledger(struct task *t)
{
	struct mon *m = t->mon;

	if (m->is_ledger_given_up) {
		/* a record without its entry is not a success */
		if (t->state == TASK_SEALING) {
			t->end.how = 0;
			set_verdict(t, JOB_LEDGER, WORD(UNAVAILABLE),
			    "the ledger cannot be reached, the end of the "
			    "session is not in it", NULL);
		}
		finish_task(t);
		return;
	}
	t->call = 0;
	if (m->ledger == NULL || m->resume_call != 0)
		return;			/* ledger_resumed() comes back here */
	t->call = mon_call(m);
	t->due_ms = clock_mono_ms() + m->slice.seal_grace_s * 1000LL;
	if (t->state == TASK_REFUSING)
		send_refusal(t);
	else
		send_job_ended(t);
}

int
finish_on_ack(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_ack ack;
	int r;

	if ((r = msg_ack_get(msg->body, &ack)) != 0)
		return r;
	trace_step(t, TRACE_ACK);
	if (t->is_again && !t->is_closed && t->mon->net != NULL)
		command_again(t);
	else
		finish_task(t);
	return 0;
}

/* The ledger does not take an entry: it knows why (it logs), the client hears its status all the same. */
int
finish_on_refused(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_refused no;
	int r;

	if ((r = msg_refused_get(msg->body, &no)) != 0)
		return r;
	log_error("ledger refused an entry channel=%u code=%s reason=%s",
	    t->id, no.code, no.reason);
	if (t->state == TASK_SEALING && t->is_consumed) {
		t->end.how = 0;
		set_verdict(t, JOB_LEDGER, no.code, no.reason, no.next);
	}
	msg_refused_free(&no);
	finish_task(t);
	return 0;
}
