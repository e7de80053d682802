/* order_test.c - the comparison of an order: one field wrong at a time. */
#include "monitor/order.h"

#include <string.h>

#include "tests/unit/test.h"

#define W(s)	((char *)(uintptr_t)(s))
#define NOW	1000000

static uint8_t digest[DIGEST_LEN] = { 7 }, other[DIGEST_LEN] = { 8 };
static uint8_t uuid[UUID_LEN] = { 1 };
static char *alice[] = { W("alice"), W("root"), NULL };
static char *accounts[] = { W("web"), W("_sekisho-led"), NULL };
static char *targets[] = { W("local"), W("web1"), NULL };
static char *argv[] = { W("sed"), W("s/a b/c d/"), NULL };
static char *argv2[] = { W("sed"), W("s/a"), NULL };

static struct msg_snap_person people[] = {
	{ .name = W("alice"), .uid = 1000, .roles = PERSON_OPERATOR, .active = 1 },
	{ .name = W("root"), .uid = 0, .roles = PERSON_OPERATOR, .active = 1 },
};
static struct msg_snap_runas runas[] = {
	{ .name = W("_sekisho-led"), .uid = 900 },
	{ .name = W("web"), .uid = 33 },
};
static struct msg_snap_rule rules[] = { { .profile = W("files"),
	.operators = alice, .run_as = accounts, .targets = targets } };
static struct msg_snap_profile profiles[] = { { .name = W("files"),
	.digest = { digest, DIGEST_LEN } } };
static struct snapshot snap;

struct given {
	struct msg_order o;
	struct order_evidence e;
};

static struct given
fitting(void)
{
	struct given g = {
		.o = { .session = 345, .uuid = { uuid, UUID_LEN },
		    .request = 12, .revision = 1, .use = 1, .uses = 1,
		    .operator = W("alice"), .argv = argv,
		    .exe = W("/usr/bin/sed"),
		    .exe_digest = { digest, DIGEST_LEN },
		    .input = W("none"), .run_as = W("web"), .cwd = W("/"),
		    .profile = W("files"),
		    .profile_digest = { digest, DIGEST_LEN },
		    .target = W("local"), .on_disconnect = W("kill"),
		    .window_end = NOW, .snapshot = 5,
		    .request_digest = { digest, DIGEST_LEN } },
		.e = { .snap = &snap, .user = "alice", .argv = argv,
		    .now = NOW }
	};

	snap = (struct snapshot){ .people = people, .npeople = 2,
		.runas = runas, .nrunas = 2, .rules = rules, .nrules = 1,
		.profiles = profiles, .nprofiles = 1, .serial = 5 };
	people[0].active = 1;
	people[0].roles = PERSON_OPERATOR;
	return g;
}

static void
expect(const struct given *g, enum order_verdict v, const char *field)
{
	const char *what = "?";

	assert_int_equal(order_compare(&g->o, &g->e, &what), v);
	if (field != NULL)
		assert_string_equal(what, field);
	else
		assert_null(what);
}

static void
an_order_that_agrees_fits(void **state)
{
	struct given g = fitting();

	(void)state;
	expect(&g, ORDER_FITS, NULL);
}

static void
another_operator_differs(void **state)
{
	struct given g = fitting();

	(void)state;
	g.o.operator = W("bob");
	expect(&g, ORDER_DIFFERS, "operator");
}

static void
another_word_differs(void **state)
{
	struct given g = fitting();

	(void)state;
	g.o.argv = argv2;
	expect(&g, ORDER_DIFFERS, "argv");
}

static void
by_number_any_argv_of_that_request_fits(void **state)
{
	struct given g = fitting();

	(void)state;
	g.e.argv = NULL;
	g.e.request = 12;
	g.o.argv = argv2;
	expect(&g, ORDER_FITS, NULL);
	g.o.step = 3;
	g.e.step = 2;
	expect(&g, ORDER_DIFFERS, "argv");
	g.e.step = 3;
	expect(&g, ORDER_FITS, NULL);
	g.o.request = 13;
	expect(&g, ORDER_DIFFERS, "argv");
}

static void
fields_no_honest_ledger_sends_differ(void **state)
{
	struct given g;

	(void)state;
	g = fitting(), g.o.exe = W("sed");
	expect(&g, ORDER_DIFFERS, "exe");
	g = fitting(), g.o.target = W("web1");
	expect(&g, ORDER_DIFFERS, "target");
	g = fitting(), g.o.input = W("file");
	expect(&g, ORDER_DIFFERS, "input");
	g = fitting(), g.o.input = W("sha256:12");
	expect(&g, ORDER_DIFFERS, "input");
	g = fitting(), g.o.on_disconnect = W("");
	expect(&g, ORDER_DIFFERS, "on_disconnect");
	g = fitting(), g.o.session = 0;
	expect(&g, ORDER_DIFFERS, "ids");
	g = fitting(), g.o.uuid.n = 3;
	expect(&g, ORDER_DIFFERS, "ids");
	g = fitting(), g.o.profile_digest.p = other;
	expect(&g, ORDER_DIFFERS, "profile");
}

static void
accounts_outside_snapshot_or_rule_and_the_gates_own_differ(void **state)
{
	struct given g;

	(void)state;
	g = fitting(), g.o.run_as = W("nobody");
	expect(&g, ORDER_DIFFERS, "run_as");
	g = fitting(), g.o.run_as = W("_sekisho-led");
	expect(&g, ORDER_DIFFERS, "run_as");
	g = fitting(), accounts[0] = W("mail");
	expect(&g, ORDER_DIFFERS, "rule");
	accounts[0] = W("web");
}

static void
a_person_without_the_right_differs(void **state)
{
	struct given g;

	(void)state;
	g = fitting(), people[0].active = 0;
	expect(&g, ORDER_DIFFERS, "rule");
	g = fitting(), people[0].roles = PERSON_APPROVER;
	expect(&g, ORDER_DIFFERS, "rule");
	g = fitting(), g.o.operator = W("root"), g.e.user = "root";
	expect(&g, ORDER_DIFFERS, "rule");
}

static void
another_snapshot_is_stale_before_anything_else(void **state)
{
	struct given g = fitting();

	(void)state;
	g.o.snapshot = 6;
	g.o.operator = W("bob");
	expect(&g, ORDER_STALE, "snapshot");
	g.e.snap = NULL;
	expect(&g, ORDER_STALE, "snapshot");
}

static void
the_window_bounds_the_start_to_its_last_second(void **state)
{
	struct given g = fitting();

	(void)state;
	g.e.now = NOW + 1;
	expect(&g, ORDER_LATE, "window");
}

static void
a_piped_input_and_a_terminal_do_not_go_together(void **state)
{
	struct given g = fitting();
	char sha[] = "sha256:0123456789abcdef0123456789abcdef"
	    "0123456789abcdef0123456789abcdef";

	(void)state;
	g.e.has_pty = 1;
	expect(&g, ORDER_FITS, NULL);
	g.o.input = W("any");
	expect(&g, ORDER_FITS, NULL);
	g.o.input = W("pipe");
	expect(&g, ORDER_INPUT, "input");
	g.o.input = sha;
	expect(&g, ORDER_INPUT, "input");
	g.e.has_pty = 0;
	expect(&g, ORDER_FITS, NULL);
}

static void
only_some_inputs_are_read(void **state)
{
	(void)state;
	assert_false(order_reads_input("none", 0));
	assert_false(order_reads_input("none", 1));
	assert_false(order_reads_input("tty", 0));
	assert_true(order_reads_input("tty", 1));
	assert_true(order_reads_input("any", 1));
	assert_true(order_reads_input("pipe", 0));
	assert_true(order_reads_input("sha256:00", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_that_agrees_fits),
		cmocka_unit_test(another_operator_differs),
		cmocka_unit_test(another_word_differs),
		cmocka_unit_test(by_number_any_argv_of_that_request_fits),
		cmocka_unit_test(fields_no_honest_ledger_sends_differ),
		cmocka_unit_test(accounts_outside_snapshot_or_rule_and_the_gates_own_differ),
		cmocka_unit_test(a_person_without_the_right_differs),
		cmocka_unit_test(another_snapshot_is_stale_before_anything_else),
		cmocka_unit_test(the_window_bounds_the_start_to_its_last_second),
		cmocka_unit_test(a_piped_input_and_a_terminal_do_not_go_together),
		cmocka_unit_test(only_some_inputs_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
