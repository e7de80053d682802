/* text_test.c - what libconfig would change silently is an error with its line. */
#include "tests/unit/test.h"

#include <string.h>

#include "base/err.h"
#include "config/text.h"

struct row {
	const char	*text;
	const char	*says;		/* NULL: it passes */
};

static void
check(const struct row *rows, size_t n)
{
	struct conf_error e;
	size_t i;
	int r;

	for (i = 0; i < n; i++) {
		memset(&e, 0, sizeof(e));
		r = conf_text_check("f", rows[i].text, strlen(rows[i].text),
		    &e);
		if (rows[i].says == NULL) {
			assert_string_equal(e.text, "");
			assert_int_equal(r, 0);
		} else {
			assert_string_equal(e.text, rows[i].says);
			assert_int_equal(r, ERR_FORMAT);
		}
	}
}
#define CHECK(rows)	check(rows, sizeof(rows) / sizeof((rows)[0]))

static void
numbers_are_plain_decimals_of_32_bits(void **state)
{
#define WANTED	"expected a plain decimal number from -2147483648 to " \
		"2147483647, found "
	static const struct row rows[] = {
		{ "a = 0;", NULL }, { "a = 2147483647;", NULL },
		{ "a = -2147483648;", NULL }, { "a = -1;", NULL },
		{ "a = 5000000000;", "f:1: " WANTED "5000000000" },
		{ "a = 2147483648;", "f:1: " WANTED "2147483648" },
		{ "\na = 5000000000L;", "f:2: " WANTED "5000000000L" },
		{ "a = 5L;", "f:1: " WANTED "5L" },
		{ "a = 0755;", "f:1: " WANTED "0755" },
		{ "a = 00;", "f:1: " WANTED "00" },
		{ "a = -0;", "f:1: " WANTED "-0" },
		{ "a = +5;", "f:1: " WANTED "+5" },
		{ "a = 0x1F;", "f:1: " WANTED "0x1F" },
		{ "a = 1.5;", "f:1: " WANTED "1.5" },
		{ "a = 1e9;", "f:1: " WANTED "1e9" },
		{ "a = 1e+9;", "f:1: " WANTED "1e+9" },
		{ "a = .5;", "f:1: " WANTED ".5" },
		{ "a = 99999999999999999999999999;",
		    "f:1: " WANTED "99999999999999999999999999" },
	};

	(void)state;
	CHECK(rows);
}

static void
strings_stand_alone_on_one_line_with_few_escapes(void **state)
{
	static const struct row rows[] = {
		{ "a = \"x\"; b = \"y\";", NULL },
		{ "a = [ \"x\", \"y\" ];", NULL },
		{ "a = \"x\\n\\t\\\\\\\"\";", NULL },
		{ "a = \"# no comment @include\";", NULL },
		{ "a = \"x\" \"y\";", "f:1: expected , or ; between two "
		    "strings, found nothing" },
		{ "a = \"x\"\n  \"y\";", "f:2: expected , or ; between two "
		    "strings, found nothing" },
		{ "a = \"x\" # why\n\"y\";", "f:2: expected , or ; between "
		    "two strings, found nothing" },
		{ "a = \"x\\x00y\";", "f:1: expected \\\\\\\\ \\\\\" \\\\n or "
		    "\\\\t after a backslash, found \\\\x" },
		{ "a = \"x\\", "f:1: expected \\\\\\\\ \\\\\" \\\\n or \\\\t "
		    "after a backslash, found \\\\" },
		{ "a = \"x\ny\";", "f:1: expected \" on the same line, found "
		    "the end of the line" },
		{ "a = \"x", "f:1: expected \" on the same line, found the "
		    "end of the line" },
	};

	(void)state;
	CHECK(rows);
}

static void
includes_are_refused_wherever_they_hide(void **state)
{
#define INCLUDE	"expected settings, found @ (@include is not allowed)"
	static const struct row rows[] = {
		{ "@include \"x\"", "f:1: " INCLUDE },
		{ "a = 1;\n \t@include \"x\"", "f:2: " INCLUDE },
		{ "/*\n@include \"x\"\n*/", "f:2: " INCLUDE },
		{ "a = 1; @include \"x\"", "f:1: " INCLUDE },
		{ "# @include \"x\"", NULL },
	};

	(void)state;
	CHECK(rows);
}

static void
other_text_is_visible_and_of_the_grammar(void **state)
{
	static const struct row rows[] = {
		{ "", NULL }, { "# only this", NULL }, { "// or this\n", NULL },
		{ "/* or\nthis */ a = 1;", NULL },
		{ "a : 1, b = true;", NULL },
		{ "# \xe9\x96\xa2\xe6\x89\x80", NULL },
		{ "/* open", "f:1: expected */ after this /*, found the end "
		    "of the file" },
		{ "/*/", "f:1: expected */ after this /*, found the end of "
		    "the file" },
		{ "a = 1;\n%", "f:2: expected a setting, found %" },
		{ "a = $b;", "f:1: expected a setting, found $" },
		{ "/ x", "f:1: expected a setting, found /" },
		{ "a = 1;\r\n", "f:1: expected visible characters, found "
		    "U+000D" },
		{ "a = \"\x1b[2J\";", "f:1: expected visible characters, "
		    "found U+001B" },
		{ "\n\na = \"\xe2\x80\xae\";", "f:3: expected visible "
		    "characters, found U+202E" },
		{ "a = \"\xff\";", "f:1: expected UTF-8 text, found byte "
		    "0xff" },
		{ "a={b={c={d={e={f={g={h=1;};};};};};};};", NULL },
		{ "a=((((((((1))))))));", NULL },
		{ "a=(((((((((1)))))))));", "f:1: expected at most 8 brackets "
		    "within each other" },
	};

	(void)state;
	CHECK(rows);
}

static void
a_nul_byte_does_not_end_the_check(void **state)
{
	struct conf_error e;

	(void)state;
	assert_int_equal(conf_text_check("f", "a = 1;\n\0@include", 16, &e),
	    ERR_FORMAT);
	assert_string_equal(e.text,
	    "f:2: expected visible characters, found U+0000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_plain_decimals_of_32_bits),
		cmocka_unit_test(
		    strings_stand_alone_on_one_line_with_few_escapes),
		cmocka_unit_test(includes_are_refused_wherever_they_hide),
		cmocka_unit_test(other_text_is_visible_and_of_the_grammar),
		cmocka_unit_test(a_nul_byte_does_not_end_the_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
