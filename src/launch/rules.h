/*
 * rules.h - the profile's Landlock rules.
 *
 * A rule is about a file, whoever names it: the launcher makes those for the
 * host's tree while the job's view is put together by its init; only what is
 * new in there (private directories, covers) is added inside.
 */
#ifndef LAUNCH_RULES_H
#define LAUNCH_RULES_H

#include "launch/job.h"

/*
 * In the launcher: a rule set for what the host's tree and the job's view
 * have in common.  *ruleset is -1 when the kernel has no Landlock (the caller
 * has already decided that this is bearable).  ERR_SYS: logged.
 */
int rules_make(const struct job *j, int *ruleset);
/* In the job's view, with that rule set: all the others.  It is not yet enforced. */
int rules_finish(const struct job *j, int ruleset);

#endif
