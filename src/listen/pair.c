/* pair.c - listens to a monitor, ends it and its net together, and says what that costs the source. */
#include "listen/pair.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/child.h"
#include "listen/kit.h"
#include "listen/ledger.h"
#include "listen/warm.h"

/* Messages of one monitor before the others have their turn. */
#define PER_TURN	16
#define PROTOCOL_BROKEN	1	/* exit status of a monitor whose net said what it may not */

/*
 * What a connection that did not log in costs its source: failed logins one
 * by one, and of the rest the first that is found, once.  What we did to it
 * ourselves costs nothing.
 */
static void
judge(struct pair *p, enum penalty_event e)
{
	struct gate *g = p->gate;
	const struct msg_settings *s = &g->now.settings;
	const struct penalty_rules rules = {
		.add_ms = {
			[PENALTY_AUTH_FAILED] = 1000LL * s->penalty_auth_failed_s,
			[PENALTY_NO_AUTH] = 1000LL * s->penalty_no_auth_s,
			[PENALTY_GRACE_OVER] = 1000LL * s->penalty_grace_over_s,
			[PENALTY_CRASH] = 1000LL * s->penalty_crash_s,
		},
		.min_ms = 1000LL * s->penalty_min_s,
		.max_ms = 1000LL * s->penalty_max_s,
	};

	if (p->is_spare || p->is_exempt || p->is_judged || p->was_authed)
		return;
	p->is_judged = e != PENALTY_AUTH_FAILED;
	penalties_add(g->penalties, &rules, &p->key, e, clock_mono_ms());
}

/* The end of a process of ours that no client should be able to bring about.  SIGKILL is somebody's here. */
static int
is_crash(const struct pair *p, const struct child *c, int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) != SIGKILL;
	return p->monitor == c && p->was_ready && WIFEXITED(status) &&
	    WEXITSTATUS(status) == PROTOCOL_BROKEN;
}

/* Both processes are to end; what they hold is closed when they have. */
static void
pair_end(struct pair *p)
{
	int64_t now = clock_mono_ms();

	if (p->state == PAIR_OVER)
		return;
	p->state = PAIR_OVER;
	if (p->is_spare) {
		warm_left(p->gate, WARM_PAIR);
		if (!p->is_dropped)
			warm_died(p->gate, WARM_PAIR);
	}
	p->grace_end = NEVER;
	p->kill_at = now + NET_LINGER_MS;
	chan_free(p->chan);
	p->chan = NULL;
	child_kill(p->monitor);
	kit_orphan(p, now);
}

void
pair_cut(struct pair *p)
{
	p->is_judged = 1;
	pair_end(p);
	child_kill(p->net);
}

void
pair_gone(struct gate *g, struct child *c, int status)
{
	struct pair *p = c->owner;
	int64_t now = clock_mono_ms();

	if (p == NULL)
		return;
	if (is_crash(p, c, status))
		judge(p, PENALTY_CRASH);
	if (p->monitor == c) {
		p->monitor = NULL;
		pair_end(p);
		return;
	}
	p->net = NULL;
	if (p->is_spare) {
		pair_end(p);
		return;
	}
	/*
	 * After the login the monitor ends its jobs in order (or lets them
	 * run on, as approved); before it there is nothing to wait for but
	 * what PAM still does.
	 */
	if ((p->state & (PAIR_STARTING | PAIR_LOGIN)) != 0 &&
	    p->kill_at > now + LOGIN_LINGER_MS)
		p->kill_at = now + LOGIN_LINGER_MS;
	(void)g;
}

int
pair_tell_snapshot(struct pair *p)
{
	struct msg_snapshot snapshot = { .serial = p->gate->serial };

	return chan_put_snapshot(p->chan, 0, &snapshot,
	    &p->gate->now.snapshot_fd, 1);
}

static int
on_ready(void *ctx, struct msg *m)
{
	struct pair *p = ctx;

	(void)m;
	p->was_ready = 1;
	p->state = p->is_spare ? PAIR_WARM : PAIR_LOGIN;
	return 0;
}

static int
on_authed(void *ctx, struct msg *m)
{
	struct pair *p = ctx;

	(void)m;
	p->state = PAIR_AUTHED;
	p->was_authed = 1;
	p->grace_end = NEVER;
	counts_authed(p->gate->counts, &p->key);
	return 0;
}

static int
on_auth_failed(void *ctx, struct msg *m)
{
	struct pair *p = ctx;

	(void)m;
	p->has_failed = 1;
	judge(p, PENALTY_AUTH_FAILED);
	counts_note(p->gate->counts, &p->key, COUNT_LOGIN_FAILED);
	return 0;
}

/* It tried, and it was our fault. */
static int
on_auth_excused(void *ctx, struct msg *m)
{
	struct pair *p = ctx;

	(void)m;
	p->has_failed = 1;
	return 0;
}

static int
on_need_kit(void *ctx, struct msg *m)
{
	struct msg_need_kit need;
	int r;

	if ((r = msg_need_kit_get(m->body, &need)) != 0)
		return r;
	r = kit_start(ctx, m->id, WARM_KIT, &need.guess);
	msg_need_kit_free(&need);
	return r;
}

static int
on_need_word(void *ctx, struct msg *m)
{
	return kit_start(ctx, m->id, WARM_WORD, NULL);
}

static int
on_kill_kit(void *ctx, struct msg *m)
{
	kit_kill(ctx, m->id);
	return 0;
}

/* All that a monitor may ask of us, and when. */
static const struct msg_rule rules[] = {
	{ PAIR_STARTING,	MSG_READY,		on_ready },
	{ PAIR_LOGIN,		MSG_AUTH_FAILED,	on_auth_failed },
	{ PAIR_LOGIN,		MSG_AUTH_EXCUSED,	on_auth_excused },
	{ PAIR_LOGIN,		MSG_AUTHED,		on_authed },
	{ PAIR_AUTHED,		MSG_NEED_KIT,		on_need_kit },
	{ PAIR_AUTHED,		MSG_NEED_WORD,		on_need_word },
	{ PAIR_AUTHED,		MSG_KILL_KIT,		on_kill_kit },
};

void
pair_serve(struct pair *p)
{
	struct msg m;
	int i, r;

	if (p->chan == NULL)
		return;
	r = chan_flush(p->chan);
	for (i = 0; i < PER_TURN && r == 0 && p->chan != NULL &&
	    (r = chan_recv(p->chan, &m)) == 0; i++) {
		if (m.type != MSG_NEED_KIT && buf_len(m.body) != 0)
			r = ERR_FORMAT;	/* no other has a body */
		else
			r = msg_dispatch(rules,
			    sizeof(rules) / sizeof(rules[0]), p->state, p, &m);
		msg_done(&m);
	}
	if (r == 1 || r == 0)
		return;
	if (r != ERR_CLOSED) {
		log_error("monitor given up conn=%llu source=%s error=%s",
		    (unsigned long long)p->nr, p->source, err_name(r));
		judge(p, PENALTY_CRASH);
	}
	pair_end(p);
}

void
pair_snapshot_all(struct gate *g)
{
	struct pair *p;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry))
		if (p->chan != NULL && pair_tell_snapshot(p) != 0)
			pair_cut(p);
}

void
pair_ledger_all(struct gate *g)
{
	struct pair *p;
	int w[2] = { -1, -1 };

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry)) {
		if (p->chan == NULL || p->is_spare)
			continue;	/* ledgerd has not heard of a spare one */
		if (chan_pair(w) != 0 || ledger_bind(g, p, w[1]) != 0 ||
		    chan_put_ledger(p->chan, 0, NULL, &w[0], 1) != 0)
			pair_cut(p);
		fd_close(&w[0]);
		fd_close(&w[1]);
	}
}

void
pair_drain_all(struct gate *g, int is_patient)
{
	const struct msg_drain drain = { .is_patient = is_patient != 0 };
	struct pair *p;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry))
		if (!p->is_spare && (p->state != PAIR_AUTHED ||
		    chan_put_drain(p->chan, 0, &drain, NULL, 0) != 0))
			pair_cut(p);
}

int64_t
pair_timers(struct gate *g, int64_t now)
{
	int64_t next = NEVER;
	struct pair *p;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry)) {
		if (p->grace_end <= now) {
			counts_note(g->counts, &p->key, COUNT_GRACE_OVER);
			judge(p, PENALTY_GRACE_OVER);
			pair_end(p);
			p->kill_at = now;
		}
		if (p->kill_at <= now) {
			p->kill_at = NEVER;
			child_kill(p->monitor);
			child_kill(p->net);
		}
		if (p->grace_end < next)
			next = p->grace_end;
		if (p->kill_at < next)
			next = p->kill_at;
	}
	return next;
}

void
pair_kill_all(struct gate *g)
{
	struct pair *p;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry)) {
		child_kill(p->monitor);
		child_kill(p->net);
	}
}

static void
pair_free(struct gate *g, struct pair *p)
{
	TAILQ_REMOVE(&g->pairs, p, entry);
	g->npairs--;
	if (!p->is_spare)
		counts_gone(g->counts, &p->key, p->was_authed);
	if (p->was_ready && !p->has_failed)
		judge(p, PENALTY_NO_AUTH);
	chan_free(p->chan);
	fd_close(&p->ledger_fd);
	free(p);
}

void
pair_sweep(struct gate *g)
{
	struct pair *p, *next;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (p->state == PAIR_OVER && p->monitor == NULL &&
		    p->net == NULL)
			pair_free(g, p);
	}
}

void
pair_free_all(struct gate *g)
{
	struct pair *p, *next;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = next) {
		next = TAILQ_NEXT(p, entry);
		pair_free(g, p);
	}
}
