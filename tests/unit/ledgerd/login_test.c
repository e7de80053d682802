/* login_test.c - logins let in, refused, counted; channels that speak for one person; peers that break the rules. */
#include "tests/unit/ledgerd/gate.h"

static void
failed(struct gate *g, struct chan *c, const char *user, uint8_t why)
{
	struct msg_login_failed f = { .user = CONST(user),
		.source = CONST("192.0.2.7:4711"), .why = why };

	assert_int_equal(chan_put_login_failed(c, 0, &f, NULL, 0), 0);
	gate_step(g);
}

static int
last_row(void *arg, const struct store_row *row)
{
	json_t **v = arg;
	const uint8_t *p;
	size_t n;

	json_decref(*v);
	p = store_blob(row, 1, &n);
	assert_int_equal(json_read(p, n, v), 0);
	return 0;
}

/* The newest entry. */
static json_t *
newest(struct gate *g)
{
	json_t *v = NULL;

	assert_int_equal(store_query(g->ld.store, STORE_ENTRY_LIST,
	    STORE_ARGS(store_i(0), store_i(100000)), last_row, &v), 0);
	return v;
}

static int64_t
number_of(const json_t *v, const char *key)
{
	return json_integer_value(json_object_get(v, key));
}

static void
only_active_people_with_a_role_get_in(void **state)
{
	static const struct {
		const char	*user;
		enum msg_type	 answer;
	} rows[] = {
		{ "alice", MSG_ACK }, { "carol", MSG_ACK },
		{ "locked", MSG_REFUSED }, { "toor", MSG_REFUSED },
		{ "www", MSG_REFUSED }, { "nobody", MSG_REFUSED },
		{ "root", MSG_REFUSED },
	};
	struct chan *c;
	struct gate g;
	size_t i;

	(void)state;
	gate_new(&g);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		c = monitor_new(&g);
		assert_int_equal(log_in(&g, c, rows[i].user),
		    rows[i].answer);
		chan_free(c);
		gate_step(&g);
	}
	assert_int_equal(entries(&g, "login"), 2);
	assert_int_equal(entries(&g, "login-refused"), 5);
	gate_end(&g);
}

static void
refused_logins_become_one_entry_a_minute(void **state)
{
	struct chan *c;
	struct gate g;
	json_t *v;
	char *text;
	int i;

	(void)state;
	gate_new(&g);
	c = monitor_new(&g);
	for (i = 0; i < 50; i++)
		failed(&g, c, "bob", LOGIN_BAD);
	failed(&g, c, "hunter2", LOGIN_UNKNOWN);	/* a password, typed as name */
	failed(&g, c, "", LOGIN_ABORTED);
	assert_int_equal(entries(&g, "login-refused"), 0);

	clock_set_test(NOW + 60);
	assert_int_equal(book_refused(&g.ld, 0), 0);

	assert_int_equal(entries(&g, "login-refused"), 1);
	v = newest(&g);
	assert_int_equal(number_of(v, "count"), 52);
	assert_string_equal(text_of(v, "source"), "192.0.2.7");
	assert_int_equal(number_of(json_object_get(v, "reasons"), "bad"), 50);
	assert_int_equal(number_of(json_object_get(v, "users"), "bob"), 50);
	assert_int_equal(json_array_size(json_object_get(v,
	    "unknown_users")), 1);
	text = json_dumps(v, JSON_COMPACT);
	assert_null(strstr(text, "hunter2"));
	free(text);
	json_decref(v);
	chan_free(c);
	gate_end(&g);
}

/* Who guesses and is gone has guessed all the same. */
static void
a_guess_counts_though_nobody_waits_for_the_answer(void **state)
{
	struct msg_login_failed f = { .user = CONST("bob"),
		.source = CONST("192.0.2.7:4711"), .why = LOGIN_BAD };
	struct chan *c;
	struct gate g;
	json_t *v;
	int i;

	(void)state;
	gate_new(&g);
	c = monitor_new(&g);
	for (i = 0; i < 3; i++)
		assert_int_equal(chan_put_login_failed(c, 0, &f, NULL, 0), 0);
	chan_free(c);
	gate_step(&g);
	gate_step(&g);
	clock_set_test(NOW + 60);
	assert_int_equal(book_refused(&g.ld, 0), 0);
	v = newest(&g);
	assert_string_equal(text_of(v, "what"), "login-refused");
	assert_int_equal(number_of(v, "count"), 3);
	json_decref(v);
	gate_end(&g);
}

/* A row with the commitment of this entry: 0 when there was none (there is now), ERR_CONFLICT. */
static int
row_of(struct gate *g, const json_t *e)
{
	uint8_t digest[DIGEST_LEN];

	assert_int_equal(sha256_parse(text_of(json_array_get(json_object_get(
	    e, "unknown_users"), 0), "sha256"), digest), 0);
	return store_run(g->ld.store, STORE_UNKNOWN_ADD, STORE_ARGS(
	    store_b(digest, DIGEST_LEN), store_b("s", 1), store_b("n", 1),
	    store_i(1)));
}

/* Whatever happens before: no name is kept whose commitment is in no entry. */
static void
an_unknown_name_is_kept_with_its_entry_and_not_before(void **state)
{
	struct chan *c;
	struct gate g;
	json_t *e;
	int all;

	(void)state;
	for (all = 0; all < 2; all++) {
		gate_new(&g);
		c = monitor_new(&g);
		failed(&g, c, "hunter2", LOGIN_UNKNOWN);
		assert_non_null(g.ld.unknown);
		if (all == 0) {
			clock_set_test(NOW + 60);
			assert_int_equal(book_refused(&g.ld, 0), 0);
			e = newest(&g);
			assert_int_equal(row_of(&g, e), ERR_CONFLICT);
		} else {	/* it dies before the minute is over */
			assert_int_equal(refused_next(g.ld.refused, NOW, 1,
			    &e), 1);
			assert_int_equal(row_of(&g, e), 0);
			unknown_forget(&g.ld, NOW, 1);
		}
		assert_null(g.ld.unknown);
		json_decref(e);
		chan_free(c);
		gate_end(&g);
	}
}

/* The entry and its rows are one: none without the other. */
static void
a_name_that_cannot_be_kept_takes_its_entry_with_it(void **state)
{
	struct chan *c;
	struct gate g;
	json_t *e;

	(void)state;
	gate_new(&g);
	c = monitor_new(&g);
	failed(&g, c, "hunter2", LOGIN_UNKNOWN);
	assert_int_equal(refused_next(g.ld.refused, NOW, 1, &e), 1);
	assert_int_equal(row_of(&g, e), 0);	/* in the way */
	assert_int_equal(unknown_book(&g.ld, e), ERR_CONFLICT);
	assert_int_equal(entries(&g, "login-refused"), 0);
	chan_free(c);
	gate_end(&g);
}

static void
a_flood_stays_within_the_daily_cap(void **state)
{
	struct chan *c;
	struct gate g;
	json_t *v;
	int i;

	(void)state;
	gate_new(&g);
	refused_free(g.ld.refused);
	assert_non_null(g.ld.refused = refused_new(3));
	c = monitor_new(&g);
	for (i = 0; i < 10; i++) {
		clock_set_test(NOW + 60 * i);
		failed(&g, c, "bob", LOGIN_BAD);
	}
	clock_set_test(NOW + 60 * i);
	assert_int_equal(book_refused(&g.ld, 0), 0);
	assert_int_equal(entries(&g, "login-refused"), 4);
	v = newest(&g);
	assert_int_equal(number_of(v, "daily_cap"), 3);
	json_decref(v);

	clock_set_test(NOW + 86400);
	failed(&g, c, "bob", LOGIN_BAD);
	assert_int_equal(book_refused(&g.ld, 1), 0);
	v = newest(&g);
	assert_int_equal(number_of(v, "not_written"), 7);
	json_decref(v);
	chan_free(c);
	gate_end(&g);
}

/* After this message the monitor is dropped, and only it. */
static void
assert_dropped(struct gate *g, struct chan *c)
{
	unsigned int before = g->ld.nmonitors;
	struct msg m;

	gate_step(g);
	assert_int_equal(chan_recv(c, &m), ERR_CLOSED);
	assert_int_equal(g->ld.nmonitors, before - 1);
	chan_free(c);
}

static void
a_monitor_that_speaks_for_another_person_is_dropped(void **state)
{
	struct msg_bind b = { .user = CONST("bob"), .source = CONST("x") };
	struct msg_lookup l = { .user = CONST("bob"), .source = CONST("x") };
	struct msg_logout o = { .user = CONST("bob") };
	struct chan *c, *other;
	struct gate g;

	(void)state;
	gate_new(&g);
	other = logged_in(&g, "carol");
	c = logged_in(&g, "alice");
	assert_int_equal(chan_put_bind(c, 1, &b, NULL, 0), 0);
	assert_dropped(&g, c);
	c = logged_in(&g, "alice");
	assert_int_equal(chan_put_lookup(c, 1, &l, NULL, 0), 0);
	assert_dropped(&g, c);
	c = logged_in(&g, "alice");
	assert_int_equal(chan_put_logout(c, 1, &o, NULL, 0), 0);
	assert_dropped(&g, c);
	chan_free(person(&g, other, "carol"));
	chan_free(other);
	gate_end(&g);
}

static void
a_monitor_that_names_another_source_is_dropped(void **state)
{
	struct msg_login in = { .user = CONST("alice"),
	    .source = CONST("192.0.2.9:4711"), .method = CONST("pam") };
	struct msg_login_failed no = { .user = CONST("alice"),
	    .source = CONST("192.0.2.9:4711"), .why = LOGIN_BAD };
	struct msg_resume r = { .user = CONST("alice"),
	    .source = CONST("192.0.2.9:4711") };
	struct chan *c;
	struct gate g;

	(void)state;
	gate_new(&g);
	c = monitor_new(&g);
	assert_int_equal(chan_put_login(c, 1, &in, NULL, 0), 0);
	assert_dropped(&g, c);
	c = monitor_new(&g);
	assert_int_equal(chan_put_login_failed(c, 1, &no, NULL, 0), 0);
	assert_dropped(&g, c);
	c = monitor_new(&g);
	assert_int_equal(chan_put_resume(c, 1, &r, NULL, 0), 0);
	assert_dropped(&g, c);
	assert_int_equal(entries(&g, "login"), 0);
	gate_end(&g);
}

/* The monitor has not heard of it yet; nobody else's word would stop it. */
static void
a_login_without_a_key_is_refused_once_one_is_asked_for(void **state)
{
	struct msg_login in = { .user = CONST("alice"),
	    .source = CONST("192.0.2.7:4711"),
	    .method = CONST("keyboard-interactive"),
	    .key = CONST("") };
	struct policy p = { .need = 1,
	    .public_key = KEY_FACTOR_REQUIRED };
	struct chan *c;
	struct gate g;
	struct msg m;

	(void)state;
	gate_new(&g);
	gate_policy(&g, &p);
	c = monitor_new(&g);
	assert_int_equal(chan_put_login(c, 1, &in, NULL, 0), 0);
	assert_int_equal(answer(&g, c, &m), MSG_REFUSED);
	msg_done(&m);
	assert_int_equal(entries(&g, "login"), 0);
	assert_int_equal(entries(&g, "login-refused"), 1);
	in.key = CONST("SHA256:x");
	in.method = CONST("publickey,keyboard-interactive");
	assert_int_equal(chan_put_login(c, 2, &in, NULL, 0), 0);
	assert_int_equal(answer(&g, c, &m), MSG_ACK);
	msg_done(&m);
	assert_int_equal(entries(&g, "login"), 1);
	chan_free(c);
	gate_end(&g);
}

/* Whoever asks much waits behind the others. */
static void
a_person_has_one_question_a_turn(void **state)
{
	struct msg_call q = { .verb = CONST("whoami"),
	    .body = { (uint8_t *)CONST("{}"), 2 } };
	struct chan *monitor, *c;
	struct gate g;
	struct msg m;

	(void)state;
	gate_new(&g);
	monitor = logged_in(&g, "alice");
	c = person(&g, monitor, "alice");
	assert_int_equal(chan_put_call(c, 1, &q, NULL, 0), 0);
	assert_int_equal(chan_put_call(c, 2, &q, NULL, 0), 0);
	assert_int_equal(answer(&g, c, &m), MSG_REPLY);
	msg_done(&m);
	assert_int_equal(chan_recv(c, &m), 1);
	assert_int_equal(answer(&g, c, &m), MSG_REPLY);
	assert_int_equal(m.id, 2);
	msg_done(&m);
	chan_free(c);
	chan_free(monitor);
	gate_end(&g);
}

static void
monitors_come_before_people_and_people_take_turns(void **state)
{
	struct msg_call q = { .verb = CONST("whoami"),
	    .body = { (uint8_t *)CONST("{}"), 2 } };
	struct msg_refusal no = { .user = CONST("alice"),
	    .source = CONST("x"), .code = CONST("SYNTAX"), .what = CONST("a|b"),
	    .reason = CONST("no") };
	struct chan *monitor, *c[2];
	unsigned int got[2] = { 0, 0 }, i, k;
	struct gate g;
	struct msg m;

	(void)state;
	gate_new(&g);
	monitor = logged_in(&g, "alice");
	c[0] = person(&g, monitor, "alice");
	c[1] = person(&g, monitor, "alice");
	for (i = 0; i < 8; i++)
		for (k = 0; k < 2; k++)
			assert_int_equal(chan_put_call(c[k], i + 1, &q, NULL,
			    0), 0);
	g.ld.people_ms = 0;		/* one of them a round */
	for (i = 0; i < 8; i++) {
		assert_int_equal(chan_put_refusal(monitor, 9, &no, NULL, 0), 0);
		gate_step(&g);
		assert_int_equal(chan_recv(monitor, &m), 0);
		msg_done(&m);
		for (k = 0; k < 2; k++)
			while (chan_recv(c[k], &m) == 0) {
				got[k]++;
				msg_done(&m);
			}
	}
	assert_int_equal(got[0], 4);
	assert_int_equal(got[1], 4);
	chan_free(c[0]);
	chan_free(c[1]);
	chan_free(monitor);
	gate_end(&g);
}

static void
messages_out_of_turn_drop_only_their_sender(void **state)
{
	struct msg_login in = { .user = CONST("alice"), .source = CONST("x"),
	    .method = CONST("pam") };
	struct msg_lookup l = { .user = CONST("alice"), .source = CONST("x") };
	struct msg_job_ended e = { .session = 5, .how = JOB_RAN };
	struct msg_job_started s = { .session = 5 };
	struct chan *c;
	struct gate g;

	(void)state;
	gate_new(&g);
	c = monitor_new(&g);
	assert_int_equal(chan_put_lookup(c, 1, &l, NULL, 0), 0);
	assert_dropped(&g, c);			/* before LOGIN */
	c = logged_in(&g, "alice");
	assert_int_equal(chan_put_login(c, 1, &in, NULL, 0), 0);
	assert_dropped(&g, c);			/* twice */
	c = logged_in(&g, "alice");
	assert_int_equal(chan_put_job_ended(c, 1, &e, NULL, 0), 0);
	assert_dropped(&g, c);			/* not its session */
	c = logged_in(&g, "alice");
	assert_int_equal(chan_put_job_started(c, 1, &s, NULL, 0), 0);
	assert_dropped(&g, c);
	c = logged_in(&g, "alice");
	assert_int_equal(chan_send(c, MSG_LOOKUP, 1, NULL, NULL, 0), 0);
	assert_dropped(&g, c);			/* half a message */
	assert_false(store_is_broken(g.ld.store));
	gate_end(&g);
}

static void
a_lost_role_ends_a_bound_channel_at_the_next_question(void **state)
{
	static const struct policy locked = { .need = 1, .alice_inactive = 1 };
	struct msg_bind b = { .user = CONST("alice"), .source = CONST("x") };
	struct chan *m, *c;
	struct msg msg;
	struct gate g;

	(void)state;
	gate_new(&g);
	m = logged_in(&g, "alice");
	c = person(&g, m, "alice");
	json_decref(call_ok(&g, c, "whoami", "{}"));
	gate_policy(&g, &locked);
	call_no(&g, c, "whoami", "{}", "REVOKED");
	assert_int_equal(chan_put_bind(m, 1, &b, NULL, 0), 0);
	assert_int_equal(answer(&g, m, &msg), MSG_REFUSED);
	msg_done(&msg);
	chan_free(c);
	chan_free(m);
	gate_end(&g);
}

static void
refusals_of_the_monitor_are_written_down(void **state)
{
	struct msg_refusal r = { .user = CONST("alice"), .source = CONST("x"),
	    .code = CONST("SYNTAX"), .what = CONST("a \xff | b"),
	    .reason = CONST("no shell here") };
	struct chan *c;
	struct msg m;
	struct gate g;
	json_t *v;

	(void)state;
	gate_new(&g);
	c = logged_in(&g, "alice");
	assert_int_equal(chan_put_refusal(c, 1, &r, NULL, 0), 0);
	assert_int_equal(answer(&g, c, &m), MSG_ACK);
	msg_done(&m);
	v = newest(&g);
	assert_string_equal(text_of(v, "what"), "refusal");
	assert_string_equal(text_of(v, "who"), "alice");
	assert_string_equal(text_of(v, "asked"), "a \\xff | b");
	json_decref(v);
	chan_free(c);
	gate_end(&g);
}

static void
while_it_drains_nothing_new_begins_and_the_last_monitor_ends_it(void **state)
{
	struct chan *c, *late;
	struct gate g;

	(void)state;
	gate_new(&g);
	c = logged_in(&g, "alice");
	assert_int_equal(chan_put_drain(g.d, 0, NULL, NULL, 0), 0);
	gate_step(&g);
	assert_int_equal(g.ld.is_done, 0);
	late = monitor_new(&g);
	assert_int_equal(log_in(&g, late, "bob"), MSG_REFUSED);
	chan_free(late);
	chan_free(c);
	gate_step(&g);
	assert_int_equal(g.ld.is_done, 1);
	gate_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_active_people_with_a_role_get_in),
		cmocka_unit_test(refused_logins_become_one_entry_a_minute),
		cmocka_unit_test(a_guess_counts_though_nobody_waits_for_the_answer),
		cmocka_unit_test(an_unknown_name_is_kept_with_its_entry_and_not_before),
		cmocka_unit_test(a_name_that_cannot_be_kept_takes_its_entry_with_it),
		cmocka_unit_test(a_flood_stays_within_the_daily_cap),
		cmocka_unit_test(a_monitor_that_speaks_for_another_person_is_dropped),
		cmocka_unit_test(a_monitor_that_names_another_source_is_dropped),
		cmocka_unit_test(
		    a_login_without_a_key_is_refused_once_one_is_asked_for),
		cmocka_unit_test(a_person_has_one_question_a_turn),
		cmocka_unit_test(monitors_come_before_people_and_people_take_turns),
		cmocka_unit_test(messages_out_of_turn_drop_only_their_sender),
		cmocka_unit_test(a_lost_role_ends_a_bound_channel_at_the_next_question),
		cmocka_unit_test(refusals_of_the_monitor_are_written_down),
		cmocka_unit_test(while_it_drains_nothing_new_begins_and_the_last_monitor_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
