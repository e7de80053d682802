/* escape_test.c - hostile text becomes visible and harmless; the log keeps to its line. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/log.h"

static void
foreign_text_is_shown_and_never_acts(void **state)
{
	static const char *const table[][2] = {
		{ "plain text 1", "plain text 1" },
		{ "a\nb\tc\r", "a\\x0ab\\x09c\\x0d" },
		{ "\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m" },
		{ "\x1b]8;;http://x\x07y", "\\x1b]8;;http://x\\x07y" },
		{ "\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07" },
		{ "\x1bP1;2q\x1b\\", "\\x1bP1;2q\\x1b\\\\" },
		{ "\x9b" "31m", "\\x9b31m" },
		{ "\xc2\x9b" "31m", "\\u{9b}31m" },
		{ "\xe2\x80\xae" "txt.exe", "\\u{202e}txt.exe" },
		{ "a\xe2\x80\x8b" "b", "a\\u{200b}b" },
		{ "\xef\xbb\xbf", "\\u{feff}" },
		{ "\xf3\xa0\x81\xa1", "\\u{e0061}" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xe8\xa8\xad", "\xe8\xa8\xad" },
		{ "back\\slash", "back\\\\slash" },
		{ "\x7f", "\\x7f" },
	};
	size_t i;
	char *got;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		got = escape_dup(table[i][0], strlen(table[i][0]), 1000);
		assert_string_equal(got, table[i][1]);
		str_wipe(got);
	}
}

static void
no_byte_sequence_leaves_a_control_byte_in_the_result(void **state)
{
	unsigned char in[64];
	unsigned int seed = 42;
	size_t i, n;
	char *got;
	int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < sizeof(in); i++) {
			seed = seed * 1103515245 + 12345;
			in[i] = (unsigned char)(seed >> 16);
		}
		got = escape_dup(in, sizeof(in), 1000);
		n = strlen(got);
		for (i = 0; i < n; i++) {
			assert_true((unsigned char)got[i] >= 0x20);
			assert_true((unsigned char)got[i] != 0x7f);
		}
		str_wipe(got);
	}
}

static void
a_cut_is_always_visible(void **state)
{
	char out[9];

	(void)state;
	assert_string_equal(escape_to(out, sizeof(out), "12345678", 8),
	    "12345678");
	assert_string_equal(escape_to(out, sizeof(out), "123456789", 9),
	    "12345...");
	assert_string_equal(escape_to(out, sizeof(out), "1234\x1b\x1b", 6),
	    "1234...");
}

static void
words_in_brackets_cannot_imitate_brackets(void **state)
{
	char *argv[] = { (char *)(uintptr_t)"sed", (char *)(uintptr_t)"s/a b/c]d[/",
		(char *)(uintptr_t)"", NULL };
	char *got = escape_argv(argv, 100);

	(void)state;
	assert_string_equal(got, "[sed] [s/a b/c\\]d\\[/] []");
	str_wipe(got);
}

static void
a_log_event_is_one_line_whatever_it_holds(void **state)
{
	int saved = dup(2), fd = memfd_create("log", 0);
	uint8_t *text;
	size_t n, i, lines = 0;

	(void)state;
	dup2(fd, 2);
	log_init("test", LOG_INFO);
	log_error("event user=%s", "al\nice\x1b[2J");
	log_debug("below the level");
	dup2(saved, 2);
	close(saved);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(fd_read_all(fd, 4096, &text, &n), 0);
	for (i = 0; i < n; i++)
		lines += text[i] == '\n';
	assert_int_equal(lines, 1);
	assert_non_null(strstr((char *)text, "user=al\\x0aice\\x1b[2J\n"));
	mem_wipe(text, n);
	close(fd);
}

static void
a_sealed_file_cannot_change(void **state)
{
	int fd = fd_sealed("script", "#!/bin/sh\n", 10, 1);
	uint8_t *p;
	size_t n;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(fd_read_all(fd, 9, &p, &n), ERR_LIMIT);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(fd_read_all(fd, 10, &p, &n), 0);
	assert_int_equal(n, 10);
	mem_wipe(p, n);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_text_is_shown_and_never_acts),
		cmocka_unit_test(no_byte_sequence_leaves_a_control_byte_in_the_result),
		cmocka_unit_test(a_cut_is_always_visible),
		cmocka_unit_test(words_in_brackets_cannot_imitate_brackets),
		cmocka_unit_test(a_log_event_is_one_line_whatever_it_holds),
		cmocka_unit_test(a_sealed_file_cannot_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
