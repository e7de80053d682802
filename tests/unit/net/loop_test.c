/* loop_test.c - the loop ends with the monitor, not without its last words. */
#include "lanes.h"

static void
it_ends_with_the_monitor(void **state)
{
	(void)state;
	chan_free(monitor);
	monitor = NULL;
	net_loop(&net);
}

static void
one_error_is_enough(void **state)
{
	(void)state;
	net_check(&net, 0);
	assert_int_equal(net.is_over, 0);
	net_check(&net, ERR_LIMIT);
	assert_int_equal(net.is_over, 1);
	net_loop(&net);
}

static void
what_the_monitor_said_last_still_reaches_the_client(void **state)
{
	(void)state;
	assert_int_equal(channel_text(ch, (const uint8_t *)"bye", 3), 0);
	say_exit(75);
	chan_free(monitor);
	monitor = NULL;
	net_loop(&net);
	assert_int_equal(lane.nout[1], 3);
	assert_int_equal(lane.exits, 1);
	assert_int_equal(lane.status, 75);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_ends_with_the_monitor),
		TEST(one_error_is_enough),
		TEST(what_the_monitor_said_last_still_reaches_the_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
