/* ahead.c - while no order is there: a cage for the next one is built, lost, and built again. */
#include "base/clock.h"
#include "base/err.h"
#include "launch/state.h"

/*
 * What is built right behind a change would often be lost to the next one
 * (a package is installed, containers start), and must not be built before
 * its directories are quiet (seen.h).
 */
#define PAUSE_MIN_MS	((SEEN_QUIET_S + 1) * 1000 + 100)
#define PAUSE_MAX_MS	64000

static void
build_later(struct launch *l)
{
	if (l->build_pause_ms == 0)
		l->build_pause_ms = PAUSE_MIN_MS;
	l->build_at_ms = clock_mono_ms() + l->build_pause_ms;
	l->build_pause_ms *= 2;
	if (l->build_pause_ms > PAUSE_MAX_MS)
		l->build_pause_ms = PAUSE_MAX_MS;
}

static void
build(struct launch *l)
{
	l->build_at_ms = 0;
	cage_guess(&l->job, &l->guess);
	if (l->job.cage.seen.is_unsure)
		build_later(l);
}

int
on_guess(void *ctx, struct msg *m)
{
	struct launch *l = ctx;
	struct msg_guess g;
	int r;

	if ((r = msg_guess_get(m->body, &g)) != 0)
		return r;
	mem_wipe(l->guess.p, l->guess.n);
	l->guess = g.body;
	g.body = (struct blob){ NULL, 0 };	/* now owned by l */
	msg_guess_free(&g);
	build(l);
	return 0;
}

void
state_build(struct launch *l)
{
	if (l->state != X_IDLE || l->build_at_ms == 0 ||
	    clock_mono_ms() < l->build_at_ms)
		return;
	build(l);
}

/*
 * The host's mounts changed, and what was built ahead still holds them as
 * they were: away with it at once, or an unmounted disk stays busy.
 */
void
state_cage_lost(struct launch *l)
{
	cage_drop(&l->job);
	cage_reap(&l->job.cage);
	if (l->state == X_IDLE && l->guess.n > 0)
		build_later(l);
}
