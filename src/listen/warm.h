/*
 * warm.h - processes started, confined and READY before anybody needs them.
 *
 * A spare pair is no connection, a spare kit no command: they count towards
 * no limit of those and know of nobody.  Each of them is fork and exec like
 * every other, so it has an address layout of its own, and it serves once.
 */
#ifndef LISTEN_WARM_H
#define LISTEN_WARM_H

#include "listen/gate.h"

void warm_init(struct gate *g);
/* Somebody is being served: nothing is started beside that for a moment. */
void warm_busy(struct gate *g);
/* A spare one left its pool: it is wanted, or ended by us. */
void warm_left(struct gate *g, enum warm_kind kind);
/* It ended by itself, or could not be made: a pause that grows before the next. */
void warm_died(struct gate *g, enum warm_kind kind);
/* Configuration, policy or the gate's own state changed, or somebody says that files did: all spare ones go. */
void warm_drop_all(struct gate *g);
/* May nobody be given one that was started at "born" any more?  Pure. */
int warm_is_old(int64_t born, int64_t now);
/* Start what is missing, end what is too old, one at a time; returns when the next may be. */
int64_t warm_timer(struct gate *g, int64_t now);

#endif
