/* policy.c - what sekishod says: the client, a newer snapshot, the end of the gate. */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "confine/role.h"
#include "monitor/order.h"
#include "monitor/task.h"
#include "monitor/texts.h"
#include "sekisho/code.h"

#include <string.h>
#include <unistd.h>

#define WORD(code)	sekisho_code_word(SEKISHO_CODE_##code)
#define STOP_GRACE_S	15	/* sekishod's default, when the slice has none */
#define STOP_SLACK_S	2	/* for the record and the ledger behind the job's end */

int
policy_may_log_in(const struct snapshot *s, const char *user)
{
	const struct msg_snap_person *p;

	if (s == NULL || (p = snapshot_person(s, user)) == NULL)
		return 0;
	return p->active && p->roles != 0 && p->uid != 0 &&
	    strcmp(user, "root") != 0;
}

int
policy_on_conn(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_conn conn;
	int r, fd;

	if ((r = msg_conn_get(msg->body, &conn)) != 0)
		return r;
	if (m->source != NULL || (fd = msg_take_fd(msg, 0)) < 0) {
		msg_conn_free(&conn);
		return ERR_FORMAT;
	}
	trace_mark(m, TRACE_CONN);
	role_title("sekisho-monitor: [auth]");
	m->source = conn.source;
	m->conn_ms = clock_mono_ms();
	conn.source = NULL;		/* now owned by m */
	if (m->is_net_ready) {
		struct msg_conn out = { .source = m->source };

		mon_sent(m, chan_put_conn(m->net, 0, &out, &fd, 1));
		trace_mark(m, TRACE_GIVEN);
		close(fd);
		m->state = MON_AUTH;
	} else
		m->client = fd;		/* until net says READY */
	msg_conn_free(&conn);
	return 0;
}

/* A right that is gone ends what rests on it. */
static void
judge_again(struct mon *m)
{
	uint32_t grace_ms = m->slice.kill_grace_s * 1000, lost;
	const struct msg_snap_person *p;
	struct task *t;

	if (m->user == NULL)
		return;
	p = snapshot_person(m->snap, m->user);
	lost = m->roles & ~(p == NULL ? 0 : p->roles);
	m->roles = p == NULL ? 0 : p->roles;
	m->is_revoked = !policy_may_log_in(m->snap, m->user);
	for (t = m->tasks; t != NULL; t = t->next)
		if (m->is_revoked)
			finish_stop(t, JOB_REVOKED, WORD(REVOKED),
			    "your role or account was withdrawn", grace_ms);
		else if (lost != 0 && (t->state & (TASK_BIND |
		    TASK_WORD_KIT | TASK_WORD)) != 0)
			/* a replay needs no further question to go on */
			finish_stop(t, JOB_REVOKED, WORD(REVOKED),
			    "one of your roles was withdrawn", 0);
		else if (t->has_order && (t->state & (TASK_WITH_JOB |
		    TASK_KIT | TASK_PREPARE | TASK_CONSUME)) != 0 &&
		    !order_is_allowed(m->snap, m->user, &t->order))
			finish_stop(t, JOB_REVOKED, WORD(REVOKED),
			    "the policy does not allow this any more",
			    grace_ms);
}

int
policy_on_snapshot(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_snapshot head;
	struct snapshot *snap = NULL;
	int r, fd;

	if ((r = msg_snapshot_get(msg->body, &head)) != 0)
		return r;
	if ((fd = msg_take_fd(msg, 0)) < 0)
		return ERR_FORMAT;
	r = snapshot_read(fd, head.serial, &snap);
	close(fd);
	if (r != 0)
		return r;
	if (m->snap != NULL && snap->serial <= m->snap->serial) {
		snapshot_free(snap);
		return ERR_CONFLICT;	/* time does not run backwards */
	}
	snapshot_free(m->snap);
	m->snap = snap;
	judge_again(m);
	return 0;
}

/* Running commands have so long until they are ended. */
static void
drain_soon(struct mon *m)
{
	uint32_t stop_s = m->slice.stop_grace_s, need_s;
	struct task *t;
	int64_t left_s = 0;

	if (stop_s == 0)
		stop_s = STOP_GRACE_S;
	/* TERM early enough that the grace and what follows it fit */
	need_s = m->slice.kill_grace_s + STOP_SLACK_S;
	if (stop_s > need_s)
		left_s = stop_s - need_s;
	m->drain_ms = clock_mono_ms() + left_s * 1000;
	for (t = m->tasks; t != NULL; t = t->next)
		if (t->state == TASK_RUN)
			kit_notice(t, text_stopping(t->order.request, left_s,
			    t->has_pty), 1);
}

/* Only commands are waited for. */
static void
drain_patiently(struct mon *m)
{
	struct task *t;

	for (t = m->tasks; t != NULL; t = t->next)
		if ((t->state & (TASK_BIND | TASK_WORD_KIT | TASK_WORD)) != 0)
			finish_stop(t, JOB_STOPPING, WORD(STOPPING),
			    "the gate is stopping", 0);
}

/* A second one may only be less patient than the first. */
int
policy_on_drain(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_drain drain;
	int r;

	if ((r = msg_drain_get(msg->body, &drain)) != 0)
		return r;
	if (m->state != MON_OPEN && m->state != MON_LEAVING) {
		m->is_over = 1;
		return 0;
	}
	if (m->is_draining && (!m->is_patient || drain.is_patient))
		return 0;
	m->is_draining = 1;
	m->is_patient = drain.is_patient != 0;
	if (m->is_patient)
		drain_patiently(m);
	else
		drain_soon(m);
	return 0;
}

void
policy_say_bye(struct mon *m)
{
	static const char text[] = "sekisho: the gate is stopping";
	struct msg_bye bye = { .text = (char *)(uintptr_t)text };
	const struct task *t;

	if (!m->is_patient || m->is_bye_said || m->state != MON_OPEN)
		return;
	/* what is over may still have bytes on their way to the client */
	for (t = m->tasks; t != NULL; t = t->next)
		if ((t->state & TASK_FRESH) == 0)
			return;
	m->is_bye_said = 1;
	mon_sent(m, chan_put_bye(m->net, 0, &bye, NULL, 0));
}
