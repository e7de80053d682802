/* spawn.h - reports of a job's processes are waited for. */
#ifndef LAUNCH_SPAWN_H
#define LAUNCH_SPAWN_H

#include "launch/refusal.h"
#include "launch/report.h"

/* The next report of "sock"; whatever is not "kind" becomes the reason. */
int spawn_expect(int sock, enum report_kind kind, struct report *r, int *fd,
    struct refusal *why);

#endif
