/* play_end_test.c - the last line of a recording that did not end as usual. */
#include "tests/unit/cli/fake.h"
#include "tests/unit/cli/recording.h"

#include "cli/play.h"
#include "record/mark.h"

static const struct piece session[] = {
	{ 1, 'o', "$ " }, { 2, 'i', "x" }, { 3, 'o', "x" }, { 0, 0, NULL }
};

/* "want" stands at the end of the replay of "fd", which is closed. */
static void
expect(int fd, const char *want)
{
	struct fake f;
	int percent;
	size_t n;
	char *out;

	fake_start(&f, NULL, 0);
	assert_int_equal(play_replay(&f.c, fd, 345, 1, &percent), 0);
	assert_int_equal(out_flush(f.c.out), 0);
	out = fake_read(f.out_fd);
	n = strlen(out);
	assert_true(n >= strlen(want));
	assert_string_equal(out + n - strlen(want), want);
	free(out);
	fake_end(&f);
	close(fd);
}

static void
without_an_exit_none_is_told(void **state)
{
	static const struct writer_end never = { .how = 2, .signal = "",
		.reason = "the executable is not the one that was approved" };
	static const struct writer_end lost = { .how = 8, .signal = "",
		.reason = "the monitor went away" };
	static const struct writer_end full = { .how = 6, .signal = "",
		.reason = "the recording failed", .is_unknown = 1 };
	static const struct writer_end killed = { .how = 6, .signal = "KILL",
		.reason = "the recording failed" };

	(void)state;
	expect(make_recording(session, &never), "-- S345 never ran: "
	    "the executable is not the one that was approved\n");
	expect(make_recording(session, &lost),
	    "-- S345 broke off: the monitor went away\n");
	expect(make_recording(session, &full),
	    "-- S345 broke off: the recording failed\n");
	expect(make_recording(session, &killed),
	    "-- S345 ended by signal KILL: the recording failed\n");
}

/* Behind the first "n" bytes of "fd" a mark is put. */
static void
recover(int fd, off_t n)
{
	static const uint8_t boot_id[16] = { 1 }, uuid[SKR_UUID];
	uint8_t mark[MARK_LEN], digest[SKR_DIGEST], chain[SKR_DIGEST];
	struct reader_event e;
	struct reader *r;
	struct seal s;

	assert_int_equal(ftruncate(fd, n), 0);
	assert_int_equal(reader_open(fd, &r), 0);
	while (reader_next(r, &e) == 0)
		;
	assert_int_equal(mark_make(r, boot_id, 0, mark, digest), 0);
	s = seals_make(SKR_SEAL_MARK, uuid, digest, INT64_MAX / 2);
	assert_int_equal(mark_seal(r, mark, &s, chain), 0);
	assert_int_equal(write(fd, mark, MARK_LEN), MARK_LEN);
	reader_free(r);
}

static void
a_recovered_recording_is_no_damage_and_says_what_is_lost(void **state)
{
	int fd = make_recording(session, NULL);
	off_t n = lseek(fd, 0, SEEK_END);
	char want[160];
	struct reader_event e;
	struct reader *r;

	(void)state;
	recover(fd, n - 3);
	assert_int_equal(reader_open(fd, &r), 0);
	while (reader_next(r, &e) == 0)
		;
	snprintf(want, sizeof(want), "-- S345 recovered: good up to offset "
	    "%llu, %llu bytes behind it are not part of the recording\n",
	    (unsigned long long)reader_result(r)->good_bytes,
	    (unsigned long long)((uint64_t)n - 3 -
	    reader_result(r)->good_bytes));
	reader_free(r);
	expect(fd, want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_an_exit_none_is_told),
		cmocka_unit_test(a_recovered_recording_is_no_damage_and_says_what_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
