/* ledger.h - sekisho-ledgerd as sekishod sees it: started, bound to monitors, restarted, stopped last. */
#ifndef LISTEN_LEDGER_H
#define LISTEN_LEDGER_H

#include "listen/gate.h"

int ledger_start(struct gate *g);
/* Read what it said; its end of file is its end. */
void ledger_serve(struct gate *g);
/* Give it the other end of a monitor's channel.  "fd" stays the caller's. */
int ledger_bind(struct gate *g, const struct pair *p, int fd);
/* Does so much wait for it that nobody more should be taken? */
int ledger_is_stuck(const struct gate *g);
void ledger_snapshot(struct gate *g);
/* All sessions are over: it writes its last entry.  1: there is nobody to wait for. */
int ledger_stop(struct gate *g);
/* Start it again when the pause is over; returns when that is. */
int64_t ledger_timer(struct gate *g, int64_t now);

/*
 * After one more failure at "now": how long to wait before the next start, in
 * ms, or -1 when it has failed LEDGER_FAILURES_MAX times within
 * LEDGER_FAILURES_MS.  Pure: "times" holds the last *n failures.
 */
int64_t ledger_backoff(int64_t *times, size_t *n, int64_t now);

#endif
