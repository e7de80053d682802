/* value_test.c - paths, single values and lists of one key. */
#include "tests/unit/test.h"

#include <string.h>

#include "base/err.h"
#include "base/strv.h"
#include "config/value.h"

struct box {
	char	*text;
	int64_t	 number;
	char	**list;
};

static void
paths_are_absolute_and_have_no_dots(void **state)
{
	static const char *const good[] = { "/", "/a", "/a/b.c", "/...",
		"/a b", "/.hidden" };
	static const char *const bad[] = { "", "a", "./a", "/a/", "//",
		"//a", "/a//b", "/.", "/..", "/a/..", "/a/../b", "/a/./b" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(conf_path_ok(good[i]), 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(conf_path_ok(bad[i]), 0);
}

static void
a_bad_value_leaves_the_old_one(void **state)
{
	const struct conf_key name = { "k", CONF_NAME,
		offsetof(struct box, text), NULL, 1, 8, NULL };
	const struct conf_key span = { "k", CONF_SPAN,
		offsetof(struct box, number), NULL, 1, 60, NULL };
	struct box b = { NULL, 0, NULL };

	(void)state;
	assert_int_equal(value_set(&name, &b, "good"), 0);
	assert_int_equal(value_set(&name, &b, "too-long-x"), ERR_FORMAT);
	assert_int_equal(value_set(&name, &b, ""), ERR_FORMAT);
	assert_string_equal(b.text, "good");
	assert_int_equal(value_set(&span, &b, "30s"), 0);
	assert_int_equal(value_set(&span, &b, "61s"), ERR_LIMIT);
	assert_int_equal(b.number, 30);
	value_free(&name, &b);
	assert_null(b.text);
}

static void
lists_take_each_item_once_up_to_their_limit(void **state)
{
	const struct conf_key paths = { "k", CONF_PATHS,
		offsetof(struct box, list), NULL, 0, 3, NULL };
	struct box b = { NULL, 0, NULL };

	(void)state;
	assert_int_equal(value_set(&paths, &b, "/a ?/b"), 0);
	assert_int_equal(value_add(&paths, &b, "/a"), ERR_CONFLICT);
	assert_int_equal(value_add(&paths, &b, "?b"), ERR_FORMAT);
	assert_int_equal(value_add(&paths, &b, "?" "?/b"), ERR_FORMAT);
	assert_int_equal(value_add(&paths, &b, "/c"), 0);
	assert_int_equal(value_add(&paths, &b, "/d"), ERR_LIMIT);
	assert_int_equal(value_count(&paths, &b), 3);
	assert_string_equal(b.list[1], "?/b");
	value_free(&paths, &b);
	assert_int_equal(value_count(&paths, &b), 0);
}

static void
names_may_be_groups_patterns_and_numbers_of_calls(void **state)
{
	const struct conf_key names = { "k", CONF_NAMES,
		offsetof(struct box, list), NULL, 0, 100, NULL };
	static const char *const good[] = { "a", "@a", "LC_*", "#462", "a.b",
		"_sekisho-net" };
	static const char *const bad[] = { "*", "a*b", "#", "#x", "@@a",
		"a b", "a/b", "-a", "a\n", "\xc3\xa9" };
	struct box b = { NULL, 0, NULL };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(value_add(&names, &b, good[i]), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(value_add(&names, &b, bad[i]), ERR_FORMAT);
	value_free(&names, &b);
}

static void
words_are_indexes_and_only_whole_ones_count(void **state)
{
	const struct conf_key word = { "k", CONF_WORD,
		offsetof(struct box, number), NULL, 0, 2, "eperm kill" };
	struct box b = { NULL, 7, NULL };

	(void)state;
	assert_int_equal(value_set(&word, &b, "kill"), 0);
	assert_int_equal(b.number, 1);
	assert_int_equal(value_set(&word, &b, "kil"), ERR_FORMAT);
	assert_int_equal(value_set(&word, &b, ""), ERR_FORMAT);
	assert_int_equal(value_set(&word, &b, "eperm kill"), ERR_FORMAT);
	assert_int_equal(b.number, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_absolute_and_have_no_dots),
		cmocka_unit_test(a_bad_value_leaves_the_old_one),
		cmocka_unit_test(lists_take_each_item_once_up_to_their_limit),
		cmocka_unit_test(
		    names_may_be_groups_patterns_and_numbers_of_calls),
		cmocka_unit_test(words_are_indexes_and_only_whole_ones_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
