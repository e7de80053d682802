/* watch_test.c - a process that spins ends; one that turns does not. */
#include "../test.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "net/net.h"

/* Burns "seconds" of CPU time; exits 42 when still alive then. */
static int
status_after(int seconds, int turns)
{
	pid_t pid;
	int status = 0;

	if ((pid = fork()) == 0) {
		if (watch_start() != 0)
			_exit(3);
		while (clock() < (clock_t)seconds * CLOCKS_PER_SEC)
			if (turns)
				watch_turn();
		_exit(42);
	}
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
spinning_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(status_after(30, 0), 1);
}

static void
turning_does_not(void **state)
{
	(void)state;
	assert_int_equal(status_after(7, 1), 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spinning_ends_the_process),
		cmocka_unit_test(turning_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
