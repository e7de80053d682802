/* pair.h - one connection, or a spare one: a monitor and its net. */
#ifndef LISTEN_PAIR_H
#define LISTEN_PAIR_H

#include "listen/gate.h"

/*
 * Give an accepted, counted connection its pair, a spare one if there is any;
 * the socket is closed here in any case.  When it fails the count is taken
 * back.  "is_exempt": from penalties.
 */
void pair_start(struct gate *g, int client, const struct sockaddr_storage *from,
    int is_exempt);
/* One spare pair more; no more of those started until "born"; when the oldest was, or NEVER. */
void pair_warm(struct gate *g);
void pair_drop_spares(struct gate *g, int64_t born);
int64_t pair_oldest(const struct gate *g);
/* Read what its monitor said; a broken rule ends the pair. */
void pair_serve(struct pair *p);
/* A new snapshot, a new ledger, the end of the gate: told to every monitor. */
void pair_snapshot_all(struct gate *g);
void pair_ledger_all(struct gate *g);
void pair_drain_all(struct gate *g, int is_patient);
/* Kill what is due; returns when the next is. */
int64_t pair_timers(struct gate *g, int64_t now);
void pair_kill_all(struct gate *g);
/* Forget pairs whose processes have both ended. */
void pair_sweep(struct gate *g);
void pair_free_all(struct gate *g);

/* Between pair.c and pair_start.c: one of the two ended; both are to end, for a reason of ours; its monitor's snapshot. */
void pair_gone(struct gate *g, struct child *c, int status);
void pair_cut(struct pair *p);
int pair_tell_snapshot(struct pair *p);

#endif
