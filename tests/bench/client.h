/* client.h - one SSH login of the probe, and one command over it, with the instants of each step. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stddef.h>

struct client {
	int		 port;		/* on 127.0.0.1, never elsewhere */
	const char	*user;
	const char	*password;	/* answer to every prompt */
	bool		 by_password;	/* method "password": a peer without keyboard-interactive */
	const char	*cipher;
};

/* Microseconds. */
struct login_times {
	double	tcp, kex, auth;
};

/* What is not reported, status or first byte, is -1. */
struct run_times {
	double	open;		/* until the server took the command */
	double	first;		/* ... until the first byte of output or its end */
	double	eof;		/* ... until the end of output */
	double	done;		/* ... until status and close */
	int	status;
	size_t	bytes;
};

/* Microseconds of a clock that only goes forward. */
double now_us(void);

/* A session that is logged in, or NULL, told as a fail line.  The caller ends it with client_end(). */
ssh_session client_login(const struct client *c, struct login_times *t);
void client_end(ssh_session s);

/* A channel on which "command" runs, on a terminal if asked.  NULL: refused, told as a fail line. */
ssh_channel client_exec(ssh_session s, const char *command, bool has_pty);

/*
 * Runs "command" to its end; all of it (open to close) is in *t.  0, or -1
 * when it could not start or did not end within 20 s.
 */
int client_run(ssh_session s, const char *command, struct run_times *t);

/* Prints {"fail": "WHAT: text of libssh"}. */
void say_fail(const char *what, const char *why);

#endif
