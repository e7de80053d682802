/* lane_test.c - one session channel: start, data both ways, end. */
#include "peer.h"

static char out[4096];

static void
say_and_exit_5(void)
{
	assert_int_equal(lane_write(saw.lane, 0, "hello\n", 6), 6);
	assert_int_equal(lane_write(saw.lane, 1, "oops\n", 5), 5);
	lane_exit(saw.lane, 5, "");
	lane_close(saw.lane);
}

static void
a_command_its_output_and_its_status(void **state)
{
	(void)state;
	saw.on_start = say_and_exit_5;
	assert_int_equal(with_ssh("right", "$u some command 2>&1", out,
	    sizeof(out)), 5);
	assert_string_equal(saw.command, "some command");
	assert_int_equal(saw.kind, LANE_EXEC);
	assert_non_null(strstr(out, "hello"));
	assert_non_null(strstr(out, "oops"));
	assert_int_equal(saw.closes, 1);
}

/* Nothing is taken by the calls; all of it is read afterwards. */
static void
read_what_is_held(void)
{
	while (saw.eofs == 0 && turn() == 0)
		;
	assert_int_equal(lane_held(saw.lane), 6);
	assert_int_equal(lane_read(saw.lane, saw.data, sizeof(saw.data)), 6);
	assert_int_equal(lane_held(saw.lane), 0);
	lane_exit(saw.lane, 0, "");
	lane_close(saw.lane);
}

static void
input_not_taken_is_kept(void **state)
{
	(void)state;
	saw.take = 0;
	saw.on_start = read_what_is_held;
	assert_int_equal(with_ssh("right", "$u cat <answer", out, sizeof(out)),
	    0);
	assert_memory_equal(saw.data, "right\n", 6);
}

static void
die_by_signal(void)
{
	lane_exit(saw.lane, 0, "TERM");
	lane_close(saw.lane);
}

static void
a_signal_is_no_status(void **state)
{
	(void)state;
	saw.on_start = die_by_signal;
	assert_int_equal(with_ssh("right", "$u x", out, sizeof(out)), 255);
}

static void
finish(void)
{
	lane_exit(saw.lane, 0, "");
	lane_close(saw.lane);
}

static void
terminal_environment_and_subsystem_arrive_as_what_they_are(void **state)
{
	(void)state;
	saw.on_start = finish;
	assert_int_equal(with_ssh("right", "-tt -o SetEnv=A=b -s $u sftp"
	    " </dev/null", out, sizeof(out)), 0);
	assert_int_equal(saw.kind, LANE_SUBSYSTEM);
	assert_string_equal(saw.command, "sftp");
	assert_int_equal(saw.envs, 1);
	assert_true(saw.term[0] != '\0');
}

static void
a_window_is_there_until_the_end(void **state)
{
	(void)state;
	saw.on_start = finish;
	assert_int_equal(with_ssh("right", "$u x", out, sizeof(out)), 0);
	assert_int_equal(lane_room(saw.lane), 0);
	assert_int_equal(lane_write(saw.lane, 0, "x", 1), ERR_CLOSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_its_output_and_its_status),
		TEST(input_not_taken_is_kept),
		TEST(a_signal_is_no_status),
		TEST(terminal_environment_and_subsystem_arrive_as_what_they_are),
		TEST(a_window_is_there_until_the_end),
	};

	(void)setenv("TERM", "xterm", 1);	/* what the client will send */
	return cmocka_run_group_tests(tests, peer_begin, peer_end);
}
