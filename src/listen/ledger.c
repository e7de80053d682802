/* ledger.c - keeps one sekisho-ledgerd running and every monitor bound to it. */
#include "listen/ledger.h"

#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/child.h"
#include "listen/loop.h"
#include "listen/pair.h"

#define FIRST_PAUSE_MS	100
#define EX_UNAVAILABLE	69
#define HANG_MIN_S	10	/* a slow disk is no reason to kill it */
#define WAITING_MAX	16384	/* bytes for a ledger that does not read: some 150 monitors */

int64_t
ledger_backoff(int64_t *times, size_t *n, int64_t now)
{
	size_t i, kept = 0;

	for (i = 0; i < *n; i++)
		if (now - times[i] < LEDGER_FAILURES_MS)
			times[kept++] = times[i];
	if (kept < LEDGER_FAILURES_MAX)
		times[kept++] = now;
	*n = kept;
	return kept >= LEDGER_FAILURES_MAX ? -1 :
	    (int64_t)FIRST_PAUSE_MS << (kept - 1);
}

static void
ledger_gone(struct gate *g, struct child *c, int status)
{
	int64_t now = clock_mono_ms(), pause;

	(void)c;
	g->ledger = NULL;
	g->is_ledger_ready = 0;
	chan_free(g->ledger_chan);
	g->ledger_chan = NULL;
	if (g->state == GATE_LEDGER_LAST) {
		loop_over(g, g->status);
		return;
	}
	if (g->state == GATE_LEDGER && g->nfailures == 0 &&
	    WIFEXITED(status) && WEXITSTATUS(status) != 0) {
		loop_over(g, WEXITSTATUS(status));	/* it has said why */
		return;
	}
	if ((pause = ledger_backoff(g->ledger_failures, &g->nfailures,
	    now)) < 0) {
		log_error("sekisho-ledgerd does not stay up failures=%d: "
		    "the gate stops", LEDGER_FAILURES_MAX);
		loop_stop(g, EX_UNAVAILABLE);
		return;
	}
	log_error("sekisho-ledgerd ended restart_ms=%lld", (long long)pause);
	g->ledger_start_at = now + pause;
}

int
ledger_start(struct gate *g)
{
	int w[2] = { -1, -1 }, r;

	g->ledger_start_at = NEVER;
	if ((r = chan_pair(w)) != 0 ||
	    (r = child_slice(g, ROLE_LEDGERD, w[1])) != 0)
		goto out;
	g->ledger_chan = chan_new(w[1], PEER_D, PEER_G);
	w[1] = -1;
	if (g->ledger_chan == NULL) {
		r = ERR_NOMEM;
		goto out;
	}
	g->ledger = child_start(g, ROLE_LEDGERD, &w[0], 1, ledger_gone);
	r = g->ledger == NULL ? ERR_SYS : 0;
out:
	fd_close(&w[0]);
	fd_close(&w[1]);
	return r;
}

void
ledger_snapshot(struct gate *g)
{
	struct msg_snapshot snapshot = { .serial = g->serial };

	if (g->ledger_chan != NULL && g->is_ledger_ready &&
	    chan_put_snapshot(g->ledger_chan, 0, &snapshot,
	    &g->now.snapshot_fd, 1) != 0)
		child_kill(g->ledger);
}

/* It is up: the snapshot first, then everybody who waits for it. */
static int
on_ready(void *ctx, struct msg *m)
{
	struct gate *g = ctx;

	(void)m;
	g->is_ledger_ready = 1;
	ledger_snapshot(g);
	pair_ledger_all(g);
	if (g->state == GATE_LEDGER)
		loop_open(g);
	return 0;
}

void
ledger_serve(struct gate *g)
{
	static const struct msg_rule rules[] = {
		{ 1,	MSG_READY,	on_ready },
	};
	struct msg m;
	int r;

	if (g->ledger_chan == NULL)
		return;
	r = chan_flush(g->ledger_chan);
	while (r == 0 && (r = chan_recv(g->ledger_chan, &m)) == 0) {
		r = msg_dispatch(rules, 1, g->is_ledger_ready ? 2 : 1, g, &m);
		msg_done(&m);
	}
	if (r == 0 || r == 1)
		return;
	chan_free(g->ledger_chan);	/* the rest follows when it is reaped */
	g->ledger_chan = NULL;
	g->is_ledger_ready = 0;
	if (r != ERR_CLOSED || g->state != GATE_LEDGER_LAST)
		child_kill(g->ledger);
}

int
ledger_bind(struct gate *g, const struct pair *p, int fd)
{
	struct msg_bind_monitor bind = { .conn = p->nr,
		.source = (char *)(uintptr_t)p->source };

	if (g->ledger_chan == NULL || !g->is_ledger_ready)
		return ERR_CLOSED;
	return chan_put_bind_monitor(g->ledger_chan, 0, &bind, &fd, 1);
}

int
ledger_stop(struct gate *g)
{
	if (g->ledger == NULL)
		return 1;
	if (g->ledger_chan == NULL ||
	    chan_put_drain(g->ledger_chan, 0, NULL, NULL, 0) != 0)
		child_kill(g->ledger);
	return 0;
}

int
ledger_is_stuck(const struct gate *g)
{
	return g->ledger_chan != NULL &&
	    chan_waiting(g->ledger_chan) > WAITING_MAX;
}

/* One that hangs takes nothing any more: after seal_grace it is killed, and so started again. */
static int64_t
stuck_timer(struct gate *g, int64_t now)
{
	int64_t grace_s = g->now.settings.seal_grace_s;

	if (grace_s < HANG_MIN_S)
		grace_s = HANG_MIN_S;
	if (g->ledger_chan == NULL || chan_waiting(g->ledger_chan) == 0)
		g->ledger_stuck_at = NEVER;
	else if (g->ledger_stuck_at == NEVER || g->ledger_stuck_at <= now) {
		if (g->ledger_stuck_at != NEVER) {
			log_error("sekisho-ledgerd does not answer: killed");
			child_kill(g->ledger);
		}
		g->ledger_stuck_at = now + 1000 * grace_s;
	}
	return g->ledger_stuck_at;
}

int64_t
ledger_timer(struct gate *g, int64_t now)
{
	int r;

	if (g->ledger != NULL)
		return stuck_timer(g, now);
	if (g->ledger_start_at > now)
		return g->ledger_start_at;
	if ((r = ledger_start(g)) != 0) {
		log_error("sekisho-ledgerd not started error=%s", err_name(r));
		loop_stop(g, EX_UNAVAILABLE);
	}
	return NEVER;
}
