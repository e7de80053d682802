/*
 * refused.h - failed logins, added up: one entry per source and minute.
 *
 * Whoever floods the gate must not be able to flood the ledger, and people
 * type passwords where a name belongs: names the gate does not know are kept
 * only as salted commitments.  No clock inside: times are arguments.
 */
#ifndef LEDGER_REFUSED_H
#define LEDGER_REFUSED_H

#include <stdint.h>

#include "json/json.h"

#define REFUSED_SOURCES	1024	/* sources counted apart at one time; the rest together as "others" */
#define REFUSED_NAMES	8	/* names told apart per source and minute */
#define REFUSED_REASONS	10	/* 1 + the highest enum login_failure */

struct refused;

struct refused_name {
	char	 text[33];		/* known name; "" : a commitment */
	uint8_t	 commitment[32];
	uint32_t count;
};

/* One source's minute. */
struct refused_sum {
	char		 source[65];
	int64_t		 minute;	/* unix seconds of its beginning */
	uint32_t	 count;		/* all */
	uint32_t	 reasons[REFUSED_REASONS];
	struct refused_name names[REFUSED_NAMES];
	unsigned int	 nnames;
};

/* "per_day" entries are written at most on one UTC day.  NULL: no memory. */
struct refused *refused_new(uint32_t per_day);
void refused_free(struct refused *r);

/*
 * Count one.  "source" without its port.  0 and *sum: where it was counted,
 * so that the caller can add the name; valid until the next call.
 */
int refused_add(struct refused *r, const char *source, unsigned int why,
    int64_t now, struct refused_sum **sum);
/* Count a known name.  */
void refused_known(struct refused_sum *s, const char *name);
/* Room for another commitment?  Then take it. */
int refused_has_room(const struct refused_sum *s);
void refused_unknown(struct refused_sum *s, const uint8_t commitment[32]);

/*
 * The next finished minute (or any when "all"): 1 and *out (freed by
 * json_decref()) an entry to write; 0: none; ERR_NOMEM.  At the daily cap one
 * entry says so; what follows that day is only added up, and the first entry
 * of the next day tells how many there were.
 */
int refused_next(struct refused *r, int64_t now, int all, json_t **out);
/* How many minutes are finished ("all": how many there are). */
unsigned int refused_due(const struct refused *r, int64_t now, int all);
/* Milliseconds until a minute is finished; -1: nothing waits. */
int refused_wait_ms(const struct refused *r, int64_t now);

#endif
