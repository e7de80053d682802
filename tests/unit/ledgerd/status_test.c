/* status_test.c - what the word status is told: counts, ages, and what needs attention. */
#include "ledgerd/keys_inside.h"
#include "tests/unit/ledgerd/review.h"

#define DAY	86400

static const json_t *
part(const json_t *v, const char *key)
{
	return json_object_get(v, key);
}

static int64_t
number(const json_t *v, const char *key)
{
	assert_true(json_is_integer(json_object_get(v, key)));
	return (int64_t)json_integer_value(json_object_get(v, key));
}

static int
attends(const json_t *v, const char *what)
{
	const json_t *list = json_object_get(v, "attention");
	size_t i;
	int n = 0;

	for (i = 0; i < json_array_size(list); i++)
		n += strcmp(text_of(json_array_get(list, i), "what"),
		    what) == 0;
	return n;
}

static json_t *
status(struct gate *g, struct chan *c)
{
	return call_ok(g, c, "status", "{}");
}

static void
an_empty_gate_is_well_and_what_is_not_known_is_null(void **state)
{
	struct chan *m, *c;
	struct gate g;
	json_t *v;

	(void)state;
	gate_new(&g);
	m = logged_in(&g, "frank");	/* anybody with a role */
	c = person(&g, m, "frank");
	v = status(&g, c);
	assert_true(json_is_true(json_object_get(v, "ok")));
	assert_int_equal(json_array_size(json_object_get(v, "attention")), 0);
	assert_int_equal(number(part(v, "sessions"), "running"), 0);
	assert_true(json_is_null(json_object_get(part(v, "sessions"),
	    "oldest_s")));
	assert_true(json_is_null(json_object_get(v, "connections")));
	assert_true(json_is_null(json_object_get(v, "uptime_s")));
	assert_true(json_is_null(json_object_get(part(v, "disk"),
	    "days_left")));
	assert_true(json_is_null(json_object_get(part(v, "epoch"), "nr")));
	assert_true(json_is_null(json_object_get(part(v, "reviews"),
	    "oldest")));
	json_decref(v);
	call_no(&g, c, "status", "{\"x\":1}", "DATA");
	chan_free(c);
	chan_free(m);
	gate_end(&g);
}

static void
what_sekishod_says_of_itself_is_passed_on(void **state)
{
	struct msg_gate_state m = { .connections = 12, .unauth = 3, .kits = 2,
		.warm_pairs = 4, .warm_kits = 4, .penalised = 5, .taken = 100,
		.refused = 6, .login_failed = 7, .grace_over = 8,
		.penalty_refused = 9, .opened = NOW - DAY };
	struct chan *x, *c;
	struct gate g;
	json_t *v;

	(void)state;
	gate_new(&g);
	assert_int_equal(chan_put_gate_state(g.d, 0, &m, NULL, 0), 0);
	gate_step(&g);
	x = logged_in(&g, "carol");
	c = person(&g, x, "carol");
	v = status(&g, c);
	assert_int_equal(number(v, "uptime_s"), DAY);
	assert_int_equal(number(part(v, "connections"), "open"), 12);
	assert_int_equal(number(part(v, "connections"), "unauthenticated"), 3);
	assert_int_equal(number(part(v, "connections"), "penalised_sources"),
	    5);
	assert_int_equal(number(part(v, "connections"), "penalty_refused"), 9);
	assert_int_equal(attends(v, "drain"), 0);
	json_decref(v);
	m.is_draining = 1;
	assert_int_equal(chan_put_gate_state(g.d, 0, &m, NULL, 0), 0);
	gate_step(&g);
	v = status(&g, c);
	assert_true(json_is_true(json_object_get(v, "draining")));
	assert_int_equal(attends(v, "drain"), 1);
	assert_true(json_is_false(json_object_get(v, "ok")));
	json_decref(v);
	chan_free(c);
	chan_free(x);
	gate_end(&g);
}

static void
refusals_are_counted_by_code_for_a_day(void **state)
{
	struct msg_refusal q = { .source = CONST("192.0.2.7:4711"),
		.user = CONST("alice"), .code = CONST("SYNTAX"),
		.what = CONST("x;y"), .reason = CONST("no") };
	const json_t *day, *all;
	struct chan *m, *c;
	struct gate g;
	struct msg a;
	json_t *v;
	int i;

	(void)state;
	gate_new(&g);
	assert_int_equal(tally_load(&g.ld), 0);
	m = logged_in(&g, "alice");
	c = person(&g, m, "alice");
	for (i = 0; i < 3; i++) {
		clock_set_test(NOW + i * 10 * 3600);
		assert_int_equal(chan_put_refusal(m, 7, &q, NULL, 0), 0);
		assert_int_equal(answer(&g, m, &a), MSG_ACK);
		msg_done(&a);
	}
	call_no(&g, c, "request-show", "{\"id\":99}", "NOT-FOUND");
	v = status(&g, c);
	all = json_object_get(part(v, "refusals"), "since_start");
	day = json_object_get(part(v, "refusals"), "last_day");
	assert_int_equal(number(all, "SYNTAX"), 3);
	assert_int_equal(number(day, "SYNTAX"), 3);
	assert_int_equal(number(day, "NOT-FOUND"), 1);
	assert_int_equal(number(day, "DIFFERS"), 0);
	json_decref(v);
	/* the first is older than a day; a new life knows the others out of the ledger */
	clock_set_test(NOW + 25 * 3600);
	v = status(&g, c);
	assert_int_equal(number(json_object_get(part(v, "refusals"),
	    "last_day"), "SYNTAX"), 2);
	json_decref(v);
	assert_int_equal(tally_load(&g.ld), 0);
	v = status(&g, c);
	assert_int_equal(number(json_object_get(part(v, "refusals"),
	    "last_day"), "SYNTAX"), 2);
	assert_int_equal(number(json_object_get(part(v, "refusals"),
	    "since_start"), "SYNTAX"), 0);
	json_decref(v);
	chan_free(c);
	chan_free(m);
	gate_end(&g);
}

static void
a_job_that_waits_too_long_for_its_verdict_needs_attention(void **state)
{
	const json_t *r;
	struct scene s;
	json_t *v;
	uint64_t nr;

	(void)state;
	scene_new(&s, ONCE);
	nr = start(&s);
	clock_set_test(NOW + 60);
	v = ask(&s, EVE_, "status", "{}");
	assert_int_equal(number(part(v, "sessions"), "running"), 1);
	assert_int_equal(number(part(v, "sessions"), "oldest_s"), 60);
	assert_int_equal(number(part(v, "reviews"), "unjudged"), 1);
	assert_int_equal(number(part(v, "reviews"), "queued"), 0);
	json_decref(v);
	job_ended(&s.g, s.mon[ALICE_], nr, JOB_RAN);
	clock_set_test(NOW + 8 * DAY);
	v = ask(&s, EVE_, "status", "{}");
	r = part(v, "reviews");
	assert_int_equal(number(r, "queued"), 1);
	assert_string_equal(text_of(r, "oldest"), "J1");
	assert_int_equal(number(r, "oldest_s"), 8 * DAY);
	assert_true(json_is_true(json_object_get(r, "queued_is_all")));
	assert_int_equal(attends(v, "reviews"), 1);
	json_decref(v);
	read_sheet(&s, CAROL_);
	json_decref(ask(&s, CAROL_, "review-verdict", ADEQUATE));
	v = ask(&s, EVE_, "status", "{}");
	assert_int_equal(number(part(v, "reviews"), "queued"), 0);
	assert_int_equal(attends(v, "reviews"), 0);
	json_decref(v);
	scene_end(&s);
}

/* One recording of 100 kB in half a day. */
static void
growth_is_what_recordings_take_since_the_oldest(void **state)
{
	static const char *const dirs[] = { "2026", "2026/09", "2026/09/21" };
	char path[160], *text;
	struct scene s;
	json_t *v;
	size_t i;

	(void)state;
	scene_new(&s, ONCE);
	for (i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", s.g.rec, dirs[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	assert_non_null(text = malloc(100001));
	memset(text, 'x', 100000);
	text[100000] = '\0';
	gate_file(path, "S1.skr", text, 0640);
	free(text);
	run_once(&s);
	v = ask(&s, EVE_, "status", "{}");
	assert_true(json_is_null(json_object_get(part(v, "disk"),
	    "growth_per_day")));		/* of a moment nothing follows */
	json_decref(v);
	clock_set_test(NOW + DAY / 2);
	s.g.ld.growth_ms = 0;
	v = ask(&s, EVE_, "status", "{}");
	assert_in_range(number(part(v, "disk"), "growth_per_day"), 200000,
	    2 * (102400 + number(part(v, "ledger"), "bytes")));
	json_decref(v);
	scene_end(&s);
}

static void
a_clock_that_was_set_is_told_for_a_day(void **state)
{
	struct chan *m, *c;
	struct gate g;
	json_t *v;

	(void)state;
	gate_new(&g);
	assert_int_equal(tally_load(&g.ld), 0);
	m = logged_in(&g, "carol");
	c = person(&g, m, "carol");
	clock_set_test(NOW + 600);
	tally_clock(&g.ld);
	v = status(&g, c);
	assert_int_equal(number(part(v, "clock"), "steps"), 1);
	assert_in_range(number(part(v, "clock"), "last_step_ms"), 590000,
	    600000);
	assert_int_equal(attends(v, "clock"), 1);
	json_decref(v);
	clock_set_test(NOW + 600 + 2 * DAY);
	g.ld.tally.ahead_ns = clock_unix_ns() - clock_mono_ns();
	v = status(&g, c);
	assert_int_equal(attends(v, "clock"), 0);
	json_decref(v);
	chan_free(c);
	chan_free(m);
	gate_end(&g);
}

/* The first thing that needs attention and is "what". */
static const char *
attention_text(const json_t *v, const char *what, const char *key)
{
	const json_t *list = json_object_get(v, "attention"), *each;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		each = json_array_get(list, i);
		if (strcmp(text_of(each, "what"), what) == 0)
			return text_of(each, key);
	}
	return "";
}

static void
a_keys_clock_that_is_ahead_says_what_that_means(void **state)
{
	struct chan *m, *c;
	struct gate g;
	json_t *v;

	(void)state;
	gate_new(&g);
	assert_int_equal(tally_load(&g.ld), 0);
	m = logged_in(&g, "carol");
	c = person(&g, m, "carol");
	g.ld.keys->head_at = clock_unix_ns() + 90 * 1000000000LL;
	g.ld.keys->ahead_ns = 90 * 1000000000LL;
	v = status(&g, c);
	assert_int_equal(number(part(v, "clock"), "keyd_ahead_ms"), 90000);
	assert_string_equal(attention_text(v, "clock", "text"),
	    "the keys' clock is 90 s ahead, and stands until the time of day "
	    "has caught up");
	assert_string_equal(attention_text(v, "clock", "next"),
	    "man sekisho-keyd: A clock that was ahead");
	json_decref(v);
	g.ld.keys->ahead_ns = -90 * 1000000000LL;
	v = status(&g, c);
	assert_string_equal(attention_text(v, "clock", "text"),
	    "the keys' clock is 90 s behind the ledger's");
	json_decref(v);
	g.ld.keys->ahead_ns = 1000000000LL;
	v = status(&g, c);
	assert_int_equal(attends(v, "clock"), 0);
	json_decref(v);
	chan_free(c);
	chan_free(m);
	gate_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_gate_is_well_and_what_is_not_known_is_null),
		cmocka_unit_test(what_sekishod_says_of_itself_is_passed_on),
		cmocka_unit_test(refusals_are_counted_by_code_for_a_day),
		cmocka_unit_test(a_job_that_waits_too_long_for_its_verdict_needs_attention),
		cmocka_unit_test(growth_is_what_recordings_take_since_the_oldest),
		cmocka_unit_test(a_clock_that_was_set_is_told_for_a_day),
		cmocka_unit_test(a_keys_clock_that_is_ahead_says_what_that_means),
	};

	return cmocka_run_group_tests_name("ledgerd/status", tests, NULL, NULL);
}
