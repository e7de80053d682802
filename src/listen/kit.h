/* kit.h - the processes of one command, or of one gateway word. */
#ifndef LISTEN_KIT_H
#define LISTEN_KIT_H

#include "listen/gate.h"

/*
 * NEED_KIT (WARM_KIT), NEED_WORD (WARM_WORD): hand over spare processes, or
 * start some, and answer KIT or WORD_KIT, or KIT_FAILED.  "guess" (of
 * NEED_KIT, else NULL) is looked for among the spare ones and remembered.
 * An error: the monitor is to be given up.
 */
int kit_start(struct pair *p, uint32_t id, enum warm_kind kind,
    const struct blob *guess);
/* A spare kit from before anybody asked is told what to expect.  1: one was, 0: there is none. */
int kit_guess(struct gate *g);
/* One spare kit or word more; no more of those started until "born"; when the oldest was, or NEVER. */
void kit_warm(struct gate *g, enum warm_kind kind);
void kit_drop_spares(struct gate *g, int64_t born);
int64_t kit_oldest(const struct gate *g, enum warm_kind kind);
/* keyd is a new one: every kit whose monitor lives gets a new seal channel. */
void kit_seals_all(struct gate *g);
/* KILL_KIT: SIGKILL for all of it.  An unknown id is one that ended by itself. */
void kit_kill(struct pair *p, uint32_t id);
/* The monitor is gone: its kits have ORPHAN_MS to end in order. */
void kit_orphan(struct pair *p, int64_t now);
/* Kill what is due; returns when the next is. */
int64_t kit_timers(struct gate *g, int64_t now);
void kit_kill_all(struct gate *g);
void kit_free_all(struct gate *g);

#endif
