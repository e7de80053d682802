/* time.c - the keys' own clock: the time of day, but never back. */
#include "base/clock.h"
#include "base/log.h"
#include "keyd/inside.h"

#define LATE_NS		(2 * TIME_STEP_NS)	/* said in the log from here on */

void
time_start(struct keyd *k)
{
	k->time_ns = k->last.until_ns > k->now.start_ns ? k->last.until_ns :
	    k->now.start_ns;
}

int64_t
time_peek(struct keyd *k)
{
	int64_t t = clock_unix_ns();

	if (t > k->time_ns) {
		k->was_late = 0;
		return k->time_ns = t;
	}
	if (k->time_ns - t > LATE_NS && !k->was_late) {
		log_warn("the clock is behind what was signed already; it stands until the clock has caught up seconds=%lld",
		    (long long)((k->time_ns - t) / TIME_STEP_NS));
		k->was_late = 1;
	}
	return ++k->time_ns;
}

int
time_next(struct keyd *k, int64_t *t)
{
	*t = time_peek(k);
	if (*t <= k->last.until_ns)
		return 0;
	k->last.until_ns = *t + TIME_STEP_NS;
	return keyd_broken(k, last_save(&k->disk, &k->log, &k->last));
}
