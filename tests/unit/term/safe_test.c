/* Recorded bytes never act on the reader's terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/escape.h"
#include "term/safe.h"
#include "tests/unit/hostile.h"

static int
collect(void *arg, const void *p, size_t n)
{
	return buf_put(arg, p, n);
}

/* What comes out of "n" bytes given in pieces of "piece"; the caller frees. */
static char *
through(enum term_mode mode, const void *p, size_t n, size_t piece)
{
	struct buf *b = buf_new(1 << 20);
	struct term_safe *t = term_safe_new(mode, collect, b);
	const char *bytes = p;
	char *out;
	size_t i, len;

	assert_non_null(t);
	for (i = 0; i < n; i += len) {
		len = n - i < piece ? n - i : piece;
		assert_int_equal(term_safe_put(t, bytes + i, len), 0);
	}
	assert_int_equal(term_safe_end(t), 0);
	out = calloc(1, buf_len(b) + 1);
	assert_non_null(out);
	memcpy(out, buf_data(b), buf_len(b));
	term_safe_free(t);
	buf_free(b);
	return out;
}

/* Length of a colour sequence as sgr_rebuild() makes them; 0: it is none. */
static size_t
colour_at(const char *s)
{
	size_t n;

	if (s[0] != '\033' || s[1] != '[')
		return 0;
	n = 2 + strspn(s + 2, "0123456789;");
	return s[n] == 'm' && n > 2 ? n + 1 : 0;
}

static void
assert_harmless(enum term_mode mode, const char *s)
{
	const char *extra = mode == TERM_SHOW ? "\n\t\r\b" : "\n\t";
	unsigned int cp;
	size_t n;

	for (; *s != '\0'; s += n) {
		if (mode == TERM_SHOW && (n = colour_at(s)) > 0)
			continue;
		n = escape_utf8(s, strlen(s), &cp);
		assert_true(n > 0);
		assert_true(escape_is_plain(cp) ||
		    (cp < 0x80 && strchr(extra, (int)cp) != NULL));
	}
}

static void
assert_becomes(enum term_mode mode, const char *in, const char *want)
{
	char *out = through(mode, in, strlen(in), strlen(in));

	assert_string_equal(out, want);
	free(out);
}

static void
no_hostile_string_gets_through_in_any_mode_cut_anywhere(void **state)
{
	static const enum term_mode modes[] = { TERM_SHOW, TERM_PLAIN };
	char *whole, *cut;
	size_t i, m, piece, n;

	(void)state;
	for (m = 0; m < 2; m++)
		for (i = 0; i < HOSTILE_COUNT; i++) {
			n = strlen(hostile[i].bytes);
			whole = through(modes[m], hostile[i].bytes, n, n);
			assert_harmless(modes[m], whole);
			for (piece = 1; piece <= 5; piece++) {
				cut = through(modes[m], hostile[i].bytes, n,
				    piece);
				assert_string_equal(cut, whole);
				free(cut);
			}
			free(whole);
		}
}

static void
random_bytes_of_the_dangerous_kind_stay_harmless(void **state)
{
	static const char alphabet[] =
	    "\x1b\x1b\x1b[]P_^X;:?0123mHJc\\\x07\n\r\b\x18\x9b\xc2\xe2\x80\xae" "ab ";
	unsigned int seed = 7;
	char in[400];
	char *a, *b;
	int round;
	size_t i;

	(void)state;
	for (round = 0; round < 3000; round++) {
		for (i = 0; i < sizeof(in); i++) {
			seed = seed * 1103515245 + 12345;
			in[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		a = through(TERM_SHOW, in, sizeof(in), 1 + (size_t)round % 40);
		b = through(TERM_PLAIN, in, sizeof(in), 1 + (size_t)round % 40);
		assert_harmless(TERM_SHOW, a);
		assert_harmless(TERM_PLAIN, b);
		free(a);
		free(b);
	}
}

static void
colours_and_line_editing_are_shown_and_ended(void **state)
{
	(void)state;
	assert_becomes(TERM_SHOW, "a\x1b[1;31mb\x1b[0;5;8;38;5;200mc\r\nd\be",
	    "a\x1b[1;31mb\x1b[0;38;5;200mc\r\nd\be\x1b[0m");
	assert_becomes(TERM_SHOW, "\x1b[8mx", "x");
	assert_becomes(TERM_SHOW, "\x1b[mx", "\x1b[0mx\x1b[0m");
	assert_becomes(TERM_SHOW, "\x1b[38;5mx\x1b[4:3my\x1b[999mz", "xyz");
	assert_becomes(TERM_SHOW, "caf\xc3\xa9 \xe8\xa8\xad", "caf\xc3\xa9 \xe8\xa8\xad");
}

static void
moves_titles_links_and_reports_are_dropped_from_a_replay(void **state)
{
	(void)state;
	assert_becomes(TERM_SHOW, "a\x1b[2J\x1b[H\x1b[6n\x1b[?1049h" "b", "ab");
	assert_becomes(TERM_SHOW, "a\x1b]0;t\x07" "b\x1b]52;c;AA\x1b\\c", "abc");
	assert_becomes(TERM_SHOW, "a\x1b" "c\x1b(B\x1bPq~\x1b\\b", "ab");
}

static void
an_unfinished_sequence_cannot_swallow_what_follows(void **state)
{
	char in[4 * TERM_SEQUENCE_MAX], *out;

	(void)state;
	assert_becomes(TERM_SHOW, "\x1b]0;x\nls\n", "\\x1b]0;x\nls\n");
	assert_becomes(TERM_SHOW, "\x1b]0;x", "\\x1b]0;x");
	assert_becomes(TERM_SHOW, "\x1b]0;x\x1b[31mred", "\\x1b]0;x\\x1b[31mred");
	memset(in, 'x', sizeof(in));
	memcpy(in, "\x1b]0;", 4);
	memcpy(in + sizeof(in) - 5, "shown", 5);

	out = through(TERM_SHOW, in, sizeof(in), 100);

	assert_non_null(strstr(out, "\\x1b]0;xxx"));
	assert_non_null(strstr(out, "shown"));
	assert_int_equal(strlen(out), sizeof(in) + 3);
	free(out);
}

static void
plain_text_hides_nothing_but_moves_and_colours(void **state)
{
	(void)state;
	assert_becomes(TERM_PLAIN, "a\x1b[1mb\x1b[Kc\r\n", "abc\n");
	assert_becomes(TERM_PLAIN, "rm\rls", "rm\\x0dls");
	assert_becomes(TERM_PLAIN, "x\by\r", "x\\x08y\\x0d");
	assert_becomes(TERM_PLAIN, "\x1b]52;c;AA\x07z", "\\x1b]52;c;AA\\x07z");
	assert_becomes(TERM_PLAIN, "\xe2\x80\xae" "a\x9b" "b", "\\u{202e}a\\x9bb");
}

static void
a_sink_that_fails_ends_the_run(void **state)
{
	struct buf *b = buf_new(2);
	struct term_safe *t = term_safe_new(TERM_SHOW, collect, b);

	(void)state;
	assert_int_not_equal(term_safe_put(t, "abc", 3), 0);
	assert_int_not_equal(term_safe_put(t, "d", 1), 0);
	assert_int_equal(buf_len(b), 0);
	term_safe_free(t);
	term_safe_free(NULL);
	buf_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_hostile_string_gets_through_in_any_mode_cut_anywhere),
		cmocka_unit_test(random_bytes_of_the_dangerous_kind_stay_harmless),
		cmocka_unit_test(colours_and_line_editing_are_shown_and_ended),
		cmocka_unit_test(moves_titles_links_and_reports_are_dropped_from_a_replay),
		cmocka_unit_test(an_unfinished_sequence_cannot_swallow_what_follows),
		cmocka_unit_test(plain_text_hides_nothing_but_moves_and_colours),
		cmocka_unit_test(a_sink_that_fails_ends_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
