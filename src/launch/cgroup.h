/*
 * cgroup.h - a leaf of cgroup v2 for one job, where the service manager has delegated a subtree to the gate.
 *
 * Without delegation there is none, and limits are those of rights.h alone.
 */
#ifndef LAUNCH_CGROUP_H
#define LAUNCH_CGROUP_H

#include <stdint.h>

struct cgroup {
	int	 fd;		/* the leaf, for clone3; -1: none */
	int	 base;		/* the folder it is in */
	int	 pids, memory;	/* limits that were set */
	char	 name[32];
};

/* Makes a leaf with these limits (0: not limited); what is not offered is left out. */
void cgroup_open(struct cgroup *c, uint64_t nproc, uint64_t memory);
/* The same below a given folder, -1: none (cgroup_open() asks confine/delegate.h). */
void cgroup_make(struct cgroup *c, int base, uint64_t nproc,
    uint64_t memory);
/* Removes the leaf: its processes are dead by now. */
void cgroup_close(struct cgroup *c);

#endif
