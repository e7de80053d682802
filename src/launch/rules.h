/* rules.h - the profile's Landlock rules, made inside the job's own view of the file system. */
#ifndef LAUNCH_RULES_H
#define LAUNCH_RULES_H

#include "launch/exe.h"
#include "launch/mounts.h"
#include "wire/msg.h"

/*
 * The rule set, not yet enforced; *ruleset is -1 when the kernel has no
 * Landlock (the caller has already decided that this is bearable).
 * ERR_SYS: logged.
 */
int rules_make(const struct msg_plan *plan, const struct mounts *mounts,
    const struct exe *exe, int *ruleset);

#endif
