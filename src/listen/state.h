/* state.h - what sekishod knows of itself, told to ledgerd for the word status and to the log. */
#ifndef LISTEN_STATE_H
#define LISTEN_STATE_H

#include "listen/gate.h"

/* ledgerd is a new one: it is told at once. */
void state_forget(struct gate *g);
/* Tell ledgerd what changed, at most every STATE_MS; the report of the minute.  Returns when the next is due. */
int64_t state_timer(struct gate *g, int64_t now);

#endif
