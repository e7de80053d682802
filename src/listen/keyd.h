/* keyd.h - sekisho-keyd as sekishod sees it: bound to ledgerd, to every recorder and every recoverer; first up, last down. */
#ifndef LISTEN_KEYD_H
#define LISTEN_KEYD_H

#include "listen/gate.h"

int keyd_start(struct gate *g);
/* Read what it said; its end of file is its end. */
void keyd_serve(struct gate *g);
/* Is it there, and does it take what we say?  0: nothing new may start. */
int keyd_is_ready(const struct gate *g);
/* Make a channel between it and ledgerd when both are up; called when either is new. */
void keyd_bind(struct gate *g);
/*
 * A seal channel: its end goes to keyd, *fd is the other (the caller closes
 * it).  "uuid": NULL, then the channel is bound by its first message; or the
 * one of "session", to seal the mark of its recovery.  ERR_CLOSED: no keyd.
 */
int keyd_channel(struct gate *g, uint64_t session, const struct blob *uuid,
    int *fd);
/* The ledger is gone in order: so may keyd.  1: there is nobody to wait for. */
int keyd_stop(struct gate *g);
/* Start it again when the pause is over; returns when that is. */
int64_t keyd_timer(struct gate *g, int64_t now);

#endif
