/* relay_test.c - bytes in both directions, with every way to be short. */
#include "lanes.h"

#include <fcntl.h>

static void
input_before_the_streams_stays_with_the_client(void **state)
{
	(void)state;
	assert_int_equal(relay_take(ch, (const uint8_t *)"abc", 3), 0);
}

static void
input_goes_to_the_recorder(void **state)
{
	char b[8];

	(void)state;
	give_streams(1);
	assert_int_equal(relay_take(ch, (const uint8_t *)"abc", 3), 3);
	assert_int_equal(read(io[1], b, sizeof(b)), 3);
}

static void
held_input_is_fetched_in_one_read_and_eof_follows_it(void **state)
{
	char b[4096];

	(void)state;
	memset(lane.held, 'x', sizeof(lane.held));
	lane.nheld = sizeof(lane.held);
	ch->got_eof = 1;
	give_streams(1);
	assert_int_equal(relay_has_input(ch), 1);
	relay_input(ch);
	assert_int_equal(lane.reads, 1);
	assert_int_equal(read(io[1], b, sizeof(b)), sizeof(b));
	assert_int_equal(read(io[1], b, sizeof(b)), 0);
	assert_int_equal(relay_has_input(ch), 0);
}

/* Fills the socket until it takes no more. */
static size_t
fill(void)
{
	static uint8_t big[65536];
	size_t total = 0, n;

	while ((n = relay_take(ch, big, sizeof(big))) > 0)
		total += n;
	return total;
}

static void
a_full_socket_takes_nothing_and_eof_waits(void **state)
{
	static uint8_t b[1 << 20];
	size_t total, got = 0;
	ssize_t n;

	(void)state;
	give_streams(1);
	total = fill();
	assert_true(total > 0);
	memset(lane.held, 'y', 100);
	lane.nheld = 100;
	ch->got_eof = 1;
	relay_input(ch);
	assert_int_equal(ch->sent_eof, 0);
	assert_non_null(ch->in.p);
	while (got < total && (n = read(io[1], b, sizeof(b))) > 0)
		got += (size_t)n;
	assert_int_equal(got, total);
	relay_input(ch);
	assert_null(ch->in.p);
	assert_int_equal(ch->sent_eof, 1);
	assert_int_equal(read(io[1], b, sizeof(b)), 100);
	assert_int_equal(read(io[1], b, sizeof(b)), 0);
}

static void
input_nobody_reads_any_more_is_dropped(void **state)
{
	(void)state;
	give_streams(1);
	close(io[1]);
	io[1] = -1;
	assert_int_equal(relay_take(ch, (const uint8_t *)"abc", 3), 3);
	assert_int_equal(ch->takes_nothing, 1);
	lane.nheld = 50;
	relay_input(ch);
	assert_int_equal(lane_held(&lane), 0);
}

static void
input_that_is_not_read_is_told_once(void **state)
{
	(void)state;
	give_streams(0);
	assert_int_equal(relay_take(ch, (const uint8_t *)"a\003", 2), 2);
	assert_int_equal(relay_take(ch, (const uint8_t *)"b", 1), 1);
	monitor_heard(MSG_CHAN_UNREAD);
	monitor_heard_nothing();
}

/* Before there are streams: a short command is over when they come. */
static void
input_that_will_not_be_read_is_told_early(void **state)
{
	(void)state;
	assert_int_equal(relay_take(ch, (const uint8_t *)"a", 1), 0);
	lane.nheld = 1;
	assert_false(relay_has_input(ch));
	assert_int_equal(chan_put_chan_no_input(monitor, ch->id, NULL, NULL,
	    0), 0);
	assert_int_equal(monitor_read(&net), 0);
	assert_true(relay_has_input(ch));
	ch->got_eof = 1;
	relay_input(ch);
	assert_int_equal(lane_held(&lane), 0);
	assert_false(relay_has_input(ch));
	monitor_heard(MSG_CHAN_UNREAD);
	/* streams that would take it come too late for what was dropped */
	give_streams(1);
	assert_false(ch->reads_input);
	assert_int_equal(relay_take(ch, (const uint8_t *)"b", 1), 1);
	monitor_heard_nothing();
	assert_true(relay_has_input(ch));	/* its end goes on */
	assert_int_equal(chan_put_chan_no_input(monitor, ch->id, NULL, NULL,
	    0), 0);
	assert_int_equal(monitor_read(&net), ERR_STATE);
}

static void
on_a_terminal_an_interrupt_becomes_a_signal(void **state)
{
	(void)state;
	ch->has_pty = 1;
	give_streams(0);
	assert_int_equal(relay_take(ch, (const uint8_t *)"a\003", 2), 2);
	monitor_heard(MSG_CHAN_SIGNAL);
	monitor_heard(MSG_CHAN_UNREAD);
	monitor_heard_nothing();
}

static void
both_streams_take_turns(void **state)
{
	(void)state;
	give_streams(1);
	assert_int_equal(write(io[1], "oo", 2), 2);
	assert_int_equal(write(errs[1], "eee", 3), 3);
	relay_output(ch);
	assert_int_equal(lane.nout[0], 2);
	assert_int_equal(lane.nout[1], 0);
	assert_int_equal(write(io[1], "oo", 2), 2);
	relay_output(ch);
	assert_int_equal(lane.nout[1], 3);
	relay_output(ch);
	assert_int_equal(lane.nout[0], 4);
}

static void
without_room_nothing_is_read(void **state)
{
	(void)state;
	give_streams(1);
	assert_int_equal(write(io[1], "oo", 2), 2);
	lane.room = 0;
	assert_int_equal(relay_wants(ch, 0), 0);
	relay_output(ch);
	assert_int_equal(lane.nout[0], 0);
	lane.room = 1;
	assert_int_equal(relay_wants(ch, 0), 1);
	relay_output(ch);
	relay_output(ch);
	assert_int_equal(lane.nout[0], 2);
}

static void
a_short_write_keeps_the_rest_in_order(void **state)
{
	(void)state;
	give_streams(1);
	lane.takes = 3;
	assert_int_equal(write(io[1], "abcdefgh", 8), 8);
	relay_output(ch);
	assert_int_equal(relay_wants(ch, 0), 0);
	assert_int_equal(relay_wants(ch, 1), 0);
	lane.takes = 0;			/* a rekey */
	relay_output(ch);
	lane.takes = 4096;
	relay_output(ch);
	assert_int_equal(lane.nout[0], 8);
	assert_memory_equal(lane.out[0], "abcdefgh", 8);
	assert_int_equal(relay_wants(ch, 0), 1);
}

static void
a_client_that_closed_gets_nothing_more(void **state)
{
	(void)state;
	give_streams(1);
	lane.is_gone = 1;
	assert_int_equal(write(io[1], "oo", 2), 2);
	relay_output(ch);
	assert_int_equal(ch->at_end[0], 1);
	assert_int_equal(ch->at_end[1], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(input_before_the_streams_stays_with_the_client),
		TEST(input_goes_to_the_recorder),
		TEST(held_input_is_fetched_in_one_read_and_eof_follows_it),
		TEST(a_full_socket_takes_nothing_and_eof_waits),
		TEST(input_nobody_reads_any_more_is_dropped),
		TEST(input_that_is_not_read_is_told_once),
		TEST(input_that_will_not_be_read_is_told_early),
		TEST(on_a_terminal_an_interrupt_becomes_a_signal),
		TEST(both_streams_take_turns),
		TEST(without_room_nothing_is_read),
		TEST(a_short_write_keeps_the_rest_in_order),
		TEST(a_client_that_closed_gets_nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
