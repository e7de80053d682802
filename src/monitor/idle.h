/*
 * idle.h - ends what nobody uses: a connection, a command with a terminal (inside src/monitor only).
 *
 * Bytes are seen by net, which says so once a PING (CHAN_ACTIVE).  A net that
 * lies about it keeps its own connection open, as it could by typing.
 */
#ifndef MONITOR_IDLE_H
#define MONITOR_IDLE_H

#include <stdint.h>

#include "wire/chan.h"

struct mon;

struct idle {
	int64_t	 moved_ms;	/* last sign of use of the connection; 0: not yet */
	int	 is_told;	/* BYE was sent: net leaves */
};

int idle_on_active(void *ctx, struct msg *msg);
/* The moment at which something has been idle too long; 0: nothing can be. */
int64_t idle_next(const struct mon *m);
void idle_run(struct mon *m, int64_t now);

#endif
