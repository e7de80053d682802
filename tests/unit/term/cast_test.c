/* Recordings as asciicast v3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "term/cast.h"
#include "tests/unit/hostile.h"

static const struct cast_head head = { .cols = 80, .rows = 24,
	.type = "xterm", .start_unix = 1795449600, .command = "[id]",
	.title = "S1" };

#define HEAD	"{\"version\":3,\"term\":{\"cols\":80,\"rows\":24,"	\
		"\"type\":\"xterm\"},\"timestamp\":1795449600,"		\
		"\"command\":\"[id]\",\"title\":\"S1\"}\n"

static int
collect(void *arg, const void *p, size_t n)
{
	return buf_put(arg, p, n);
}

struct made {
	struct buf	*b;
	struct cast	*t;
};

static struct made
make(void)
{
	struct made m = { buf_new(1 << 20), NULL };

	assert_non_null(m.b);
	m.t = cast_new(collect, m.b);
	assert_non_null(m.t);
	assert_int_equal(cast_begin(m.t, &head), 0);
	return m;
}

static int
output(struct made *m, uint64_t at, const char *s)
{
	return cast_bytes(m->t, at, CAST_TERMINAL, s, strlen(s), 0);
}

/* Ends it, and all that came must be the header and "want". */
static void
expect(struct made *m, const char *want)
{
	assert_int_equal(buf_put(m->b, "", 1), 0);
	assert_memory_equal(buf_data(m->b), HEAD, strlen(HEAD));
	assert_string_equal((const char *)buf_data(m->b) + strlen(HEAD), want);
	cast_free(m->t);
	buf_free(m->b);
}

static void
events_have_the_time_since_the_one_before(void **state)
{
	struct made m = make();

	(void)state;
	assert_int_equal(output(&m, 248000, "a"), 0);
	assert_int_equal(output(&m, 1249001, "b"), 0);
	assert_int_equal(output(&m, 1249001, "c"), 0);
	assert_int_equal(output(&m, 900, "back"), 0);	/* a clock that lies */
	assert_int_equal(output(&m, 1249002, "d"), 0);
	assert_int_equal(cast_end(m.t, 2000000, 7), 0);
	expect(&m, "[0.248000,\"o\",\"a\"]\n[1.001001,\"o\",\"b\"]\n"
	    "[0.000000,\"o\",\"c\"]\n[0.000000,\"o\",\"back\"]\n"
	    "[0.000001,\"o\",\"d\"]\n[0.750998,\"x\",\"7\"]\n");
}

static void
a_character_cut_by_the_end_of_an_event_comes_with_the_next_one(void **state)
{
	struct made m = make();

	(void)state;
	assert_int_equal(output(&m, 1, "x\xe8\xa8"), 0);
	/* another stream between has characters of its own */
	assert_int_equal(cast_bytes(m.t, 2, CAST_TYPED, "\xad", 1, 0), 0);
	assert_int_equal(output(&m, 3, "\xad\xf0\x9f"), 0);
	assert_int_equal(output(&m, 4, "\x98"), 0);
	assert_int_equal(output(&m, 5, "\x80"), 0);
	assert_int_equal(output(&m, 6, "\xf0\x9f"), 0);
	assert_int_equal(cast_end(m.t, 6, -1), 0);
	expect(&m, "[0.000001,\"o\",\"x\"]\n[0.000001,\"i\",\"\\ufffd\"]\n"
	    "[0.000001,\"o\",\"\\u8a2d\"]\n"
	    "[0.000002,\"o\",\"\\ud83d\\ude00\"]\n"
	    "[0.000001,\"o\",\"\\ufffd\"]\n");
}

static void
bytes_that_are_no_characters_are_one_mistake_for_each_part(void **state)
{
	static const struct { const char *bytes, *text; } t[] = {
		{ "\xff", "\\ufffd" }, { "\x80\x80", "\\ufffd\\ufffd" },
		{ "\xc0\xaf", "\\ufffd\\ufffd" },
		{ "\xe0\x80\xaf", "\\ufffd\\ufffd\\ufffd" },
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xf0\x9f\x98" "A", "\\ufffdA" },
		{ "\xe8\xa8\xe8\xa8\xad", "\\ufffd\\u8a2d" },
		{ "\xf4\x8f\xbf\xbf", "\\udbff\\udfff" },
		{ "\xef\xbf\xbf", "\\uffff" }
	};
	char want[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct made m = make();

		assert_int_equal(output(&m, 0, t[i].bytes), 0);
		snprintf(want, sizeof(want), "[0.000000,\"o\",\"%s\"]\n",
		    t[i].text);
		expect(&m, want);
	}
}

static void
what_acts_on_a_terminal_is_written_as_json_writes_it(void **state)
{
	struct made m = make();

	(void)state;
	assert_int_equal(output(&m, 0, "\x1b]0;\x07\b\t\r\n\"\\\x7f\xc2\x9b"
	    "\xe2\x80\xae~ "), 0);
	assert_int_equal(cast_marker(m.t, 0, "\x1b", "[2J\"", 4), 0);
	assert_int_equal(cast_comment(m.t, "{\"a\":\"\\n\"}\n\x1b\xc2\x9b", 14), 0);
	expect(&m, "[0.000000,\"o\",\"\\u001b]0;\\u0007\\u0008\\t\\r\\n"
	    "\\\"\\\\\\u007f\\u009b\\u202e~ \"]\n"
	    "[0.000000,\"m\",\"\\u001b[2J\\\"\"]\n"
	    "# {\"a\":\"\\n\"}\\u000a\\u001b\\u009b\n");
}

static void
without_a_terminal_lines_end_as_one_would_have_ended_them(void **state)
{
	struct made m = make();

	(void)state;
	assert_int_equal(cast_bytes(m.t, 0, CAST_OUT, "a\nb\r", 4, 1), 0);
	assert_int_equal(cast_bytes(m.t, 0, CAST_ERR, "\n", 1, 1), 0);
	assert_int_equal(cast_bytes(m.t, 0, CAST_OUT, "\n\n", 2, 1), 0);
	expect(&m, "[0.000000,\"o\",\"a\\r\\nb\\r\"]\n"
	    "[0.000000,\"o\",\"\\r\\n\"]\n[0.000000,\"o\",\"\\n\\r\\n\"]\n");
}

static void
a_size_is_told_when_it_is_one_and_another(void **state)
{
	static const char *const sizes[] = { "80x24", "", "90", "x", "90x",
		"x30", "0x30", "90x0", "65536x1", "1x65536", "90x30x",
		"-1x30", " 90x30", "99999999999x1", "90x30", "90x30",
		"65535x65535", "80x24" };
	struct made m = make();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(cast_resize(m.t, i, sizes[i],
		    strlen(sizes[i])), 0);
	expect(&m, "[0.000014,\"r\",\"90x30\"]\n"
	    "[0.000002,\"r\",\"65535x65535\"]\n"
	    "[0.000001,\"r\",\"80x24\"]\n");
}

static void
a_header_without_a_terminal_type_and_with_wild_values(void **state)
{
	static const struct cast_head wild = { .cols = 0, .rows = 70000,
		.type = "", .start_unix = -5, .command = "\x1b\"", .title = "" };
	static const char want[] = "{\"version\":3,\"term\":{\"cols\":1,"
	    "\"rows\":65535},\"timestamp\":0,\"command\":\"\\u001b\\\"\","
	    "\"title\":\"\"}\n";
	struct buf *b = buf_new(4096);
	struct cast *t = cast_new(collect, b);

	(void)state;
	assert_int_equal(cast_begin(t, &wild), 0);
	assert_int_equal(buf_len(b), sizeof(want) - 1);
	assert_memory_equal(buf_data(b), want, sizeof(want) - 1);
	cast_free(t);
	buf_free(b);
}

static int
full(void *arg, const void *p, size_t n)
{
	(void)arg;
	(void)p;
	(void)n;
	return ERR_CLOSED;
}

static void
a_sink_that_fails_ends_it(void **state)
{
	struct cast *t = cast_new(full, NULL);

	(void)state;
	assert_int_equal(cast_begin(t, &head), ERR_CLOSED);
	assert_int_equal(cast_bytes(t, 0, CAST_OUT, "a", 1, 0), ERR_CLOSED);
	assert_int_equal(cast_marker(t, 0, "", "a", 1), ERR_CLOSED);
	assert_int_equal(cast_resize(t, 0, "1x1", 3), ERR_CLOSED);
	assert_int_equal(cast_comment(t, "a", 1), ERR_CLOSED);
	assert_int_equal(cast_end(t, 0, 1), ERR_CLOSED);
	cast_free(t);
	cast_free(NULL);
}

/* Hostile bytes as everything there is, whole and in pieces: only ASCII lines, and the same lines. */
static void
no_bytes_leave_ascii(void **state)
{
	size_t i, k, n;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		const char *s = hostile[i].bytes;
		struct made m = make();
		const uint8_t *p;

		n = strlen(s);
		for (k = 0; k < CAST_STREAMS; k++) {
			assert_int_equal(cast_bytes(m.t, k,
			    (enum cast_stream)k, s, n, (int)(k % 2)), 0);
			assert_int_equal(cast_bytes(m.t, k,
			    (enum cast_stream)k, s, n / 2, 0), 0);
		}
		assert_int_equal(cast_marker(m.t, 9, s, s, n), 0);
		assert_int_equal(cast_comment(m.t, s, n), 0);
		assert_int_equal(cast_resize(m.t, 9, s, n), 0);
		assert_int_equal(cast_end(m.t, 9, 0), 0);
		p = buf_data(m.b);
		for (k = 0; k < buf_len(m.b); k++)
			assert_true((p[k] >= 0x20 && p[k] <= 0x7e) ||
			    p[k] == '\n');
		cast_free(m.t);
		buf_free(m.b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_have_the_time_since_the_one_before),
		cmocka_unit_test(a_character_cut_by_the_end_of_an_event_comes_with_the_next_one),
		cmocka_unit_test(bytes_that_are_no_characters_are_one_mistake_for_each_part),
		cmocka_unit_test(what_acts_on_a_terminal_is_written_as_json_writes_it),
		cmocka_unit_test(without_a_terminal_lines_end_as_one_would_have_ended_them),
		cmocka_unit_test(a_size_is_told_when_it_is_one_and_another),
		cmocka_unit_test(a_header_without_a_terminal_type_and_with_wild_values),
		cmocka_unit_test(a_sink_that_fails_ends_it),
		cmocka_unit_test(no_bytes_leave_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
