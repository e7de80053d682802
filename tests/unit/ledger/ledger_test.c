/* ledger_test.c - entries as canonical bytes; refused logins added up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

#include "base/buf.h"
#include "base/err.h"
#include "ledger/entry.h"
#include "ledger/refused.h"

#define T0	1790000040LL	/* a minute's beginning */

static void
an_entry_is_canonical_and_says_when_in_utc(void **state)
{
	json_t *e = entry_new(1790000000123456789LL, "start", "alice");
	char *text;
	size_t n;

	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	assert_int_equal(entry_id(e, "session", 'S', 7), 0);
	assert_int_equal(entry_bytes(e, &text, &n), 0);
	assert_string_equal(text, "{\"at\":\"2026-09-21T14:13:20Z\","
	    "\"at_ns\":1790000000123456789,\"session\":\"S7\","
	    "\"what\":\"start\",\"who\":\"alice\"}");
	assert_int_equal(n, strlen(text));
	str_wipe(text);
	json_decref(e);
}

static void
what_is_not_utf8_is_escaped_not_lost(void **state)
{
	json_t *e = entry_new(T0, "x", NULL);
	char *text;
	size_t n;

	(void)state;
	assert_int_equal(entry_text(e, "t", "a\xff\x1b"), 0);
	assert_int_equal(entry_bytes(e, &text, &n), 0);
	assert_non_null(strstr(text, "a\\\\xff\\\\x1b"));
	assert_null(strstr(text, "who"));
	str_wipe(text);
	json_decref(e);
}

static void
an_entry_that_is_too_long_is_refused(void **state)
{
	json_t *e = entry_new(T0, "x", NULL);
	char *big = malloc(ENTRY_MAX + 1), *text = NULL;
	size_t n;

	(void)state;
	memset(big, 'a', ENTRY_MAX);
	big[ENTRY_MAX] = '\0';
	assert_int_equal(entry_text(e, "t", big), 0);
	assert_int_equal(entry_bytes(e, &text, &n), ERR_LIMIT);
	assert_null(text);
	assert_int_equal(entry_text(NULL, "t", "x"), ERR_NOMEM);
	free(big);
	json_decref(e);
}

static struct refused_sum *
add(struct refused *r, const char *source, int64_t now)
{
	struct refused_sum *s = NULL;

	assert_int_equal(refused_add(r, source, 2, now, &s), 0);
	assert_non_null(s);
	return s;
}

static int
drain(struct refused *r, int64_t now, int all)
{
	json_t *e;
	int n = 0, got;

	while ((got = refused_next(r, now, all, &e)) == 1) {
		json_decref(e);
		n++;
	}
	assert_int_equal(got, 0);
	return n;
}

static void
one_source_and_minute_is_one_entry(void **state)
{
	struct refused *r = refused_new(100);
	int i;

	(void)state;
	assert_int_equal(refused_wait_ms(r, T0), -1);
	for (i = 0; i < 60; i++) {
		add(r, "192.0.2.1", T0 + i);
		add(r, "192.0.2.2", T0 + i);
	}
	assert_int_equal(drain(r, T0 + 59, 0), 0);
	assert_int_equal(refused_wait_ms(r, T0 + 59), 1000);
	add(r, "192.0.2.1", T0 + 60);
	assert_int_equal(drain(r, T0 + 60, 0), 2);
	assert_int_equal(drain(r, T0 + 60, 1), 1);
	assert_int_equal(drain(r, T0 + 500, 1), 0);
	refused_free(r);
}

static void
a_clock_set_back_leaves_nothing_behind(void **state)
{
	struct refused *r = refused_new(100);

	(void)state;
	add(r, "192.0.2.1", T0 + 3600);
	assert_int_equal(refused_wait_ms(r, T0), 0);
	assert_int_equal(drain(r, T0, 0), 1);
	refused_free(r);
}

static void
too_many_sources_are_counted_together(void **state)
{
	struct refused *r = refused_new(100000);
	char source[32];
	int i;

	(void)state;
	for (i = 0; i < 5 * REFUSED_SOURCES; i++) {
		(void)snprintf(source, sizeof(source), "10.0.%d.%d", i / 256,
		    i % 256);
		add(r, source, T0 + i / REFUSED_SOURCES * 60);
	}
	assert_int_equal(drain(r, T0, 1), REFUSED_SOURCES + 1);
	refused_free(r);
}

static void
names_are_bounded_and_counted(void **state)
{
	struct refused *r = refused_new(100);
	struct refused_sum *s = add(r, "192.0.2.1", T0);
	uint8_t digest[32] = { 1 };
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		refused_known(s, "alice");
	assert_int_equal(s->nnames, 1);
	assert_int_equal(s->names[0].count, 5);
	for (i = 0; i < 50; i++)
		refused_unknown(s, digest);
	assert_int_equal(s->nnames, REFUSED_NAMES);
	assert_false(refused_has_room(s));
	refused_known(s, "alice");
	assert_int_equal(s->names[0].count, 6);
	refused_known(s, "bob");		/* no room: only in the sum */
	assert_int_equal(s->nnames, REFUSED_NAMES);
	refused_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_canonical_and_says_when_in_utc),
		cmocka_unit_test(what_is_not_utf8_is_escaped_not_lost),
		cmocka_unit_test(an_entry_that_is_too_long_is_refused),
		cmocka_unit_test(one_source_and_minute_is_one_entry),
		cmocka_unit_test(a_clock_set_back_leaves_nothing_behind),
		cmocka_unit_test(too_many_sources_are_counted_together),
		cmocka_unit_test(names_are_bounded_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
