/* haste_test.c - haste only after many bytes that nobody but the recorder held up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "recorder/haste.h"

static void
haste_begins_after_a_long_run(void **state)
{
	struct haste h = { 0 };
	int i;

	(void)state;
	for (i = 1; i < HASTE_AFTER; i++)
		assert_int_equal(haste_judge(&h, 1, 1), 0);
	assert_int_equal(haste_judge(&h, 1, 1), 1);
}

static void
a_client_that_is_waited_for_ends_it(void **state)
{
	struct haste h = { 0 };
	int i, n = 0;

	(void)state;
	for (i = 0; i < 10 * HASTE_MAX; i++)
		(void)haste_judge(&h, 1, 1);
	while (haste_judge(&h, 1, 0))	/* it remembers, but not for long */
		n++;
	assert_true(n > 0 && n < HASTE_MAX / HASTE_COST);
}

static void
now_and_then_a_wait_does_no_harm(void **state)
{
	struct haste h = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		(void)haste_judge(&h, 1, i % 8 != 0);
	assert_int_equal(haste_judge(&h, 1, 1), 1);
	for (i = 0; i < 1000; i++)	/* but half of the pieces do */
		(void)haste_judge(&h, 1, i % 2 != 0);
	assert_int_equal(haste_judge(&h, 1, 1), 0);
}

static void
what_comes_in_small_pieces_is_never_in_haste(void **state)
{
	struct haste h = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_int_equal(haste_judge(&h, 0, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(haste_begins_after_a_long_run),
		cmocka_unit_test(a_client_that_is_waited_for_ends_it),
		cmocka_unit_test(now_and_then_a_wait_does_no_harm),
		cmocka_unit_test(what_comes_in_small_pieces_is_never_in_haste),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
