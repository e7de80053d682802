/*
 * order.h - does an order of the ledger agree with what the monitor knows itself?
 * Pure: no clock, channel or log inside.
 */
#ifndef MONITOR_ORDER_H
#define MONITOR_ORDER_H

#include <stdint.h>

#include "wire/snapshot.h"

struct order_evidence {
	const struct snapshot	*snap;
	const char		*user;		/* as PAM confirmed it */
	char *const		*argv;		/* as it was split here; NULL: asked by number */
	uint64_t		 request;	/* asked by number, else 0 */
	uint32_t		 step;		/* the same; 0: none given */
	int			 has_pty;
	int64_t			 now;		/* unix seconds */
};

enum order_verdict {
	ORDER_FITS = 0x5a,	/* far from the others */
	ORDER_STALE = 1,	/* decided under another snapshot: ask again */
	ORDER_LATE,		/* the window closed meanwhile */
	ORDER_INPUT,		/* input and terminal do not go together */
	ORDER_DIFFERS		/* the ledger says what cannot be: kill */
};

/* "*what" names the field that did not agree. */
enum order_verdict order_compare(const struct msg_order *o,
    const struct order_evidence *e, const char **what);

/* Does the policy (still) let "user" run this profile as this account there? */
int order_is_allowed(const struct snapshot *s, const char *user,
    const struct msg_order *o);

/* Does the job read anything the client sends? */
int order_reads_input(const char *input, int has_pty);

#endif
