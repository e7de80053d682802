/* texts_test.c - golden texts: every sentence the monitor shows. */
#include "monitor/texts.h"

#include <string.h>

#include "base/buf.h"
#include "tests/unit/hostile.h"
#include "tests/unit/test.h"

static void
check(char *got, const char *want)
{
	assert_non_null(got);
	assert_string_equal(got, want);
	str_wipe(got);
}

static void
a_refusal_says_what_why_and_what_next(void **state)
{
	(void)state;
	check(text_refused("NOT-APPROVED",
	    "no approved request covers [id] [-u]",
	    "request new -- id -u", 0),
	    "sekisho: refused [NOT-APPROVED] no approved request covers [id] [-u]\n"
	    "next: request new -- id -u\n");
}

static void
a_refusal_without_a_next_step_has_one_line(void **state)
{
	(void)state;
	check(text_refused("STOPPING", "the gate is stopping", "", 0),
	    "sekisho: refused [STOPPING] the gate is stopping\n");
	check(text_refused("STOPPING", "the gate is stopping", NULL, 0),
	    "sekisho: refused [STOPPING] the gate is stopping\n");
}

static void
on_a_terminal_lines_end_in_cr_lf(void **state)
{
	(void)state;
	check(text_refused("SYNTAX", "open quote (at byte 3)", "id", 1),
	    "sekisho: refused [SYNTAX] open quote (at byte 3)\r\n"
	    "next: id\r\n");
}

static void
a_newline_in_a_reason_cannot_make_a_line_of_ours(void **state)
{
	(void)state;
	check(text_refused("AMBIGUOUS", "R1\nsekisho: R2\nnext: rm", "run R1", 0),
	    "sekisho: refused [AMBIGUOUS] R1\n  sekisho: R2\n  next: rm\n"
	    "next: run R1\n");
	check(text_refused("AMBIGUOUS", "R1\nR2", NULL, 1),
	    "sekisho: refused [AMBIGUOUS] R1\r\n  R2\r\n");
}

static void
hostile_text_becomes_visible_and_escapes_stay_single(void **state)
{
	(void)state;
	check(text_refused("X\x1b[31m", "a\x1b]52;c;eA==\x07 b\x9b" "1m c\\x41 \xe2\x80\xae"
	    "d \xc3\xa9", "id\nid", 0),
	    "sekisho: refused [X\\x1b[31m] a\\x1b]52;c;eA==\\x07 b\\x9b"
	    "1m c\\x41 \\xe2\\x80\\xaed \xc3\xa9\n"
	    "next: id\\x0aid\n");
}

static void
no_hostile_string_leaves_a_control_byte(void **state)
{
	char *s;
	size_t i, k;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		s = text_refused(hostile[i].bytes, hostile[i].bytes,
		    hostile[i].bytes, 0);
		assert_non_null(s);
		for (k = 0; s[k] != '\0'; k++)
			assert_true(s[k] == '\n' || ((unsigned char)s[k] >= 0x20 &&
			    s[k] != 0x7f));
		assert_null(strstr(s, "\xc2\x9b"));
		assert_null(strstr(s, "\xe2\x80\xae"));
		str_wipe(s);
	}
}

static void
the_start_line_names_request_use_session(void **state)
{
	(void)state;
	check(text_start(12, 1, 1, 345),
	    "sekisho: R12, use 1 of 1, S345, recorded\r\n");
}

static void
input_that_is_not_read_is_told(void **state)
{
	(void)state;
	check(text_unread(12, "none", 0), "sekisho: input is not read: "
	    "R12 was approved with input = none\n");
	check(text_unread(12, "tty", 0), "sekisho: input is not read: "
	    "R12 was approved with input = tty and there is no terminal "
	    "(ssh -t)\n");
}

static void
warnings_say_how_long_is_left(void **state)
{
	(void)state;
	check(text_warning(12, 600, 14400, 0), "sekisho: R12 ends in 10 min: "
	    "its longest run is 4 h 0 min\n");
	check(text_warning(12, 541, 5400, 1), "sekisho: R12 ends in 10 min: "
	    "its longest run is 1 h 30 min\r\n");
	check(text_stopping(12, 3, 1), "sekisho: the gate is stopping, "
	    "R12 is ended in 3 s\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_says_what_why_and_what_next),
		cmocka_unit_test(a_refusal_without_a_next_step_has_one_line),
		cmocka_unit_test(on_a_terminal_lines_end_in_cr_lf),
		cmocka_unit_test(a_newline_in_a_reason_cannot_make_a_line_of_ours),
		cmocka_unit_test(hostile_text_becomes_visible_and_escapes_stay_single),
		cmocka_unit_test(no_hostile_string_leaves_a_control_byte),
		cmocka_unit_test(the_start_line_names_request_use_session),
		cmocka_unit_test(input_that_is_not_read_is_told),
		cmocka_unit_test(warnings_say_how_long_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
