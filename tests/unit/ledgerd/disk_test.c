/* disk_test.c - the ladder: levels, their order, and no flapping. */
#include "tests/unit/test.h"

#include "ledgerd/disk.h"

#define M	(1024ULL * 1024)

static const struct disk_limits limits = {
	.warn = 75 * M, .refuse = 50 * M, .end = 25 * M, .reserve = 4 * M
};

static void
each_limit_is_a_level(void **state)
{
	static const struct {
		uint64_t	 free_bytes;
		enum disk_level	 want;
	} rows[] = {
		{ 1000 * M, DISK_FINE }, { 75 * M, DISK_FINE },
		{ 75 * M - 1, DISK_WARN }, { 50 * M, DISK_WARN },
		{ 50 * M - 1, DISK_REFUSE }, { 25 * M, DISK_REFUSE },
		{ 25 * M - 1, DISK_END }, { 0, DISK_END },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(disk_judge(DISK_FINE, rows[i].free_bytes,
		    &limits), rows[i].want);
}

static void
it_gets_better_only_with_a_tenth_more(void **state)
{
	(void)state;
	assert_int_equal(disk_judge(DISK_END, 25 * M, &limits), DISK_END);
	assert_int_equal(disk_judge(DISK_END, 28 * M, &limits), DISK_REFUSE);
	assert_int_equal(disk_judge(DISK_REFUSE, 51 * M, &limits),
	    DISK_REFUSE);
	assert_int_equal(disk_judge(DISK_REFUSE, 56 * M, &limits), DISK_WARN);
	assert_int_equal(disk_judge(DISK_WARN, 76 * M, &limits), DISK_WARN);
	assert_int_equal(disk_judge(DISK_WARN, 83 * M, &limits), DISK_FINE);
	assert_int_equal(disk_judge(DISK_END, 1000 * M, &limits), DISK_FINE);
	assert_int_equal(disk_judge(DISK_WARN, 10 * M, &limits), DISK_END);
}

static void
without_limits_all_is_fine(void **state)
{
	static const struct disk_limits none;

	(void)state;
	assert_int_equal(disk_judge(DISK_FINE, 0, &none), DISK_FINE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_limit_is_a_level),
		cmocka_unit_test(it_gets_better_only_with_a_tenth_more),
		cmocka_unit_test(without_limits_all_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
