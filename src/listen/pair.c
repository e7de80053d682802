/* pair.c - starts monitor and net, hands the client over, listens to the monitor, ends both together. */
#include "listen/pair.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/child.h"
#include "listen/kit.h"
#include "listen/ledger.h"

/* Pairs of descriptors while a pair of processes is made. */
/* Messages of one monitor before the others have their turn. */
#define PER_TURN	16

enum pair_wire { TO_MONITOR, TO_NET, TO_LEDGER, WIRES };

/* Both processes are to end; what they hold is closed when they have. */
static void
pair_end(struct pair *p)
{
	int64_t now = clock_mono_ms();

	if (p->state == PAIR_OVER)
		return;
	p->state = PAIR_OVER;
	p->grace_end = NEVER;
	p->kill_at = now + NET_LINGER_MS;
	chan_free(p->chan);
	p->chan = NULL;
	child_kill(p->monitor);
	kit_orphan(p, now);
}

/* One of the two has ended. */
static void
pair_gone(struct gate *g, struct child *c, int status)
{
	struct pair *p = c->owner;
	int64_t now = clock_mono_ms();

	(void)status;
	if (p == NULL)
		return;
	if (p->monitor == c) {
		p->monitor = NULL;
		pair_end(p);
		return;
	}
	p->net = NULL;
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

static int
tell_snapshot(struct pair *p)
{
	struct msg_snapshot snapshot = { .serial = p->gate->serial };

	return chan_put_snapshot(p->chan, 0, &snapshot,
	    &p->gate->now.snapshot_fd, 1);
}

/* Make the channels, put the slices in, ask for the processes; then the socket follows. */
static int
bring_up(struct pair *p, int w[WIRES][2], int client)
{
	struct msg_conn conn = { .source = p->source };
	struct gate *g = p->gate;
	int r;

	if ((r = chan_pair(w[TO_MONITOR])) != 0 ||
	    (r = chan_pair(w[TO_NET])) != 0 ||
	    (r = chan_pair(w[TO_LEDGER])) != 0 ||
	    (r = child_slice(g, ROLE_MONITOR, w[TO_MONITOR][1])) != 0 ||
	    (r = child_slice(g, ROLE_NET, w[TO_NET][1])) != 0)
		return r;
	p->chan = chan_new(w[TO_MONITOR][1], PEER_D, PEER_M);
	w[TO_MONITOR][1] = -1;
	if (p->chan == NULL)
		return ERR_NOMEM;
	if ((p->net = child_start(g, ROLE_NET, &w[TO_NET][0], 1,
	    pair_gone)) == NULL)
		return ERR_SYS;
	p->net->owner = p;
	if ((p->monitor = child_start(g, ROLE_MONITOR, (int[]){
	    w[TO_MONITOR][0], w[TO_NET][1], w[TO_LEDGER][0] }, 3,
	    pair_gone)) == NULL)
		return ERR_SYS;
	p->monitor->owner = p;
	if ((r = ledger_bind(g, p, w[TO_LEDGER][1])) != 0 ||
	    (r = tell_snapshot(p)) != 0)
		return r;
	return chan_put_conn(p->chan, 0, &conn, &client, 1);
}

void
pair_start(struct gate *g, int client, const struct sockaddr_storage *from)
{
	int w[WIRES][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	int64_t now = clock_mono_ms();
	struct pair *p;
	struct source key;
	int i, r;

	source_key(&key, from);
	if ((p = calloc(1, sizeof(*p))) == NULL) {
		counts_gone(g->counts, &key, 0);
		fd_close(&client);
		return;
	}
	p->gate = g;
	p->nr = ++g->next_pair;
	p->state = PAIR_STARTING;
	p->key = key;
	source_text(p->source, from);
	p->grace_end = now + 1000 * (int64_t)g->now.settings.login_grace_s;
	p->kill_at = NEVER;
	TAILQ_INSERT_TAIL(&g->pairs, p, entry);
	log_debug("connection conn=%llu source=%s",
	    (unsigned long long)p->nr, p->source);
	if ((r = bring_up(p, w, client)) != 0) {
		log_error("connection not served source=%s error=%s",
		    p->source, err_name(r));
		pair_end(p);
		child_kill(p->net);
	}
	fd_close(&client);
	for (i = 0; i < WIRES; i++) {
		fd_close(&w[i][0]);
		fd_close(&w[i][1]);
	}
}

static int
on_ready(void *ctx, struct msg *m)
{
	struct pair *p = ctx;

	(void)m;
	p->state = PAIR_LOGIN;
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
	counts_note(p->gate->counts, &p->key, COUNT_LOGIN_FAILED);
	return 0;
}

static int
on_need_kit(void *ctx, struct msg *m)
{
	return kit_start(ctx, m->id);
}

static int
on_need_word(void *ctx, struct msg *m)
{
	return kit_start_word(ctx, m->id);
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
		if (buf_len(m.body) != 0)
			r = ERR_FORMAT;	/* none of them has a body */
		else
			r = msg_dispatch(rules,
			    sizeof(rules) / sizeof(rules[0]), p->state, p, &m);
		msg_done(&m);
	}
	if (r == 1 || r == 0)
		return;
	if (r != ERR_CLOSED)
		log_error("monitor given up conn=%llu source=%s error=%s",
		    (unsigned long long)p->nr, p->source, err_name(r));
	pair_end(p);
}

void
pair_snapshot_all(struct gate *g)
{
	struct pair *p;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry))
		if (p->chan != NULL && tell_snapshot(p) != 0)
			pair_end(p);
}

void
pair_ledger_all(struct gate *g)
{
	struct pair *p;
	int w[2] = { -1, -1 };

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry)) {
		if (p->chan == NULL)
			continue;
		if (chan_pair(w) != 0 || ledger_bind(g, p, w[1]) != 0 ||
		    chan_put_ledger(p->chan, 0, NULL, &w[0], 1) != 0)
			pair_end(p);
		fd_close(&w[0]);
		fd_close(&w[1]);
	}
}

void
pair_drain_all(struct gate *g)
{
	struct pair *p;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry)) {
		if (p->state != PAIR_AUTHED) {
			pair_end(p);
			child_kill(p->net);
		} else if (chan_put_drain(p->chan, 0, NULL, NULL, 0) != 0)
			pair_end(p);
	}
}

int64_t
pair_timers(struct gate *g, int64_t now)
{
	int64_t next = NEVER;
	struct pair *p;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry)) {
		if (p->grace_end <= now) {
			counts_note(g->counts, &p->key, COUNT_GRACE_OVER);
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
	counts_gone(g->counts, &p->key, p->was_authed);
	chan_free(p->chan);
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
