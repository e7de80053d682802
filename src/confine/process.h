/* process.h - what every process of ours does with itself: parent, dumps, privileges, signals. */
#ifndef CONFINE_PROCESS_H
#define CONFINE_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/*
 * SIGKILL for this process when "parent" dies; read back, and ERR_SYS when
 * getppid() is no longer "parent".  A change of ids clears it: call it after.
 */
int process_die_with(pid_t parent);
/* No core, no ptrace by equals, /proc entries owned by root.  A change of ids or exec sets it again. */
int process_undumpable(void);
int process_no_new_privs(void);
/* Every signal back to its default, nothing blocked. */
void process_reset_signals(void);
void process_ignore_signal(int sig);
/* A resource limit, soft and hard; UINT64_MAX leaves it alone. */
int process_limit(int resource, uint64_t value);

#endif
