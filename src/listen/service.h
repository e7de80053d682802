/* service.h - a process that lives as long as the gate (ledgerd, keyd): started, started again, given up. */
#ifndef LISTEN_SERVICE_H
#define LISTEN_SERVICE_H

#include "listen/gate.h"

/* Nothing is running.  "name" is the program's, for the log. */
void service_init(struct service *s, enum role_kind kind, enum peer peer,
    const char *name);
/* Channel, slice, process; "gone" as in child_start().  An error: nothing is left. */
int service_start(struct gate *g, struct service *s,
    void (*gone)(struct gate *, struct child *, int status));
/*
 * It has ended with "status" (of waitpid).  Sets when it is started again, or
 * stops the gate: with its own status when "is_first" (it never was ready and
 * has said why), with 69 when it does not stay up.
 */
void service_gone(struct gate *g, struct service *s, int status, int is_first);
/*
 * Read what it said by "rules": state 1 before it was ready, 2 afterwards.
 * 1: its channel is closed; it is killed when it broke a rule, or does not end
 * within a moment, unless "is_end_awaited".
 */
int service_serve(struct gate *g, struct service *s,
    const struct msg_rule *rules, size_t n, int is_end_awaited);
/* Does so much wait for it that nobody more should be served? */
int service_is_stuck(const struct service *s);
/* Start it again when its pause is over, kill it when it hangs.  Returns when the next is. */
int64_t service_timer(struct gate *g, struct service *s, int64_t now,
    int (*start)(struct gate *));

/*
 * After one more failure at "now": how long to wait before the next start, in
 * ms, or -1 when it has failed FAILURES_MAX times within FAILURES_MS.  Pure:
 * "times" holds the last *n failures.
 */
int64_t service_backoff(int64_t *times, size_t *n, int64_t now);

#endif
