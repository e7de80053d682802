/* word.c - gateway words: a channel of the ledger bound to this person, and sekisho to speak over it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "monitor/task.h"
#include "sekisho/code.h"

#define WORD(code)	sekisho_code_word(SEKISHO_CODE_##code)

void
word_begin(struct task *t)
{
	struct mon *m = t->mon;
	struct msg_bind bind = { .user = m->user, .source = m->source };

	t->call = mon_call(m);
	task_move(t, TASK_BIND);
	t->due_ms = clock_mono_ms() + m->slice.seal_grace_s * 1000LL;
	mon_sent(m, chan_put_bind(m->ledger, t->call, &bind, NULL, 0));
}

int
word_on_bound(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct mon *m = t->mon;
	struct msg_bound bound;
	int r;

	if ((r = msg_bound_get(msg->body, &bound)) != 0)
		return r;
	t->call = 0;
	if ((t->bound = msg_take_fd(msg, 0)) < 0)
		return ERR_FORMAT;
	if (t->is_closed || t->end.how != 0) {
		finish_task(t);
		return 0;
	}
	t->kit = mon_call(m);
	task_move(t, TASK_WORD_KIT);
	t->due_ms = clock_mono_ms() + m->slice.stall_s * 1000LL;
	mon_sent(m, chan_put_need_word(m->d, t->kit, NULL, NULL, 0));
	return 0;
}

/* Words and streams to their processes; our copies of the descriptors are closed. */
static void
hand_on(struct task *t)
{
	struct mon *m = t->mon;
	struct msg_word word = { .argv = t->argv, .user = m->user,
		.pty = t->has_pty != 0, .cols = t->cols, .rows = t->rows,
		.zone = m->slice.zone };
	struct msg_chan_streams streams = { .has_err = 1, .reads_input = 1 };
	int fds[2] = { t->io, t->err };

	mon_sent(m, chan_put_word(t->word, 0, &word, &t->bound, 1));
	mon_sent(m, chan_put_chan_streams(m->net, t->id, &streams, fds, 2));
	fd_close(&t->bound);
	fd_close(&t->io);
	fd_close(&t->err);
	t->has_streams = 1;
}

int
word_on_kit(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_word_kit kit;
	int r, fd;

	if ((r = msg_word_kit_get(msg->body, &kit)) != 0)
		return r;
	fd = msg_take_fd(msg, 0);
	t->io = msg_take_fd(msg, 1);
	t->err = msg_take_fd(msg, 2);
	if (fd < 0 || t->io < 0 || t->err < 0) {
		fd_close(&fd);
		return ERR_FORMAT;
	}
	if ((t->word = chan_new(fd, PEER_M, PEER_W)) == NULL)
		return ERR_NOMEM;
	if (t->is_closed || t->end.how != 0 || t->mon->net == NULL) {
		task_kill_kit(t);
		finish_task(t);
		return 0;
	}
	hand_on(t);
	task_move(t, TASK_WORD);
	return 0;
}

static int
on_exit_status(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_word_exit end;
	int r;

	if ((r = msg_word_exit_get(msg->body, &end)) != 0)
		return r;
	t->end.status = end.status & 0xff;
	finish_task(t);
	return 0;
}

static const struct msg_rule rules[] = {
	{ TASK_WORD,	MSG_READY,	kit_on_ready },
	{ TASK_WORD,	MSG_WORD_EXIT,	on_exit_status },
};

void
word_dispatch(struct task *t, struct msg *msg)
{
	if (msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), t->state, t,
	    msg) != 0)
		word_lost(t);
}

void
word_lost(struct task *t)
{
	log_error("word ended without a status channel=%u", t->id);
	task_kill_kit(t);
	finish_refused(t, WORD(LOST), "the gate's own word broke off", NULL);
}
