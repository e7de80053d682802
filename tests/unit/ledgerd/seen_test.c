/* seen_test.c - who was given what to read, what of it counts for a verdict, and refusals that were nearly a use. */
#include "tests/unit/ledgerd/review.h"

/* The recording of S1, as far as the ledger cares. */
static void
put_recording(struct scene *s)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/2026", s->g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/2026/09", s->g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/2026/09/21", s->g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	gate_file(path, "S1.skr", "recorded", 0440);
}

static void
open_recording(struct scene *s, const char *how)
{
	char body[64], code[CODE_MAX + 1];
	int fd = -1;

	(void)snprintf(body, sizeof(body), "{\"id\":1,\"how\":\"%s\"}", how);
	json_decref(call_fd(&s->g, s->p[CAROL_], "session-open", body, code,
	    &fd));
	assert_string_equal(code, "OK");
	assert_true(fd >= 0);
	close(fd);
}

/* The same, for whoever checks the ledger. */
static void
open_for_check(struct scene *s)
{
	char code[CODE_MAX + 1];
	int fd = -1;

	json_decref(call_fd(&s->g, s->p[CAROL_], "verify-open", S1_FILE, code,
	    &fd));
	assert_string_equal(code, "OK");
	assert_true(fd >= 0);
	close(fd);
}

static void
seen(struct scene *s, int percent, int becomes)
{
	char body[64];
	json_t *v;

	(void)snprintf(body, sizeof(body), "{\"session\":1,\"percent\":%d}",
	    percent);
	v = ask(s, CAROL_, "review-seen", body);
	assert_int_equal(int_of(v, "percent"), becomes);
	json_decref(v);
}

static void
what_was_played_is_kept_grows_only_and_stands_in_the_verdict(void **state)
{
	struct scene s;
	uint64_t nr;
	json_t *v, *x;
	char *text;

	(void)state;
	scene_new(&s, ONCE);
	put_recording(&s);
	nr = start(&s);
	/* a sheet takes facts out of a recording: nobody has looked at it */
	open_recording(&s, "sheet");
	v = last_entry(&s, "replay");
	assert_string_equal(text_of(v, "how"), "sheet");
	json_decref(v);
	deny(&s, CAROL_, "review-seen", "{\"session\":1,\"percent\":9}",
	    "STATE", "not opened");
	open_recording(&s, "replay");
	seen(&s, 100, 99);		/* it still runs */
	job_ended(&s.g, s.mon[ALICE_], nr, JOB_RAN);
	seen(&s, 40, 99);
	assert_int_equal(entries(&s.g, "seen"), 1);
	v = last_entry(&s, "seen");
	assert_string_equal(text_of(v, "session"), "S1");
	assert_string_equal(text_of(v, "who"), "carol");
	assert_int_equal(int_of(v, "percent"), 99);
	json_decref(v);
	open_recording(&s, "text");
	seen(&s, 100, 100);
	next_word(&s, CAROL_);
	v = ask(&s, CAROL_, "review-show", J1);
	x = json_array_get(json_object_get(v, "sessions"), 0);
	x = json_array_get(json_object_get(x, "seen"), 0);
	assert_string_equal(text_of(x, "by"), "carol");
	assert_int_equal(int_of(x, "percent"), 100);
	json_decref(v);
	v = ask(&s, CAROL_, "review-verdict", ADEQUATE);
	text = json_dumps(json_object_get(json_object_get(v, "verdict"),
	    "seen"), JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"sessions\":[{\"percent\":100,"
	    "\"session\":\"S1\"}],\"sheet\":true,\"summary\":\"all\"}");
	free(text);
	json_decref(v);
	scene_end(&s);
}

static void
half_of_what_ran_is_told_in_percent(void **state)
{
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, TWICE);
	put_recording(&s);
	run_once(&s);
	run_once(&s);
	open_recording(&s, "text");
	seen(&s, 71, 71);
	next_word(&s, CAROL_);
	read_sheet(&s, CAROL_);
	v = ask(&s, CAROL_, "review-verdict", ADEQUATE);
	assert_string_equal(text_of(json_object_get(json_object_get(v,
	    "verdict"), "seen"), "summary"), "35 percent");
	json_decref(v);
	scene_end(&s);
}

/* A recording is what a stranger wrote: a word that it takes over judges, files and approves nothing. */
static void
who_was_given_a_recording_decides_nothing(void **state)
{
	static const char *const how[] = { "replay", "text", "sheet" };
	struct scene s;
	size_t i;

	(void)state;
	scene_new(&s, ONCE);
	put_recording(&s);
	run_once(&s);
	/* nor does it read the sheet for her */
	open_recording(&s, "replay");
	read_sheet(&s, CAROL_);
	next_word(&s, CAROL_);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "not read the sheet");
	read_sheet(&s, CAROL_);
	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		next_word(&s, CAROL_);
		open_recording(&s, how[i]);
		deny(&s, CAROL_, "review-verdict", ADEQUATE, "NOT-ALLOWED",
		    "given a recording");
		deny(&s, CAROL_, "request-new", ONCE, "NOT-ALLOWED",
		    "given a recording");
		json_decref(ask(&s, CAROL_, "review-list", "{}"));
	}
	next_word(&s, CAROL_);
	json_decref(ask(&s, CAROL_, "verify-begin", "{}"));
	open_for_check(&s);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "NOT-ALLOWED",
	    "given a recording");
	/* the person himself, with the next word */
	next_word(&s, CAROL_);
	json_decref(ask(&s, CAROL_, "review-verdict", ADEQUATE));
	scene_end(&s);
}

/* Nothing of the ledger's files goes out before the ledger says who has it. */
static void
a_check_is_written_down_before_it_reads(void **state)
{
	static const char *const pages[][2] = {
		{ "verify-entries", "{}" },
		{ "verify-rows", "{\"table\":\"session\"}" },
		{ "verify-heads", "{}" }, { "verify-files", "{}" },
		{ "verify-open", S1_FILE }
	};
	struct scene s;
	size_t i;

	(void)state;
	scene_new(&s, ONCE);
	put_recording(&s);
	run_once(&s);
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		deny(&s, CAROL_, pages[i][0], pages[i][1], "STATE",
		    "not written down");
	assert_int_equal(entries(&s.g, "verify"), 0);
	json_decref(ask(&s, CAROL_, "verify-begin", "{}"));
	assert_int_equal(entries(&s.g, "verify"), 1);
	open_for_check(&s);
	next_word(&s, CAROL_);
	deny(&s, CAROL_, "verify-open", S1_FILE, "STATE", "not written down");
	scene_end(&s);
}

static int64_t
near_rows(struct scene *s, int64_t request, const char *who)
{
	int64_t n = -1;

	assert_int_equal(store_number(s->g.ld.store, STORE_NEAR_COUNT,
	    STORE_ARGS(store_i(request), store_s(who)), -1, &n), 0);
	return n;
}

static void
a_refusal_that_was_nearly_a_use_names_its_request(void **state)
{
	static char *const ls[] = { CONST("ls"), NULL };
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	char code[CODE_MAX + 1];
	struct msg_order o;
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, ONCE);
	/* nothing like it; not his own: no near miss */
	assert_refused(&s.g, s.mon[ALICE_], "alice", ls, 0, "NOT-APPROVED",
	    "no approved");
	v = last_entry(&s, "refusal");
	assert_null(json_object_get(v, "request"));
	json_decref(v);
	assert_refused(&s.g, s.mon[DAVE_], "dave", SED, 1, "NOT-FOUND", "R1");
	assert_int_equal(near_rows(&s, 1, "dave"), 0);
	/* at the look-up */
	assert_refused(&s.g, s.mon[ALICE_], "alice", SED_OTHER, 0, "DIFFERS",
	    "word 2");
	v = last_entry(&s, "refusal");
	assert_string_equal(text_of(v, "request"), "R1");
	json_decref(v);
	assert_int_equal(near_rows(&s, 1, "alice"), 1);
	/* at the use: the window closed between */
	assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", SED, 0, &o,
	    digest, &no), MSG_ORDER);
	clock_set_test(NOW + 28800);
	assert_int_equal(consume(&s.g, s.mon[ALICE_], &o, digest, code),
	    MSG_REFUSED);
	assert_string_equal(code, "OUTSIDE-WINDOW");
	assert_int_equal(near_rows(&s, 1, "alice"), 2);
	msg_order_free(&o);
	/* by its number */
	assert_refused(&s.g, s.mon[ALICE_], "alice", NULL, 1,
	    "OUTSIDE-WINDOW", "R1");
	assert_int_equal(near_rows(&s, 1, "alice"), 3);
	scene_end(&s);
}

static void
what_a_monitor_refuses_of_a_prepared_session_is_a_near_miss_too(void **state)
{
	struct msg_refusal b = { .user = CONST("alice"), .code = CONST("INPUT"),
		.what = CONST("sed -n"), .reason = CONST("other input") };
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	struct msg_order o;
	struct scene s;
	struct msg m;

	(void)state;
	scene_new(&s, ONCE);
	assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", SED, 0, &o,
	    digest, &no), MSG_ORDER);
	b.session = o.session;
	msg_order_free(&o);
	assert_int_equal(chan_put_refusal(s.mon[ALICE_], 8, &b, NULL, 0), 0);
	assert_int_equal(answer(&s.g, s.mon[ALICE_], &m), MSG_ACK);
	msg_done(&m);
	assert_int_equal(near_rows(&s, 1, "alice"), 1);
	b.session = 4711;
	assert_int_equal(chan_put_refusal(s.mon[ALICE_], 9, &b, NULL, 0), 0);
	assert_int_equal(answer(&s.g, s.mon[ALICE_], &m), MSG_ACK);
	msg_done(&m);
	assert_int_equal(near_rows(&s, 1, "alice"), 1);
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_played_is_kept_grows_only_and_stands_in_the_verdict),
		cmocka_unit_test(half_of_what_ran_is_told_in_percent),
		cmocka_unit_test(who_was_given_a_recording_decides_nothing),
		cmocka_unit_test(a_check_is_written_down_before_it_reads),
		cmocka_unit_test(a_refusal_that_was_nearly_a_use_names_its_request),
		cmocka_unit_test(what_a_monitor_refuses_of_a_prepared_session_is_a_near_miss_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
