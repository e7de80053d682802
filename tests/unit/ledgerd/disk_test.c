/* disk_test.c - the ladder: levels, their order, and no flapping. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledgerd/disk.h"
#include "ledgerd/inside.h"

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
files_warn_and_refuse_but_end_nothing(void **state)
{
	(void)state;
	assert_int_equal(disk_judge_files(DISK_FINE, UINT64_MAX), DISK_FINE);
	assert_int_equal(disk_judge_files(DISK_FINE, 1000), DISK_FINE);
	assert_int_equal(disk_judge_files(DISK_FINE, 999), DISK_WARN);
	assert_int_equal(disk_judge_files(DISK_WARN, 1000), DISK_WARN);
	assert_int_equal(disk_judge_files(DISK_WARN, 1100), DISK_FINE);
	assert_int_equal(disk_judge_files(DISK_FINE, 99), DISK_REFUSE);
	assert_int_equal(disk_judge_files(DISK_FINE, 0), DISK_REFUSE);
	assert_int_equal(disk_judge_files(DISK_REFUSE, 100), DISK_REFUSE);
	assert_int_equal(disk_judge_files(DISK_REFUSE, 110), DISK_WARN);
	assert_int_equal(disk_judge_files(DISK_END, UINT64_MAX), DISK_FINE);
}

static void
without_limits_all_is_fine(void **state)
{
	static const struct disk_limits none;

	(void)state;
	assert_int_equal(disk_judge(DISK_FINE, 0, &none), DISK_FINE);
}

/* What was freed at once would be taken by whatever fills the disk, before the ends are written. */
static void
the_reserve_goes_in_pieces_and_its_last_half_is_for_ends(void **state)
{
	static const struct disk_limits small = { .reserve = 1 << 16 };
	char dir[] = "/tmp/disk-test-XXXXXX", path[64];
	struct ledgerd ld = { .recordings = -1 };
	struct stat st;
	int n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/reserve", dir);
	assert_int_equal(disk_open(dir, -1, &small, &ld.disk), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1 << 16);

	for (n = 0; disk_make_room(&ld, DISK_FOR_ANY) == 1; n++)
		assert_true(n < 16);
	assert_int_equal(n, 8);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1 << 15);

	/* another life finds what is left, and makes it whole */
	disk_free(ld.disk);
	assert_int_equal(disk_open(dir, -1, &small, &ld.disk), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1 << 16);

	for (n = 0; disk_make_room(&ld, DISK_FOR_ENDS) == 1; n++)
		assert_true(n < 32);
	assert_int_equal(n, 16);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	disk_free(ld.disk);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_limit_is_a_level),
		cmocka_unit_test(it_gets_better_only_with_a_tenth_more),
		cmocka_unit_test(files_warn_and_refuse_but_end_nothing),
		cmocka_unit_test(without_limits_all_is_fine),
		cmocka_unit_test(
		    the_reserve_goes_in_pieces_and_its_last_half_is_for_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
