/*
 * idle.h - ends what nobody uses: a connection, a command with a terminal (inside src/monitor only).
 *
 * Bytes are seen by net, which says with each PONG when they moved since the one
 * before (CHAN_ACTIVE).  So an end that seems to be due is one only when net
 * was asked at that moment or later and has answered: it comes no earlier than
 * the limit, and behind it by that one question.  A net that lies about it keeps
 * its own connection open, as it could by typing; one that does not answer is
 * ended by stall.
 */
#ifndef MONITOR_IDLE_H
#define MONITOR_IDLE_H

#include <stdint.h>

#include "wire/chan.h"

struct mon;

struct idle {
	int64_t	 moved_ms;	/* last sign of use of the connection; 0: not yet */
	int64_t	 asked_ms;	/* when net was asked last */
	uint32_t asked_nr;	/* the number of that PING */
	int64_t	 heard_ms;	/* what moved before it is known */
	int	 is_told;	/* BYE was sent: net leaves */
};

int idle_on_active(void *ctx, struct msg *msg);
/* PING to net, with a number; and net's PONG. */
void idle_ask(struct mon *m, int64_t now);
void idle_on_pong(struct mon *m, uint32_t nr);
/* The moment at which something has been idle too long; 0: nothing can be. */
int64_t idle_next(const struct mon *m);
void idle_run(struct mon *m, int64_t now);

#endif
