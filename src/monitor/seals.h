/* seals.h - seal channels: bound to one session here, handed to its recorder clean. */
#ifndef MONITOR_SEALS_H
#define MONITOR_SEALS_H

#include "monitor/task.h"

/*
 * SEAL_BIND for the task's order, into "fd", which stays the caller's and has
 * nothing of ours behind it: the answer is the recorder's to read.
 * ERR_CLOSED: no keyd at the other end any more.
 */
int seals_bind(const struct task *t, int fd);
/* SEALS of sekishod: keyd is another one, the recorder of this kit gets a channel to it. */
int seals_on_new(void *ctx, struct msg *msg);

#endif
