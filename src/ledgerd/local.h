/* local.h - people of this host: a channel without a monitor, for whoever the kernel says connected. */
#ifndef LEDGERD_LOCAL_H
#define LEDGERD_LOCAL_H

#include "ledgerd/inside.h"

#define LOCALS_MAX	256	/* channels of people at the door, all together */
#define LOCAL_UID_MAX	8	/* of one of them, and of root, who is counted apart */
#define STRANGERS_MAX	16	/* callers who are nobody here and wait to be told so */

/* BIND_LOCAL of sekishod. */
int on_bind_local(void *ctx, struct msg *m);
/* Is this channel one of the door's?  It has no monitor, and no rights but its person's. */
int local_is(const struct client *p);
/* What a caller asked who is nobody here: told no, then let go. */
int local_turn_away(struct client *p, struct msg *m);

#endif
