/* channel_test.c - when a channel ends, and how its texts look. */
#include "lanes.h"

static void
the_status_waits_for_both_streams(void **state)
{
	(void)state;
	give_streams(1);
	say_exit(3);
	channel_settle(ch);
	assert_int_equal(lane.exits, 0);
	close(io[1]);
	io[1] = -1;
	relay_output(ch);
	channel_settle(ch);
	assert_int_equal(lane.exits, 0);
	close(errs[1]);
	errs[1] = -1;
	relay_output(ch);
	channel_settle(ch);
	assert_int_equal(lane.exits, 1);
	assert_int_equal(lane.closes, 1);
	assert_int_equal(lane.status, 3);
	channel_settle(ch);
	assert_int_equal(lane.exits, 1);
}

static void
the_status_waits_for_what_is_still_to_be_written(void **state)
{
	(void)state;
	assert_int_equal(channel_text(ch, (const uint8_t *)"no\n", 3), 0);
	say_exit(77);
	channel_settle(ch);
	assert_int_equal(lane.exits, 0);
	relay_output(ch);
	channel_settle(ch);
	assert_int_equal(lane.exits, 1);
	assert_int_equal(lane.nout[1], 3);
}

static void
on_a_terminal_lines_end_with_return_and_newline(void **state)
{
	(void)state;
	ch->has_pty = 1;
	assert_int_equal(channel_text(ch, (const uint8_t *)"a\nb\r\n", 5), 0);
	relay_output(ch);
	assert_int_equal(lane.nout[0], 6);
	assert_memory_equal(lane.out[0], "a\r\nb\r\n", 6);
	assert_int_equal(lane.nout[1], 0);
}

static void
texts_wait_behind_one_another(void **state)
{
	(void)state;
	lane.room = 0;
	assert_int_equal(channel_text(ch, (const uint8_t *)"one ", 4), 0);
	assert_int_equal(channel_text(ch, (const uint8_t *)"two", 3), 0);
	lane.room = 4096;
	relay_output(ch);
	assert_memory_equal(lane.out[1], "one two", 7);
}

static void
too_much_text_is_refused(void **state)
{
	static uint8_t big[DATA_MAX];
	int i, r = 0;

	(void)state;
	for (i = 0; i < 10 && r == 0; i++)
		r = channel_text(ch, big, sizeof(big));
	assert_int_equal(r, ERR_LIMIT);
}

static void
a_closed_channel_is_told_once_and_freed(void **state)
{
	(void)state;
	give_streams(1);
	ch->is_closed = 1;
	channel_sweep(&net);
	monitor_heard(MSG_CHAN_CLOSED);
	assert_int_equal(lane.frees, 1);
	assert_int_equal(net.nchannels, 0);
	channel_sweep(&net);
	monitor_heard_nothing();
}

static void
numbers_are_never_used_again(void **state)
{
	struct channel *other = channel_new(&net, &lane);

	(void)state;
	assert_int_equal(other->id, ch->id + 1);
	assert_ptr_equal(channel_find(&net, other->id), other);
	assert_null(channel_find(&net, 99));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_status_waits_for_both_streams),
		TEST(the_status_waits_for_what_is_still_to_be_written),
		TEST(on_a_terminal_lines_end_with_return_and_newline),
		TEST(texts_wait_behind_one_another),
		TEST(too_much_text_is_refused),
		TEST(a_closed_channel_is_told_once_and_freed),
		TEST(numbers_are_never_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
