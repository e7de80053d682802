/* door_test.c - whom the local door lets in within one second. */
#include "../test.h"

#include "listen/door.h"

static void
one_uid_has_its_share_of_a_second_and_no_more(void **state)
{
	static struct door_count c;
	uint32_t i;

	(void)state;
	for (i = 0; i < DOOR_PER_UID; i++)
		assert_true(door_admit(&c, 1000, 7));
	assert_false(door_admit(&c, 1000, 7));
	assert_true(door_admit(&c, 1001, 7));	/* nobody else pays for it */
	assert_true(door_admit(&c, 1000, 8));
}

static void
more_callers_than_are_told_apart_wait_for_the_next_second(void **state)
{
	static struct door_count c;
	uint32_t i;

	(void)state;
	for (i = 0; i < DOOR_UIDS; i++)
		assert_true(door_admit(&c, i, 1));
	assert_false(door_admit(&c, DOOR_UIDS, 1));
	assert_true(door_admit(&c, 3, 1));
	assert_true(door_admit(&c, DOOR_UIDS, 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_uid_has_its_share_of_a_second_and_no_more),
		cmocka_unit_test(
		    more_callers_than_are_told_apart_wait_for_the_next_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
