/* sekisho_test.c - sekisho.conf: bad files and their one line, defaults, the sample, the man page. */
#include "tests/unit/test.h"

#include "base/err.h"
#include "config/sekisho.h"
#include "tests/unit/config/sample.h"

/* The message for a text; "" when it is read. */
static const char *
says(const char *text)
{
	static struct conf_error e;
	struct conf_sekisho c;

	memset(&c, 0, sizeof(c));
	memset(&e, 0, sizeof(e));
	(void)conf_sekisho_read("s.conf", text, strlen(text), &c, &e);
	conf_sekisho_free(&c);
	return e.text;
}

static const struct {
	const char	*text, *says;
} rows[] = {
	{ "", "" },
	{ "gate = \"g1\";", "" },
	{ "gtae = \"g1\";", "s.conf:1: expected a known key, found \"gtae\"" },
	{ "login = { tries = 3; };\nlimits = { chanels = 2; };",
	    "s.conf:2: expected a known key, found \"limits.chanels\"" },
	{ "tries = 3;", "s.conf:1: expected a known key, found \"tries\"" },
	{ "login = 5;", "s.conf:1: login: expected a group { }, found the "
	    "number 5" },
	{ "gate = 5;", "s.conf:1: gate: expected a name, 1 letters to 64 "
	    "letters, found the number 5" },
	{ "gate = \"\";", "s.conf:1: gate: expected a name, 1 letters to 64 "
	    "letters, found \"\"" },
	{ "gate = \"a b\";", "s.conf:1: gate: expected a name, 1 letters to "
	    "64 letters, found \"a b\"" },
	{ "gate = \"@wheel\";", "s.conf:1: gate: expected a name, 1 letters "
	    "to 64 letters, found \"@wheel\"" },
	{ "login = {\n tries = \"3\"; };", "s.conf:2: login.tries: expected a "
	    "number, 1 to 10, found \"3\"" },
	{ "login = { tries = 0; };", "s.conf:1: login.tries: expected a "
	    "number, 1 to 10, found the number 0" },
	{ "login = { tries = 11; };", "s.conf:1: login.tries: expected a "
	    "number, 1 to 10, found the number 11" },
	{ "login = { tries = true; };", "s.conf:1: login.tries: expected a "
	    "number, 1 to 10, found true" },
	{ "login = { tries = 4294967299; };", "s.conf:1: expected a plain "
	    "decimal number from -2147483648 to 2147483647, found 4294967299" },
	{ "login = { grace = 60; };", "s.conf:1: login.grace: expected a time "
	    "such as \"30s\", 1s to 600s, found the number 60" },
	{ "login = { grace = \"60\"; };", "s.conf:1: login.grace: expected a "
	    "time such as \"30s\", 1s to 600s, found \"60\"" },
	{ "login = { grace = \"1h\"; };", "s.conf:1: login.grace: expected a "
	    "time such as \"30s\", 1s to 600s, found \"1h\"" },
	{ "login = { grace = \"99999999999999999999d\"; };",
	    "s.conf:1: login.grace: expected a time such as \"30s\", 1s to "
	    "600s, found \"99999999999999999999d\"" },
	{ "login = { grace = \"-5s\"; };", "s.conf:1: login.grace: expected a "
	    "time such as \"30s\", 1s to 600s, found \"-5s\"" },
	{ "input_max = \"16T\";", "s.conf:1: input_max: expected a size such "
	    "as \"16M\", 1 bytes to 1073741824 bytes, found \"16T\"" },
	{ "input_max = \"2G\";", "s.conf:1: input_max: expected a size such "
	    "as \"16M\", 1 bytes to 1073741824 bytes, found \"2G\"" },
	{ "input_max = 5000000000;", "s.conf:1: expected a plain decimal "
	    "number from -2147483648 to 2147483647, found 5000000000" },
	{ "local_decisions = 1;", "s.conf:1: local_decisions: expected true "
	    "or false, found the number 1" },
	{ "log = \"loud\";", "s.conf:1: log: expected one of \"error warn "
	    "info debug\", found \"loud\"" },
	{ "log = \"error warn\";", "s.conf:1: log: expected one of \"error "
	    "warn info debug\", found \"error warn\"" },
	{ "state_dir = \"var\";", "s.conf:1: state_dir: expected an absolute "
	    "path without \"..\", found \"var\"" },
	{ "state_dir = \"/var/../etc\";", "s.conf:1: state_dir: expected an "
	    "absolute path without \"..\", found \"/var/../etc\"" },
	{ "run_dir = \"/run//x\";", "s.conf:1: run_dir: expected an absolute "
	    "path without \"..\", found \"/run//x\"" },
	{ "run_dir = \"/run/x/\";", "s.conf:1: run_dir: expected an absolute "
	    "path without \"..\", found \"/run/x/\"" },
	{ "listen = \"0.0.0.0:22\";", "s.conf:1: listen: expected an array of "
	    "texts, 1 items to 8 items, found \"0.0.0.0:22\"" },
	{ "listen = [ ];", "s.conf:1: listen: expected an array of texts, 1 "
	    "items to 8 items, found an array [ ]" },
	{ "listen = [ \"a\", \"a\" ];", "s.conf:1: listen: expected an array "
	    "of texts, 1 items to 8 items, found \"a\" twice" },
	{ "listen = ( \"a\" );", "s.conf:1: listen: expected an array of "
	    "texts, 1 items to 8 items, found a list ( )" },
	{ "host_keys = [ \"/1\", \"/2\", \"/3\", \"/4\",\n\"/5\" ];",
	    "s.conf:2: host_keys: expected an array of absolute paths without "
	    "\"..\", 1 items to 4 items, found \"/5\" as one too many" },
	{ "gate = \"a\";\ngate = \"b\";", "s.conf:2: expected settings, found "
	    "a duplicate setting name" },
	{ "gate = \"a\"", "" },
	{ "gate = ;", "s.conf:1: expected settings, found a syntax error" },
	{ "command_dirs = [ \"/bin\", ];", "s.conf:1: expected settings, "
	    "found a syntax error" },
	{ "a = [ 1, \"x\" ];", "s.conf:1: expected settings, found a "
	    "mismatched element type in array" },
	{ "request = { window = \"8d\"; };", "s.conf:1: request.window: "
	    "expected at most request.window_max (604800s), found 691200s" },
	{ "stall = \"4s\";", "s.conf:1: stall: expected a time such as \"30s\", "
	    "5s to 600s, found \"4s\"" },
	{ "limits = { connections = 2001; };", "s.conf:1: limits.connections: "
	    "expected a number, 1 to 2000, found the number 2001" },
	{ "limits = {\n per_source = 600; };", "s.conf:2: limits.per_source: "
	    "expected at most limits.unauthenticated (500), found 600" },
	{ "disk = {\n refuse = \"76M\"; };", "s.conf:2: disk.refuse: expected "
	    "at most disk.warn (78643200 bytes), found 79691776" },
	{ "disk = { end = \"51M\"; };", "s.conf:1: disk.end: expected at most "
	    "disk.refuse (52428800 bytes), found 53477376" },
	{ "disk = { reserve = \"26M\"; };", "s.conf:1: disk.reserve: expected "
	    "at most disk.end (26214400 bytes), found 27262976" },
	{ "disk = { warn = \"50M\"; refuse = \"50M\"; end = \"50M\"; reserve "
	    "= \"50M\"; };", "" },
	{ "epoch = \"0s\";", "s.conf:1: epoch: expected a time such as "
	    "\"30s\", 1s to 86400s, found \"0s\"" },
	{ "penalties = {\n exempt = [ \"192.0.2.1/24\" ]; };", "s.conf:2: "
	    "penalties.exempt: expected an address or a network such as "
	    "192.0.2.0/24, found \"192.0.2.1/24\"" },
	{ "penalties = { min = \"1m\"; max = \"30s\"; };", "s.conf:1: "
	    "penalties.min: expected at most penalties.max (30s), found 60s" },
	{ "penalties = { min = \"1m\"; max = \"0s\"; };", "" },
	{ "epoch = \"2d\";", "s.conf:1: epoch: expected a time such as "
	    "\"30s\", 1s to 86400s, found \"2d\"" },
};

static void
bad_files_are_one_exact_line(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(says(rows[i].text), rows[i].says);
}

static void
the_sample_names_every_key_with_its_default(void **state)
{
	struct conf_sekisho none, sample;
	struct conf_error e = { "" };
	size_t n = 0, i;
	char *text;

	(void)state;
	memset(&none, 0, sizeof(none));
	memset(&sample, 0, sizeof(sample));
	text = sample_read("policy/sekisho.conf", &n);
	assert_non_null(text);
	assert_int_equal(conf_sekisho_read("", "", 0, &none, &e), 0);
	assert_int_equal(conf_sekisho_read("sample", text, n, &sample, &e), 0);
	assert_null(sample_differs(conf_sekisho_keys, conf_sekisho_nkeys,
	    &none, &sample));
	for (i = 0; i < conf_sekisho_nkeys; i++)
		assert_true(sample.lines[i] > 0);
	conf_sekisho_free(&none);
	conf_sekisho_free(&sample);
	free(text);
}

static void
the_man_page_tells_every_key(void **state)
{
	size_t n = 0;
	char *man = sample_read("policy/sekisho.conf.5", &n);

	(void)state;
	assert_non_null(man);
	assert_null(sample_untold(man, conf_sekisho_keys, conf_sekisho_nkeys));
	free(man);
}

static void
values_arrive_in_their_units(void **state)
{
	static const char text[] = "login = { grace = \"2m\"; };\n"
	    "request = { window_max = \"30d\"; };\nrekey = \"64M\";\n"
	    "log = \"debug\"; local_decisions = true;";
	struct conf_sekisho c;
	struct conf_error e;

	(void)state;
	memset(&c, 0, sizeof(c));
	assert_int_equal(conf_sekisho_read("s", text, strlen(text), &c, &e), 0);
	assert_int_equal(c.grace_s, 120);
	assert_int_equal(c.window_max_s, 30 * 86400);
	assert_int_equal(c.rekey, 64 << 20);
	assert_int_equal(c.log, 3);
	assert_int_equal(c.local_decisions, 1);
	assert_int_equal(c.tries, 3);
	assert_int_equal(conf_sekisho_line(&c, "rekey"), 3);
	assert_int_equal(conf_sekisho_line(&c, "gate"), 0);
	conf_sekisho_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files_are_one_exact_line),
		cmocka_unit_test(the_sample_names_every_key_with_its_default),
		cmocka_unit_test(the_man_page_tells_every_key),
		cmocka_unit_test(values_arrive_in_their_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
