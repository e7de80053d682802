/*
 * watch.c - ends the process when the library spins.
 *
 * A channel opened with a largest packet of 10 bytes makes libssh 0.10 loop
 * for ever inside a write.  The timer counts user CPU time only, was armed
 * before the confinement, and costs no system call later.
 */
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "net/net.h"

/* No turn of the loop needs as much CPU time as one period. */
#define PERIOD_S	1

static volatile sig_atomic_t turned;

static void
on_timer(int sig)
{
	(void)sig;
	if (!turned)
		_exit(1);
	turned = 0;
}

void
watch_turn(void)
{
	turned = 1;
}

int
watch_start(void)
{
	struct sigaction sa = { .sa_handler = on_timer,
		.sa_flags = SA_RESTART };
	struct itimerval period = { .it_interval = { .tv_sec = PERIOD_S },
		.it_value = { .tv_sec = PERIOD_S } };

	turned = 1;
	if (sigaction(SIGVTALRM, &sa, NULL) < 0 ||
	    setitimer(ITIMER_VIRTUAL, &period, NULL) < 0) {
		log_errno("cannot set the timer against spinning");
		return ERR_SYS;
	}
	return 0;
}
