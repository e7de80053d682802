/* group.c - what several ask in one round becomes one transaction with one sync; nobody is answered before it. */
#include "ledgerd/group.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ledgerd/disk.h"
#include "ledgerd/inside.h"

/*
 * How many transactions share one: their pages must fit SQLite's cache, and
 * what they take together (some 100 us each) the first of them waits for.
 */
#define GROUP_MAX	64
#define GROUP_MS	5	/* ... and no longer than this, whatever they ask */

static void
begin(struct ledgerd *ld)
{
	store_group(ld->store);
	ld->group_ms = clock_mono_ms() + GROUP_MS;
}

/*
 * When a commit finds no room, its transaction is refused and the gate goes
 * on.  Of a group that can be said no more, so there is none while room is
 * short; if it is gone from one look to the next, this process starts anew.
 */
void
group_begin(struct ledgerd *ld, unsigned int askers)
{
	ld->is_grouped = askers > 1 && disk_has_room(ld);
	if (ld->is_grouped)
		begin(ld);
}

void
group_join(struct client *p)
{
	if (p->ld->is_grouped)
		chan_hold(p->chan);
}

/*
 * The answers, now that they are true.  Who has gone meanwhile is found out by
 * the next round: here nobody's sessions would be ended for him.
 */
static void
let_go(struct ledgerd *ld)
{
	struct client *p;

	for (p = ld->clients; p != NULL; p = p->next)
		(void)chan_let_go(p->chan);
}

static int
finish(struct ledgerd *ld)
{
	unsigned int n = store_parts(ld->store);
	int r;

	if ((r = store_commit(ld->store)) != 0) {
		log_error("nobody of a group is answered parts=%u error=%s", n,
		    err_name(r));
		return r;
	}
	if (n > 1)
		log_debug("several share a commit parts=%u", n);
	let_go(ld);
	return 0;
}

int
group_turn(struct ledgerd *ld)
{
	int r;

	if (!ld->is_grouped || (store_parts(ld->store) < GROUP_MAX &&
	    clock_mono_ms() < ld->group_ms))
		return 0;
	if ((r = finish(ld)) == 0)
		begin(ld);
	return r;
}

int
group_end(struct ledgerd *ld)
{
	if (!ld->is_grouped)
		return 0;
	ld->is_grouped = 0;
	return finish(ld);
}
