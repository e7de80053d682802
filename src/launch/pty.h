/* pty.h - the job's terminal, from its own devpts. */
#ifndef LAUNCH_PTY_H
#define LAUNCH_PTY_H

#include <stdint.h>
#include <sys/types.h>

/* In the job's view: both ends, the slave owned by "uid".  ERR_SYS: logged. */
int pty_open(uid_t uid, int *master, int *slave);
/* Bounded by TTY_SIDE_MAX; 0 counts as 80x24. */
int pty_resize(int master, uint32_t cols, uint32_t rows);
/*
 * Signal number of a name without SIG that an operator may send; -1: not one
 * of those.
 */
int pty_signal_number(const char *name);
/* "TERM" for SIGTERM; "RT" and a number for others; never NULL. */
const char *pty_signal_name(int number);

#endif
