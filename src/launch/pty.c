/* pty.c - the job's terminal and the names of signals. */
#include "launch/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"

int
pty_open(uid_t uid, int *master, int *slave)
{
	int unlock = 0;

	*slave = -1;
	*master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0 || ioctl(*master, TIOCSPTLCK, &unlock) < 0 ||
	    (*slave = ioctl(*master, TIOCGPTPEER,
	    O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 ||
	    fchown(*slave, uid, (gid_t)-1) < 0 ||
	    fchmod(*slave, 0620) < 0) {
		log_errno("terminal not opened");
		fd_close(master);
		fd_close(slave);
		return ERR_SYS;
	}
	return 0;
}

static unsigned short
side(uint32_t n, unsigned short otherwise)
{
	if (n == 0)
		return otherwise;
	return (unsigned short)(n < TTY_SIDE_MAX ? n : TTY_SIDE_MAX);
}

int
pty_resize(int master, uint32_t cols, uint32_t rows)
{
	struct winsize w = { .ws_col = side(cols, 80),
		.ws_row = side(rows, 24) };

	if (ioctl(master, TIOCSWINSZ, &w) < 0) {
		log_errno("window size not set");
		return ERR_SYS;
	}
	return 0;
}

static const struct name {
	const char	*name;
	int		 number;
	int		 may_send;	/* names of RFC 4254 and a few that do no harm */
} names[] = {
	{ "ABRT", SIGABRT, 1 }, { "ALRM", SIGALRM, 1 }, { "FPE", SIGFPE, 1 },
	{ "HUP", SIGHUP, 1 }, { "ILL", SIGILL, 1 }, { "INT", SIGINT, 1 },
	{ "KILL", SIGKILL, 1 }, { "PIPE", SIGPIPE, 1 },
	{ "QUIT", SIGQUIT, 1 }, { "SEGV", SIGSEGV, 1 },
	{ "TERM", SIGTERM, 1 }, { "USR1", SIGUSR1, 1 },
	{ "USR2", SIGUSR2, 1 }, { "CONT", SIGCONT, 1 },
	{ "WINCH", SIGWINCH, 1 }, { "TSTP", SIGTSTP, 1 },
	{ "BUS", SIGBUS, 0 }, { "TRAP", SIGTRAP, 0 }, { "CHLD", SIGCHLD, 0 },
	{ "STOP", SIGSTOP, 0 }, { "TTIN", SIGTTIN, 0 },
	{ "TTOU", SIGTTOU, 0 }, { "URG", SIGURG, 0 }, { "XCPU", SIGXCPU, 0 },
	{ "XFSZ", SIGXFSZ, 0 }, { "VTALRM", SIGVTALRM, 0 },
	{ "PROF", SIGPROF, 0 }, { "IO", SIGIO, 0 }, { "PWR", SIGPWR, 0 },
	{ "SYS", SIGSYS, 0 }, { "STKFLT", SIGSTKFLT, 0 },
};

int
pty_signal_number(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].may_send && strcmp(names[i].name, name) == 0)
			return names[i].number;
	return -1;
}

const char *
pty_signal_name(int number)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].number == number)
			return names[i].name;
	return "RT";
}
