/*
 * launch_death_test.c - nothing of a job outlives it, whoever ends it and whatever it did to hide.
 * links: wire crypt filter
 */
#include "tests/unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "launch_drive.h"
#include "launch_helper.h"

/* A session of its own, a double fork, a stopped child, one that ignores TERM. */
#define HIDERS(mark) "setsid sleep " mark " & (setsid sh -c 'sleep " mark \
    " & exit 0' &); sleep " mark " & kill -STOP $!; (trap '' TERM HUP; " \
    "sleep " mark ") & "

static void
start(struct drive *d, const char *const argv[])
{
	drive_start(d, argv);
	assert_true(drive_prepare(d));
	assert_true(drive_go(d));
}

static void
leftovers_are_dead_when_the_end_is_told(void **state)
{
	struct drive d;

	(void)state;
	start(&d, SH(HIDERS("986101") "sleep 0.2; exit 3"));
	drive_pump(&d, 100);
	assert_true(helper_is_alive("sleep 986101"));
	assert_true(drive_wait(&d, 5000));
	assert_false(helper_is_alive("sleep 986101"));
	assert_int_equal(d.status, 3);
	drive_end(&d);
}

static void
the_monitors_end_kills_the_tree(void **state)
{
	struct drive d;

	(void)state;
	start(&d, SH(HIDERS("986102") "echo ready; sleep 986102"));
	assert_true(drive_until(&d, "ready"));
	chan_free(d.exec);
	d.exec = NULL;
	assert_true(helper_is_gone("sleep 986102", 1000));
	assert_int_equal(drive_end(&d), 0);
}

static void
the_launchers_death_kills_the_tree(void **state)
{
	struct drive d;

	(void)state;
	start(&d, SH(HIDERS("986103") "echo ready; sleep 986103"));
	assert_true(drive_until(&d, "ready"));
	kill(d.pid, SIGKILL);
	assert_true(helper_is_gone("sleep 986103", 1000));
	drive_end(&d);
}

static void
the_recorders_end_kills_the_tree_and_is_told(void **state)
{
	struct drive d;

	(void)state;
	start(&d, SH(HIDERS("986104") "echo ready; sleep 986104"));
	assert_true(drive_until(&d, "ready"));
	chan_free(d.record);
	d.record = NULL;
	assert_true(drive_wait(&d, 1000));
	assert_string_equal(d.signal, "KILL");
	assert_false(helper_is_alive("sleep 986104"));
	drive_end(&d);
}

static void
a_kill_without_grace_is_immediate(void **state)
{
	struct drive d;
	int64_t begin;

	(void)state;
	start(&d, SH(HIDERS("986105") "trap '' TERM; echo ready; "
	    "sleep 986105"));
	assert_true(drive_until(&d, "ready"));
	begin = clock_mono_ms();
	drive_kill(&d, 0);
	assert_true(drive_wait(&d, 1000));
	assert_true(clock_mono_ms() - begin < 1000);
	assert_false(helper_is_alive("sleep 986105"));
	assert_string_equal(d.signal, "KILL");
	drive_end(&d);
}

static void
a_kill_with_grace_asks_first(void **state)
{
	struct drive d;

	(void)state;
	start(&d, SH("trap 'echo bye; exit 7' TERM; echo ready; "
	    "while :; do sleep 0.05; done"));
	assert_true(drive_until(&d, "ready"));
	drive_kill(&d, 5000);
	assert_true(drive_wait(&d, 3000));
	assert_int_equal(d.status, 7);
	assert_non_null(strstr(d.output, "bye"));
	drive_end(&d);
}

static void
who_ignores_the_question_is_killed_after_the_grace(void **state)
{
	struct drive d;

	(void)state;
	start(&d, SH("trap '' TERM; echo ready; while :; do sleep 0.05; "
	    "done"));
	assert_true(drive_until(&d, "ready"));
	drive_kill(&d, 300);
	assert_false(drive_wait(&d, 200));
	assert_true(drive_wait(&d, 2000));
	assert_string_equal(d.signal, "KILL");
	drive_end(&d);
}

static void
nothing_runs_before_go(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("echo ran; sleep 986106"));
	assert_true(drive_prepare(&d));
	drive_pump(&d, 200);
	assert_null(d.output);
	assert_false(helper_is_alive("sleep 986106"));
	drive_kill(&d, 5000);
	assert_true(drive_wait(&d, 1000));
	assert_null(d.output);
	assert_int_equal(d.gone, 0);
	drive_end(&d);

	drive_start(&d, SH("echo ran"));
	assert_true(drive_prepare(&d));
	chan_free(d.exec);
	d.exec = NULL;
	drive_pump(&d, 200);
	assert_null(d.output);
	drive_end(&d);
}

static void
the_profiles_time_ends_the_job(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("sleep 986107; echo over"));
	d.plan.timeout_s = 1;
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_wait(&d, 4000));
	assert_true(strcmp(d.signal, "TERM") == 0 || d.status == 143);
	assert_non_null(strstr(d.events, "longest run time"));
	drive_end(&d);
}

static void
the_job_cannot_kill_its_init(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("kill -9 1; kill -TERM 1; kill -STOP 1; echo 1 "
	    ">/proc/1/oom_score_adj; cat /proc/1/environ /proc/1/maps; "
	    "sleep 0.1; echo still here; exit 6"));
	d.plan.caps = 1ULL << 5 | 1ULL << 1 | 1ULL << 2;
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_wait(&d, 3000));
	assert_int_equal(d.status, 6);
	assert_null(strstr(d.output, "sekisho-exec"));
	drive_end(&d);
}

static void
a_flood_of_refused_calls_is_counted_and_does_not_block(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("perl -e 'for (1..20000) { syscall(250, 0) }; "
	    "print \"done\\n\"'"));
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_wait(&d, 20000));
	assert_non_null(strstr(d.output, "done"));
	assert_int_equal(d.refusals, 20000);
	assert_non_null(strstr(d.events, "keyctl x20000"));
	assert_true(strlen(d.events) < 2000);
	drive_end(&d);
}

static void
a_stopped_command_is_ended_too(void **state)
{
	struct drive d;

	(void)state;
	start(&d, SH("echo ready; kill -STOP $$; sleep 986108"));
	assert_true(drive_until(&d, "ready"));
	drive_pump(&d, 100);
	drive_kill(&d, 2000);
	assert_true(drive_wait(&d, 1000));
	assert_string_equal(d.signal, "TERM");
	drive_end(&d);
}

static void
a_fast_command_tells_its_exec_before_its_end(void **state)
{
	struct drive d;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		drive_start(&d, (const char *const[]){ "/usr/bin/true",
		    NULL });
		assert_int_equal(drive_run(&d), 0);
		assert_int_equal(d.gone, 1);
		assert_string_equal(d.signal, "");
		assert_int_equal(drive_end(&d), 0);
	}
}

/* Whoever dies, at whatever moment: nothing is left, and before GO nothing ran. */
static void
death_at_any_moment_leaves_nothing(void **state)
{
	struct drive d;
	unsigned int seed = 4711;
	int i, told_go;

	(void)state;
	for (i = 0; i < 40; i++) {
		drive_start(&d, SH("setsid sleep 986109 & sleep 986109"));
		if (chan_put_ping(d.exec, 0, NULL, NULL, 0) != 0)
			fail();
		if ((i & 1) != 0) {
			drive_send_prepare(&d);
			told_go = 0;
		} else {
			assert_true(drive_prepare(&d));
			assert_int_equal(chan_put_go(d.exec, 8, NULL, NULL,
			    0), 0);
			told_go = 1;
		}
		usleep((unsigned int)rand_r(&seed) % 4000);
		if (i % 3 == 0)
			kill(d.pid, SIGKILL);
		else if (i % 3 == 1) {
			chan_free(d.exec);
			d.exec = NULL;
		} else {
			chan_free(d.record);
			d.record = NULL;
			if (told_go)
				assert_true(drive_wait(&d, 1000));
		}
		assert_true(helper_is_gone("sleep 986109", 1000));
		drive_end(&d);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leftovers_are_dead_when_the_end_is_told),
		cmocka_unit_test(the_monitors_end_kills_the_tree),
		cmocka_unit_test(the_launchers_death_kills_the_tree),
		cmocka_unit_test(the_recorders_end_kills_the_tree_and_is_told),
		cmocka_unit_test(a_kill_without_grace_is_immediate),
		cmocka_unit_test(a_kill_with_grace_asks_first),
		cmocka_unit_test(who_ignores_the_question_is_killed_after_the_grace),
		cmocka_unit_test(nothing_runs_before_go),
		cmocka_unit_test(the_profiles_time_ends_the_job),
		cmocka_unit_test(the_job_cannot_kill_its_init),
		cmocka_unit_test(a_flood_of_refused_calls_is_counted_and_does_not_block),
		cmocka_unit_test(a_stopped_command_is_ended_too),
		cmocka_unit_test(a_fast_command_tells_its_exec_before_its_end),
		cmocka_unit_test(death_at_any_moment_leaves_nothing),
	};

	helper_main(argc, argv);
	helper_private();
	drive_find_program();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
