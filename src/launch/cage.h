/*
 * cage.h - what a job runs in, as far as plan, home and hidden paths decide it:
 * namespaces, view of the files, Landlock rules, init, and a process that
 * waits for the order.
 *
 * It can be built before the order, for what the next one will probably be.
 * Nothing is granted by that guess: an order that differs in one byte of
 * what the cage was built for, or finds the host's mounts or the paths and
 * directories it rests on changed (seen.h), gets one of its own.
 */
#ifndef LAUNCH_CAGE_H
#define LAUNCH_CAGE_H

#include <sys/utsname.h>

#include "launch/mounts.h"
#include "launch/refusal.h"
#include "launch/seen.h"
#include "wire/msg.h"

struct job;

struct cage {
	int			 is_ahead;	/* built before its order */
	int			 is_settled;	/* init confined, the other one waits for its order */
	struct msg_cage		 made_for;
	struct mounts		 mounts;
	struct seen		 seen;
	struct utsname		 host;		/* names that its namespace copied */
	int			 own_events;	/* of changes to its own mounts; -1 */
	int			 old;		/* pidfd of a dropped one that is still dying; -1 */
};

void cage_init(struct cage *c);
/* Closes and frees; kills nothing. */
void cage_free(struct cage *c);

/*
 * Start one for j->plan, this home and these hidden paths (of the gate), and
 * make the rules of the host's tree meanwhile.  A failure leaves none.
 */
int cage_start(struct job *j, const char *home, char *const *hide,
    struct refusal *why);
/* Wait until it is complete but for the order.  A failure leaves none. */
int cage_settle(struct job *j, struct refusal *why);
/*
 * Build one ahead, for a guess (encoded struct msg_cage).  When that is no
 * guess, or cannot be built, there is none, and the log says why: an order
 * then builds its own, and who sends nonsense costs nobody a launcher.
 */
void cage_guess(struct job *j, const struct blob *guess);
/* It was taken: what told of its staleness holds its mounts no longer. */
void cage_taken(struct cage *c);
/* Is the one built ahead, if any, for this order? */
int cage_is_for(const struct job *j, const struct msg_prepare *order);
/* Would a new one be the same now? */
int cage_is_fresh(const struct job *j);
/* Kill it; cage_reap() when its pidfd (old) says that it is gone. */
void cage_drop(struct job *j);
void cage_reap(struct cage *c);

#endif
