/* Columns of text, and which colours may pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "term/sgr.h"
#include "term/width.h"

static void
wide_characters_take_two_columns_and_are_never_cut(void **state)
{
	const char *text = "a\xe8\xa8\xad" "e\xcc\x81";

	(void)state;
	assert_int_equal(term_width(""), 0);
	assert_int_equal(term_width("R12"), 3);
	assert_int_equal(term_width(text), 4);
	assert_int_equal(term_fit(text, 2), 1);
	assert_int_equal(term_fit(text, 3), 4);
	assert_int_equal(term_fit(text, 80), strlen(text));
}

static void
only_a_plain_list_of_known_numbers_is_rebuilt(void **state)
{
	static const struct {
		const char *in, *want;
	} table[] = {
		{ "\x1b[31m", "\x1b[31m" }, { "\x1b[m", "\x1b[0m" },
		{ "\x1b[5;8m", "" }, { "\x1b[31;8;1m", "\x1b[31;1m" },
		{ "\x1b[48;2;1;2;3m", "\x1b[48;2;1;2;3m" },
		{ "\x1b[38;2;1;2m", "" }, { "\x1b[38;2;256;2;3m", "" },
		{ "\x1b[31H", "" }, { "\x1b[>4m", "" }, { "\x1b[3:1m", "" },
		{ "\x1b[99999999999999999999m", "" }, { "\x1b[;m", "\x1b[0;0m" }
	};
	char out[SGR_TEXT];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		n = sgr_rebuild(out, table[i].in, strlen(table[i].in));
		assert_int_equal(n, strlen(table[i].want));
		assert_memory_equal(out, table[i].want, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wide_characters_take_two_columns_and_are_never_cut),
		cmocka_unit_test(only_a_plain_list_of_known_numbers_is_rebuilt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
