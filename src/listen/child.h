/* child.h - processes asked of the starter: begin, end, kill. */
#ifndef LISTEN_CHILD_H
#define LISTEN_CHILD_H

#include "listen/gate.h"

/*
 * Ask for a process; "fds" become 3, 4, ... and stay the caller's.  "gone" is
 * called once, later, never from here.  NULL: could not be asked for (logged).
 */
struct child *child_start(struct gate *g, enum role_kind kind,
    const int *fds, size_t nfds,
    void (*gone)(struct gate *, struct child *, int status));
/* SIGKILL, now or as soon as it has started.  NULL is allowed. */
void child_kill(struct child *c);
/*
 * Put its first message, the slice of "kind", into the other end of the
 * channel that becomes its descriptor 3.  "fd" stays the caller's.
 */
int child_slice(struct gate *g, enum role_kind kind, int fd);
/* The same with GUESS for a launcher, at any time while it waits. */
int child_guess(const struct blob *guess, int fd);
/* Read what the starter said.  An error: it is gone, and so is the gate. */
int child_serve(struct gate *g);
void child_free_all(struct gate *g);

#endif
