/* stop.h - the end of the gate, step by step: patient (drain), or within stop_grace. */
#ifndef LISTEN_STOP_H
#define LISTEN_STOP_H

#include "listen/gate.h"

/* No new connections and commands; the gate stops when the last of those there are has ended by itself. */
void stop_drain(struct gate *g);
/* One step further towards the end, when its time has come.  Returns when the next is. */
int64_t stop_timer(struct gate *g, int64_t now);

#endif
