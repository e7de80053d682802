/* env.h - the job's environment, made from nothing. */
#ifndef MONITOR_ENV_H
#define MONITOR_ENV_H

#include "wire/msg.h"

struct env_facts {
	char *const	*command_dirs;	/* become PATH */
	const char	*lang;		/* of the gate; "" none */
	const char	*zone;
	const char	*term;		/* NULL: no terminal */
	const char	*user, *home, *shell;	/* of the run-as account */
	uint64_t	 session;
};

/*
 * PATH HOME USER LOGNAME SHELL SEKISHO_SESSION always; LANG TERM TZ when the
 * plan's "keep" names them (NAME or NAME*); then its "set".  Nothing of the
 * client's, nothing of ours.  The caller frees *env with strv_free().
 */
int env_make(const struct env_facts *f, const struct msg_plan *plan,
    char ***env);

#endif
