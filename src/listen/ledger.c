/* ledger.c - keeps one sekisho-ledgerd running and every monitor bound to it. */
#include "listen/ledger.h"

#include "base/err.h"
#include "listen/child.h"
#include "listen/keyd.h"
#include "listen/loop.h"
#include "listen/pair.h"
#include "listen/recover.h"
#include "listen/service.h"
#include "listen/state.h"

static void
ledger_gone(struct gate *g, struct child *c, int status)
{
	(void)c;
	recover_forget(g);
	if (g->state == GATE_LEDGER_LAST) {
		g->ledger.child = NULL;
		loop_keys_last(g);
		return;
	}
	service_gone(g, &g->ledger, status, g->state == GATE_LEDGER);
}

int
ledger_start(struct gate *g)
{
	return service_start(g, &g->ledger, ledger_gone);
}

void
ledger_snapshot(struct gate *g)
{
	struct msg_snapshot snapshot = { .serial = g->serial };

	if (g->ledger.is_ready && chan_put_snapshot(g->ledger.chan, 0,
	    &snapshot, &g->now.snapshot_fd, 1) != 0)
		child_kill(g->ledger.child);
}

/* It is up: the snapshot first, then keyd, then everybody who waits for it. */
static int
on_ready(void *ctx, struct msg *m)
{
	struct gate *g = ctx;

	(void)m;
	g->ledger.is_ready = 1;
	ledger_snapshot(g);
	keyd_bind(g);
	pair_ledger_all(g);
	state_forget(g);
	if (g->state == GATE_LEDGER)
		loop_open(g);
	return 0;
}

static int
on_recover(void *ctx, struct msg *m)
{
	return recover_ask(ctx, m);
}

void
ledger_serve(struct gate *g)
{
	static const struct msg_rule rules[] = {
		{ 1,	MSG_READY,	on_ready },
		{ 2,	MSG_RECOVER,	on_recover },
	};

	if (service_serve(g, &g->ledger, rules,
	    sizeof(rules) / sizeof(rules[0]), g->state == GATE_LEDGER_LAST))
		recover_forget(g);
}

int
ledger_bind(struct gate *g, const struct pair *p, int fd)
{
	struct msg_bind_monitor bind = { .conn = p->nr,
		.source = (char *)(uintptr_t)p->source };

	if (!g->ledger.is_ready)
		return ERR_CLOSED;
	return chan_put_bind_monitor(g->ledger.chan, 0, &bind, &fd, 1);
}

int
ledger_bind_local(struct gate *g, uint32_t uid, int fd)
{
	struct msg_bind_local bind = { .uid = uid };

	if (!g->ledger.is_ready)
		return ERR_CLOSED;
	return chan_put_bind_local(g->ledger.chan, 0, &bind, &fd, 1);
}

int
ledger_stop(struct gate *g)
{
	if (g->ledger.child == NULL)
		return 1;
	if (g->ledger.chan == NULL ||
	    chan_put_drain(g->ledger.chan, 0, NULL, NULL, 0) != 0)
		child_kill(g->ledger.child);
	return 0;
}

int
ledger_is_stuck(const struct gate *g)
{
	return service_is_stuck(&g->ledger);
}

int64_t
ledger_timer(struct gate *g, int64_t now)
{
	return service_timer(g, &g->ledger, now, ledger_start);
}
