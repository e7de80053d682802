/* people_test.c - roles.conf and approval.conf: bad files, the samples, the man pages. */
#include "tests/unit/test.h"

#include "base/err.h"
#include "base/strv.h"
#include "config/people.h"
#include "tests/unit/config/sample.h"

static const char *
roles_say(const char *text)
{
	static struct conf_error e;
	struct conf_roles c;

	memset(&c, 0, sizeof(c));
	memset(&e, 0, sizeof(e));
	(void)conf_roles_read("r", text, strlen(text), &c, &e);
	conf_roles_free(&c);
	return e.text;
}

static const char *
rules_say(const char *text)
{
	static struct conf_error e;
	struct conf_approval c;

	memset(&c, 0, sizeof(c));
	memset(&e, 0, sizeof(e));
	(void)conf_approval_read("a", text, strlen(text), &c, &e);
	conf_approval_free(&c);
	return e.text;
}

#define NAMES	"expected an array of names, 0 items to 1000 items, found "

static void
bad_roles_are_one_exact_line(void **state)
{
	static const struct {
		const char	*text, *says;
	} rows[] = {
		{ "", "" },
		{ "operators = [ \"a\", \"@g\", \"a.b-c_d\" ];", "" },
		{ "operator = [ ];", "r:1: expected a known key, found "
		    "\"operator\"" },
		{ "operators = \"a\";", "r:1: operators: " NAMES "\"a\"" },
		{ "operators = [ 1 ];", "r:1: operators: " NAMES
		    "the number 1" },
		{ "operators = [ \"\" ];", "r:1: operators: " NAMES "\"\"" },
		{ "operators = [ \"@\" ];", "r:1: operators: " NAMES "\"@\"" },
		{ "operators = [ \"-a\" ];", "r:1: operators: " NAMES
		    "\"-a\"" },
		{ "operators = [ \"a b\" ];", "r:1: operators: " NAMES
		    "\"a b\"" },
		{ "operators = [ \"a;\" ];", "r:1: operators: " NAMES
		    "\"a;\"" },
		{ "\noperators = [\n\"a\",\n\"a\" ];", "r:4: operators: " NAMES
		    "\"a\" twice" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(roles_say(rows[i].text), rows[i].says);
}

static void
bad_rules_are_one_exact_line(void **state)
{
	static const struct {
		const char	*text, *says;
	} rows[] = {
		{ "rules = ( );", "" },
		{ "rules = ( { profile = \"p\"; } );", "" },
		{ "", "a:1: expected \"rules\", found nothing" },
		{ "rulez = ( );", "a:1: expected \"rules\", found \"rulez\"" },
		{ "rules = [ ];", "a:1: rules: expected a list ( ) of at most "
		    "256 groups, found an array [ ]" },
		{ "rules = ( 1 );", "a:1: rules: expected a group { }, found "
		    "the number 1" },
		{ "rules = (\n { } );", "a:2: expected the key \"profile\", "
		    "found none" },
		{ "rules = ( { profile = \"p\"; who = 1; } );",
		    "a:1: expected a known key, found \"who\"" },
		{ "rules = ( { profile = \"p\"; need = 0; } );",
		    "a:1: need: expected a number, 1 to 5, found the number "
		    "0" },
		{ "rules = ( { profile = \"p\"; run_as = [ ]; } );",
		    "a:1: run_as: expected an array of names, 1 items to 64 "
		    "items, found an array [ ]" },
		{ "rules = ( { profile = \"p\"; targets = [ \"web1\" ]; } );",
		    "a:1: targets: expected \"local\" (the only target of "
		    "this version), found \"web1\"" },
		{ "rules = ( { profile = \"p\"; },\n { profile = \"p\"; } );",
		    "a:2: expected one rule for profile \"p\", found the "
		    "second (the first is in line 1)" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(rules_say(rows[i].text), rows[i].says);
}

static void
the_roles_sample_is_the_default(void **state)
{
	struct conf_roles none, sample;
	struct conf_error e = { "" };
	size_t n = 0;
	char *text = sample_read("policy/roles.conf", &n);

	(void)state;
	memset(&none, 0, sizeof(none));
	memset(&sample, 0, sizeof(sample));
	assert_non_null(text);
	assert_int_equal(conf_roles_read("", "", 0, &none, &e), 0);
	assert_int_equal(conf_roles_read("r", text, n, &sample, &e), 0);
	assert_null(sample_differs(conf_roles_keys, CONF_ROLES_KEYS, &none,
	    &sample));
	conf_roles_free(&none);
	conf_roles_free(&sample);
	free(text);
}

static void
each_sample_rule_is_the_default_for_its_profile(void **state)
{
	struct conf_approval sample = { NULL, 0 }, none = { NULL, 0 };
	struct conf_error e = { "" };
	char text[128], *all;
	size_t n = 0, i, k;

	(void)state;
	all = sample_read("policy/approval.conf", &n);
	assert_non_null(all);
	assert_int_equal(conf_approval_read("a", all, n, &sample, &e), 0);
	assert_int_equal(sample.n, 2);
	for (i = 0; i < sample.n; i++) {
		snprintf(text, sizeof(text), "rules = ( { profile = \"%s\"; } );",
		    sample.rules[i].profile);
		assert_int_equal(conf_approval_read("", text, strlen(text),
		    &none, &e), 0);
		assert_null(sample_differs(conf_rule_keys, CONF_RULE_KEYS,
		    &none.rules[0], &sample.rules[i]));
		for (k = 0; k < CONF_RULE_KEYS; k++)
			assert_true(sample.rules[i].lines[k] > 0);
		conf_approval_free(&none);
	}
	conf_approval_free(&sample);
	free(all);
}

static void
the_man_pages_tell_every_key(void **state)
{
	size_t n = 0;
	char *man;

	(void)state;
	man = sample_read("policy/roles.conf.5", &n);
	assert_non_null(man);
	assert_null(sample_untold(man, conf_roles_keys, CONF_ROLES_KEYS));
	free(man);
	man = sample_read("policy/approval.conf.5", &n);
	assert_non_null(man);
	assert_null(sample_untold(man, conf_rule_keys, CONF_RULE_KEYS));
	free(man);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_roles_are_one_exact_line),
		cmocka_unit_test(bad_rules_are_one_exact_line),
		cmocka_unit_test(the_roles_sample_is_the_default),
		cmocka_unit_test(
		    each_sample_rule_is_the_default_for_its_profile),
		cmocka_unit_test(the_man_pages_tell_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
