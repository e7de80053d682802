/*
 * launch_code_test.c - only the approved program and what the profile lists can be executed.
 * links: wire crypt filter
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch_drive.h"
#include "launch_helper.h"

static void
code_from_memory_does_not_run(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, helper_argv("memfd", NULL, NULL));
	drive_must_run(&d);
	assert_non_null(strstr(d.output, "exec memfd: EACCES"));
	assert_non_null(strstr(d.output, "EACCES\n"));
	assert_null(strstr(d.output, "made"));
	drive_end(&d);
}

static void
nothing_runs_from_a_writable_place(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("for d in /tmp /dev/shm /srv $HOME /root; do "
	    "cp /usr/bin/true $d/evil && chmod 755 $d/evil && "
	    "$d/evil && echo \"$d ran\"; "
	    "/lib64/ld-linux-x86-64.so.2 $d/evil && echo \"$d by loader\"; "
	    "LD_PRELOAD=$d/evil /usr/bin/true; "
	    "rm -f $d/evil; done; echo end"));
	drive_set(&d.plan.write, WORDS("/srv"));
	d.plan.caps = PROFILE_CAPS;
	drive_must_run(&d);
	assert_null(strstr(d.output, " ran"));
	assert_null(strstr(d.output, "by loader"));
	assert_non_null(strstr(d.output, "failed to map segment"));
	assert_non_null(strstr(d.output, "end\n"));
	drive_end(&d);
}

static void
only_listed_programs_run(void **state)
{
	struct drive d;

	(void)state;
	assert_int_equal(system("cp /usr/bin/true /srv/unlisted"), 0);
	drive_start(&d, SH("/srv/unlisted && echo ran"));
	drive_must_run(&d);
	assert_null(strstr(d.output, "ran"));
	assert_non_null(strstr(d.output, "Permission denied"));
	drive_end(&d);
}

static void
an_executable_rewritten_after_hashing_is_not_run(void **state)
{
	struct drive d;

	(void)state;
	/* A user's file: run from the sealed copy. */
	assert_int_equal(system("cp /usr/bin/id /srv/own; "
	    "chown nobody /srv/own"), 0);
	drive_start(&d, WORDS("/srv/own", "-u"));
	assert_int_equal(drive_prepare(&d), 1);
	assert_int_equal(system("cat /usr/bin/hostname >/srv/own"), 0);
	assert_true(drive_go(&d) && drive_wait(&d, 5000));
	assert_string_equal(d.output, "0\n");
	drive_end(&d);

	/* Changed before: refused. */
	drive_start(&d, WORDS("/srv/own", "-u"));
	assert_int_equal(system("cat /usr/bin/id >/srv/own"), 0);
	assert_int_equal(drive_prepare(&d), 0);
	assert_string_equal(d.code, "CHANGED");
	drive_end(&d);
}

static void
a_running_program_cannot_rewrite_itself(void **state)
{
	struct drive d;

	(void)state;
	assert_int_equal(system("chmod 755 /srv; cp /proc/$PPID/exe "
	    "/srv/self; chmod 755 /srv/self"), 0);
	drive_start(&d, WORDS("/srv/self", "helper:overwrite"));
	d.plan.caps = PROFILE_CAPS;
	drive_must_run(&d);
	assert_non_null(strstr(d.output, "exe /srv/self\n"));
	assert_null(strstr(d.output, "reopen: yes"));
	drive_end(&d);
}

static void
threads_work_without_clone3(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, helper_argv("thread", NULL, NULL));
	drive_must_run(&d);
	assert_string_equal(d.output, "thread=1\n");
	drive_end(&d);
}

static void
what_cannot_run_is_refused_before_it_is_consumed(void **state)
{
	struct drive d;

	(void)state;
	helper_write("/srv/text", "just text\n", 0755);
	helper_write("/srv/noshebang", "#!relative\n", 0755);
	drive_start(&d, WORDS("/srv/text"));
	assert_int_equal(drive_prepare(&d), 0);
	assert_string_equal(d.code, "SANDBOX");
	drive_end(&d);
	drive_start(&d, WORDS("/srv/noshebang"));
	assert_int_equal(drive_prepare(&d), 0);
	drive_end(&d);
	drive_start(&d, WORDS("/srv/missing"));
	assert_int_equal(drive_prepare(&d), 0);
	assert_string_equal(d.code, "NOT-FOUND");
	drive_end(&d);
	drive_start(&d, WORDS("/usr/bin/true"));
	d.plan.landlock_abi = 99;
	assert_int_equal(drive_prepare(&d), 0);
	assert_string_equal(d.code, "SANDBOX");
	assert_non_null(strstr(d.reason, "needs Landlock 99"));
	drive_end(&d);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_from_memory_does_not_run),
		cmocka_unit_test(nothing_runs_from_a_writable_place),
		cmocka_unit_test(only_listed_programs_run),
		cmocka_unit_test(an_executable_rewritten_after_hashing_is_not_run),
		cmocka_unit_test(a_running_program_cannot_rewrite_itself),
		cmocka_unit_test(threads_work_without_clone3),
		cmocka_unit_test(what_cannot_run_is_refused_before_it_is_consumed),
	};

	helper_main(argc, argv);
	helper_private();
	drive_find_program();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
