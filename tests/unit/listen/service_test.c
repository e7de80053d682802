/* service_test.c - how long sekishod waits before it starts ledgerd or keyd again, and when it gives up. */
#include "../test.h"

#include "listen/service.h"

static void
each_failure_doubles_the_pause_and_the_fifth_ends_it(void **state)
{
	int64_t times[FAILURES_MAX], now = 1000;
	static const int64_t want[] = { 100, 200, 400, 800, -1 };
	size_t n = 0, i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(service_backoff(times, &n, now), want[i]);
		now += 5000;
	}
}

static void
failures_longer_ago_than_a_minute_are_forgotten(void **state)
{
	int64_t times[FAILURES_MAX], now = 1000;
	size_t n = 0, i;

	(void)state;
	for (i = 0; i < 50; i++) {
		assert_true(service_backoff(times, &n, now) > 0);
		now += FAILURES_MS / 4 + 1;
	}
	assert_true(n <= FAILURES_MAX);
	assert_int_equal(service_backoff(times, &n, now + FAILURES_MS),
	    100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_failure_doubles_the_pause_and_the_fifth_ends_it),
		cmocka_unit_test(
		    failures_longer_ago_than_a_minute_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
