/* channel.c - what net may say about a channel, and when. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/log.h"
#include "monitor/task.h"
#include "monitor/texts.h"
#include "monitor/order.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
/* Waiting for a slow record or exec: behind so much sizes are put off, behind more signals are dropped. */
#define SIZES_MAX	65536
#define SIGNALS_MAX	(1U << 20)

int
channel_on_open(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_chan_open open;
	struct task *t;
	uint32_t n = 0;
	int r;

	if ((r = msg_chan_open_get(msg->body, &open)) != 0)
		return r;
	if (task_find(m, msg->id) != NULL)
		return ERR_STATE;	/* the number is taken */
	for (t = m->tasks; t != NULL; t = t->next)
		n += !t->is_closed;
	/* net refuses what is too much; a net that does not is not ours any more */
	if (n >= m->slice.max_channels || m->ntasks >= TASKS_MAX) {
		log_error("net opened too many channels max=%u",
		    m->slice.max_channels);
		return ERR_LIMIT;
	}
	return task_new(m, msg->id) == NULL ? ERR_NOMEM : 0;
}

int
channel_on_refused(void *ctx, struct msg *msg)
{
	struct msg_chan_refused refused;
	char what[1024], *kind, *detail;
	int r;

	if ((r = msg_chan_refused_get(msg->body, &refused)) != 0)
		return r;
	kind = escape_dup(refused.what, strlen(refused.what), 200);
	detail = escape_dup(refused.detail, strlen(refused.detail), 700);
	if (kind == NULL || detail == NULL)
		r = ERR_NOMEM;
	else {
		snprintf(what, sizeof(what), "%s%s%s", kind,
		    detail[0] == '\0' ? "" : " ", detail);
		if (strcmp(refused.what, "session channel") == 0)
			ledger_note_refusal(ctx, "LIMIT", what,
			    "the channels of one connection are bounded");
		else
			ledger_note_refusal(ctx, "NOT-OFFERED", what,
			    "the gate forwards nothing");
	}
	str_wipe(kind);
	str_wipe(detail);
	msg_chan_refused_free(&refused);
	return r;
}

static uint32_t
side(uint32_t v, uint32_t fallback)
{
	if (v == 0)
		return fallback;
	return v > TTY_SIDE_MAX ? TTY_SIDE_MAX : v;
}

/* TERM goes into the job's environment: plain letters or "dumb". */
static char *
plain_term(const char *term)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._";

	if (term[0] == '\0' || term[strspn(term, plain)] != '\0')
		return strdup("dumb");
	return strdup(term);
}

static int
on_pty(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_chan_pty pty;
	int r;

	if ((r = msg_chan_pty_get(msg->body, &pty)) != 0)
		return r;
	if ((t->term = plain_term(pty.term)) == NULL)
		r = ERR_NOMEM;
	t->cols = side(pty.cols, 80);
	t->rows = side(pty.rows, 24);
	t->has_pty = 1;
	task_move(t, TASK_PTY);
	msg_chan_pty_free(&pty);
	return r;
}

static int
on_exec(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_chan_exec exec;
	int r;

	if ((r = msg_chan_exec_get(msg->body, &exec)) != 0)
		return r;
	trace_step(t, TRACE_EXEC);
	command_begin(t, exec.command.p, exec.command.n, exec.total);
	msg_chan_exec_free(&exec);
	return 0;
}

static int
on_shell(void *ctx, struct msg *msg)
{
	struct msg_chan_shell shell;
	int r;

	if ((r = msg_chan_shell_get(msg->body, &shell)) != 0)
		return r;
	command_shell(ctx);
	return 0;
}

static int
on_subsystem(void *ctx, struct msg *msg)
{
	struct msg_chan_subsystem sub;
	int r;

	if ((r = msg_chan_subsystem_get(msg->body, &sub)) != 0)
		return r;
	command_subsystem(ctx, sub.name);
	msg_chan_subsystem_free(&sub);
	return 0;
}

/* Who changes sizes or sends signals faster than they can be taken loses some of them, not the session, nor the last size. */
static int
is_flooded(const struct task *t, size_t max)
{
	return (t->record != NULL && chan_waiting(t->record) > max) ||
	    (t->exec != NULL && chan_waiting(t->exec) > max);
}

void
channel_tell_size(struct task *t)
{
	struct msg_job_resize job = { .cols = t->cols, .rows = t->rows };
	struct msg_rec_resize rec = { .cols = t->cols, .rows = t->rows };

	if (!t->has_pty || (t->state & TASK_WITH_JOB) == 0 ||
	    (t->cols == t->told_cols && t->rows == t->told_rows) ||
	    is_flooded(t, SIZES_MAX))
		return;
	t->told_cols = t->cols;
	t->told_rows = t->rows;
	if (t->record != NULL)
		mon_sent(t->mon, chan_put_rec_resize(t->record, 0, &rec,
		    NULL, 0));
	if (t->exec != NULL)
		mon_sent(t->mon, chan_put_job_resize(t->exec, 0, &job,
		    NULL, 0));
}

/* Before the start, and behind too much that waits, only the last one counts. */
static int
on_resize(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_chan_resize size;
	int r;

	if ((r = msg_chan_resize_get(msg->body, &size)) != 0)
		return r;
	if (!t->has_pty)
		return 0;
	t->cols = side(size.cols, t->cols);
	t->rows = side(size.rows, t->rows);
	channel_tell_size(t);
	return 0;
}

/* To a job, and into its record. */
static void
tell_signal(struct task *t, char *name)
{
	struct msg_job_signal job = { .name = name };
	struct msg_rec_signal rec = { .name = name };

	if ((t->state & TASK_WITH_JOB) == 0 || is_flooded(t, SIGNALS_MAX))
		return;
	if (t->record != NULL)
		mon_sent(t->mon, chan_put_rec_signal(t->record, 0, &rec,
		    NULL, 0));
	if (t->exec != NULL)
		mon_sent(t->mon, chan_put_job_signal(t->exec, 0, &job, NULL,
		    0));
}

void
channel_tell_early(struct task *t)
{
	if (t->early_signal[0] != '\0')
		tell_signal(t, t->early_signal);
	t->early_signal[0] = '\0';
}

static int
on_signal(void *ctx, struct msg *msg)
{
	static const char *const known[] = { "HUP", "INT", "QUIT", "TERM",
		"KILL", "USR1", "USR2", "ALRM" };
	struct task *t = ctx;
	struct msg_chan_signal sig;
	size_t i;
	int r;

	if ((r = msg_chan_signal_get(msg->body, &sig)) != 0)
		return r;
	for (i = 0; i < COUNT(known); i++)
		if (strcmp(sig.name, known[i]) == 0)
			break;
	/* others, and signals to what does not run, are not for us to answer */
	if (i == COUNT(known))
		;
	else if ((t->state & (TASK_PREPARE | TASK_CONSUME)) == 0)
		tell_signal(t, sig.name);
	else if (t->early_signal[0] == '\0')
		snprintf(t->early_signal, sizeof(t->early_signal), "%s",
		    sig.name);
	msg_chan_signal_free(&sig);
	return 0;
}

static int
on_unread(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_chan_unread unread;
	int r;

	if ((r = msg_chan_unread_get(msg->body, &unread)) != 0)
		return r;
	t->has_unread = 1;
	if ((t->state & TASK_WITH_JOB) != 0)
		kit_tell_unread(t);
	return 0;
}

static int
on_closed(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_chan_closed closed;
	int r;

	if ((r = msg_chan_closed_get(msg->body, &closed)) != 0)
		return r;
	channel_client_gone(t, t->mon->slice.kill_grace_s * 1000);
	return 0;
}

/* What net may say about a channel in which state of its task. */
static const struct msg_rule rules[] = {
	{ TASK_NEW,			MSG_CHAN_PTY,		on_pty },
	{ TASK_FRESH,			MSG_CHAN_EXEC,		on_exec },
	{ TASK_FRESH,			MSG_CHAN_SHELL,		on_shell },
	{ TASK_FRESH,			MSG_CHAN_SUBSYSTEM,	on_subsystem },
	/* these may cross with our own messages: allowed and of no use */
	{ TASK_FRESH | TASK_STARTED,	MSG_CHAN_RESIZE,	on_resize },
	{ TASK_FRESH | TASK_STARTED,	MSG_CHAN_SIGNAL,	on_signal },
	{ TASK_STARTED,			MSG_CHAN_UNREAD,	on_unread },
	{ TASK_FRESH | TASK_STARTED,	MSG_CHAN_CLOSED,	on_closed },
};

void
channel_dispatch(struct mon *m, struct msg *msg)
{
	struct task *t = task_find(m, msg->id);

	if (t == NULL) {
		log_error("net speaks of a channel that is not there id=%u",
		    msg->id);
		mon_die(m);
		return;
	}
	if (msg_dispatch(rules, COUNT(rules), t->state, t, msg) != 0)
		mon_die(m);
}

void
channel_client_gone(struct task *t, uint32_t grace_ms)
{
	t->is_closed = 1;
	switch (t->state) {
	case TASK_NEW:
	case TASK_PTY:
	case TASK_DONE:
		task_move(t, TASK_CLOSED);
		break;
	case TASK_PREPARE:
		t->end.how = JOB_DISCONNECT;
		finish_not_run(t, "STATE", "the client left before the start",
		    NULL);
		break;
	case TASK_GO:
	case TASK_RUN:
		if (strcmp(t->order.on_disconnect, "continue") != 0)
			finish_stop(t, JOB_DISCONNECT, NULL,
			    "the client left", grace_ms);
		break;
	case TASK_WORD:
		task_kill_kit(t);
		task_move(t, TASK_CLOSED);
		break;
	default:
		/* an answer is on its way; its handler sees is_closed */
		break;
	}
}
