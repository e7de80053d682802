/* ledger.h - sekisho-ledgerd as sekishod sees it: bound to monitors, to keyd and to the local door, stopped when all sessions are over. */
#ifndef LISTEN_LEDGER_H
#define LISTEN_LEDGER_H

#include "listen/gate.h"

int ledger_start(struct gate *g);
/* Read what it said; its end of file is its end. */
void ledger_serve(struct gate *g);
/* Give it the other end of a monitor's channel.  "fd" stays the caller's. */
int ledger_bind(struct gate *g, const struct pair *p, int fd);
/* The same for somebody of this host.  ERR_CLOSED: it is not there. */
int ledger_bind_local(struct gate *g, uint32_t uid, int fd);
/* Does so much wait for it that nobody more should be taken? */
int ledger_is_stuck(const struct gate *g);
void ledger_snapshot(struct gate *g);
/* All sessions are over: it writes its last entry.  1: there is nobody to wait for. */
int ledger_stop(struct gate *g);
/* Start it again when the pause is over; returns when that is. */
int64_t ledger_timer(struct gate *g, int64_t now);

#endif
