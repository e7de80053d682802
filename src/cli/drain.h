/* drain.h - inside src/cli: sekisho drain, which lets a gate finish what runs and stop. */
#ifndef CLI_DRAIN_H
#define CLI_DRAIN_H

#include <sys/types.h>

/* What is left of a gate: counted by the titles of its processes. */
struct drain_left {
	unsigned int	 commands, connections;
	char		 sessions[200];	/* "S12 S15", cut with "..." */
};

/* The words behind "drain": the exit status. */
int drain_main(char *const *argv);

/*
 * Does this command line (/proc/PID/cmdline, NULs as blanks) belong to a
 * command that runs or a connection that is logged in?  Adds it to "left".
 */
void drain_count(struct drain_left *left, const char *title);

#endif
