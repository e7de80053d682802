/* run_test.c - the whole way of a command through the ledger, and every way it can be refused. */
#include "tests/unit/ledgerd/gate.h"

static char *const SED[] = { CONST("sed"), CONST("-i"), CONST("s/a b/c d/"),
	CONST("/etc/x"), NULL };
#define FILE_SED "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/x\"]}"

static void
an_approved_command_runs_once_and_is_written_down(void **state)
{
	struct chan *alice, *bob, *a, *b;
	uint8_t digest[DIGEST_LEN];
	char code[CODE_MAX + 1];
	struct msg_refused no = { 0 };
	struct msg_order o = { 0 };
	struct session *s;
	struct gate g;
	json_t *v;

	(void)state;
	gate_new(&g);
	alice = logged_in(&g, "alice");
	bob = logged_in(&g, "bob");
	a = person(&g, alice, "alice");
	b = person(&g, bob, "bob");

	v = call_ok(&g, a, "request-new", FILE_SED);
	assert_string_equal(text_of(v, "id"), "R1");
	assert_string_equal(text_of(v, "view"), "waiting");
	assert_string_equal(text_of(v, "run_as"), "root");
	json_decref(v);
	assert_refused(&g, alice, "alice", SED, 0, "NOT-APPROVED",
	    "R1 waits for approval");
	approve(&g, b, 1);

	assert_int_equal(look_up(&g, alice, "alice", SED, 0, &o, digest, &no),
	    MSG_ORDER);
	assert_int_equal(o.request, 1);
	assert_int_equal(o.session, 1);
	assert_int_equal(o.use, 1);
	assert_true(strv_equal(o.argv, SED));
	assert_string_equal(o.operator, "alice");
	assert_int_equal(consume(&g, alice, &o, digest, code), MSG_CONSUMED);
	assert_int_equal(consume(&g, alice, &o, digest, code), MSG_REFUSED);
	assert_string_equal(code, "STATE");
	job_ended(&g, alice, o.session, JOB_RAN);

	assert_int_equal(db_session(g.ld.store, 1, &s), 0);
	assert_string_equal(s->state, "ended");
	assert_string_equal(s->how, "ran");
	assert_int_equal(s->status, 3);
	assert_int_equal(s->out_bytes, 17);
	session_free(s);
	assert_refused(&g, alice, "alice", SED, 0, "USED-UP", "1 use");
	assert_int_equal(entries(&g, "use"), 1);
	assert_int_equal(entries(&g, "end"), 1);
	assert_int_equal(entries(&g, "decision"), 1);
	assert_int_equal(entries(&g, "refusal"), 3);

	msg_order_free(&o);
	chan_free(a);
	chan_free(b);
	chan_free(alice);
	chan_free(bob);
	gate_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_approved_command_runs_once_and_is_written_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
