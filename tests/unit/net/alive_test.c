/* alive_test.c - when a silent client is asked, and when it is given up. */
#include "lanes.h"

#include "base/clock.h"

/* The moment has come. */
static void
due(void)
{
	net.alive_ms = clock_mono_ms() - 1;
	alive_turn(&net);
}

static int
begin(void **state)
{
	if (set_up(state) != 0)
		return -1;
	net.slice.keepalive_s = 60;
	net.slice.keepalive_count = 2;
	client_saw.received++;
	alive_listen(&net);
	return 0;
}

static void
nothing_is_asked_before_its_time(void **state)
{
	(void)state;
	alive_turn(&net);
	assert_int_equal(client_saw.probes, 0);
	assert_in_range(alive_wait_ms(&net), 59000, 60000);
}

static void
so_many_questions_without_an_answer_are_the_end(void **state)
{
	(void)state;
	due();
	assert_int_equal(client_saw.probes, 1);
	assert_in_range(alive_wait_ms(&net), 59000, 60000);
	due();
	assert_int_equal(client_saw.probes, 2);
	assert_int_equal(net.is_over, 0);
	due();
	assert_int_equal(client_saw.probes, 2);
	assert_int_equal(net.is_over, 1);
}

static void
anything_heard_begins_anew(void **state)
{
	(void)state;
	due();
	due();
	client_saw.received++;
	alive_listen(&net);
	due();
	due();
	assert_int_equal(net.is_over, 0);
	assert_int_equal(client_saw.probes, 4);
}

static void
after_a_long_sleep_it_is_asked_and_not_given_up(void **state)
{
	(void)state;
	net.alive_ms = clock_mono_ms() - 86400000;
	alive_turn(&net);
	alive_turn(&net);
	assert_int_equal(client_saw.probes, 1);
	assert_int_equal(net.is_over, 0);
}

static void
a_connection_that_broke_while_asking_is_over(void **state)
{
	(void)state;
	client_saw.probe_answer = ERR_CLOSED;
	due();
	assert_int_equal(net.is_over, 1);
}

static void
before_the_login_and_without_an_interval_nothing_is_asked(void **state)
{
	(void)state;
	net.state = NET_LOGIN;
	due();
	assert_int_equal(alive_wait_ms(&net), -1);
	net.state = NET_OPEN;
	net.slice.keepalive_s = 0;
	due();
	assert_int_equal(alive_wait_ms(&net), -1);
	assert_int_equal(client_saw.probes, 0);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, begin, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_asked_before_its_time),
		T(so_many_questions_without_an_answer_are_the_end),
		T(anything_heard_begins_anew),
		T(after_a_long_sleep_it_is_asked_and_not_given_up),
		T(a_connection_that_broke_while_asking_is_over),
		T(before_the_login_and_without_an_interval_nothing_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
