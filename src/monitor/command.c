/* command.c - from what was typed to an order that agrees with our own evidence. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/num.h"
#include "base/strv.h"
#include "crypt/sha256.h"
#include "monitor/order.h"
#include "monitor/prepare.h"
#include "monitor/task.h"
#include "request/split.h"
#include "sekisho/code.h"

#define WORD(code)	sekisho_code_word(SEKISHO_CODE_##code)
#define MISSED_MAX	16	/* each time somebody else was faster: a command does not go on for ever */

void
command_refuse(struct task *t, const char *code, const char *reason,
    const char *next)
{
	finish_say(t, code, reason, next);
	task_move(t, TASK_REFUSING);
	finish_tell_ledger(t);
}

/* Commands that go on behind a closed channel count: RESUME must be able to name all. */
static int
is_crowded(const struct task *self)
{
	const struct task *t;
	size_t n = 0;

	for (t = self->mon->tasks; t != NULL; t = t->next)
		n += t != self && (t->state & TASK_STARTED) != 0 &&
		    t->state != TASK_DONE;
	return n >= TASKS_STARTED_MAX;
}

/* Nothing new starts when the gate stops, the right is gone or the ledger cannot be asked.  1: refused. */
static int
is_refused_now(struct task *t)
{
	struct mon *m = t->mon;

	policy_catch_up(m);
	if (m->is_over)
		return 1;
	if (m->is_draining)
		command_refuse(t, WORD(STOPPING), "the gate is stopping", NULL);
	else if (m->is_revoked)
		command_refuse(t, WORD(REVOKED),
		    "your role or account was withdrawn meanwhile", NULL);
	else if (is_crowded(t))
		command_refuse(t, WORD(LIMIT), "too many commands of this "
		    "connection have not ended yet", NULL);
	else if (m->ledger == NULL || m->resume_call != 0)
		finish_refused(t, WORD(UNAVAILABLE),
		    "the ledger cannot be reached, nothing new starts", NULL);
	else
		return 0;
	return 1;
}

int
command_parse_run(const char *s, uint64_t *request, uint32_t *step)
{
	const char *dot = strchr(s, '.');
	char number[24];
	int64_t v, st = 0;
	size_t n;

	if (s[0] != 'R' || s[1] < '1' || s[1] > '9')
		return ERR_FORMAT;
	n = dot == NULL ? strlen(s + 1) : (size_t)(dot - s - 1);
	if (n >= sizeof(number))
		return ERR_FORMAT;
	memcpy(number, s + 1, n);
	number[n] = '\0';
	if (num_parse(number, 1, INT64_MAX, &v) != 0)
		return ERR_FORMAT;
	if (dot != NULL && (dot[1] < '1' || dot[1] > '9' ||
	    num_parse(dot + 1, 1, 1000, &st) != 0))
		return ERR_FORMAT;
	*request = (uint64_t)v;
	*step = (uint32_t)st;
	return 0;
}

/* Told by the client's text alone: entries about it would fill what is left. */
static int
is_disk_full(struct task *t)
{
	if (t->mon->disk < DISK_REFUSE)
		return 0;
	finish_refused(t, WORD(UNAVAILABLE), "the gate's disk is nearly full, "
	    "nothing new starts", NULL);
	return 1;
}

static void
ask_lookup(struct task *t)
{
	struct msg_lookup q = { .user = t->mon->user,
		.source = t->mon->source, .request = t->request,
		.step = t->step, .pty = t->has_pty != 0 };

	if (is_disk_full(t))
		return;
	if (t->request == 0)
		q.argv = t->argv;
	t->call = mon_call(t->mon);
	if (t->state != TASK_LOOKUP)
		task_move(t, TASK_LOOKUP);
	t->due_ms = clock_mono_ms() + t->mon->slice.seal_grace_s * 1000LL;
	mon_sent(t->mon, chan_put_lookup(t->mon->ledger, t->call, &q, NULL,
	    0));
	trace_step(t, TRACE_LOOKUP);
}

/* argv is there: a word of the gate, "run" with a number, or a command. */
static void
decide(struct task *t)
{
	if (is_refused_now(t))
		return;
	if (strcmp(t->argv[0], "run") == 0) {
		if (strv_len(t->argv) != 2 ||
		    command_parse_run(t->argv[1], &t->request, &t->step) != 0)
			command_refuse(t, WORD(USAGE),
			    "run takes one request, as in run R12 or run R12.2",
			    "request list");
		else
			ask_lookup(t);
	} else if (split_is_gateway_word(t->argv[0]))
		word_begin(t);
	else
		ask_lookup(t);
}

void
command_begin(struct task *t, const uint8_t *p, size_t n, size_t total)
{
	struct split_error e = { 0 };
	int r;

	t->what = escape_dup(p == NULL ? (const void *)"" : p, n, REASON_MAX);
	if (t->what == NULL) {
		mon_die(t->mon);
		return;
	}
	r = split_command(p == NULL ? (const uint8_t *)"" : p, n, total,
	    &t->argv, &e);
	if (r == 0)
		decide(t);
	else if (r == ERR_NOMEM)
		mon_die(t->mon);
	else
		command_refuse(t, WORD(SYNTAX), e.reason, e.corrected);
	str_wipe(e.corrected);
}

void
command_shell(struct task *t)
{
	if ((t->what = strdup("shell")) == NULL ||
	    strv_add(&t->argv, "shell") != 0) {
		mon_die(t->mon);
		return;
	}
	if (!is_refused_now(t))
		word_begin(t);
}

void
command_subsystem(struct task *t, const char *name)
{
	char reason[256], *safe;

	if ((safe = escape_dup(name, strlen(name), 120)) == NULL ||
	    asprintf(&t->what, "subsystem %s", safe) < 0) {
		str_wipe(safe);
		mon_die(t->mon);
		return;
	}
	if (strcmp(name, "sftp") == 0)
		snprintf(reason, sizeof(reason),
		    "file transfer (sftp, scp) is not offered");
	else
		snprintf(reason, sizeof(reason),
		    "subsystem %s is not offered", safe);
	str_wipe(safe);
	command_refuse(t, WORD(NOT_OFFERED), reason, "help");
}

/* An order that no honest ledger sends: everything of this connection ends. */
static void
order_differs(struct task *t, const char *what)
{
	log_error("order differs from own evidence field=%s user=%s "
	    "session=%" PRIu64 " request=%" PRIu64, what, t->mon->user,
	    t->order.session, t->order.request);
	ledger_note_refusal(t->mon, WORD(DIFFERS), t->what,
	    "the ledger's order does not agree with the monitor's evidence");
	if (t->mon->ledger != NULL)
		(void)chan_drain(t->mon->ledger, 1000);
	mon_die(t->mon);
}

/* Show it as it was understood when it was asked by number. */
static int
show_argv(struct task *t)
{
	char *what;

	if (t->request == 0)
		return 0;
	if ((what = escape_argv(t->order.argv, REASON_MAX)) == NULL)
		return ERR_NOMEM;
	str_wipe(t->what);
	t->what = what;
	return 0;
}

static void
refuse_input(struct task *t)
{
	char next[64];

	snprintf(next, sizeof(next), "ssh -T GATE run R%" PRIu64,
	    t->order.request);
	finish_not_run(t, WORD(INPUT),
	    "the approved input is a pipe and you asked for a terminal", next);
}

static void
compare(struct task *t)
{
	struct order_evidence e = { .user = t->mon->user, .argv = t->argv,
		.request = t->request, .step = t->step,
		.has_pty = t->has_pty, .now = clock_unix() };
	const char *what;

	policy_catch_up(t->mon);
	if (t->mon->is_over || t->state != TASK_LOOKUP)
		return;			/* the ledger was replaced meanwhile */
	e.snap = t->mon->snap;
	switch (order_compare(&t->order, &e, &what)) {
	case ORDER_FITS:
		/* what came meanwhile was dropped */
		if (t->is_deaf && order_reads_input(t->order.input,
		    t->has_pty)) {
			finish_not_run(t, WORD(STATE), "the request that was "
			    "tried first reads no input, the next one does: "
			    "type the command again", NULL);
			break;
		}
		t->kit = mon_call(t->mon);
		task_move(t, TASK_KIT);
		t->due_ms = clock_mono_ms() + t->mon->slice.stall_s * 1000LL;
		prepare_need_kit(t);
		trace_step(t, TRACE_NEED_KIT);
		break;
	case ORDER_STALE:
		if (!t->asked_again) {
			t->asked_again = 1;
			t->has_order = 0;
			msg_order_free(&t->order);
			ask_lookup(t);
		} else
			finish_not_run(t, WORD(UNAVAILABLE),
			    "the policy is just being replaced, try again",
			    NULL);
		break;
	case ORDER_LATE:
		finish_not_run(t, WORD(OUTSIDE_WINDOW),
		    "the approved window is over", "request list");
		break;
	case ORDER_INPUT:
		refuse_input(t);
		break;
	case ORDER_DIFFERS:
	default:
		order_differs(t, what);
	}
}

int
command_on_order(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	int r;

	trace_step(t, TRACE_ORDER);
	/* the digest is over the body as it came, not as it was understood */
	if ((r = sha256_mem(buf_data(msg->body), buf_len(msg->body),
	    t->order_digest)) != 0 ||
	    (r = msg_order_get(msg->body, &t->order)) != 0)
		return r;
	t->call = 0;
	t->has_order = 1;
	if (t->is_closed) {		/* the ledger need not keep it */
		finish_not_run(t, WORD(STATE),
		    "the client left before the start", NULL);
		return 0;
	}
	if ((r = show_argv(t)) == 0)
		compare(t);
	return r;
}

/* The ledger says no, and has written so, to LOOKUP, BIND or CONSUME. */
int
command_on_refused(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_refused no;
	const char *next;
	int r;

	if ((r = msg_refused_get(msg->body, &no)) != 0)
		return r;
	t->call = 0;
	next = no.next[0] == '\0' ? NULL : no.next;
	if (t->state == TASK_CONSUME)
		finish_not_run(t, no.code, no.reason, next);
	else
		finish_refused(t, no.code, no.reason, next);
	msg_refused_free(&no);
	return 0;
}

int
command_on_look_again(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_look_again no;
	int r;

	if ((r = msg_look_again_get(msg->body, &no)) != 0)
		return r;
	t->call = 0;
	if (t->request != 0 || t->has_streams)
		r = ERR_STATE;		/* the ledger knows both */
	else {
		t->is_again = t->end.how == 0 && ++t->nmissed < MISSED_MAX;
		if (t->nmissed >= MISSED_MAX)
			ledger_note_refusal(t->mon, no.code, t->what,
			    no.reason);
		finish_not_run(t, no.code, no.reason, no.next);
	}
	msg_look_again_free(&no);
	return r;
}

void
command_again(struct task *t)
{
	task_renew(t);
	if (!is_refused_now(t))
		ask_lookup(t);
}
