/*
 * tally.h - what the word status tells and no table holds: refusals by code,
 * steps of the clock.  Nothing is decided by it.
 */
#ifndef LEDGERD_TALLY_H
#define LEDGERD_TALLY_H

#include <stdint.h>

#include "sekisho/code.h"

#define TALLY_HOURS	24

struct ledgerd;

struct tally {
	int64_t		 start_ms;	/* monotonic: of this process; 0: not begun */
	int64_t		 hour;		/* unix / 3600 of the newest */
	uint64_t	 codes[SEKISHO_CODES];	/* since the start */
	uint32_t	 hours[TALLY_HOURS][SEKISHO_CODES];
	int64_t		 ahead_ns;	/* wall clock - monotonic, at the last look */
	int64_t		 step_ms;	/* the last step: forward, or back when negative */
	int64_t		 step_at;	/* unix; 0: none was seen */
	uint32_t	 steps;
};

/* At the start: the refusals of the last day, out of the newest entries. */
int tally_load(struct ledgerd *ld);
/* A refusal by its word; one that is no code is not counted. */
void tally_refusal(struct ledgerd *ld, const char *code);
/* Of the last 24 hours, by the hour. */
uint64_t tally_day(struct ledgerd *ld, unsigned int code);
/* Has the wall clock left the other one behind, or fallen behind it? */
void tally_clock(struct ledgerd *ld);

#endif
