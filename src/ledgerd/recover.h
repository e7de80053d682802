/*
 * recover.h - sessions that are over and whose recording nobody ended: found, and told to sekishod.
 *
 * sekishod starts the recorder that looks at the file and marks its end; what
 * it found becomes the entry `recovered`.
 */
#ifndef LEDGERD_RECOVER_H
#define LEDGERD_RECOVER_H

#include <stdint.h>

#include "wire/chan.h"

#define RECOVER_AT_ONCE	4	/* asked for and not answered; the rest wait here */

struct ledgerd;
struct recover;

/* Begins to look for those that an earlier life left: recover_due() does, some each time.  ERR_NOMEM, ERR_SYS. */
int recover_new(struct ledgerd *ld);
void recover_free(struct recover *r);
/* This session's recording has no end.  Once in the queue, it stays until it is answered. */
int recover_want(struct ledgerd *ld, uint64_t session);
/* Ask for what is due. */
int recover_due(struct ledgerd *ld);
/* Milliseconds until then; -1: nothing waits. */
int recover_wait_ms(const struct ledgerd *ld);
/* All that waits is due: for tests, which wait for no clock. */
void recover_now(struct ledgerd *ld);
int on_recovered(void *ctx, struct msg *m);

#endif
