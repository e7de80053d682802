/* penalty_test.c - who is refused, from when on and how long. */
#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "listen/penalty.h"

#define S	1000		/* milliseconds */
#define START	(1000000LL * S)

static const uint8_t secret[16] = "0123456789abcde";
static const struct penalty_rules rules = {
	.add_ms = { 5 * S, 1 * S, 20 * S, 90 * S },
	.min_ms = 15 * S, .max_ms = 600 * S,
};

static struct source
from(unsigned int family, uint32_t n)
{
	struct source s = { .family = (uint8_t)family };

	memcpy(s.bytes, &n, sizeof(n));
	return s;
}

static void
add(struct penalties *p, uint32_t n, enum penalty_event e, int64_t now)
{
	struct source s = from(4, n);

	penalties_add(p, &rules, &s, e, now);
}

static int
refused(const struct penalties *p, uint32_t n, int64_t now)
{
	struct source s = from(4, n);

	return penalties_refuse(p, &s, now);
}

static void
below_the_floor_nobody_is_refused_and_time_forgives(void **state)
{
	struct penalties *p = penalties_new(secret);
	int64_t now = START;
	int i;

	(void)state;
	add(p, 1, PENALTY_AUTH_FAILED, now);
	add(p, 1, PENALTY_AUTH_FAILED, now);
	assert_false(refused(p, 1, now));
	/* a slip now and then is over before the next */
	for (i = 0; i < 100; i++) {
		now += 16 * S;
		add(p, 1, PENALTY_AUTH_FAILED, now);
		assert_false(refused(p, 1, now));
	}
	assert_int_equal(penalties_in_force(p, now), 0);
	penalties_free(p);
}

static void
penalties_add_up_and_last_until_their_end(void **state)
{
	struct penalties *p = penalties_new(secret);
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		add(p, 1, PENALTY_AUTH_FAILED, START);
	assert_true(refused(p, 1, START));
	assert_false(refused(p, 2, START));
	assert_int_equal(penalties_in_force(p, START), 1);
	/* below "min" again, and yet in force to its end */
	assert_true(refused(p, 1, START + 15 * S - 1));
	assert_false(refused(p, 1, START + 15 * S));
	assert_int_equal(penalties_in_force(p, START + 15 * S), 0);
	/* and then it is as if nothing had been */
	add(p, 1, PENALTY_AUTH_FAILED, START + 15 * S);
	assert_false(refused(p, 1, START + 15 * S));
	penalties_free(p);
}

static void
each_deed_has_its_own_price(void **state)
{
	static const struct {
		enum penalty_event	e;
		int			is_refused, s;
	} rows[] = {
		{ PENALTY_AUTH_FAILED, 0, 5 }, { PENALTY_NO_AUTH, 0, 1 },
		{ PENALTY_GRACE_OVER, 1, 20 }, { PENALTY_CRASH, 1, 90 },
	};
	struct penalties *p = penalties_new(secret);
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		add(p, i, rows[i].e, START);
		assert_int_equal(refused(p, i, START), rows[i].is_refused);
		assert_false(refused(p, i, START + rows[i].s * S));
	}
	penalties_free(p);
}

static void
no_penalty_is_longer_than_the_longest(void **state)
{
	struct penalties *p = penalties_new(secret);
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		add(p, 1, PENALTY_CRASH, START);
	assert_true(refused(p, 1, START + 600 * S - 1));
	assert_false(refused(p, 1, START + 600 * S));
	penalties_free(p);
}

static void
what_costs_nothing_is_not_remembered(void **state)
{
	struct penalty_rules off = rules, free_of_charge = rules;
	struct penalties *p = penalties_new(secret);
	struct source s = from(4, 1);

	(void)state;
	off.max_ms = 0;
	free_of_charge.add_ms[PENALTY_CRASH] = 0;
	free_of_charge.min_ms = 0;
	penalties_add(p, &off, &s, PENALTY_CRASH, START);
	penalties_add(p, &free_of_charge, &s, PENALTY_CRASH, START);
	assert_false(penalties_refuse(p, &s, START));
	/* without a floor the first deed counts */
	penalties_add(p, &free_of_charge, &s, PENALTY_NO_AUTH, START);
	assert_true(penalties_refuse(p, &s, START));
	penalties_free(p);
}

static void
families_do_not_mix(void **state)
{
	struct penalties *p = penalties_new(secret);
	struct source six = from(6, 1), none = from(0, 1);

	(void)state;
	penalties_add(p, &rules, &six, PENALTY_CRASH, START);
	assert_true(penalties_refuse(p, &six, START));
	assert_false(refused(p, 1, START));
	assert_false(penalties_refuse(p, &none, START));
	penalties_free(p);
}

/* A million of harmful addresses: others are let in, and a hard penalty stays. */
static void
a_flood_of_sources_locks_nobody_out_and_washes_nothing_off(void **state)
{
	struct penalties *p = penalties_new(secret);
	uint32_t i, kept = 0;

	(void)state;
	for (i = 0; i < 1000; i++)
		add(p, i, PENALTY_CRASH, START);
	for (i = 100000; i < 1100000; i++) {
		struct source s = from(4, i);

		penalties_add(p, &rules, &s, PENALTY_NO_AUTH, START);
		penalties_add(p, &rules, &s, PENALTY_GRACE_OVER, START);
	}
	for (i = 0; i < 1000; i++)
		kept += (uint32_t)refused(p, i, START);
	assert_int_equal(kept, 1000);
	for (i = 2000000; i < 2001000; i++)
		assert_false(refused(p, i, START));
	assert_in_range(penalties_in_force(p, START), 60000,
	    PENALTY_ROWS * PENALTY_WAYS);
	penalties_free(p);
}

/* Neighbours do not share a row, or one network would crowd itself out. */
static void
sources_spread_over_the_whole_table(void **state)
{
	struct penalties *p = penalties_new(secret);
	uint32_t i;

	(void)state;
	for (i = 0; i < 16384; i++)
		add(p, i << 8, PENALTY_CRASH, START);
	assert_true(penalties_in_force(p, START) > 16000);
	penalties_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    below_the_floor_nobody_is_refused_and_time_forgives),
		cmocka_unit_test(penalties_add_up_and_last_until_their_end),
		cmocka_unit_test(each_deed_has_its_own_price),
		cmocka_unit_test(no_penalty_is_longer_than_the_longest),
		cmocka_unit_test(what_costs_nothing_is_not_remembered),
		cmocka_unit_test(families_do_not_mix),
		cmocka_unit_test(
		    a_flood_of_sources_locks_nobody_out_and_washes_nothing_off),
		cmocka_unit_test(sources_spread_over_the_whole_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
