/*
 * starter.h - the second process of sekishod: the only one that forks.
 *
 * It stays unconfined because bounding sets, no_new_privs and filters are
 * inherited.  It takes START messages of the main process and nothing else,
 * and ends when that channel closes; all it started die with it.
 */
#ifndef LISTEN_STARTER_H
#define LISTEN_STARTER_H

#include <sys/types.h>

#include "wire/msg.h"

/* What can be started: one row a kind. */
struct program {
	enum role_kind	 kind;
	const char	*name;		/* beside sekishod's own file */
	const char	*arg;		/* first argument, or NULL */
	int		 wants_conf;	/* second argument: the configuration's path */
	size_t		 nfds;		/* descriptors it gets at 3, 4, ... exactly */
	int		 waits;		/* may be there before anybody needs it */
};

/* NULL: there is no such kind. */
const struct program *starter_program(unsigned int kind);

struct starter_args {
	const char	*conf;		/* absolute path for sekisho-load */
	const char	*pid_file;	/* removed when the gate is gone, or NULL */
	int		 pid_fd;	/* ... if it still is this one: open, so that its number stays its own */
};

/*
 * Make the pid file that the starter is to remove: a new one each time, for
 * the starter of a gate that ended a moment ago removes the one it knows.
 * Returns its descriptor, or -1 (logged).
 */
int starter_pid_file(struct starter_args *a, const char *path);

/*
 * Fork the starter.  *fd is the main process's end of the channel.  Only the
 * main process returns.
 */
int starter_fork(const struct starter_args *a, pid_t *pid, int *fd);

#endif
