/*
 * backoff.h - how often a user name failed lately, and how much later its next failure is answered.
 *
 * Names are kept as salted digests, those of people and those of nobody
 * alike, in a table of fixed size.  No clock inside.  What a full table does
 * gives nobody anything: a row in use is never dropped for another; names that
 * find no row share one, which only makes them later, and a login clears only
 * a row of its own.  Nobody is locked out: a right answer is never late.
 */
#ifndef LEDGERD_BACKOFF_H
#define LEDGERD_BACKOFF_H

#include <stdint.h>

#define BACKOFF_BUCKETS	1024
#define BACKOFF_ROWS	8	/* in a bucket; one more for those without a row */
/* One failure is forgiven after so long without another: guessing goes on, but at a crawl. */
#define BACKOFF_DECAY_S	120

struct backoff;

/* "fail_delay_ms" doubles with each failure, up to "max_ms".  NULL: no memory or no random bytes. */
struct backoff *backoff_new(uint32_t fail_delay_ms, uint32_t max_ms);
void backoff_free(struct backoff *b);
/*
 * A failure of "name" at "now_s" (monotonic): *extra_ms is what its answer is
 * late beyond fail_delay.  It counts for the next when "is_guess".  ERR_CRYPTO.
 */
int backoff_failed(struct backoff *b, const char *name, int64_t now_s,
    int is_guess, uint32_t *extra_ms);
/* Its owner came in: forget his failures. */
int backoff_passed(struct backoff *b, const char *name);

#endif
