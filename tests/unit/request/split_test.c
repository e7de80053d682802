/* split_test.c - the splitter: what becomes words, what is refused and why. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/strv.h"
#include "request/split.h"

/* Splits a C string; the words as [a] [b], or the error's reason. */
static char *
outcome(const char *line)
{
	struct split_error e;
	char **argv = NULL, *shown;

	if (split_command((const uint8_t *)line, strlen(line), strlen(line),
	    &argv, &e) != 0) {
		str_wipe(e.corrected);
		return strdup(e.reason);
	}
	shown = escape_argv(argv, 4096);
	strv_free(argv);
	return shown;
}

static void
lines_become_the_words_a_reader_expects(void **state)
{
	static const char *const table[][2] = {
		{ "id", "[id]" },
		{ "  id \t -u  ", "[id] [-u]" },
		{ "sed -i 's/a b/c d/' /etc/x", "[sed] [-i] [s/a b/c d/] [/etc/x]" },
		{ "echo \"a \\\"b\\\\ \\c\"", "[echo] [a \"b\\\\ \\\\c]" },
		{ "a\\ b c\\|d", "[a b] [c|d]" },
		{ "x '' \"\" y", "[x] [] [] [y]" },
		{ "awk {print} a!b=c %d ^x ]", "[awk] [{print}] [a!b=c] [%d] [^x] [\\]]" },
		{ "a'b'\"c\"d", "[abcd]" },
		{ "cp a~ b#c", "[cp] [a~] [b#c]" },
		{ "touch \xe8\xa8\xad\xe5\xae\x9a.txt", "[touch] [\xe8\xa8\xad\xe5\xae\x9a.txt]" },
		{ "request new --reason disk full; on (web1) --until +2h -- id",
		    "[request] [new] [--reason] [disk] [full;] [on] [(web1)] [--until] [+2h] [--] [id]" },
		{ "request approve R12/1-k7qd -m don't; wait",
		    "[request] [approve] [R12/1-k7qd] [-m] [don't;] [wait]" },
		{ "request new --reason \"disk full\" -- id",
		    "[request] [new] [--reason] [disk] [full] [--] [id]" },
		{ "request new --reason  -- id", "[request] [new] [--reason] [] [--] [id]" },
		{ "request new --reason \"\" --reason", "[request] [new] [--reason] [] [--reason]" },
		{ "request new -- sed --reason 'a b'",
		    "[request] [new] [--] [sed] [--reason] [a b]" },
		{ "request new --reason \xef\xbc\x88\xe4\xbd\x9c\xe6\xa5\xad\xef\xbc\x89 -- id",
		    "[request] [new] [--reason] [\xef\xbc\x88\xe4\xbd\x9c\xe6\xa5\xad\xef\xbc\x89] [--] [id]" },
	};
	size_t i;
	char *got;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		got = outcome(table[i][0]);
		assert_string_equal(got, table[i][1]);
		free(got);
	}
}

static void
what_needs_a_shell_or_cannot_be_read_is_refused_with_its_place(void **state)
{
	static const char *const table[][2] = {
		{ "", "the command is empty" },
		{ " \t ", "the command is empty" },
		{ "ls | wc", "| at byte 4 would need a shell, and there is none" },
		{ "ls; id", "; at byte 3 would need a shell, and there is none" },
		{ "echo $HOME", "$ at byte 6 would need a shell, and there is none" },
		{ "ls *.c", "* at byte 4 would need a shell, and there is none" },
		{ "echo `id`", "` at byte 6 would need a shell, and there is none" },
		{ "ls ~/x", "~ at byte 4 would need a shell, and there is none" },
		{ "id #x", "# at byte 4 would need a shell, and there is none" },
		{ "a\nb", "line break at byte 2: one command is one line" },
		{ "echo 'abc", "the quote ' at byte 6 is never closed" },
		{ "echo \"abc", "the quote \" at byte 6 is never closed" },
		{ "id \\", "nothing follows the last backslash" },
		{ "id \xff", "byte 4 (\\xff) is not UTF-8" },
		{ "id \x1b[31m", "character \\x1b at byte 4 is a control or invisible character" },
		{ "id \xc2\x9b", "character \\u{9b} at byte 4 is a control or invisible character" },
		{ "id a\xe2\x80\xae" "b", "character \\u{202e} at byte 5 is a control or invisible character" },
		{ "id a\xe2\x80\x8b", "character \\u{200b} at byte 5 is a control or invisible character" },
		{ "id\xc2\xa0-u", "word 1 holds U+00A0, which only looks like ' '" },
		{ "id \xe2\x80\x93u", "word 2 holds U+2013, which only looks like '-'" },
		{ "c\xd0\xb0t x", "word 1 mixes ASCII letters with U+0430, which only looks like 'a'" },
		{ "c\xef\xbc\x9b", "word 1 holds U+FF1B, which only looks like ';'" },
		{ "request new --reason a\xe2\x80\xae -- id", "character \\u{202e} at byte 23 is a control or invisible character" },
	};
	size_t i;
	char *got;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		got = outcome(table[i][0]);
		assert_string_equal(got, table[i][1]);
		free(got);
	}
}

static void
a_shell_sign_gets_a_corrected_line(void **state)
{
	struct split_error e;
	char **argv = NULL;
	const char *line = "ls /tmp | wc";

	(void)state;
	assert_int_equal(split_command((const uint8_t *)line, strlen(line),
	    strlen(line), &argv, &e), ERR_FORMAT);
	assert_string_equal(e.corrected, "ls /tmp '|' wc");
	assert_null(argv);
	str_wipe(e.corrected);
}

static void
one_byte_or_word_above_the_limit_is_refused(void **state)
{
	struct split_error e;
	char **argv = NULL, *line;
	size_t i;

	(void)state;
	line = malloc(COMMAND_MAX + 1);
	assert_non_null(line);
	memset(line, 'a', COMMAND_MAX + 1);
	assert_int_equal(split_command((const uint8_t *)line, COMMAND_MAX - 1,
	    COMMAND_MAX - 1, &argv, &e), 0);
	strv_free(argv);
	argv = NULL;
	assert_int_equal(split_command((const uint8_t *)line, COMMAND_MAX,
	    200000, &argv, &e), ERR_LIMIT);
	assert_string_equal(e.reason,
	    "the command is 200000 bytes long, more than 65536");
	for (i = 0; i < 2 * (ARGV_WORDS_MAX + 1); i++)
		line[i] = i % 2 == 0 ? 'a' : ' ';
	assert_int_equal(split_command((const uint8_t *)line, i, i, &argv, &e),
	    ERR_LIMIT);
	assert_string_equal(e.reason, "more than 1024 words");
	assert_null(argv);
	free(line);
}

static void
quoting_and_splitting_give_the_words_back(void **state)
{
	static const char signs[] = "a '\"\\|&;<>()$*?[]`~#{}!=%^-\t";
	char word[4][12], *argv[5] = { word[0], word[1], word[2], word[3] };
	struct split_error e;
	char *line, **back;
	unsigned int seed = 1;
	size_t i, j, n;
	int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < 4; i++) {
			seed = seed * 1103515245 + 12345;
			n = seed / 65536 % 10;
			for (j = 0; j < n; j++) {
				seed = seed * 1103515245 + 12345;
				word[i][j] = signs[seed / 65536 %
				    (sizeof(signs) - 1)];
			}
			word[i][n] = '\0';
		}
		line = split_quote(argv);
		assert_non_null(line);
		assert_int_equal(split_command((uint8_t *)line, strlen(line),
		    strlen(line), &back, &e), 0);
		assert_true(strv_equal(argv, back));
		strv_free(back);
		str_wipe(line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_the_words_a_reader_expects),
		cmocka_unit_test(what_needs_a_shell_or_cannot_be_read_is_refused_with_its_place),
		cmocka_unit_test(a_shell_sign_gets_a_corrected_line),
		cmocka_unit_test(one_byte_or_word_above_the_limit_is_refused),
		cmocka_unit_test(quoting_and_splitting_give_the_words_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
