/* review_test.c - every use belongs to a job, and a job is judged once, by somebody who had no part in it. */
#include "tests/unit/ledgerd/review.h"

static void
uses_of_one_request_by_one_operator_are_one_job(void **state)
{
	struct scene s;
	json_t *v, *job;

	(void)state;
	scene_new(&s, TWICE);
	v = ask(&s, CAROL_, "review-list", "{\"state\":\"all\"}");
	assert_int_equal(json_array_size(json_object_get(v, "jobs")), 0);
	json_decref(v);
	run_once(&s);
	v = last_entry(&s, "use");
	assert_string_equal(text_of(v, "job"), "J1");
	json_decref(v);
	v = ask(&s, CAROL_, "review-list", "{\"state\":\"open\"}");
	assert_int_equal(json_array_size(json_object_get(v, "jobs")), 1);
	job = json_array_get(json_object_get(v, "jobs"), 0);
	assert_string_equal(text_of(job, "view"), "open");
	assert_non_null(text_of(job, "open_until"));
	json_decref(v);
	v = ask(&s, CAROL_, "review-list", "{}");
	assert_int_equal(json_array_size(json_object_get(v, "jobs")), 0);
	json_decref(v);
	run_once(&s);
	v = last_entry(&s, "use");
	assert_string_equal(text_of(v, "job"), "J1");
	json_decref(v);
	v = ask(&s, CAROL_, "review-list", "{}");
	job = json_array_get(json_object_get(v, "jobs"), 0);
	assert_string_equal(text_of(job, "id"), "J1");
	assert_string_equal(text_of(job, "view"), "queued");
	assert_string_equal(text_of(job, "request"), "R1");
	assert_string_equal(text_of(job, "operator"), "alice");
	assert_int_equal(int_of(job, "ran"), 2);
	assert_int_equal(int_of(job, "notable"), 2);	/* status 3 */
	assert_true(json_is_true(json_object_get(job, "may_judge")));
	assert_true(json_is_null(json_object_get(job, "verdict")));
	json_decref(v);
	/* another request is another job */
	json_decref(ask(&s, ALICE_, "request-new", ONCE));
	approve(&s.g, s.p[BOB_], 2);
	run_once(&s);
	v = last_entry(&s, "use");
	assert_string_equal(text_of(v, "job"), "J2");
	json_decref(v);
	scene_end(&s);
}

static void
what_is_looked_up_and_never_used_makes_no_job(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	struct msg_order o;
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, ONCE);
	assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", SED, 0, &o,
	    digest, &no), MSG_ORDER);
	job_ended(&s.g, s.mon[ALICE_], o.session, JOB_NOT_RUN);
	msg_order_free(&o);
	v = ask(&s, CAROL_, "review-list", "{\"state\":\"all\"}");
	assert_int_equal(json_array_size(json_object_get(v, "jobs")), 0);
	json_decref(v);
	scene_end(&s);
}

static void
a_verdict_is_given_once_and_is_an_entry(void **state)
{
	struct scene s;
	json_t *v;
	char *text;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	v = ask(&s, CAROL_, "review-next", "{}");
	assert_string_equal(text_of(json_object_get(v, "job"), "id"), "J1");
	json_decref(v);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "has not read the sheet");
	read_sheet(&s, CAROL_);
	deny(&s, CAROL_, "review-verdict",
	    "{\"id\":1,\"verdict\":\"inadequate\"}", "USAGE", "needs words");
	v = ask(&s, CAROL_, "review-verdict",
	    "{\"id\":1,\"verdict\":\"remarks\",\"message\":\"status \xe4\xb8\x89\"}");
	assert_string_equal(text_of(v, "view"), "judged");
	assert_false(json_is_true(json_object_get(v, "may_judge")));
	v = (json_decref(v), last_entry(&s, "verdict"));
	assert_string_equal(text_of(v, "job"), "J1");
	assert_string_equal(text_of(v, "who"), "carol");
	assert_string_equal(text_of(v, "verdict"), "remarks");
	assert_string_equal(text_of(v, "message"), "status \xe4\xb8\x89");
	assert_int_equal(int_of(v, "decided_at"), NOW);
	text = json_dumps(json_object_get(v, "seen"),
	    JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text,
	    "{\"sessions\":[],\"sheet\":true,\"summary\":\"sheet\"}");
	free(text);
	json_decref(v);
	v = ask(&s, CAROL_, "review-next", "{}");
	assert_true(json_is_null(json_object_get(v, "job")));
	json_decref(v);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "judged by carol: remarks");
	assert_int_equal(entries(&s.g, "verdict"), 1);
	v = ask(&s, CAROL_, "review-list", "{\"state\":\"judged\"}");
	assert_string_equal(text_of(json_object_get(json_array_get(
	    json_object_get(v, "jobs"), 0), "verdict"), "by"), "carol");
	json_decref(v);
	scene_end(&s);
}

static void
of_two_auditors_one_wins_and_the_other_reads_who(void **state)
{
	static const struct policy both = { .need = 1, .all_audit = 1 };
	struct scene s;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	gate_policy(&s.g, &both);
	read_sheet(&s, CAROL_);
	read_sheet(&s, EVE_);
	json_decref(ask(&s, EVE_, "review-verdict", ADEQUATE));
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "J1 was judged by eve: adequate");
	assert_int_equal(entries(&s.g, "verdict"), 1);
	scene_end(&s);
}

static void
nobody_with_a_part_in_it_judges_also_as_an_auditor(void **state)
{
	static const struct policy all = { .need = 1, .all_audit = 1 };
	struct scene s;
	json_t *v;

	(void)state;
	/* dave files for alice, bob approves */
	scene_new(&s, ONCE);
	json_decref(ask(&s, DAVE_, "request-new",
	    "{\"argv\":[\"sed\",\"-n\"],\"operators\":[\"alice\"]}"));
	approve(&s.g, s.p[BOB_], 2);
	run_once(&s);
	run_once(&s);
	gate_policy(&s.g, &all);
	json_decref(ask(&s, DAVE_, "review-show", "{\"id\":2}"));
	deny(&s, DAVE_, "review-verdict",
	    "{\"id\":2,\"verdict\":\"adequate\"}", "OWN-REQUEST",
	    "dave is the requester of R2");
	read_sheet(&s, ALICE_);
	deny(&s, ALICE_, "review-verdict", ADEQUATE, "OWN-REQUEST",
	    "alice is the operator of R1");
	read_sheet(&s, BOB_);
	deny(&s, BOB_, "review-verdict", ADEQUATE, "OWN-REQUEST",
	    "bob is one who decided of R1");
	v = ask(&s, DAVE_, "review-next", "{}");
	assert_string_equal(text_of(json_object_get(v, "job"), "id"), "J1");
	json_decref(v);
	v = ask(&s, BOB_, "review-next", "{}");
	assert_true(json_is_null(json_object_get(v, "job")));
	json_decref(v);
	assert_int_equal(entries(&s.g, "verdict"), 0);
	scene_end(&s);
}

static void
others_see_neither_queue_nor_sheet(void **state)
{
	static const struct {
		const char	*verb, *body;
	} calls[] = {
		{ "review-list", "{}" }, { "review-next", "{}" },
		{ "review-show", J1 }, { "review-verdict", ADEQUATE },
		{ "review-seen", "{\"session\":1,\"percent\":100}" },
		{ "review-show", "{\"id\":99}" },
	};
	struct scene s;
	size_t i;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		deny(&s, ALICE_, calls[i].verb, calls[i].body, "NOT-ALLOWED",
		    "auditors");
		deny(&s, BOB_, calls[i].verb, calls[i].body, "NOT-ALLOWED",
		    "auditors");
	}
	assert_int_equal(entries(&s.g, "seen"), 0);
	scene_end(&s);
}

static void
questions_that_are_wrong_are_refused(void **state)
{
	static const struct {
		const char	*verb, *body, *code;
	} calls[] = {
		{ "review-list", "{\"state\":\"x\"}", "DATA" },
		{ "review-list", "{\"state\":1}", "DATA" },
		{ "review-list", "{\"after\":-1}", "DATA" },
		{ "review-list", "{\"x\":1}", "DATA" },
		{ "review-next", "{\"x\":1}", "DATA" },
		{ "review-show", "{}", "DATA" },
		{ "review-show", "{\"id\":2}", "NOT-FOUND" },
		{ "review-show", "{\"id\":9223372036854775807}", "NOT-FOUND" },
		{ "review-show", "{\"id\":1,\"after\":1}", "STATE" },
		{ "review-verdict", "{\"id\":2,\"verdict\":\"adequate\"}",
		  "NOT-FOUND" },
		{ "review-verdict", "{\"id\":1,\"verdict\":7}", "DATA" },
		{ "review-verdict", "{\"id\":1,\"message\":7}", "DATA" },
		{ "review-seen", "{}", "DATA" },
		{ "review-seen", "{\"session\":1}", "DATA" },
		{ "review-seen", "{\"session\":1,\"percent\":101}", "DATA" },
		{ "review-seen", "{\"session\":1,\"percent\":50}", "STATE" },
		{ "review-seen", "{\"session\":77,\"percent\":50}", "STATE" },
	};
	struct scene s;
	size_t i;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		call_no(&s.g, s.p[CAROL_], calls[i].verb, calls[i].body,
		    calls[i].code);
	assert_int_equal(entries(&s.g, "seen"), 0);
	scene_end(&s);
}

static void
an_open_job_can_be_read_but_that_does_not_count(void **state)
{
	struct scene s;
	uint64_t nr;
	json_t *v;

	(void)state;
	scene_new(&s, TWICE);
	run_once(&s);
	read_sheet(&s, CAROL_);
	v = last_entry(&s, "seen");
	assert_string_equal(text_of(v, "job"), "J1");
	assert_string_equal(text_of(v, "session"), "");
	assert_int_equal(int_of(v, "percent"), 0);
	json_decref(v);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "has 1 use left until 2026-");
	nr = start(&s);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "1 session still runs");
	job_ended(&s.g, s.mon[ALICE_], nr, JOB_RAN);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "has not read the sheet of J1 as it is now");
	read_sheet(&s, CAROL_);
	assert_int_equal(entries(&s.g, "seen"), 2);
	read_sheet(&s, CAROL_);
	assert_int_equal(entries(&s.g, "seen"), 2);	/* nothing new */
	json_decref(ask(&s, CAROL_, "review-verdict", ADEQUATE));
	scene_end(&s);
}

static void
a_window_that_is_over_queues_what_is_left(void **state)
{
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, TWICE);
	run_once(&s);
	clock_set_test(NOW + 28800);
	v = ask(&s, CAROL_, "review-next", "{}");
	assert_string_equal(text_of(json_object_get(v, "job"), "id"), "J1");
	json_decref(v);
	scene_end(&s);
}

static void
an_interrupted_session_is_queued_too(void **state)
{
	struct scene s;
	json_t *v, *x;

	(void)state;
	scene_new(&s, ONCE);
	(void)start(&s);
	chan_free(s.p[ALICE_]);
	chan_free(s.mon[ALICE_]);
	s.p[ALICE_] = s.mon[ALICE_] = NULL;
	gate_step(&s.g);
	v = ask(&s, CAROL_, "review-show", J1);
	assert_string_equal(text_of(v, "view"), "queued");
	assert_int_equal(int_of(v, "notable"), 1);
	x = json_array_get(json_object_get(v, "sessions"), 0);
	assert_string_equal(text_of(x, "state"), "interrupted");
	assert_string_equal(text_of(x, "record"), "not recovered yet");
	json_decref(v);
	scene_end(&s);
}

static void
the_sheet_has_plan_sessions_near_misses_and_readers(void **state)
{
	struct scene s;
	json_t *v, *plan, *x, *near;

	(void)state;
	scene_new(&s, ONCE);
	assert_refused(&s.g, s.mon[ALICE_], "alice", SED_OTHER, 0, "DIFFERS",
	    "word 2");
	run_once(&s);
	assert_refused(&s.g, s.mon[ALICE_], "alice", SED, 0, "USED-UP", "R1");
	read_sheet(&s, CAROL_);
	v = ask(&s, CAROL_, "review-show", J1);
	assert_string_equal(text_of(v, "id"), "J1");
	assert_null(json_object_get(v, "argv"));
	plan = json_object_get(v, "plan");
	assert_string_equal(text_of(plan, "id"), "R1");
	assert_string_equal(text_of(plan, "input"), "none");
	assert_int_equal(json_array_size(json_object_get(plan, "decisions")),
	    1);
	x = json_array_get(json_object_get(v, "sessions"), 0);
	assert_string_equal(text_of(x, "id"), "S1");
	assert_int_equal(int_of(x, "status"), 3);
	assert_string_equal(text_of(x, "record"), "complete");
	near = json_object_get(v, "near_misses");
	assert_int_equal(json_array_size(near), 2);
	assert_int_equal(int_of(v, "near_total"), 2);
	assert_string_equal(text_of(json_array_get(near, 0), "code"),
	    "DIFFERS");
	assert_string_equal(text_of(json_array_get(near, 0), "asked"),
	    "[sed] [-i]");
	assert_string_equal(text_of(json_array_get(near, 1), "code"),
	    "USED-UP");
	x = json_array_get(json_object_get(v, "seen"), 0);
	assert_string_equal(text_of(x, "by"), "carol");
	assert_int_equal(int_of(x, "percent"), 100);
	json_decref(v);
	scene_end(&s);
}

/* Long fields and many sessions: page by page, in order, and read only with the last. */
static void
a_long_sheet_comes_in_pages_that_cannot_be_skipped(void **state)
{
	enum { MANY = 80 };
	char body[64];
	struct scene s;
	size_t n = 0;
	int64_t next = 0;
	int pages = 0, i;
	json_t *v;

	(void)state;
	scene_new(&s, "{\"argv\":[\"sed\",\"-n\"],\"uses\":80}");
	for (i = 0; i < MANY; i++)
		run_once(&s);
	deny(&s, CAROL_, "review-show", "{\"id\":1,\"after\":79}", "STATE",
	    "not the page");
	do {
		(void)snprintf(body, sizeof(body),
		    "{\"id\":1,\"after\":%lld}", (long long)next);
		assert_int_equal(entries(&s.g, "seen"), 0);
		v = ask(&s, CAROL_, "review-show", body);
		n += json_array_size(json_object_get(v, "sessions"));
		assert_true(int_of(v, "next") > next);
		next = int_of(v, "next");
		json_decref(v);
		pages++;
	} while (n < MANY);
	assert_int_equal(n, MANY);
	assert_true(pages > 1);
	assert_int_equal(entries(&s.g, "seen"), 1);
	deny(&s, CAROL_, "review-show", "{\"id\":1,\"after\":50}", "STATE",
	    "not the page");
	scene_end(&s);
}

/* Nobody may file what can never be judged, because its sheet is too long for a message. */
static void
the_longest_command_still_has_a_sheet(void **state)
{
	enum { LONG = 59000 };
	char *word = malloc(LONG + 1), *body = malloc(LONG + 200);
	char *argv[] = { CONST("sed"), word, NULL };
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	char code[CODE_MAX + 1];
	struct msg_order o;
	struct scene s;
	json_t *v;
	int i;

	(void)state;
	scene_new(&s, ONCE);
	memset(word, '\\', LONG / 2);
	word[LONG / 2] = '\0';
	(void)snprintf(body, LONG + 200, "{\"argv\":[\"sed\",\"");
	for (i = 0; i < LONG / 2; i++)
		memcpy(body + 16 + 2 * i, "\\\\", 2);
	(void)snprintf(body + 16 + LONG, 100, "\"]}");
	json_decref(ask(&s, ALICE_, "request-new", body));
	approve(&s.g, s.p[BOB_], 2);
	word[LONG / 2 - 1] = 'x';
	for (i = 0; i < 25; i++) {
		assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", argv, 0,
		    &o, digest, &no), MSG_REFUSED);
		msg_refused_free(&no);
	}
	word[LONG / 2 - 1] = '\\';
	assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", argv, 0, &o,
	    digest, &no), MSG_ORDER);
	assert_int_equal(consume(&s.g, s.mon[ALICE_], &o, digest, code),
	    MSG_CONSUMED);
	job_ended(&s.g, s.mon[ALICE_], o.session, JOB_RAN);
	msg_order_free(&o);
	v = ask(&s, CAROL_, "review-show", J1);
	assert_int_equal(int_of(v, "near_total"), 25);
	assert_int_equal(json_array_size(json_object_get(v, "near_misses")),
	    20);
	assert_int_equal(json_array_size(json_object_get(v, "sessions")), 1);
	json_decref(v);
	json_decref(ask(&s, CAROL_, "review-verdict", ADEQUATE));
	json_decref(ask(&s, CAROL_, "review-show", J1));
	free(word);
	free(body);
	scene_end(&s);
}

static void
the_greeting_tells_auditors_how_many_jobs_wait(void **state)
{
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	v = ask(&s, CAROL_, "waiting", "{}");
	assert_int_equal(int_of(v, "judge"), 1);
	json_decref(v);
	v = ask(&s, BOB_, "waiting", "{}");
	assert_int_equal(int_of(v, "judge"), 0);
	json_decref(v);
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_of_one_request_by_one_operator_are_one_job),
		cmocka_unit_test(what_is_looked_up_and_never_used_makes_no_job),
		cmocka_unit_test(a_verdict_is_given_once_and_is_an_entry),
		cmocka_unit_test(of_two_auditors_one_wins_and_the_other_reads_who),
		cmocka_unit_test(nobody_with_a_part_in_it_judges_also_as_an_auditor),
		cmocka_unit_test(others_see_neither_queue_nor_sheet),
		cmocka_unit_test(questions_that_are_wrong_are_refused),
		cmocka_unit_test(an_open_job_can_be_read_but_that_does_not_count),
		cmocka_unit_test(a_window_that_is_over_queues_what_is_left),
		cmocka_unit_test(an_interrupted_session_is_queued_too),
		cmocka_unit_test(the_sheet_has_plan_sessions_near_misses_and_readers),
		cmocka_unit_test(a_long_sheet_comes_in_pages_that_cannot_be_skipped),
		cmocka_unit_test(the_longest_command_still_has_a_sheet),
		cmocka_unit_test(the_greeting_tells_auditors_how_many_jobs_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
