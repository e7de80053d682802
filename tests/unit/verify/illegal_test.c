/* illegal_test.c - ledgers that are signed and whole, and tell of what was never allowed. */
#include "built.h"

static void
nobody_approves_their_own_request(void **state)
{
	struct checked c;
	struct built b;

	(void)state;
	built_new(&b);
	put_epoch(&b);
	put_request(&b);
	put_approval(&b, "alice");
	put_head(&b);

	built_check(&b, &c);

	has_fault(&c, FAULT_TRANSITION, "entry 2");
	assert_int_equal(report_faults(c.report),
	    report_count(c.report, FAULT_TRANSITION));
	checked_free(&c);
	built_free(&b);
}

/* A monitor that was taken over starts what it likes and takes no use: the recorder's word stands against it. */
static void
what_ran_without_a_use_is_told(void **state)
{
	static const struct { int how; const char *text; } ran[] = {
		{ 1, "total 0\n" }, { 1, NULL }, { 3, NULL }, { 2, "t" },
		{ 8, "t" }
	};
	static const int never[] = { 2, 8 };
	struct checked c;
	struct built b;
	size_t i;
	int told;

	(void)state;
	for (i = 0; i < sizeof(ran) / sizeof(ran[0]); i++) {
		built_begin(&b);
		not_run_but(&b, 2, 1, ran[i].how, ran[i].text);
		built_end(&b);
		built_check(&b, &c);
		has_fault(&c, FAULT_RECORDING, "S2");
		checked_free(&c);
		built_free(&b);
	}
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		built_begin(&b);
		not_run_but(&b, 2, 1, never[i], NULL);
		built_end(&b);
		built_check(&b, &c);
		told = (int)report_count(c.report, FAULT_RECORDING);
		assert_int_equal(told, 0);
		checked_free(&c);
		built_free(&b);
	}
}

/* The ledger says how it ended, and so does the record. */
static void
another_end_than_that_of_the_record_is_told(void **state)
{
	struct made_session x;
	struct checked c;
	struct built b;

	(void)state;
	built_begin(&b);
	record_begin(&b, &x, 1);
	put_use(&b, &x);
	record_output(&b, &x, "total 0\n");
	record_end_with(&b, &x, 1);
	put_end(&b, &x, "ended", "timeout", 1);
	built_check(&b, &c);
	has_fault(&c, FAULT_RECORDING, "S1");
	checked_free(&c);
	built_free(&b);
}

/* A canonical form that leaves out or adds what an approval binds to. */
static void
a_canonical_form_binds_all_and_nothing_else(void **state)
{
	static const char *const keys[] = { "cwd", "max_run", "more" };
	json_t *e, *canon;
	struct report *r;
	struct model m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_non_null(r = report_new());
		assert_int_equal(model_init(&m, r), 0);
		canon = json_pack("{s:i, s:s, s:[s], s:s, s:s, s:s, s:s,"
		    " s:[{s:[s], s:s, s:s, s:n}], s:s, s:s, s:n, s:n, s:i,"
		    " s:i, s:i, s:s}", "form", 1, "requester", "alice",
		    "operators", "alice", "target", "local", "run_as", "root",
		    "profile", "files", "profile_digest", "00", "steps",
		    "argv", "ls", "exe", "/bin/ls", "exe_digest", "00",
		    "script_digest", "input", "none", "on_disconnect", "kill",
		    "from", "until", "span", 1, "max_run", 1, "uses", 1,
		    "cwd", "/");
		if (json_object_del(canon, keys[i]) != 0)
			json_object_set_new(canon, keys[i], json_true());
		e = json_pack("{s:s, s:s, s:s, s:o, s:[], s:i}", "what",
		    "request", "who", "alice", "request", "R1", "canon",
		    canon, "warnings", "uses", 1);
		assert_int_equal(model_play(&m, 0, e), 0);
		/* the digest is wrong as well, that is one */
		assert_int_equal(report_count(r, FAULT_ENTRY), 2);
		json_decref(e);
		model_free(&m);
		report_free(r);
	}
}

static void
a_use_without_approval_or_out_of_order_is_told(void **state)
{
	struct checked c;
	struct built b;

	(void)state;
	built_new(&b);
	put_epoch(&b);
	put_request(&b);
	whole_session(&b, 1);
	put_head(&b);
	built_check(&b, &c);
	has_fault(&c, FAULT_TRANSITION, "entry 2");
	checked_free(&c);
	built_free(&b);

	built_begin(&b);
	b.used = 3;
	whole_session(&b, 1);
	built_check(&b, &c);
	has_fault(&c, FAULT_TRANSITION, "entry 6");
	checked_free(&c);
	built_free(&b);
}

static void
nobody_judges_what_still_runs_or_is_their_own(void **state)
{
	struct made_session x;
	struct checked c;
	struct built b;

	(void)state;
	built_begin(&b);
	record_begin(&b, &x, 1);
	put_use(&b, &x);
	put_review(&b);
	built_check(&b, &c);
	has_fault(&c, FAULT_TRANSITION, "entry 10");
	checked_free(&c);
	record_end_with(&b, &x, 0);
	built_free(&b);

	built_begin(&b);
	whole_session(&b, 1);
	put(&b, "verdict", "bob", json_pack("{s:s, s:s, s:s, s:I, s:{}}",
	    "job", "J1", "verdict", "adequate", "message", "", "decided_at",
	    (json_int_t)START, "seen"));
	built_check(&b, &c);
	has_fault(&c, FAULT_TRANSITION, "entry 8");
	checked_free(&c);
	built_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_approves_their_own_request),
		cmocka_unit_test(what_ran_without_a_use_is_told),
		cmocka_unit_test(another_end_than_that_of_the_record_is_told),
		cmocka_unit_test(a_canonical_form_binds_all_and_nothing_else),
		cmocka_unit_test(a_use_without_approval_or_out_of_order_is_told),
		cmocka_unit_test(nobody_judges_what_still_runs_or_is_their_own),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
