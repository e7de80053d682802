/* reload.h - runs sekisho-load and takes its result: settings, slices, snapshot. */
#ifndef LISTEN_RELOAD_H
#define LISTEN_RELOAD_H

#include "listen/gate.h"

/* Begin a run, unless one is under way: then another follows it. */
void reload_start(struct gate *g);
void reload_serve(struct gate *g);
/* Begin what is due, kill what takes too long; returns when the next is. */
int64_t reload_timer(struct gate *g, int64_t now);
void reload_free(struct loaded *l);

#endif
