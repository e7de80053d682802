/* stop.c - the end of the gate: connections, then ledgerd, then keyd. */
#include "listen/stop.h"

#include "base/clock.h"
#include "base/log.h"
#include "listen/accept.h"
#include "listen/child.h"
#include "listen/door.h"
#include "listen/keyd.h"
#include "listen/kit.h"
#include "listen/ledger.h"
#include "listen/loop.h"
#include "listen/pair.h"
#include "listen/recover.h"
#include "listen/warm.h"

#define KILL_WAIT_MS	3000	/* between killing all and the ledger's turn */

void
loop_keys_last(struct gate *g)
{
	g->state = GATE_KEYS_LAST;
	g->stop_end = clock_mono_ms() + KEYS_STOP_MS;
	if (keyd_stop(g) != 0)
		loop_over(g, g->status);
}

void
loop_stop(struct gate *g, int status)
{
	int64_t now = clock_mono_ms();

	if (g->state == GATE_LOADING) {
		loop_over(g, status);
		return;
	}
	if (g->state == GATE_DRAINING)
		g->stop_end = now;		/* asked twice */
	if (g->state >= GATE_DRAINING)
		return;
	log_info("gate stops connections=%zu kits=%zu",
	    counts_connections(g->counts), g->nkits);
	g->state = GATE_DRAINING;
	g->status = status;
	g->stop_end = now + 1000 * (int64_t)g->now.settings.stop_grace_s;
	g->ledger.start_at = NEVER;
	accept_close(g);
	door_close(g);
	recover_drain(g);
	child_kill(g->load);
	warm_drop_all(g);
	pair_drain_all(g, 0);
}

void
stop_drain(struct gate *g)
{
	if (g->state < GATE_OPEN)
		loop_stop(g, 0);	/* nobody is there yet */
	if (g->state != GATE_OPEN)
		return;
	log_info("gate drains connections=%zu kits=%zu",
	    counts_connections(g->counts), g->nkits);
	g->state = GATE_PATIENT;	/* from now on accept.c tells everybody so */
	warm_drop_all(g);
	pair_drain_all(g, 1);
}

int64_t
stop_timer(struct gate *g, int64_t now)
{
	int nobody = TAILQ_EMPTY(&g->pairs) && TAILQ_EMPTY(&g->kits);
	int is_empty = nobody && !recover_is_running(g);

	if (g->state == GATE_PATIENT && nobody)
		loop_stop(g, 0);
	if (g->state < GATE_DRAINING || g->state == GATE_OVER)
		return NEVER;
	if (g->state == GATE_LEDGER_LAST) {
		if (now < g->stop_end)
			return g->stop_end;
		log_error("sekisho-ledgerd does not end: killed");
		child_kill(g->ledger.child);
		loop_over(g, g->status);
		return NEVER;
	}
	if (g->state == GATE_KEYS_LAST) {
		if (now < g->stop_end)
			return g->stop_end;
		log_error("sekisho-keyd does not end: killed");
		child_kill(g->keyd.child);
		loop_over(g, g->status);
		return NEVER;
	}
	if (!is_empty && now < g->stop_end)
		return g->stop_end;
	if (!is_empty && now < g->stop_end + KILL_WAIT_MS) {
		pair_kill_all(g);
		kit_kill_all(g);
		recover_kill_all(g);
		return g->stop_end + KILL_WAIT_MS;
	}
	g->state = GATE_LEDGER_LAST;
	g->stop_end = now + LEDGER_STOP_MS;
	if (ledger_stop(g) != 0)
		loop_keys_last(g);
	return g->stop_end;
}
