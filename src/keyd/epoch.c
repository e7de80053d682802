/* epoch.c - rotation: the next key on the disk, the old one off it, then ledgerd is told. */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "keyd/inside.h"

#define WAIT_MAX_MS	60000		/* the time of day may be set meanwhile */
#define OVERDUE_MIN_MS	60000		/* beyond its life; longer than ledgerd needs to be started again */

/* Milliseconds until the key is too old; by the time of day, or by our own life when that goes back. */
static int64_t
left_ms(const struct keyd *k)
{
	int64_t life = (int64_t)k->epoch_s * 1000;
	int64_t left = life - (clock_unix_ns() - k->now.start_ns) / 1000000;
	int64_t own = life - (clock_mono_ms() - k->epoch_mono_ms);

	return own < left ? own : left;
}

/*
 * While the ledger has not said that it knows the key in force there is no
 * next one: else the ledger could lack more than one, and what they sealed
 * would count for nothing.
 */
static int
may_turn(const struct keyd *k)
{
	return k->is_acked && !k->is_asked && k->now.nr < UINT32_MAX;
}

/*
 * A ledger that never says so would keep one key in force for ever, and
 * whoever takes the gate then could sign for all that time.
 */
int
epoch_is_overdue(struct keyd *k)
{
	int64_t life = (int64_t)k->epoch_s * 1000;
	int64_t most = life + (life > OVERDUE_MIN_MS ? life : OVERDUE_MIN_MS);

	if (may_turn(k) || clock_mono_ms() - k->epoch_mono_ms <= most)
		return 0;
	if (!k->was_overdue)
		log_error("the ledger does not take note of epoch nr=%u: its key signs nothing more until it does",
		    k->now.nr);
	k->was_overdue = 1;
	return 1;
}

int
epoch_wait_ms(const struct keyd *k)
{
	int64_t left;

	if (!may_turn(k))
		return -1;		/* the ACK will wake us */
	left = left_ms(k);
	if (left < 0)
		left = 0;
	return left > WAIT_MAX_MS ? WAIT_MAX_MS : (int)left;
}

/* From the first write to the last the old key stays in force; a crash leaves one of them (slots.c). */
int
epoch_turn(struct keyd *k)
{
	struct epoch_key next;
	int r;

	if (!may_turn(k) || left_ms(k) > 0)
		return 0;
	if ((r = slots_make(&k->disk, &k->log, &k->now, &k->last.head,
	    time_peek(k),
	    &next)) != 0)
		return keyd_broken(k, r);
	if ((r = disk_erase(&k->disk, k->now.at)) != 0) {
		epoch_key_free(&next);
		return keyd_broken(k, r);
	}
	epoch_key_free(&k->now);
	k->now = next;
	k->is_acked = k->was_overdue = 0;
	k->epoch_mono_ms = clock_mono_ms();
	log_info("new epoch nr=%u", k->now.nr);
	if (k->ledger != NULL && ledger_tell_epoch(k) != 0)
		ledger_drop(k);
	return 0;
}
