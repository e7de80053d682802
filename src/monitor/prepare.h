/* prepare.h - what record and exec need for an order, from the order and the monitor's own snapshot. */
#ifndef MONITOR_PREPARE_H
#define MONITOR_PREPARE_H

#include "monitor/task.h"

/* Sends REC_OPEN and PREPARE of a task in TASK_PREPARE; a failure ends it as not run. */
void prepare_start(struct task *t);

/* NEED_KIT: some kit may have built a part of it already.  Without memory or room for the guess it goes without. */
void prepare_need_kit(struct task *t);

#endif
