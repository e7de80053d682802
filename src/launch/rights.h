/* rights.h - ids, capabilities and limits of the job. */
#ifndef LAUNCH_RIGHTS_H
#define LAUNCH_RIGHTS_H

#include <sys/types.h>

#include "wire/msg.h"

/*
 * Ids of the run-as account, capabilities exactly those of the plan (also
 * ambient when the account is not root), securebits locked, no_new_privs.
 * ERR_SYS: logged.
 */
int rights_take(const struct msg_prepare *order, const struct msg_plan *plan);
/* Resource limits of the plan; no core.  ERR_SYS: logged. */
int rights_limits(const struct msg_plan *plan);

/*
 * For the whole PID namespace, by its init, while /proc/sys can still be
 * written: memory is never executable (vm.memfd_noexec) and no more than
 * about "nproc" processes exist.  1 or 0: done or not offered here.
 */
int rights_memfd_noexec(void);
int rights_pid_max(uint64_t nproc);
/*
 * What the host's audit calls the job's processes: the operator who logged
 * in, whoever they run as.  "proc" is the host's /proc, opened before the
 * view made everything read-only.
 */
int rights_login(int proc, uid_t uid);

#endif
