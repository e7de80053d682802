/*
 * notify.h - calls that the profile does not allow: answered, counted, told.
 *
 * The filter's default is a notification.  The first occurrence of each call
 * is told to the operator and the record, the rest is counted.
 */
#ifndef LAUNCH_NOTIFY_H
#define LAUNCH_NOTIFY_H

#include <stdint.h>

#include "launch/job.h"
#include "wire/chan.h"

#define NOTIFY_CALLS	512	/* numbers counted apart; the last one stands for all above */

struct notify {
	uint32_t	 count[NOTIFY_CALLS];
	uint32_t	 total;		/* refused, quiet ones too */
	uint32_t	 told;
	uint32_t	 told_max;
};

enum notify_verdict { NOTIFY_GO_ON, NOTIFY_KILL };

/*
 * Answer all that waits on the listener.  Before its exec the command is our
 * own code: whatever it calls goes on.  NOTIFY_KILL: the profile wants the
 * job's end; it was told and not answered.
 */
enum notify_verdict notify_serve(struct notify *n, struct job *j,
    struct chan *link);
/* One line with the counts, when anything was refused. */
void notify_summary(const struct notify *n, const struct job *j,
    struct chan *link);

#endif
