/* recover.c - a queue of recordings to look after, and at most RECOVER_RUNNING processes that do it. */
#include "listen/recover.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/child.h"
#include "listen/keyd.h"

#define LINGER_MS	5000	/* between its answer and its end */

/* One recording: in the queue, then in a place of g->recovering. */
struct recover_job {
	TAILQ_ENTRY(recover_job)	 entry;
	uint32_t		 id;	/* of RECOVER */
	struct msg_recover	 what;
	struct child		*child;
	struct chan		*chan;
	int64_t			 kill_at;
	int			 is_heard;	/* 0: answered, or nobody asks any more */
};

/* What a handler is given. */
struct place {
	struct gate		*gate;
	struct recover_job		*job;
};

static void
job_free(struct recover_job *r)
{
	msg_recover_free(&r->what);
	chan_free(r->chan);
	free(r);
}

static void
answer(struct gate *g, uint32_t id, const struct msg_recovered *said)
{
	if (g->ledger.is_ready && chan_put_recovered(g->ledger.chan, id, said,
	    NULL, 0) != 0)
		child_kill(g->ledger.child);
}

/* It said nothing: the ledger keeps the session without a chain and asks again when it starts. */
static void
answer_failed(struct gate *g, uint32_t id, uint64_t session)
{
	const struct msg_recovered failed = { .session = session,
		.result = RECOVERY_FAILED };

	log_warn("recording not looked after session=S%llu",
	    (unsigned long long)session);
	answer(g, id, &failed);
}

static void
recover_gone(struct gate *g, struct child *c, int status)
{
	struct recover_job *r = c->owner;
	size_t i;

	(void)status;
	if (r == NULL)
		return;			/* given up before it was whole */
	if (r->is_heard)
		answer_failed(g, r->id, r->what.session);
	for (i = 0; i < RECOVER_RUNNING; i++)
		if (g->recovering[i] == r)
			g->recovering[i] = NULL;
	job_free(r);
}

/* Makes its channels and the process; the seal channel is bound to this session and to nothing else. */
static int
start(struct gate *g, struct recover_job *r)
{
	int w[2] = { -1, -1 }, seals = -1, e;

	if ((e = chan_pair(w)) != 0 ||
	    (e = keyd_channel(g, r->what.session, &r->what.uuid,
	    &seals)) != 0 ||
	    (e = child_slice(g, ROLE_RECOVER, w[1])) != 0)
		goto out;
	r->chan = chan_new(w[1], PEER_D, PEER_R);
	w[1] = -1;
	if (r->chan == NULL) {
		e = ERR_NOMEM;
		goto out;
	}
	if ((e = chan_put_recover(r->chan, r->id, &r->what, &seals, 1)) != 0)
		goto out;
	if ((r->child = child_start(g, ROLE_RECOVER, &w[0], 1,
	    recover_gone)) == NULL)
		e = ERR_SYS;
	else
		r->child->owner = r;
out:
	fd_close(&w[0]);
	fd_close(&w[1]);
	fd_close(&seals);
	return e;
}

static int
is_running(const struct gate *g, uint64_t session)
{
	size_t i;

	for (i = 0; i < RECOVER_RUNNING; i++)
		if (g->recovering[i] != NULL &&
		    g->recovering[i]->what.session == session)
			return 1;
	return 0;
}

/* The next of the queue that nobody looks after yet. */
static struct recover_job *
next_queued(struct gate *g)
{
	struct recover_job *r;

	for (r = TAILQ_FIRST(&g->recoveries); r != NULL;
	    r = TAILQ_NEXT(r, entry))
		if (!is_running(g, r->what.session))
			break;
	return r;
}

static void
begin(struct gate *g, int64_t now)
{
	struct recover_job *r;
	size_t i;

	for (i = 0; i < RECOVER_RUNNING; i++) {
		if (g->recovering[i] != NULL || !keyd_is_ready(g) ||
		    (r = next_queued(g)) == NULL)
			continue;
		TAILQ_REMOVE(&g->recoveries, r, entry);
		g->nrecoveries--;
		r->kill_at = now + RECOVER_MS;
		if (start(g, r) == 0) {
			g->recovering[i] = r;
			continue;
		}
		answer_failed(g, r->id, r->what.session);
		job_free(r);
	}
}

int
recover_ask(struct gate *g, struct msg *m)
{
	struct recover_job *r;
	int e;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return ERR_NOMEM;
	if ((e = msg_recover_get(m->body, &r->what)) == 0 &&
	    (m->nfds != 0 || r->what.uuid.n != UUID_LEN))
		e = ERR_FORMAT;
	if (e != 0) {
		job_free(r);
		return e;
	}
	if (g->nrecoveries >= RECOVER_QUEUE_MAX || g->state >= GATE_DRAINING) {
		answer_failed(g, m->id, r->what.session);
		job_free(r);
		return 0;
	}
	r->id = m->id;
	r->is_heard = 1;
	r->kill_at = NEVER;
	TAILQ_INSERT_TAIL(&g->recoveries, r, entry);
	g->nrecoveries++;
	return 0;
}

/* What it found goes on as it is; that it is about another session is the one thing looked at. */
static int
on_recovered(void *ctx, struct msg *m)
{
	struct gate *g = ((struct place *)ctx)->gate;
	struct recover_job *r = ((struct place *)ctx)->job;
	struct msg_recovered said = { 0 };
	int e;

	if ((e = msg_recovered_get(m->body, &said)) != 0)
		return e;
	if (said.session != r->what.session)
		e = ERR_DENIED;
	else {
		if (r->is_heard)
			answer(g, r->id, &said);
		r->is_heard = 0;
		r->kill_at = clock_mono_ms() + LINGER_MS;
		e = ERR_CLOSED;		/* it has said all it may: it ends with its channel */
	}
	msg_recovered_free(&said);
	return e;
}

static int
on_ready(void *ctx, struct msg *m)
{
	(void)ctx;
	(void)m;
	return 0;
}

void
recover_serve(struct gate *g, size_t i)
{
	static const struct msg_rule rules[] = {
		{ 1, MSG_READY,		on_ready },
		{ 1, MSG_RECOVERED,	on_recovered },
	};
	struct recover_job *r = g->recovering[i];
	struct place place = { g, r };
	struct msg m;
	int e;

	if (r == NULL || r->chan == NULL)
		return;
	e = chan_flush(r->chan);
	while (e == 0 && (e = chan_recv(r->chan, &m)) == 0) {
		e = msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 1,
		    &place, &m);
		msg_done(&m);
	}
	if (e == 0 || e == 1)
		return;
	chan_free(r->chan);
	r->chan = NULL;
	if (e != ERR_CLOSED)
		child_kill(r->child);
}

void
recover_watch(const struct gate *g, struct pollfd *p)
{
	const struct recover_job *r;
	size_t i;

	for (i = 0; i < RECOVER_RUNNING; i++) {
		r = g->recovering[i];
		p[i].fd = r == NULL || r->chan == NULL ? -1 : chan_fd(r->chan);
		p[i].events = p[i].fd < 0 ? 0 : chan_events(r->chan);
		p[i].revents = 0;
	}
}

static void
drop_queue(struct gate *g)
{
	struct recover_job *r;

	while ((r = TAILQ_FIRST(&g->recoveries)) != NULL) {
		TAILQ_REMOVE(&g->recoveries, r, entry);
		job_free(r);
	}
	g->nrecoveries = 0;
}

int
recover_is_running(const struct gate *g)
{
	size_t i;

	for (i = 0; i < RECOVER_RUNNING; i++)
		if (g->recovering[i] != NULL)
			return 1;
	return 0;
}

void
recover_drain(struct gate *g)
{
	drop_queue(g);
}

void
recover_forget(struct gate *g)
{
	size_t i;

	drop_queue(g);
	for (i = 0; i < RECOVER_RUNNING; i++)
		if (g->recovering[i] != NULL)
			g->recovering[i]->is_heard = 0;
}

void
recover_kill_all(struct gate *g)
{
	size_t i;

	for (i = 0; i < RECOVER_RUNNING; i++)
		if (g->recovering[i] != NULL)
			child_kill(g->recovering[i]->child);
}

int64_t
recover_timer(struct gate *g, int64_t now)
{
	int64_t next = NEVER;
	struct recover_job *r;
	size_t i;

	begin(g, now);
	for (i = 0; i < RECOVER_RUNNING; i++) {
		if ((r = g->recovering[i]) == NULL)
			continue;
		if (r->kill_at <= now) {
			log_error("sekisho-record --recover takes too long: "
			    "killed session=S%llu",
			    (unsigned long long)r->what.session);
			r->kill_at = NEVER;
			child_kill(r->child);
		}
		if (r->kill_at < next)
			next = r->kill_at;
	}
	return next;
}

void
recover_free_all(struct gate *g)
{
	size_t i;

	drop_queue(g);
	for (i = 0; i < RECOVER_RUNNING; i++) {
		if (g->recovering[i] != NULL)
			job_free(g->recovering[i]);
		g->recovering[i] = NULL;
	}
}
