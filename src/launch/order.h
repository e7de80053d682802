/*
 * order.h - the order's way to the command's process, which may wait for it already.
 *
 * The slate is memory that launcher, init and command share from before
 * their fork until the exec.  The launcher writes the order as it came and
 * what it found out about it, sends the descriptors with REPORT_ORDER, and
 * never reads the slate itself.
 */
#ifndef LAUNCH_ORDER_H
#define LAUNCH_ORDER_H

#include "base/buf.h"
#include "launch/job.h"

/* Descriptors of REPORT_ORDER, in this order, as far as there are any. */
enum order_fd { ORDER_STDIN, ORDER_STDOUT, ORDER_STDERR, ORDER_EXE, ORDER_SCRIPT, ORDER_FDS };

/* NULL: no memory (logged). */
struct slate *order_slate(void);
/* The order as it came, before it is decoded. */
int order_keep(struct slate *s, const struct buf *body);
/* What was found out about it; REPORT_ORDER to the command.  ERR_LIMIT, ERR_NOMEM, ERR_SYS. */
int order_give(const struct job *j);
/* The command's side: waits, and takes all of it into "j".  An error: not logged, or what chan and report log. */
int order_take(struct job *j, int sock);

#endif
