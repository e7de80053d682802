/* loop.h - the steps in the life of the gate: gate_run() of gate.h is in loop.c, the end in stop.c. */
#ifndef LISTEN_LOOP_H
#define LISTEN_LOOP_H

#include "listen/gate.h"

/* The first snapshot is there: bind, confine, start keyd. */
void loop_loaded(struct gate *g);
/* keyd is ready for the first time: start the ledger. */
void loop_keys_ready(struct gate *g);
/* The ledger is ready: connections are taken from now on. */
void loop_open(struct gate *g);
/* The ledger has ended in order: keyd is the last. */
void loop_keys_last(struct gate *g);
/* End in order, then leave with "status".  A second call hurries. */
void loop_stop(struct gate *g, int status);
/* Leave the loop after this turn. */
void loop_over(struct gate *g, int status);

#endif
