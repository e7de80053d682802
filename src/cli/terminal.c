/* terminal.c - whoever plays is confined and may die; whoever minds the terminal only waits. */
#include "cli/terminal.h"

#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "confine/process.h"

#define EXIT_LOST	70

/* Until the child has ended; a signal that would end us ends it first. */
static int
wait_for(pid_t child, const sigset_t *set)
{
	siginfo_t si;
	int status;

	for (;;) {
		if (sigwaitinfo(set, &si) > 0 && si.si_signo != SIGCHLD)
			(void)kill(child, SIGKILL);
		if (waitpid(child, &status, WNOHANG) == child)
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_LOST;
}

int
terminal_split(int *status)
{
	struct termios was, keys;
	sigset_t set, before;
	pid_t self = getpid(), child;

	if (tcgetattr(0, &was) < 0)
		return 0;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, &before) < 0)
		return 0;
	keys = was;
	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	keys.c_cc[VMIN] = 1;
	keys.c_cc[VTIME] = 0;
	if (tcsetattr(0, TCSANOW, &keys) < 0 || (child = fork()) < 0) {
		(void)tcsetattr(0, TCSANOW, &was);
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		return 0;
	}
	if (child == 0) {
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		if (process_die_with(self) != 0)
			_exit(EXIT_LOST);
		return 0;
	}
	*status = wait_for(child, &set);
	(void)tcsetattr(0, TCSADRAIN, &was);
	return 1;
}
