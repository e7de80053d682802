/* warm.c - when a spare pair or kit is started: behind everybody who waits, and never in a loop. */
#include "listen/warm.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "listen/kit.h"
#include "listen/pair.h"
#include "listen/service.h"

/*
 * fork and exec of a pair take a core for some 10 ms, and so does a login:
 * new ones wait until nobody was served for QUIET_MS, at most for LATEST_MS
 * where there is no quiet, and STEP_MS one after the other.
 */
#define QUIET_MS	50
#define LATEST_MS	200
#define STEP_MS		5
/* FAILURES_MAX of a kind died within FAILURES_MS: everything is started cold for so long. */
#define GIVEN_UP_MS	FAILURES_MS

/*
 * Host keys, libraries and the modules of PAM can be replaced without a word
 * to us: nobody meets a process older than this, or older than a SIGHUP.
 */
#define AGE_MAX_MS	300000

static const char *const names[WARM_KINDS] = { "pairs", "kits", "words" };

void
warm_init(struct gate *g)
{
	size_t i;

	memset(g->pools, 0, sizeof(g->pools));
	for (i = 0; i < WARM_KINDS; i++)
		g->pools[i].short_since = NEVER;
}

void
warm_busy(struct gate *g)
{
	g->served_at = clock_mono_ms();
}

void
warm_left(struct gate *g, enum warm_kind kind)
{
	g->pools[kind].n--;
}

void
warm_died(struct gate *g, enum warm_kind kind)
{
	struct pool *p = &g->pools[kind];
	int64_t now = clock_mono_ms(), pause;

	if (p->nfailures == FAILURES_MAX && p->start_at > now)
		return;			/* said already */
	pause = service_backoff(p->failures, &p->nfailures, now);
	if (pause < 0) {
		log_error("warm %s do not stay up failures=%d: started when "
		    "needed seconds=%d", names[kind], FAILURES_MAX,
		    GIVEN_UP_MS / 1000);
		pause = GIVEN_UP_MS;
	}
	p->start_at = now + pause;
}

void
warm_drop_all(struct gate *g)
{
	pair_drop_spares(g, NEVER);
	kit_drop_spares(g, NEVER);
	/* a profile that changed is not what will be asked for */
	mem_wipe(g->guess.p, g->guess.n);
	g->guess = (struct blob){ NULL, 0 };
}

int
warm_is_old(int64_t born, int64_t now)
{
	return now - born >= AGE_MAX_MS;
}

static size_t
wanted(const struct gate *g, size_t kind)
{
	return kind == WARM_PAIR ? g->now.settings.warm_pairs :
	    g->now.settings.warm_kits;
}

/* The moment from which one more of this kind may be started. */
static int64_t
due(const struct gate *g, struct pool *p, int64_t now)
{
	int64_t at = g->served_at + QUIET_MS;

	if (p->short_since == NEVER)
		p->short_since = now;
	if (at > p->short_since + LATEST_MS)
		at = p->short_since + LATEST_MS;
	if (at < p->start_at)
		at = p->start_at;
	return at < g->warm_step_at ? g->warm_step_at : at;
}

static void
start(struct gate *g, enum warm_kind kind)
{
	if (kind == WARM_PAIR)
		pair_warm(g);
	else
		kit_warm(g, kind);
}

/* The pool is full: one that is too old goes, the next comes for it.  Returns when the oldest is due. */
static int64_t
renew(struct gate *g, enum warm_kind kind, int64_t now)
{
	int64_t born = kind == WARM_PAIR ? pair_oldest(g) :
	    kit_oldest(g, kind);

	if (born == NEVER)
		return NEVER;
	if (!warm_is_old(born, now))
		return born + AGE_MAX_MS;
	if (kind == WARM_PAIR)
		pair_drop_spares(g, born);
	else
		kit_drop_spares(g, born);
	return now + STEP_MS;
}

/*
 * A spare kit that knows of no guess builds its cage (src/launch) some 3 ms
 * long: in quiet, like the start of one.  Returns when that is due.
 */
static int64_t
guess(struct gate *g, int64_t now)
{
	int64_t at = g->served_at + QUIET_MS;

	if (at < g->warm_step_at)
		at = g->warm_step_at;
	if (at > now)
		return g->guess.n > 0 ? at : NEVER;
	if (!kit_guess(g))
		return NEVER;
	return g->warm_step_at = now + STEP_MS;
}

int64_t
warm_timer(struct gate *g, int64_t now)
{
	int64_t next = NEVER, at;
	struct pool *p;
	size_t i;

	if (g->state != GATE_OPEN)
		return NEVER;
	for (i = 0; i < WARM_KINDS; i++) {
		p = &g->pools[i];
		if (p->n >= wanted(g, i)) {
			p->short_since = NEVER;
			at = renew(g, (enum warm_kind)i, now);
		} else if ((at = due(g, p, now)) <= now) {
			g->warm_step_at = at = now + STEP_MS;
			start(g, (enum warm_kind)i);
		}
		if (at < next)
			next = at;
	}
	if ((at = guess(g, now)) < next)
		next = at;
	return next;
}
