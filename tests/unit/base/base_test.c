/* base_test.c - buffers, numbers, clocks, vectors, errors. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/strv.h"
#include "sekisho/code.h"

static void
a_string_longer_than_its_limit_is_refused_and_nothing_moves(void **state)
{
	struct buf *b = buf_new(64);
	char *s = NULL;
	size_t before;

	(void)state;
	assert_int_equal(buf_put_str(b, "maintenance"), 0);
	before = buf_len(b);

	assert_int_equal(buf_get_str(b, 4, &s), ERR_LIMIT);

	assert_null(s);
	assert_int_equal(buf_len(b), before);
	buf_free(b);
}

static void
a_string_with_a_nul_or_cut_short_is_a_format_error(void **state)
{
	struct buf *b = buf_new(64);
	char *s = NULL;

	(void)state;
	assert_int_equal(buf_put_bytes(b, "a\0b", 3), 0);
	assert_int_equal(buf_get_str(b, 10, &s), ERR_FORMAT);
	buf_reset(b);
	assert_int_equal(buf_put(b, "\0\0\0\5abc", 7), 0);
	assert_int_equal(buf_get_str(b, 10, &s), ERR_FORMAT);
	assert_null(s);
	assert_int_equal(buf_len(b), 7);
	buf_free(b);
}

static void
a_buffer_never_grows_past_its_limit(void **state)
{
	struct buf *b = buf_new(10);

	(void)state;
	assert_int_equal(buf_put(b, "123456789", 9), 0);
	assert_int_equal(buf_put(b, "ab", 2), ERR_LIMIT);
	assert_int_equal(buf_len(b), 9);
	buf_skip(b, 5);
	assert_int_equal(buf_put(b, "abcdef", 6), 0);
	assert_memory_equal(buf_data(b), "6789abcdef", 10);
	assert_int_equal(buf_put_bytes(b, "", 0), ERR_LIMIT);
	buf_free(b);
	buf_free(NULL);
}

static void
integers_come_back_as_they_went_in(void **state)
{
	struct buf *b = buf_new(64);
	uint8_t a;
	uint16_t c;
	uint32_t d;
	uint64_t e;

	(void)state;
	assert_int_equal(buf_put_u8(b, 0xfe), 0);
	assert_int_equal(buf_put_u16(b, 0xfedc), 0);
	assert_int_equal(buf_put_u32(b, 0xfedcba98), 0);
	assert_int_equal(buf_put_u64(b, 0xfedcba9876543210), 0);
	assert_memory_equal(buf_data(b), "\xfe\xfe\xdc\xfe\xdc\xba\x98", 7);
	assert_int_equal(buf_get_u8(b, &a), 0);
	assert_int_equal(buf_get_u16(b, &c), 0);
	assert_int_equal(buf_get_u32(b, &d), 0);
	assert_int_equal(buf_get_u64(b, &e), 0);
	assert_int_equal(a, 0xfe);
	assert_int_equal(c, 0xfedc);
	assert_int_equal(d, 0xfedcba98);
	assert_true(e == 0xfedcba9876543210);
	assert_int_equal(buf_get_u8(b, &a), ERR_FORMAT);
	buf_free(b);
}

static void
numbers_are_taken_only_whole_and_within_bounds(void **state)
{
	int64_t v = 7;

	(void)state;
	assert_int_equal(num_parse("12", 0, 20, &v), 0);
	assert_int_equal(v, 12);
	assert_int_equal(num_parse("-3", -5, 5, &v), 0);
	assert_int_equal(v, -3);
	assert_int_equal(num_parse("21", 0, 20, &v), ERR_LIMIT);
	assert_int_equal(num_parse("99999999999999999999", 0, INT64_MAX, &v),
	    ERR_LIMIT);
	assert_int_equal(num_parse("", 0, 20, &v), ERR_FORMAT);
	assert_int_equal(num_parse(" 1", 0, 20, &v), ERR_FORMAT);
	assert_int_equal(num_parse("1x", 0, 20, &v), ERR_FORMAT);
	assert_int_equal(num_parse("+1", 0, 20, &v), ERR_FORMAT);
	assert_int_equal(v, -3);
	assert_int_equal(num_parse_size("2G", 0, INT64_MAX, &v), 0);
	assert_true(v == 2LL << 30);
	assert_int_equal(num_parse_size("9223372036854775807G", 0, INT64_MAX,
	    &v), ERR_LIMIT);
	assert_int_equal(num_parse_size("1T", 0, INT64_MAX, &v), ERR_FORMAT);
	assert_int_equal(num_parse_span("8h", 0, 86400, &v), 0);
	assert_int_equal(v, 28800);
	assert_int_equal(num_parse_span("8", 0, 86400, &v), ERR_FORMAT);
	assert_int_equal(num_parse_span("2d", 0, 86400, &v), ERR_LIMIT);
}

static void
times_are_read_in_every_documented_form(void **state)
{
	const int64_t now = 1795917600;		/* 2026-11-28T22:00:00 UTC */
	int64_t t = 1;
	char text[CLOCK_TEXT];

	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	assert_int_equal(clock_parse("+2h", now, &t), 0);
	assert_int_equal(t, now + 7200);
	assert_int_equal(clock_parse("2026-11-29T01:00:00+09:00", now, &t), 0);
	assert_string_equal(clock_iso(text, t), "2026-11-29T01:00:00+09:00");
	assert_string_equal(clock_human(text, t), "Sun 2026-11-29 01:00 JST");
	assert_int_equal(clock_parse("2026-11-29 01:00", now, &t), 0);
	assert_string_equal(clock_iso(text, t), "2026-11-29T01:00:00+09:00");
	assert_int_equal(clock_parse("2026-11-29T01:00Z", now, &t), 0);
	assert_string_equal(clock_iso(text, t), "2026-11-29T10:00:00+09:00");
	t = 5;
	assert_int_equal(clock_parse("2026-02-30T01:00", now, &t), ERR_FORMAT);
	assert_int_equal(clock_parse("25:00", now, &t), ERR_FORMAT);
	assert_int_equal(clock_parse("tomorrow", now, &t), ERR_FORMAT);
	assert_int_equal(clock_parse("+2", now, &t), ERR_FORMAT);
	assert_int_equal(clock_parse("2026-11-29T01:00x", now, &t), ERR_FORMAT);
	assert_int_equal(t, 5);
	/* 01:00 in Tokyo is before 07:00 there: the next one is meant */
	assert_int_equal(clock_parse("01:00", now, &t), 0);
	assert_true(t > now && t <= now + 86400);
}

static void
vectors_grow_compare_and_copy(void **state)
{
	char **v = NULL, **w;

	(void)state;
	assert_int_equal(strv_add(&v, "sed"), 0);
	assert_int_equal(strv_add(&v, "-i"), 0);
	w = strv_dup(v);
	assert_true(strv_equal(v, w));
	assert_int_equal(strv_add(&w, ""), 0);
	assert_false(strv_equal(v, w));
	assert_true(strv_has(w, "-i"));
	assert_false(strv_has(NULL, "-i"));
	strv_free(v);
	strv_free(w);
	strv_free(NULL);
}

static void
every_code_has_its_status(void **state)
{
	(void)state;
	assert_int_equal(sekisho_code_status("NOT-APPROVED"), 77);
	assert_int_equal(sekisho_code_status("USAGE"), 64);
	assert_int_equal(sekisho_code_status("UNAVAILABLE"), 69);
	assert_int_equal(sekisho_code_status("RECORD"), 74);
	assert_int_equal(sekisho_code_status("no such word"), 77);
	assert_string_equal(err_name(ERR_STATE), "STATE");
	assert_string_equal(err_name(-99), "UNKNOWN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_longer_than_its_limit_is_refused_and_nothing_moves),
		cmocka_unit_test(a_string_with_a_nul_or_cut_short_is_a_format_error),
		cmocka_unit_test(a_buffer_never_grows_past_its_limit),
		cmocka_unit_test(integers_come_back_as_they_went_in),
		cmocka_unit_test(numbers_are_taken_only_whole_and_within_bounds),
		cmocka_unit_test(times_are_read_in_every_documented_form),
		cmocka_unit_test(vectors_grow_compare_and_copy),
		cmocka_unit_test(every_code_has_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
