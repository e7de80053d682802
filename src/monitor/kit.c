/*
 * kit.c - record and exec of one command, from KIT to GO: both are made
 * ready, the use is taken, and only then GO.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "monitor/order.h"
#include "monitor/prepare.h"
#include "monitor/task.h"
#include "monitor/texts.h"
#include "sekisho/code.h"

#define WORD(code)	sekisho_code_word(SEKISHO_CODE_##code)
#define HEADER_WAIT_S	15	/* the recorder itself gives up sooner on the seal of its header, and says why */

void
kit_notice(struct task *t, char *text, int show)
{
	struct msg_rec_notice n = { .show = show != 0 };

	if (text == NULL)
		mon_die(t->mon);
	else if (t->record != NULL) {
		n.text.p = (uint8_t *)text;
		n.text.n = strlen(text);
		mon_sent(t->mon, chan_put_rec_notice(t->record, 0, &n, NULL,
		    0));
	}
	str_wipe(text);
}

void
kit_tell_unread(struct task *t)
{
	if (!t->has_unread || t->is_unread_told || t->record == NULL ||
	    order_reads_input(t->order.input, t->has_pty))
		return;
	t->is_unread_told = 1;
	kit_notice(t, text_unread(t->order.request, t->order.input,
	    t->has_pty), 1);
}

/* Net gets its ends of the streams; nothing comes through before record has it. */
static void
give_streams(struct task *t)
{
	struct msg_chan_streams s = { .has_err = !t->has_pty,
		.reads_input = (uint8_t)order_reads_input(t->order.input,
		t->has_pty) };
	int fds[2] = { t->io, t->err };

	if (t->has_streams || t->mon->net == NULL || t->is_closed)
		return;
	mon_sent(t->mon, chan_put_chan_streams(t->mon->net, t->id, &s, fds,
	    t->has_pty ? 1 : 2));
	t->has_streams = 1;
	fd_close(&t->io);
	fd_close(&t->err);
}

int
kit_on_ready(void *ctx, struct msg *msg)
{
	struct msg_ready ready;

	(void)ctx;
	return msg_ready_get(msg->body, &ready);
}

int
kit_on_kit(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_kit kit;
	int r, record, exec;

	if ((r = msg_kit_get(msg->body, &kit)) != 0)
		return r;
	trace_step(t, TRACE_KIT);
	record = msg_take_fd(msg, 0);
	exec = msg_take_fd(msg, 1);
	t->io = msg_take_fd(msg, 2);
	t->err = msg_take_fd(msg, 3);
	t->seals = msg_take_fd(msg, 4);
	if (record < 0 || exec < 0 || t->io < 0 || t->err < 0 ||
	    t->seals < 0) {
		fd_close(&record);
		fd_close(&exec);
		return ERR_FORMAT;
	}
	t->record = chan_new(record, PEER_M, PEER_R);
	t->exec = chan_new(exec, PEER_M, PEER_X);
	if (t->record == NULL || t->exec == NULL)
		return ERR_NOMEM;
	if (t->is_closed || t->end.how != 0) {
		task_kill_kit(t);
		finish_not_run(t, WORD(STATE),
		    "the client left before the start", NULL);
		return 0;
	}
	task_move(t, TASK_PREPARE);
	t->due_ms = clock_mono_ms() + (t->mon->slice.stall_s < HEADER_WAIT_S ?
	    HEADER_WAIT_S : t->mon->slice.stall_s) * 1000LL;
	prepare_start(t);
	trace_step(t, TRACE_ASKED);
	if (t->state == TASK_PREPARE &&
	    strncmp(t->order.input, "sha256:", 7) == 0)
		give_streams(t);	/* exec hashes the input first */
	return 0;
}

int
kit_on_failed(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_kit_failed failed;
	int r;

	if ((r = msg_kit_failed_get(msg->body, &failed)) != 0)
		return r;
	if (t->mon->is_draining && t->state == TASK_WORD_KIT)
		finish_refused(t, WORD(STOPPING), "the gate is stopping",
		    NULL);
	else if (t->mon->is_draining)
		finish_not_run(t, WORD(STOPPING), "the gate is stopping",
		    NULL);
	else if (t->state == TASK_WORD_KIT)
		finish_refused(t, WORD(LIMIT),
		    "the gate cannot start more processes now", NULL);
	else if (failed.why == KIT_NO_KEYS)
		finish_not_run(t, WORD(UNAVAILABLE),
		    "the keys cannot be reached, nothing new starts", NULL);
	else
		finish_not_run(t, WORD(LIMIT),
		    "the gate cannot start more processes now", NULL);
	return 0;
}

/* Both are ready: take the use. */
static void
consume(struct task *t)
{
	struct mon *m = t->mon;
	struct msg_consume c = { .session = t->order.session,
		.order_digest = { t->order_digest, DIGEST_LEN },
		.exe_digest = { t->exe_digest, DIGEST_LEN },
		.features = t->features,
		.header_digest = { t->header_digest, DIGEST_LEN } };

	if (!t->is_prepared || !t->is_rec_open)
		return;
	if (m->ledger == NULL || m->resume_call != 0) {
		finish_not_run(t, WORD(UNAVAILABLE),
		    "the ledger cannot be reached, nothing new starts", NULL);
		return;
	}
	if (!t->is_deaf && !t->has_streams && m->net != NULL &&
	    !t->is_closed && !order_reads_input(t->order.input, t->has_pty)) {
		t->is_deaf = 1;
		mon_sent(m, chan_put_chan_no_input(m->net, t->id, NULL, NULL,
		    0));
	}
	t->call = mon_call(m);
	task_move(t, TASK_CONSUME);
	t->due_ms = clock_mono_ms() + m->slice.seal_grace_s * 1000LL;
	mon_sent(m, chan_put_consume(m->ledger, t->call, &c, NULL, 0));
	trace_step(t, TRACE_CONSUME);
}

int
kit_on_prepared(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_prepared p;
	int r;

	if ((r = msg_prepared_get(msg->body, &p)) != 0)
		return r;
	if (p.exe_digest.n != DIGEST_LEN || t->is_prepared)
		r = ERR_FORMAT;
	else if (memcmp(p.exe_digest.p, t->order.exe_digest.p,
	    DIGEST_LEN) != 0)
		finish_not_run(t, WORD(CHANGED),
		    "the executable is not the one that was approved", NULL);
	else {
		memcpy(t->exe_digest, p.exe_digest.p, DIGEST_LEN);
		t->features = p.features;
		p.features = NULL;	/* now owned by t */
		t->is_prepared = 1;
		trace_step(t, TRACE_PREPARED);
		consume(t);
	}
	msg_prepared_free(&p);
	return r;
}

int
kit_on_rec_opened(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_rec_opened opened;
	int r;

	if ((r = msg_rec_opened_get(msg->body, &opened)) != 0)
		return r;
	if (opened.header_digest.n != DIGEST_LEN || t->is_rec_open)
		r = ERR_FORMAT;
	else {
		memcpy(t->header_digest, opened.header_digest.p, DIGEST_LEN);
		t->is_rec_open = 1;
		trace_step(t, TRACE_REC_OPENED);
		if (t->state == TASK_PREPARE)
			consume(t);
	}
	msg_rec_opened_free(&opened);
	return r;
}

int
kit_on_consumed(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	int r;

	if ((r = msg_consumed_get(msg->body, &t->use)) != 0)
		return r;
	t->call = 0;
	t->is_consumed = 1;
	trace_step(t, TRACE_CONSUMED);
	if (t->is_closed || t->end.how != 0 || t->record == NULL ||
	    t->exec == NULL) {
		finish_not_run(t, WORD(STATE),
		    "the client left before the start", NULL);
		return 0;
	}
	if (t->has_pty)
		kit_notice(t, text_start(t->order.request, t->use.use,
		    t->use.uses, t->order.session), 1);
	kit_tell_unread(t);		/* behind the line of the start */
	task_move(t, TASK_GO);
	t->record_seen_ms = t->exec_seen_ms = clock_mono_ms();
	t->due_ms = t->exec_seen_ms + t->mon->slice.stall_s * 1000LL;
	channel_tell_size(t);		/* if it changed since PREPARE */
	mon_sent(t->mon, chan_put_go(t->exec, 0, NULL, NULL, 0));
	channel_tell_early(t);
	trace_step(t, TRACE_GO);
	give_streams(t);		/* not before: another kit may have to do it */
	return 0;
}
