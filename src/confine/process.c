/* process.c - prctl, rlimits and signals, each step checked. */
#include "confine/process.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

int
process_die_with(pid_t parent)
{
	int sig = 0;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0) < 0 || sig != SIGKILL) {
		log_errno("parent-death signal not set");
		return ERR_SYS;
	}
	if (getppid() != parent) {
		log_error("parent died while starting parent=%d", (int)parent);
		return ERR_SYS;
	}
	return 0;
}

int
process_undumpable(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) {
		log_errno("process stays dumpable");
		return ERR_SYS;
	}
	return 0;
}

int
process_no_new_privs(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
		log_errno("no_new_privs not set");
		return ERR_SYS;
	}
	return 0;
}

void
process_reset_signals(void)
{
	/* The kernel's own struct, all zero: SIG_DFL, no flags, empty mask.
	 * glibc's sigaction(3) would leave out 32 and 33, which it keeps for
	 * itself and which a parent may have ignored. */
	struct {
		void		(*handler)(int);
		unsigned long	 flags;
		void		(*restorer)(void);
		uint64_t	 mask;
	} plain;
	sigset_t none;
	int sig;

	memset(&plain, 0, sizeof(plain));
	for (sig = 1; sig <= 64; sig++)		/* KILL, STOP: EINVAL */
		(void)syscall(SYS_rt_sigaction, sig, &plain, NULL,
		    sizeof(plain.mask));
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void
process_ignore_signal(int sig)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	(void)sigaction(sig, &sa, NULL);
}

int
process_limit(int resource, uint64_t value)
{
	struct rlimit l = { .rlim_cur = value, .rlim_max = value };
	struct rlimit now = { .rlim_cur = ~value, .rlim_max = ~value };

	if (value == UINT64_MAX)
		return 0;
	if (setrlimit((__rlimit_resource_t)resource, &l) < 0 ||
	    getrlimit((__rlimit_resource_t)resource, &now) < 0 ||
	    now.rlim_cur != value || now.rlim_max != value) {
		log_errno("limit not set resource=%d value=%llu", resource,
		    (unsigned long long)value);
		return ERR_SYS;
	}
	return 0;
}
