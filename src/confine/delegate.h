/*
 * delegate.h - the subtree of cgroup v2 that the service manager has delegated to the gate.
 *
 * The kernel hands controllers out to the children of a cgroup only while no process is in the cgroup itself.  So
 * sekishod moves into a child before it starts anybody, and each job gets a leaf beside that.
 */
#ifndef CONFINE_DELEGATE_H
#define CONFINE_DELEGATE_H

#include <stddef.h>

#define DELEGATE_GATE	"gate"		/* where the gate's own processes are */

/* The path of the cgroup v2 in the text of /proc/PID/cgroup, without "/" at the end; ERR_NOTFOUND, ERR_LIMIT. */
int delegate_path(const char *text, char *path, size_t size);
/* The delegated cgroup that this process is in or right below, and which of the two; -1: none. */
int delegate_open(int *is_inside);
/* This process, and whom it starts from now on, into the child.  0: done, or nothing was delegated; ERR_SYS, logged. */
int delegate_move(void);

#endif
