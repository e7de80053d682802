/* drain_gate.h - inside src/cli: the running gate that a pid file names, and its processes. */
#ifndef CLI_DRAIN_GATE_H
#define CLI_DRAIN_GATE_H

#include "cli/drain.h"

struct drain_gate {
	pid_t	 pid;
	int	 pidfd;
	int	 starter;	/* pidfd of its only child, which takes the pid file away at the end; -1: none */
};

/*
 * The gate of the pid file: a process that runs the sekishod beside this
 * program and minds SIGUSR1.  0, or the exit status after saying why on
 * standard error.  The caller closes both descriptors.
 */
int drain_gate_open(struct drain_gate *g, const char *pid_file);

/* Counts what is left of it now. */
void drain_gate_left(const struct drain_gate *g, struct drain_left *left);

#endif
