/* keyd.c - keeps one sekisho-keyd running and everybody who needs its signature bound to it. */
#include "listen/keyd.h"

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/child.h"
#include "listen/kit.h"
#include "listen/loop.h"
#include "listen/service.h"

static void
keyd_gone(struct gate *g, struct child *c, int status)
{
	(void)c;
	if (g->state == GATE_KEYS_LAST) {
		g->keyd.child = NULL;
		loop_over(g, g->status);
		return;
	}
	service_gone(g, &g->keyd, status, g->state == GATE_KEYS);
}

int
keyd_start(struct gate *g)
{
	return service_start(g, &g->keyd, keyd_gone);
}

int
keyd_is_ready(const struct gate *g)
{
	return g->keyd.is_ready && !service_is_stuck(&g->keyd);
}

void
keyd_bind(struct gate *g)
{
	int w[2] = { -1, -1 };

	if (!g->keyd.is_ready || !g->ledger.is_ready)
		return;
	if (chan_pair(w) != 0 ||
	    chan_put_bind_keys(g->keyd.chan, 0, NULL, &w[0], 1) != 0)
		child_kill(g->keyd.child);
	else if (chan_put_bind_keys(g->ledger.chan, 0, NULL, &w[1], 1) != 0)
		child_kill(g->ledger.child);
	fd_close(&w[0]);
	fd_close(&w[1]);
}

int
keyd_channel(struct gate *g, uint64_t session, const struct blob *uuid,
    int *fd)
{
	struct msg_seal_channel bind = { .session = session };
	int w[2] = { -1, -1 }, r;

	if (!keyd_is_ready(g))
		return ERR_CLOSED;
	if (uuid != NULL)
		bind.uuid = *uuid;
	if ((r = chan_pair(w)) != 0)
		return r;
	r = chan_put_seal_channel(g->keyd.chan, 0, &bind, &w[0], 1);
	fd_close(&w[0]);
	if (r != 0) {
		fd_close(&w[1]);
		child_kill(g->keyd.child);
		return ERR_CLOSED;
	}
	*fd = w[1];
	return 0;
}

/* It is up: the ledger first, then the recorders of what runs; at the start the ledger is next. */
static int
on_ready(void *ctx, struct msg *m)
{
	struct gate *g = ctx;

	(void)m;
	g->keyd.is_ready = 1;
	keyd_bind(g);
	kit_seals_all(g);
	if (g->state == GATE_KEYS)
		loop_keys_ready(g);
	return 0;
}

void
keyd_serve(struct gate *g)
{
	static const struct msg_rule rules[] = {
		{ 1,	MSG_READY,	on_ready },
	};

	(void)service_serve(g, &g->keyd, rules,
	    sizeof(rules) / sizeof(rules[0]), g->state == GATE_KEYS_LAST);
}

int
keyd_stop(struct gate *g)
{
	if (g->keyd.child == NULL)
		return 1;
	chan_free(g->keyd.chan);	/* the end of it is all it waits for */
	g->keyd.chan = NULL;
	g->keyd.is_ready = 0;
	return 0;
}

int64_t
keyd_timer(struct gate *g, int64_t now)
{
	if (g->state == GATE_KEYS_LAST)
		return NEVER;
	return service_timer(g, &g->keyd, now, keyd_start);
}
