/* count_test.c - who may come in, and what is told once a minute. */
#include "../test.h"

#include <string.h>

#include "listen/count.h"

static const struct count_limits limits = {
	.max_unauth = 6, .max_per_source = 3, .max_connections = 10,
};

static struct source
from(unsigned int n)
{
	struct source s = { .family = 4,
		.bytes = { 192, 0, (uint8_t)(n >> 8), (uint8_t)n } };

	return s;
}

static enum count_verdict
admit(struct counts *c, unsigned int n)
{
	struct source s = from(n);

	return counts_admit(c, &limits, &s);
}

static void
one_source_has_its_share_and_others_still_come_in(void **state)
{
	struct counts *c = counts_new();
	struct source s = from(1);
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(admit(c, 1), COUNT_TAKE);
	assert_int_equal(admit(c, 1), COUNT_SOURCE_FULL);
	assert_int_equal(admit(c, 2), COUNT_TAKE);

	counts_gone(c, &s, 0);
	assert_int_equal(admit(c, 1), COUNT_TAKE);
	assert_int_equal(admit(c, 1), COUNT_SOURCE_FULL);
	counts_authed(c, &s);		/* a login makes room as well */
	assert_int_equal(admit(c, 1), COUNT_TAKE);
	counts_free(c);
}

static void
all_sources_together_have_a_limit_of_logins_under_way(void **state)
{
	struct counts *c = counts_new();
	struct source s = from(0);
	unsigned int i;

	(void)state;
	for (i = 0; i < 6; i++)
		assert_int_equal(admit(c, i), COUNT_TAKE);
	assert_int_equal(admit(c, 100), COUNT_LOGINS_FULL);
	counts_authed(c, &s);
	assert_int_equal(admit(c, 100), COUNT_TAKE);
	assert_int_equal(counts_unauth(c), 6);
	assert_int_equal(counts_connections(c), 7);
	counts_free(c);
}

static void
connections_that_logged_in_count_until_they_are_gone(void **state)
{
	struct counts *c = counts_new();
	struct source s;
	unsigned int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		s = from(i);
		assert_int_equal(admit(c, i), COUNT_TAKE);
		counts_authed(c, &s);
	}
	assert_int_equal(counts_unauth(c), 0);
	assert_int_equal(admit(c, 1), COUNT_CONNECTIONS_FULL);
	s = from(4);
	counts_gone(c, &s, 1);
	assert_int_equal(admit(c, 1), COUNT_TAKE);
	counts_free(c);
}

static void
more_sources_than_are_told_apart_share_one_row(void **state)
{
	static const struct count_limits wide = {
		.max_unauth = 100000, .max_per_source = 2,
		.max_connections = 100000,
	};
	struct counts *c = counts_new();
	unsigned int i, taken = 0;
	struct source s;

	(void)state;
	for (i = 0; i < COUNT_SOURCES_MAX + 50; i++) {
		s = from(i);
		taken += counts_admit(c, &wide, &s) == COUNT_TAKE;
	}
	assert_int_equal(taken, COUNT_SOURCES_MAX + 2);
	for (i = 0; i < COUNT_SOURCES_MAX + 2; i++) {
		s = from(i);
		counts_gone(c, &s, 0);
	}
	assert_int_equal(counts_unauth(c), 0);
	assert_int_equal(counts_connections(c), 0);
	counts_free(c);
}

static void
the_count_never_goes_below_nothing(void **state)
{
	struct counts *c = counts_new();
	struct source s = from(1);

	(void)state;
	counts_gone(c, &s, 0);
	counts_gone(c, &s, 1);
	counts_authed(c, &s);
	assert_int_equal(counts_unauth(c), 0);
	assert_int_equal(counts_connections(c), 0);
	assert_int_equal(admit(c, 1), COUNT_TAKE);
	counts_free(c);
}

struct seen {
	unsigned int	lines, sums;
	uint32_t	refused, failed;
};

static void
see(void *arg, const struct source *s, const uint32_t *events)
{
	struct seen *seen = arg;

	seen->lines++;
	seen->sums += s == NULL;
	seen->refused += events[COUNT_REFUSED];
	seen->failed += events[COUNT_LOGIN_FAILED];
}

static void
ten_thousand_refusals_are_fewer_than_a_hundred_lines(void **state)
{
	struct counts *c = counts_new();
	struct seen seen = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 6; i++)
		(void)admit(c, i);
	for (i = 0; i < 10000; i++)
		(void)admit(c, i % 2000 + 100);
	counts_report(c, see, &seen);
	assert_true(seen.lines < 100);
	assert_int_equal(seen.sums, 1);
	assert_int_equal(seen.refused, 10000);

	memset(&seen, 0, sizeof(seen));
	counts_report(c, see, &seen);		/* told once */
	assert_int_equal(seen.lines, 0);
	counts_free(c);
}

static void
a_quiet_login_is_no_line_and_a_failed_one_is(void **state)
{
	struct counts *c = counts_new();
	struct source s = from(9);
	struct seen seen = { 0 };

	(void)state;
	(void)admit(c, 8);
	(void)admit(c, 9);
	counts_note(c, &s, COUNT_LOGIN_FAILED);
	counts_report(c, see, &seen);
	assert_int_equal(seen.lines, 1);
	assert_int_equal(seen.failed, 1);
	/* a report forgets events, not connections */
	assert_int_equal(counts_unauth(c), 2);
	assert_int_equal(admit(c, 9), COUNT_TAKE);
	assert_int_equal(admit(c, 9), COUNT_TAKE);
	assert_int_equal(admit(c, 9), COUNT_SOURCE_FULL);
	counts_free(c);
}

static void
totals_are_of_all_sources_and_never_forgotten(void **state)
{
	struct counts *c = counts_new();
	struct source s = from(9);
	struct seen seen = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 10; i++)	/* six are taken, then all have their share */
		(void)admit(c, i);
	for (i = 0; i < 3; i++)
		counts_note(c, &s, COUNT_PENALTY_REFUSED);
	counts_report(c, see, &seen);
	assert_int_equal(counts_total(c, COUNT_TAKEN), 6);
	assert_int_equal(counts_total(c, COUNT_REFUSED), 4);
	assert_int_equal(counts_total(c, COUNT_PENALTY_REFUSED), 3);
	assert_int_equal(counts_total(c, COUNT_GRACE_OVER), 0);
	counts_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    one_source_has_its_share_and_others_still_come_in),
		cmocka_unit_test(
		    all_sources_together_have_a_limit_of_logins_under_way),
		cmocka_unit_test(
		    connections_that_logged_in_count_until_they_are_gone),
		cmocka_unit_test(
		    more_sources_than_are_told_apart_share_one_row),
		cmocka_unit_test(the_count_never_goes_below_nothing),
		cmocka_unit_test(
		    ten_thousand_refusals_are_fewer_than_a_hundred_lines),
		cmocka_unit_test(a_quiet_login_is_no_line_and_a_failed_one_is),
		cmocka_unit_test(totals_are_of_all_sources_and_never_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
