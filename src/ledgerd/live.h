/* live.h - the requests of an operator that may be used or wait, newest first. */
#ifndef LEDGERD_LIVE_H
#define LEDGERD_LIVE_H

#include "ledgerd/db.h"

struct ledgerd;

/* At the start, else when it is first wanted. */
int live_load(struct ledgerd *ld, int64_t now);
void live_free(struct ledgerd *ld);
/* A filing.  Within its transaction. */
int live_add(struct ledgerd *ld, const struct request *r);
/* As db_requests(). */
int live_each(struct ledgerd *ld, const char *who, int64_t now,
    db_request_fn *fn, void *arg);

#endif
