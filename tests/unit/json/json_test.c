/* json_test.c - the canonical form, and what is refused when reading. */
#include "tests/unit/test.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "json/json.h"

static int
reads(const char *text)
{
	json_t *v = NULL;
	int r = json_read(text, strlen(text), &v);

	json_decref(v);
	return r;
}

static void
equal_values_give_equal_bytes(void **state)
{
	json_t *v;
	char *s;
	size_t n;

	(void)state;
	assert_int_equal(json_read("{ \"b\" : [1, true], \"a\":\"x\\u00e9\"}",
	    33, &v), 0);
	assert_int_equal(json_canonical(v, &s, &n), 0);
	assert_string_equal(s, "{\"a\":\"x\xc3\xa9\",\"b\":[1,true]}");
	assert_int_equal(n, strlen(s));
	str_wipe(s);
	json_decref(v);
	v = json_real(1.5);
	assert_int_equal(json_canonical(v, &s, &n), ERR_FORMAT);
	json_decref(v);
}

static void
what_has_two_readings_is_refused(void **state)
{
	char deep[200];

	(void)state;
	assert_int_equal(reads("{\"a\":1}"), 0);
	assert_int_equal(reads("{\"a\":1,\"a\":2}"), ERR_FORMAT);
	assert_int_equal(reads("{\"a\":1.5}"), ERR_FORMAT);
	assert_int_equal(reads("{\"a\":9223372036854775808}"), ERR_FORMAT);
	assert_int_equal(reads("{} x"), ERR_FORMAT);
	assert_int_equal(reads("{\"a\":\"b\\u0000c\"}"), ERR_FORMAT);
	assert_int_equal(reads("{\"a\":\"\xff\"}"), ERR_FORMAT);
	assert_int_equal(reads(""), ERR_FORMAT);
	memset(deep, '[', 60);
	memset(deep + 60, ']', 60);
	deep[120] = '\0';
	assert_int_equal(reads(deep), ERR_FORMAT);
}

static void
look_ups_check_types_and_bounds(void **state)
{
	static const char *const keys[] = { "n", "s", "v", NULL };
	const char *s, *unknown = NULL, *text =
	    "{\"n\":5,\"s\":\"x\",\"v\":[\"a\",\"b\"],\"z\":null}";
	char **v = NULL;
	int64_t n;
	json_t *o;
	int b;

	(void)state;
	assert_int_equal(json_read(text, strlen(text), &o), 0);
	assert_int_equal(json_want_int(o, "n", 0, 0, 9, &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(json_want_int(o, "n", 0, 0, 4, &n), ERR_LIMIT);
	assert_int_equal(json_want_int(o, "s", 0, 0, 4, &n), ERR_FORMAT);
	assert_int_equal(json_want_int(o, "none", 3, 0, 4, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(json_want_str(o, "s", "", &s), 0);
	assert_string_equal(s, "x");
	assert_int_equal(json_want_str(o, "n", "", &s), ERR_FORMAT);
	assert_int_equal(json_want_bool(o, "n", 0, &b), ERR_FORMAT);
	assert_int_equal(json_want_strv(o, "v", &v), 0);
	assert_int_equal(strv_len(v), 2);
	strv_free(v);
	assert_int_equal(json_want_strv(o, "s", &v), ERR_FORMAT);
	assert_int_equal(json_only_keys(o, keys, &unknown), ERR_FORMAT);
	assert_string_equal(unknown, "z");
	json_decref(o);
}

static void
text_that_is_not_utf8_is_kept_visible(void **state)
{
	json_t *v = json_text("a\xff" "b");

	(void)state;
	assert_string_equal(json_string_value(v), "a\\xffb");
	json_decref(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_values_give_equal_bytes),
		cmocka_unit_test(what_has_two_readings_is_refused),
		cmocka_unit_test(look_ups_check_types_and_bounds),
		cmocka_unit_test(text_that_is_not_utf8_is_kept_visible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
