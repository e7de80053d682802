/*
 * launch_run_test.c - the approved command runs as it would without us: status, signals, input, output.
 * links: wire crypt filter
 */
#include "tests/unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypt/sha256.h"
#include "launch_drive.h"
#include "launch_helper.h"

static void
the_exit_status_is_the_commands_own(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("echo out; echo err >&2; exit 42"));
	assert_int_equal(drive_run(&d), 42);
	assert_string_equal(d.signal, "");
	assert_non_null(strstr(d.output, "out\n"));
	assert_non_null(strstr(d.output, "err\n"));
	assert_int_equal(d.refusals, 0);
	assert_int_equal(drive_end(&d), 0);
}

static void
death_by_signal_is_told_by_name(void **state)
{
	static const char *const names[] = { "TERM", "INT", "HUP", "PIPE",
	    "SEGV", "KILL", "QUIT", "USR1", "ABRT" };
	char text[64];
	struct drive d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(text, sizeof(text), "kill -%s $$; sleep 5", names[i]);
		drive_start(&d, SH(text));
		assert_int_equal(drive_run(&d), 0);
		assert_string_equal(d.signal, names[i]);
		drive_end(&d);
	}
}

static void
abort_ends_with_abrt(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, helper_argv("abort", NULL, NULL));
	drive_run(&d);
	assert_string_equal(d.signal, "ABRT");
	drive_end(&d);
}

static void
a_signal_reaches_the_command(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("trap 'echo got usr1; exit 9' USR1; echo ready; "
	    "while :; do sleep 0.05; done"));
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_until(&d, "ready"));
	drive_signal(&d, "USR1");
	assert_true(drive_wait(&d, 5000));
	assert_int_equal(d.status, 9);
	assert_non_null(strstr(d.output, "got usr1"));
	drive_end(&d);
}

static void
a_signal_that_is_not_offered_is_ignored(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("echo ready; sleep 0.3; exit 4"));
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_until(&d, "ready"));
	drive_signal(&d, "STOP");
	drive_signal(&d, "../../x");
	assert_true(drive_wait(&d, 5000));
	assert_int_equal(d.status, 4);
	drive_end(&d);
}

static void
ignored_signals_are_not_inherited(void **state)
{
	struct drive d;

	(void)state;
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGRTMAX, SIG_IGN);
	drive_start(&d, SH("grep -E 'Sig(Ign|Blk)' /proc/self/status"));
	signal(SIGINT, SIG_DFL);
	drive_run(&d);
	assert_non_null(strstr(d.output, "SigBlk:\t0000000000000000"));
	assert_non_null(strstr(d.output, "SigIgn:\t0000000000000000"));
	drive_end(&d);
}

static void
without_input_the_command_reads_nothing(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("cat | wc -c; readlink /proc/self/fd/0"));
	d.stdin_text = "secret";
	d.stdin_len = 6;
	assert_int_equal(drive_run(&d), 0);
	assert_string_equal(d.output, "0\n/dev/null\n");
	drive_end(&d);
}

static void
a_pipe_carries_every_byte(void **state)
{
	static char bytes[256];
	struct drive d;
	int i;

	(void)state;
	for (i = 0; i < 256; i++)
		bytes[i] = (char)i;
	drive_start(&d, SH("cat"));
	drive_set_str(&d.order.input, "pipe");
	d.stdin_text = bytes;
	d.stdin_len = sizeof(bytes);
	assert_int_equal(drive_run(&d), 0);
	assert_int_equal(d.output_len, sizeof(bytes));
	assert_memory_equal(d.output, bytes, sizeof(bytes));
	drive_end(&d);
}

static void
pin_input(struct drive *d, const char *text)
{
	uint8_t digest[SHA256_LEN];
	char hex[SHA256_HEX], input[80];

	assert_int_equal(sha256_mem(text, strlen(text), digest), 0);
	snprintf(input, sizeof(input), "sha256:%s", sha256_hex(hex, digest));
	drive_set_str(&d->order.input, input);
}

static void
approved_input_is_given_to_the_command(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("cat; printf x 2>/dev/null >&0 || echo sealed"));
	pin_input(&d, "drop table x;\n");
	d.stdin_text = "drop table x;\n";
	d.stdin_len = strlen(d.stdin_text);
	assert_int_equal(drive_run(&d), 0);
	assert_string_equal(d.output, "drop table x;\nsealed\n");
	drive_end(&d);
}

static void
other_input_is_refused_before_anything_runs(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("touch /tmp/x; cat"));
	pin_input(&d, "drop table x;\n");
	d.stdin_text = "drop table y;\n";
	d.stdin_len = strlen(d.stdin_text);
	assert_int_equal(drive_run(&d), -1);
	assert_string_equal(d.code, "INPUT");
	assert_int_equal(d.gone, 0);
	drive_end(&d);
}

static void
input_over_its_limit_is_refused(void **state)
{
	static const char bytes[1001];
	struct drive d;

	(void)state;
	drive_input_max = 1000;
	drive_start(&d, SH("cat"));
	pin_input(&d, "x");
	d.stdin_text = bytes;
	d.stdin_len = sizeof(bytes);
	assert_int_equal(drive_run(&d), -1);
	assert_string_equal(d.code, "INPUT");
	assert_non_null(strstr(d.reason, "longer than 1000"));
	drive_input_max = 1 << 20;
	drive_end(&d);
}

static void
input_and_terminal_must_fit(void **state)
{
	static const struct {
		const char	*input;
		int		 pty;
	} wrong[] = { { "tty", 0 }, { "pipe", 1 }, { "bogus", 0 },
	    { "sha256:00", 0 } };
	struct drive d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		drive_start(&d, SH("cat"));
		drive_set_str(&d.order.input, wrong[i].input);
		d.order.pty = (uint8_t)wrong[i].pty;
		assert_int_equal(drive_prepare(&d), 0);
		assert_string_equal(d.code, "INPUT");
		drive_end(&d);
	}
}

static void
a_terminal_is_the_commands_own(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("tty; stty size; cat /proc/self/stat | cut -d' ' "
	    "-f7; echo hello >/dev/tty; ls /dev/pts"));
	drive_set_str(&d.order.input, "tty");
	d.order.pty = 1;
	d.order.cols = 132;
	d.order.rows = 43;
	assert_int_equal(drive_run(&d), 0);
	assert_int_equal(d.pty, 1);
	assert_non_null(strstr(d.output, "/dev/pts/0\r\n43 132\r\n"));
	assert_non_null(strstr(d.output, "hello\r\n"));
	drive_end(&d);
}

static void
control_c_interrupts_the_foreground(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("echo ready; sleep 30; echo not interrupted"));
	drive_set_str(&d.order.input, "tty");
	d.order.pty = 1;
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_until(&d, "ready"));
	drive_pump(&d, 100);
	assert_int_equal(write(d.out, "\003", 1), 1);
	assert_true(drive_wait(&d, 3000));
	assert_true(strcmp(d.signal, "INT") == 0 || d.status == 130);
	assert_null(strstr(d.output, "not interrupted"));
	drive_end(&d);
}

static void
a_signal_on_a_terminal_reaches_the_foreground(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("set -m; sh -c 'echo ready; exec sleep 30'; "
	    "echo foreground=$?"));
	drive_set_str(&d.order.input, "tty");
	d.order.pty = 1;
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_until(&d, "ready"));
	drive_pump(&d, 100);
	drive_signal(&d, "TERM");
	assert_true(drive_wait(&d, 3000));
	assert_non_null(strstr(d.output, "foreground=143"));
	drive_end(&d);
}

static void
the_window_changes_its_size(void **state)
{
	struct msg_job_resize size = { .cols = 100, .rows = 50 };
	struct drive d;

	(void)state;
	drive_start(&d, SH("trap 'stty size; exit 0' WINCH; echo ready; "
	    "while :; do sleep 0.05; done"));
	drive_set_str(&d.order.input, "tty");
	d.order.pty = 1;
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_until(&d, "ready"));
	assert_int_equal(chan_put_job_resize(d.exec, 0, &size, NULL, 0), 0);
	assert_true(drive_wait(&d, 5000));
	assert_non_null(strstr(d.output, "50 100\r\n"));
	drive_end(&d);
}

static void
a_script_runs_from_its_approved_bytes(void **state)
{
	static const char script[] = "#!/bin/sh\necho \"script $1 $2\"\n"
	    "ls /proc/self/fd | wc -l\n";
	struct drive d;

	(void)state;
	drive_start(&d, (const char *const[]){ "/bin/sh", "one", "two", NULL });
	d.order.script.p = malloc(sizeof(script));
	memcpy(d.order.script.p, script, sizeof(script) - 1);
	d.order.script.n = sizeof(script) - 1;
	assert_int_equal(drive_run(&d), 0);
	assert_non_null(strstr(d.output, "script one two\n"));
	drive_end(&d);
}

static void
a_script_file_runs_from_its_sealed_copy(void **state)
{
	struct drive d;

	(void)state;
	helper_write("/srv/job.sh", "#!/bin/sh -e\necho ran \"$1\"; exit 3\n",
	    0755);
	drive_start(&d, (const char *const[]){ "/srv/job.sh", "here", NULL });
	assert_int_equal(drive_prepare(&d), 1);
	helper_write("/srv/job.sh", "#!/bin/sh\necho other\n", 0755);
	assert_true(drive_go(&d) && drive_wait(&d, 5000));
	assert_string_equal(d.output, "ran here\n");
	assert_int_equal(d.status, 3);
	drive_end(&d);
}

static void
umask_environment_and_directory_are_the_orders(void **state)
{
	struct drive d;

	(void)state;
	setenv("LD_PRELOAD_PROBE", "1", 1);
	drive_start(&d, SH("umask; pwd; env | sort"));
	drive_set_str(&d.order.cwd, "/usr/share");
	assert_int_equal(drive_run(&d), 0);
	assert_string_equal(d.output, "0027\n/usr/share\nLANG=C.UTF-8\n"
	    "PATH=/usr/bin:/bin:/usr/sbin\nPWD=/usr/share\n");
	drive_end(&d);
}

static void
ping_is_answered_while_the_command_runs(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("sleep 0.2"));
	assert_true(drive_prepare(&d));
	assert_int_equal(chan_put_ping(d.exec, 1, NULL, NULL, 0), 0);
	assert_true(drive_go(&d));
	assert_int_equal(chan_put_ping(d.exec, 2, NULL, NULL, 0), 0);
	assert_true(drive_wait(&d, 5000));
	drive_end(&d);
}

static void
a_message_at_the_wrong_moment_ends_the_launcher(void **state)
{
	struct drive d;
	struct msg m;

	(void)state;
	drive_start(&d, SH("true"));
	assert_int_equal(chan_put_go(d.exec, 1, NULL, NULL, 0), 0);
	assert_true(chan_wait(d.exec, &m, 5000) != 0);
	assert_int_not_equal(drive_end(&d), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exit_status_is_the_commands_own),
		cmocka_unit_test(death_by_signal_is_told_by_name),
		cmocka_unit_test(abort_ends_with_abrt),
		cmocka_unit_test(a_signal_reaches_the_command),
		cmocka_unit_test(a_signal_that_is_not_offered_is_ignored),
		cmocka_unit_test(ignored_signals_are_not_inherited),
		cmocka_unit_test(without_input_the_command_reads_nothing),
		cmocka_unit_test(a_pipe_carries_every_byte),
		cmocka_unit_test(approved_input_is_given_to_the_command),
		cmocka_unit_test(other_input_is_refused_before_anything_runs),
		cmocka_unit_test(input_over_its_limit_is_refused),
		cmocka_unit_test(input_and_terminal_must_fit),
		cmocka_unit_test(a_terminal_is_the_commands_own),
		cmocka_unit_test(control_c_interrupts_the_foreground),
		cmocka_unit_test(a_signal_on_a_terminal_reaches_the_foreground),
		cmocka_unit_test(the_window_changes_its_size),
		cmocka_unit_test(a_script_runs_from_its_approved_bytes),
		cmocka_unit_test(a_script_file_runs_from_its_sealed_copy),
		cmocka_unit_test(umask_environment_and_directory_are_the_orders),
		cmocka_unit_test(ping_is_answered_while_the_command_runs),
		cmocka_unit_test(a_message_at_the_wrong_moment_ends_the_launcher),
	};

	helper_main(argc, argv);
	helper_private();
	drive_find_program();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
