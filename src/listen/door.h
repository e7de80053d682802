/* door.h - the local door: who it is says the kernel, what may be said there says ledgerd. */
#ifndef LISTEN_DOOR_H
#define LISTEN_DOOR_H

#include "listen/gate.h"

/* Bind the socket of the settings ("": none) for everybody of this host.  An error is logged: one line. */
int door_open(struct gate *g);
/* Take who waits, a few at a time; each goes to ledgerd with the uid it connected with. */
void door_serve(struct gate *g);
void door_close(struct gate *g);

/*
 * May "uid" come in at this second?  Counts it.  Pure but for "c", which may
 * be all zero.
 */
int door_admit(struct door_count *c, uint32_t uid, int64_t second);

#endif
