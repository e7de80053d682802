/* profile_test.c - profiles and what they inherit. */
#include "tests/unit/test.h"

#include "base/err.h"
#include "base/strv.h"
#include "config/profile.h"
#include "tests/unit/config/sample.h"

/* Name and text, one behind the other, NULL at the end. */
static int
from_pairs(void *arg, const char *name, char **text, size_t *n,
    struct conf_error *e)
{
	char *const *pairs = arg;
	size_t i;

	for (i = 0; pairs[i] != NULL; i += 2) {
		if (strcmp(pairs[i], name) != 0)
			continue;
		*text = strdup(pairs[i + 1]);
		*n = strlen(*text);
		return 0;
	}
	(void)conf_fail(e, name, 0, "not there");
	return ERR_NOTFOUND;
}

static const char *
says(const char *const *pairs)
{
	static struct conf_error e;
	struct conf_profile p;

	memset(&p, 0, sizeof(p));
	memset(&e, 0, sizeof(e));
	(void)conf_profile_read("d", pairs[0], from_pairs,
	    (void *)(uintptr_t)pairs, &p, &e);
	conf_profile_free(&p);
	return e.text;
}

#define P(name, inherit)	"profile = { name = \"" name "\"; inherit = \"" \
				inherit "\"; };"

static void
bad_profiles_are_one_exact_line(void **state)
{
	static const struct {
		const char	*pairs[13];
		const char	*says;
	} rows[] = {
		{ { "a", P("a", "") }, "" },
		{ { "a", "" }, "d/a.conf: expected the key \"profile.name\", "
		    "found none" },
		{ { "a", "\n" P("b", "") }, "d/a.conf:2: profile.name: "
		    "expected \"a\" as the file is called, found \"b\"" },
		{ { "a", P("a", "") "files = { wirte = [ ]; };" },
		    "d/a.conf:1: expected a known key, found "
		    "\"files.wirte\"" },
		{ { "a", P("a", "") "files = { write = [ \"tmp\" ]; };" },
		    "d/a.conf:1: files.write: expected an array of absolute "
		    "paths without \"..\", 0 items to 64 items, found "
		    "\"tmp\"" },
		{ { "a", P("a", "") "network = { connect = [ 0 ]; };" },
		    "d/a.conf:1: network.connect: expected an array of ports "
		    "(1 to 65535) or \"any\", 0 items to 200 items, found the "
		    "number 0" },
		{ { "a", P("a", "") "network = { connect = \"all\"; };" },
		    "d/a.conf:1: network.connect: expected an array of ports "
		    "(1 to 65535) or \"any\", 0 items to 200 items, found "
		    "\"all\"" },
		{ { "a", P("a", "") "environment = { set = { A = 1; }; };" },
		    "d/a.conf:1: environment.set: expected a group of NAME = "
		    "\"text\", 0 items to 64 items, found the number 1" },
		{ { "a", P("a", "") "process = { limits = { fsize = 5; }; };" },
		    "d/a.conf:1: process.limits.fsize: expected a size such "
		    "as \"16M\", 0 bytes to 1125899906842624 bytes, found the "
		    "number 5" },
		{ { "a", P("a", "") "exec = { policy = \"digest\"; };" },
		    "d/a.conf:1: exec.policy: expected one of \"list\", found "
		    "\"digest\"" },
		{ { "a", P("a", "b") }, "d/a.conf:1: profile.inherit: expected "
		    "a profile beside this one, found \"b\"" },
		{ { "a", P("a", "a") }, "d/a.conf:1: profile.inherit: expected "
		    "no circle, found \"a\" again" },
		{ { "a", P("a", "b"), "b", P("b", "a") },
		    "d/b.conf:1: profile.inherit: expected no circle, found "
		    "\"a\" again" },
		{ { "a", P("a", "b"), "b", P("b", "c"), "c", P("c", "d"),
		    "d", P("d", "e"), "e", P("e", "") }, "" },
		{ { "a", P("a", "b"), "b", P("b", "c"), "c", P("c", "d"),
		    "d", P("d", "e"), "e", P("e", "f"), "f", P("f", "") },
		    "d/e.conf:1: profile.inherit: expected at most 4 levels" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(says(rows[i].pairs), rows[i].says);
}

static void
lists_append_scalars_override_and_what_is_own_stays_own(void **state)
{
	const char *const pairs[] = {
		"a", "profile = { name = \"a\"; inherit = \"b\"; };\n"
		    "syscalls = { allow = [ \"@base\", \"x\" ]; };\n"
		    "process = { limits = { nofile = 7; }; };",
		"b", "profile = { name = \"b\"; inherit = \"c\"; summary = "
		    "\"of b\"; version = 9; };\n"
		    "syscalls = { allow = [ \"y\" ]; deny = [ \"z\" ]; };\n"
		    "process = { limits = { nofile = 8; cpu = 5; }; };",
		"c", "profile = { name = \"c\"; abstract = true; require = { "
		    "landlock = 4; }; };\n"
		    "syscalls = { allow = [ \"@base\" ]; };\n"
		    "network = { connect = \"any\"; };", NULL };
	struct conf_profile p;
	struct conf_error e;

	(void)state;
	memset(&p, 0, sizeof(p));
	assert_int_equal(conf_profile_read("d", "a", from_pairs,
	    (void *)(uintptr_t)pairs, &p, &e), 0);
	assert_string_equal(p.name, "a");
	assert_string_equal(p.summary, "");
	assert_int_equal(p.version, 1);
	assert_int_equal(p.abstract, 0);
	assert_int_equal(p.landlock, 4);
	assert_int_equal(strv_len(p.allow), 3);
	assert_string_equal(p.allow[0], "@base");
	assert_string_equal(p.allow[1], "y");
	assert_string_equal(p.allow[2], "x");
	assert_string_equal(p.deny[0], "z");
	assert_int_equal(p.nofile, 7);
	assert_int_equal(p.cpu_s, 5);
	assert_string_equal(p.connect[0], "any");
	assert_int_equal(conf_profile_line(&p, "process.limits.nofile"), 3);
	assert_int_equal(conf_profile_line(&p, "syscalls.deny"), 0);
	conf_profile_free(&p);
}

static void
what_nobody_says_has_its_default(void **state)
{
	const char *const pairs[] = { "a", P("a", ""), NULL };
	struct conf_profile p;
	struct conf_error e;

	(void)state;
	memset(&p, 0, sizeof(p));
	assert_int_equal(conf_profile_read("d", "a", from_pairs,
	    (void *)(uintptr_t)pairs, &p, &e), 0);
	assert_int_equal(p.landlock, 2);
	assert_int_equal(strv_len(p.allow), 0);
	assert_true(strv_has(p.read, "?/usr"));
	assert_int_equal(strv_len(p.write), 0);
	assert_int_equal(p.tmp, 0);
	assert_int_equal(p.home, 0);
	assert_int_equal(p.proc, 0);
	assert_int_equal(p.namespace, 0);
	assert_int_equal(p.degraded, 0);
	conf_profile_free(&p);
}

static void
the_man_page_tells_every_key(void **state)
{
	size_t n = 0;
	char *man = sample_read("policy/sekisho-profile.5", &n);

	(void)state;
	assert_non_null(man);
	assert_null(sample_untold(man, conf_profile_keys, conf_profile_nkeys));
	free(man);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_profiles_are_one_exact_line),
		cmocka_unit_test(
		    lists_append_scalars_override_and_what_is_own_stays_own),
		cmocka_unit_test(what_nobody_says_has_its_default),
		cmocka_unit_test(the_man_page_tells_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
