/* growth.h - how many bytes a day recordings and ledger grow by. */
#ifndef LEDGERD_GROWTH_H
#define LEDGERD_GROWTH_H

#include <stdint.h>

struct ledgerd;

/* -1: not known.  An answer of the last minute is given again. */
int growth_per_day(struct ledgerd *ld, uint64_t ledger_bytes, int64_t *bytes);

#endif
