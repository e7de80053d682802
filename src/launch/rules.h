/*
 * rules.h - the profile's Landlock rules.
 *
 * A rule is about a file, whoever names it: the launcher makes those for
 * what may be read of the host's tree, hundreds of them, while init and
 * command put the job's view together and add theirs to the same rule set.
 */
#ifndef LAUNCH_RULES_H
#define LAUNCH_RULES_H

#include "launch/job.h"

/*
 * A rule set without files.  *ruleset is -1 when the kernel has no Landlock
 * (the caller has already decided that this is bearable).  ERR_SYS: logged.
 */
int rules_new(const struct job *j, int *ruleset);
/* In the launcher: what may be read and executed of the host's tree.  What was looked at is put into "seen". */
int rules_host(const struct job *j, int ruleset, struct seen *seen);
/* In the job's view: its own directories, covers, what may be changed. */
int rules_inside(const struct job *j, int ruleset);
/* In the job's view: the approved executable and what it needs.  It is not yet enforced. */
int rules_exe(const struct job *j, int ruleset);

#endif
