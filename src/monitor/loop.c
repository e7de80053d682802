/*
 * loop.c - one poll loop over sekishod, net, the ledger and every task's
 * record, exec or word; what each may say at which moment is in the const
 * tables here and in the files of the handlers.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "monitor/auth.h"
#include "monitor/seals.h"
#include "monitor/task.h"

#define PER_TURN	32	/* messages of one channel before the others have their turn */

enum watch_kind { WATCH_D, WATCH_NET, WATCH_LEDGER, WATCH_RECORD, WATCH_EXEC,
	WATCH_WORD };

struct watch {
	struct chan	**slot;		/* where the owner keeps it */
	struct chan	 *chan;		/* what was there when poll began */
	struct task	 *task;
	enum watch_kind	  kind;
};

static int
on_net_ready(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_conn conn = { .source = m->source };
	struct msg_ready ready;
	int r;

	if ((r = msg_ready_get(msg->body, &ready)) != 0)
		return r;
	if (m->is_net_ready)
		return ERR_STATE;
	m->is_net_ready = 1;
	if (m->client == -1)
		return 0;		/* CONN hands it on */
	mon_sent(m, chan_put_conn(m->net, 0, &conn, &m->client, 1));
	trace_mark(m, TRACE_GIVEN);
	close(m->client);
	m->client = -1;
	m->state = MON_AUTH;
	return 0;
}

static int
on_net_log(void *ctx, struct msg *msg)
{
	return mon_net_line(ctx, msg);
}

static int
on_net_pong(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_pong pong;

	m->net_seen_ms = clock_mono_ms();
	idle_on_pong(m, msg->id);
	return msg_pong_get(msg->body, &pong);
}

static const struct msg_rule net_rules[] = {
	{ MON_START | MON_AUTH,	MSG_READY,	on_net_ready },
	{ MON_ANY,		MSG_LOG,	on_net_log },
	{ MON_ANY,		MSG_PONG,	on_net_pong },
	{ MON_AUTH,		MSG_AUTH_START,	auth_on_start },
	{ MON_AUTH,		MSG_AUTH_OTHER,	auth_on_other },
	{ MON_AUTH,		MSG_AUTH_KEY,	keys_on_key },
	{ MON_AUTH,		MSG_AUTH_ABORT,	auth_on_late_abort },
	{ MON_OPEN,		MSG_CHAN_OPEN,	channel_on_open },
	{ MON_OPEN,		MSG_CHAN_ACTIVE, idle_on_active },
	{ MON_OPEN,		MSG_CHAN_REFUSED, channel_on_refused },
};

static const struct msg_rule d_rules[] = {
	{ MON_START,		MSG_CONN,	policy_on_conn },
	{ MON_ANY,		MSG_SNAPSHOT,	policy_on_snapshot },
	{ MON_ANY,		MSG_LEDGER,	ledger_on_new },
	{ MON_ANY,		MSG_DRAIN,	policy_on_drain },
};

static const struct msg_rule kit_rules[] = {
	{ TASK_KIT,			MSG_KIT,	kit_on_kit },
	{ TASK_WORD_KIT,		MSG_WORD_KIT,	word_on_kit },
	{ TASK_KIT | TASK_WORD_KIT,	MSG_KIT_FAILED,	kit_on_failed },
	{ TASK_STARTED,			MSG_SEALS,	seals_on_new },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
dispatch_net(struct mon *m, struct msg *msg)
{
	if (m->state == MON_OPEN && msg->type >= MSG_CHAN_PTY &&
	    msg->type <= MSG_CHAN_CLOSED) {
		channel_dispatch(m, msg);
		return;
	}
	if (msg_dispatch(net_rules, COUNT(net_rules), m->state, m, msg) != 0)
		mon_die(m);
}

static void
dispatch_d(struct mon *m, struct msg *msg)
{
	struct task *t;
	int r;

	switch (msg->type) {
	case MSG_KIT:
	case MSG_WORD_KIT:
	case MSG_KIT_FAILED:
	case MSG_SEALS:
		if ((t = task_of_kit(m, msg->id)) != NULL)
			r = msg_dispatch(kit_rules, COUNT(kit_rules),
			    t->state, t, msg);
		else			/* it came too late: killed unseen */
			r = msg->id <= m->last_call ? 0 : ERR_STATE;
		break;
	default:
		r = msg_dispatch(d_rules, COUNT(d_rules), m->state, m, msg);
	}
	if (r != 0) {
		log_error("sekishod said what it may not msg=%s error=%s",
		    msg_name((unsigned int)msg->type), err_name(r));
		mon_die(m);
	}
}

void
policy_catch_up(struct mon *m)
{
	struct msg msg;

	while (!m->is_over && chan_recv(m->d, &msg) == 0) {
		dispatch_d(m, &msg);
		msg_done(&msg);
	}
}

static void
dispatch(struct mon *m, const struct watch *w, struct msg *msg)
{
	switch (w->kind) {
	case WATCH_D:
		dispatch_d(m, msg);
		break;
	case WATCH_NET:
		dispatch_net(m, msg);
		break;
	case WATCH_LEDGER:
		ledger_dispatch(m, msg);
		break;
	case WATCH_RECORD:
		job_record_says(w->task, msg);
		break;
	case WATCH_EXEC:
		job_exec_says(w->task, msg);
		break;
	case WATCH_WORD:
		word_dispatch(w->task, msg);
		break;
	}
}

/* The client is gone: nobody is there to hear the end of any task. */
static void
net_lost(struct mon *m)
{
	struct task *t;

	chan_free(m->net);
	m->net = NULL;
	if (m->state != MON_OPEN) {
		auth_on_gone(m);
		m->is_over = 1;
		return;
	}
	m->state = MON_LEAVING;
	for (t = m->tasks; t != NULL; t = t->next)
		channel_client_gone(t, 0);
}

/* A channel reached its end, or its peer broke the protocol (logged). */
static void
lost(struct mon *m, const struct watch *w, int why)
{
	if (why != ERR_CLOSED && (w->kind == WATCH_NET || w->kind == WATCH_D)) {
		mon_die(m);
		return;
	}
	switch (w->kind) {
	case WATCH_D:
		m->is_over = 1;
		break;
	case WATCH_NET:
		net_lost(m);
		break;
	case WATCH_LEDGER:
		ledger_lost(m);
		break;
	case WATCH_RECORD:
		job_record_lost(w->task, "the recorder died");
		break;
	case WATCH_EXEC:
		job_exec_lost(w->task);
		break;
	case WATCH_WORD:
		word_lost(w->task);
		break;
	}
}

static void
serve(struct mon *m, const struct watch *w, short revents)
{
	struct msg msg;
	int i, r;

	if ((revents & POLLOUT) != 0 && *w->slot == w->chan) {
		r = chan_flush(w->chan);
		if (r != 0 && r != ERR_CLOSED)
			log_warn("flush failed error=%s", err_name(r));
		if (w->kind == WATCH_RECORD || w->kind == WATCH_EXEC)
			channel_tell_size(w->task);
	}
	for (i = 0; i < PER_TURN && !m->is_over && *w->slot == w->chan; i++) {
		if ((r = chan_recv(w->chan, &msg)) == 1)
			return;
		if (r != 0) {
			lost(m, w, r);
			return;
		}
		dispatch(m, w, &msg);
		msg_done(&msg);
	}
}

static void
add(struct watch *w, size_t *n, struct chan **slot, struct task *t,
    enum watch_kind kind)
{
	if (*slot == NULL)
		return;
	w[*n].slot = slot;
	w[*n].chan = *slot;
	w[*n].task = t;
	w[*n].kind = kind;
	(*n)++;
}

/* sekishod first: a newer snapshot counts before what follows from it. */
static size_t
collect(struct mon *m, struct watch *w)
{
	struct task *t;
	size_t n = 0;

	add(w, &n, &m->d, NULL, WATCH_D);
	add(w, &n, &m->ledger, NULL, WATCH_LEDGER);
	for (t = m->tasks; t != NULL; t = t->next) {
		add(w, &n, &t->record, t, WATCH_RECORD);
		add(w, &n, &t->exec, t, WATCH_EXEC);
		add(w, &n, &t->word, t, WATCH_WORD);
	}
	add(w, &n, &m->net, NULL, WATCH_NET);
	return n;
}

static int
wait_ms(const struct mon *m, int timeout_ms)
{
	int due = timers_next_ms(m);

	if (due >= 0 && (timeout_ms < 0 || due < timeout_ms))
		return due;
	return timeout_ms;
}

void
loop_turn(struct mon *m, int timeout_ms)
{
	size_t max = 3 + 3 * (size_t)m->ntasks, n, i;
	struct pollfd *p = NULL;
	struct watch *w = NULL;

	if ((p = calloc(max, sizeof(*p))) == NULL ||
	    (w = calloc(max, sizeof(*w))) == NULL) {
		mon_die(m);
		goto out;
	}
	n = collect(m, w);
	for (i = 0; i < n; i++) {
		p[i].fd = chan_fd(w[i].chan);
		p[i].events = chan_events(w[i].chan);
	}
	if (poll(p, n, wait_ms(m, timeout_ms)) < 0 && errno != EINTR) {
		log_errno("poll failed");
		mon_die(m);
		goto out;
	}
	for (i = 0; i < n && !m->is_over; i++)
		if (p[i].revents != 0 && *w[i].slot == w[i].chan)
			serve(m, &w[i], p[i].revents);
	if (!m->is_over)
		timers_run(m);
	task_sweep(m);
	/* without a ledger a new connection can do more than this one */
	if (m->ntasks == 0 && (m->state == MON_LEAVING ||
	    (m->is_draining && !m->is_patient) ||
	    (m->is_ledger_stuck && m->is_ledger_given_up)))
		m->is_over = 1;
	if (!m->is_over)
		policy_say_bye(m);
out:
	free(p);
	free(w);
}
