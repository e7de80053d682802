/* pair.h - one connection: a monitor and its net. */
#ifndef LISTEN_PAIR_H
#define LISTEN_PAIR_H

#include "listen/gate.h"

/*
 * Start a pair for an accepted, counted connection and give it the socket,
 * which is closed here in any case.  When it fails the count is taken back.
 */
void pair_start(struct gate *g, int client, const struct sockaddr_storage *from);
/* Read what its monitor said; a broken rule ends the pair. */
void pair_serve(struct pair *p);
/* A new snapshot, a new ledger, the end of the gate: told to every monitor. */
void pair_snapshot_all(struct gate *g);
void pair_ledger_all(struct gate *g);
void pair_drain_all(struct gate *g);
/* Kill what is due; returns when the next is. */
int64_t pair_timers(struct gate *g, int64_t now);
void pair_kill_all(struct gate *g);
/* Forget pairs whose processes have both ended. */
void pair_sweep(struct gate *g);
void pair_free_all(struct gate *g);

#endif
