/* run_test.c - the whole way of a command through the ledger, and every way it can be refused. */
#include "tests/unit/ledgerd/gate.h"

static char *const SED[] = { CONST("sed"), CONST("-i"), CONST("s/a b/c d/"),
	CONST("/etc/x"), NULL };
#define FILE_SED "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/x\"]}"

/* A gate with alice and bob in it, and one approved request of alice. */
struct scene {
	struct gate	 g;
	struct chan	*alice, *bob, *a, *b;
};

static void
scene_open(struct scene *s)
{
	s->alice = logged_in(&s->g, "alice");
	s->bob = logged_in(&s->g, "bob");
	s->a = person(&s->g, s->alice, "alice");
	s->b = person(&s->g, s->bob, "bob");
}

static void
scene_new(struct scene *s, const char *filing)
{
	gate_new(&s->g);
	scene_open(s);
	json_decref(call_ok(&s->g, s->a, "request-new", filing));
	approve(&s->g, s->b, 1);
}

static void
scene_leave(struct scene *s)
{
	chan_free(s->a);
	chan_free(s->b);
	chan_free(s->alice);
	chan_free(s->bob);
}

static void
scene_end(struct scene *s)
{
	scene_leave(s);
	gate_end(&s->g);
}

static void
order(struct scene *s, struct msg_order *o, uint8_t digest[DIGEST_LEN])
{
	struct msg_refused no = { 0 };

	memset(o, 0, sizeof(*o));
	assert_int_equal(look_up(&s->g, s->alice, "alice", SED, 0, o, digest,
	    &no), MSG_ORDER);
}

static void
assert_session(struct gate *g, uint64_t nr, const char *state)
{
	struct session *x = NULL;

	assert_int_equal(db_session(g->ld.store, nr, &x), 0);
	assert_string_equal(x->state, state);
	session_free(x);
}

static void
an_approved_command_runs_once_and_is_written_down(void **state)
{
	char code[CODE_MAX + 1];
	uint8_t digest[DIGEST_LEN];
	struct msg_order o;
	struct session *x;
	struct scene s;
	json_t *v;

	(void)state;
	gate_new(&s.g);
	scene_open(&s);
	v = call_ok(&s.g, s.a, "request-new", FILE_SED);
	assert_string_equal(text_of(v, "id"), "R1");
	assert_string_equal(text_of(v, "view"), "waiting");
	assert_string_equal(text_of(v, "run_as"), "root");
	json_decref(v);
	assert_refused(&s.g, s.alice, "alice", SED, 0, "NOT-APPROVED",
	    "R1 waits for approval");
	approve(&s.g, s.b, 1);

	order(&s, &o, digest);
	assert_int_equal(o.request, 1);
	assert_int_equal(o.session, 1);
	assert_int_equal(o.use, 1);
	assert_true(strv_equal(o.argv, SED));
	assert_string_equal(o.operator, "alice");
	assert_string_equal(o.cwd, "/");
	assert_int_equal(o.window_end, NOW + 28800);
	assert_int_equal(consume(&s.g, s.alice, &o, digest, code),
	    MSG_CONSUMED);
	assert_session(&s.g, 1, "running");
	assert_int_equal(consume(&s.g, s.alice, &o, digest, code),
	    MSG_REFUSED);
	assert_string_equal(code, "STATE");
	job_ended(&s.g, s.alice, o.session, JOB_RAN);

	assert_int_equal(db_session(s.g.ld.store, 1, &x), 0);
	assert_string_equal(x->state, "ended");
	assert_string_equal(x->how, "ran");
	assert_int_equal(x->status, 3);
	assert_int_equal(x->out_bytes, 17);
	assert_int_equal(x->use, 1);
	session_free(x);
	assert_refused(&s.g, s.alice, "alice", SED, 0, "USED-UP", "1 use");
	assert_int_equal(entries(&s.g, "use"), 1);
	assert_int_equal(entries(&s.g, "end"), 1);
	assert_int_equal(entries(&s.g, "decision"), 1);
	assert_int_equal(entries(&s.g, "refusal"), 3);
	msg_order_free(&o);
	scene_end(&s);
}

static void
of_two_that_race_for_one_use_exactly_one_gets_it(void **state)
{
	uint8_t first_digest[DIGEST_LEN], second_digest[DIGEST_LEN];
	struct msg_order first, second = { 0 };
	struct msg_refused no = { 0 };
	char code[CODE_MAX + 1];
	struct chan *other;
	struct scene s;

	(void)state;
	scene_new(&s, FILE_SED);
	other = logged_in(&s.g, "alice");
	order(&s, &first, first_digest);
	assert_int_equal(look_up(&s.g, other, "alice", SED, 0, &second,
	    second_digest, &no), MSG_ORDER);
	assert_int_not_equal(first.session, second.session);

	assert_int_equal(consume(&s.g, other, &second, second_digest, code),
	    MSG_CONSUMED);
	assert_int_equal(consume(&s.g, s.alice, &first, first_digest, code),
	    MSG_REFUSED);

	assert_string_equal(code, "USED-UP");
	assert_int_equal(entries(&s.g, "use"), 1);
	msg_order_free(&first);
	msg_order_free(&second);
	chan_free(other);
	scene_end(&s);
}

/* What changes between LOOKUP and CONSUME, and the code that follows. */
static const struct change {
	const char	*what;
	struct policy	 policy;
	int64_t		 later_s;
	const char	*code;
} changes[] = {
	{ "approver lost his role", { .need = 1, .bob_no_role = 1 }, 0,
	  "REVOKED" },
	{ "approver locked", { .need = 1, .bob_inactive = 1 }, 0, "REVOKED" },
	{ "operator locked", { .need = 1, .alice_inactive = 1 }, 0,
	  "REVOKED" },
	{ "rule asks for more", { .need = 2 }, 0, "REVOKED" },
	{ "profile edited", { .need = 1, .profile_byte = 7 }, 0, "CHANGED" },
	{ "account changed", { .need = 1, .root_gid = 4 }, 0, "CHANGED" },
	{ "window over", { .need = 1 }, 28800, "OUTSIDE-WINDOW" },
	{ "last second of the window", { .need = 1 }, 28799, NULL },
};

static void
everything_is_judged_again_when_the_use_is_taken(void **state)
{
	uint8_t digest[DIGEST_LEN];
	char code[CODE_MAX + 1];
	enum msg_type t;
	struct msg_order o;
	struct scene s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		scene_new(&s, FILE_SED);
		order(&s, &o, digest);
		gate_policy(&s.g, &changes[i].policy);
		clock_set_test(NOW + changes[i].later_s);
		t = consume(&s.g, s.alice, &o, digest, code);
		if (changes[i].code == NULL)
			assert_int_equal(t, MSG_CONSUMED);
		else {
			assert_int_equal(t, MSG_REFUSED);
			assert_string_equal(code, changes[i].code);
			assert_int_equal(entries(&s.g, "use"), 0);
		}
		msg_order_free(&o);
		scene_end(&s);
	}
}

static void
another_order_or_another_file_takes_no_use(void **state)
{
	uint8_t digest[DIGEST_LEN], wrong[DIGEST_LEN] = { 1 };
	char code[CODE_MAX + 1];
	struct msg_order o;
	struct scene s;

	(void)state;
	scene_new(&s, FILE_SED);
	order(&s, &o, digest);
	assert_int_equal(consume(&s.g, s.alice, &o, wrong, code), MSG_REFUSED);
	assert_string_equal(code, "CHANGED");
	job_ended(&s.g, s.alice, o.session, JOB_NOT_RUN);
	assert_session(&s.g, o.session, "not run");
	msg_order_free(&o);

	order(&s, &o, digest);
	o.exe_digest.p[0] ^= 1;
	assert_int_equal(consume(&s.g, s.alice, &o, digest, code),
	    MSG_REFUSED);
	assert_string_equal(code, "CHANGED");
	assert_int_equal(entries(&s.g, "use"), 0);
	msg_order_free(&o);
	scene_end(&s);
}

static void
a_near_miss_says_which_word_differs(void **state)
{
	char *const sent[] = { CONST("sed"), CONST("-i"), CONST("s/a"), NULL };
	char *const more[] = { CONST("sed"), CONST("-i"), CONST("s/a b/c d/"),
	    CONST("/etc/x"), CONST("\x1b[2J"), NULL };
	char *const none[] = { CONST("other"), NULL };
	struct scene s;

	(void)state;
	scene_new(&s, FILE_SED);
	assert_refused(&s.g, s.alice, "alice", sent, 0, "DIFFERS",
	    "differs at word 3: approved [s/a b/c d/], sent [s/a]");
	assert_refused(&s.g, s.alice, "alice", more, 0, "DIFFERS",
	    "word 5: approved nothing more, sent [\\x1b");
	assert_refused(&s.g, s.alice, "alice", none, 0, "NOT-APPROVED",
	    "no approved request covers this command");
	assert_refused(&s.g, s.bob, "bob", SED, 0, "NOT-APPROVED", "no");
	scene_end(&s);
}

static void
a_request_is_found_by_number_but_only_by_its_operator(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	struct msg_order o = { 0 };
	char *const empty[] = { NULL };
	struct chan *frank;
	struct scene s;

	(void)state;
	scene_new(&s, FILE_SED);
	frank = logged_in(&s.g, "frank");
	assert_int_equal(look_up(&s.g, s.alice, "alice", empty, 1, &o, digest,
	    &no), MSG_ORDER);
	assert_true(strv_equal(o.argv, SED));
	assert_refused(&s.g, frank, "frank", empty, 1, "NOT-FOUND",
	    "there is no request R1");
	assert_refused(&s.g, s.alice, "alice", empty, 77, "NOT-FOUND",
	    "there is no request R77");
	assert_refused(&s.g, s.bob, "bob", empty, 1, "NOT-ALLOWED",
	    "bob is not an operator of R1");
	msg_order_free(&o);
	chan_free(frank);
	scene_end(&s);
}

static void
a_terminal_as_input_wants_one_and_says_how(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	struct msg_order o = { 0 };
	struct scene s;

	(void)state;
	scene_new(&s, "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/x\"],"
	    "\"input\":\"tty\"}");
	assert_int_equal(look_up(&s.g, s.alice, "alice", SED, 0, &o, digest,
	    &no), MSG_REFUSED);
	assert_string_equal(no.code, "INPUT");
	assert_string_equal(no.next, "ssh -t GATE run R1");
	msg_refused_free(&no);
	scene_end(&s);
}

static void
several_that_fit_are_used_in_order_or_must_be_named(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_order o;
	struct scene s;

	(void)state;
	scene_new(&s, "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/x\"],"
	    "\"uses\":5}");
	json_decref(call_ok(&s.g, s.a, "request-new", FILE_SED));
	approve(&s.g, s.b, 2);
	order(&s, &o, digest);
	assert_int_equal(o.request, 2);		/* the one-use request first */
	msg_order_free(&o);

	json_decref(call_ok(&s.g, s.a, "request-new", "{\"argv\":[\"sed\","
	    "\"-i\",\"s/a b/c d/\",\"/etc/x\"],\"run_as\":\"www\"}"));
	approve(&s.g, s.b, 3);
	assert_refused(&s.g, s.alice, "alice", SED, 0, "AMBIGUOUS",
	    "R3 (www on local, profile files), R2 (root on local");
	scene_end(&s);
}

static void
a_lost_monitor_interrupts_what_ran_and_ends_what_was_prepared(void **state)
{
	uint8_t digest[DIGEST_LEN];
	char code[CODE_MAX + 1];
	struct msg_order ran, prepared;
	struct scene s;

	(void)state;
	scene_new(&s, "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/x\"],"
	    "\"uses\":5}");
	order(&s, &ran, digest);
	assert_int_equal(consume(&s.g, s.alice, &ran, digest, code),
	    MSG_CONSUMED);
	order(&s, &prepared, digest);
	chan_free(s.alice);
	s.alice = NULL;
	gate_step(&s.g);

	assert_session(&s.g, ran.session, "interrupted");
	assert_session(&s.g, prepared.session, "not run");
	assert_int_equal(entries(&s.g, "end"), 2);
	assert_int_equal(s.g.ld.nmonitors, 1);
	/* and the channel bound to her is gone with it */
	struct msg m;
	assert_int_equal(chan_recv(s.a, &m), ERR_CLOSED);
	msg_order_free(&ran);
	msg_order_free(&prepared);
	scene_end(&s);
}

static void
after_a_crash_sessions_are_resumed_or_interrupted(void **state)
{
	uint8_t digest[DIGEST_LEN], list[8] = { 0 };
	char code[CODE_MAX + 1];
	struct msg_order kept, left;
	struct msg_resume r = { .user = CONST("alice"),
	    .source = CONST("192.0.2.7:4711"), .sessions = { list, 8 } };
	struct scene s;
	struct msg m;
	int logins, i;

	(void)state;
	scene_new(&s, "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/x\"],"
	    "\"uses\":5}");
	order(&s, &kept, digest);
	assert_int_equal(consume(&s.g, s.alice, &kept, digest, code),
	    MSG_CONSUMED);
	order(&s, &left, digest);
	assert_int_equal(consume(&s.g, s.alice, &left, digest, code),
	    MSG_CONSUMED);
	scene_leave(&s);
	gate_crash(&s.g);

	gate_open(&s.g);
	assert_int_equal(s.g.ld.next_session, 1 + SESSION_BLOCK);
	logins = entries(&s.g, "login");
	s.g.ld.orphans_at_ms = clock_mono_ms() + 60000;
	s.alice = monitor_new(&s.g);
	list[7] = (uint8_t)kept.session;
	assert_int_equal(chan_put_resume(s.alice, 9, &r, NULL, 0), 0);
	assert_int_equal(answer(&s.g, s.alice, &m), MSG_ACK);
	msg_done(&m);
	s.g.ld.orphans_at_ms = clock_mono_ms();
	gate_step(&s.g);
	assert_session(&s.g, kept.session, "running");
	assert_session(&s.g, left.session, "interrupted");
	job_ended(&s.g, s.alice, kept.session, JOB_RAN);
	assert_session(&s.g, kept.session, "ended");
	job_ended(&s.g, s.alice, kept.session, JOB_RAN);	/* told twice */
	assert_int_equal(entries(&s.g, "end"), 2);
	/* with a session that ran: nothing more; with one that is over, or with none, it is the monitor's word alone */
	assert_int_equal(entries(&s.g, "login"), logins);
	for (i = 0; i < 2; i++) {
		chan_free(s.alice);
		s.alice = monitor_new(&s.g);
		r.sessions.n = i == 0 ? 8 : 0;
		assert_int_equal(chan_put_resume(s.alice, 9, &r, NULL, 0), 0);
		assert_int_equal(answer(&s.g, s.alice, &m), MSG_ACK);
		msg_done(&m);
		assert_int_equal(entries(&s.g, "login"), ++logins);
	}

	msg_order_free(&kept);
	msg_order_free(&left);
	chan_free(s.alice);
	gate_end(&s.g);
}

static void
what_was_interrupted_is_not_resumed(void **state)
{
	uint8_t digest[DIGEST_LEN], list[8] = { 0 };
	char code[CODE_MAX + 1];
	struct msg_order o;
	struct msg_resume r = { .user = CONST("alice"),
	    .source = CONST("192.0.2.7:4711"), .sessions = { list, 8 } };
	struct scene s;
	struct msg m;

	(void)state;
	scene_new(&s, FILE_SED);
	order(&s, &o, digest);
	assert_int_equal(consume(&s.g, s.alice, &o, digest, code),
	    MSG_CONSUMED);
	chan_free(s.alice);
	gate_step(&s.g);
	s.alice = monitor_new(&s.g);
	list[7] = (uint8_t)o.session;
	assert_int_equal(chan_put_resume(s.alice, 9, &r, NULL, 0), 0);
	assert_int_equal(answer(&s.g, s.alice, &m), MSG_REFUSED);
	msg_done(&m);
	msg_order_free(&o);
	scene_end(&s);
}

static void
however_many_sessions_broke_off_all_are_marked(void **state)
{
	enum { MANY = 600, FIRST = 1000 };
	struct session x = { .request = 1, .revision = 1, .step = 1,
	    .operator = CONST("alice"), .source = CONST("x"),
	    .argv = CONST("[]"), .run_as = CONST("root"),
	    .target = CONST("local"), .profile = CONST("files"),
	    .state = CONST("running"), .started = NOW,
	    .recording = CONST("x") };
	struct scene s;
	unsigned int i;

	(void)state;
	scene_new(&s, FILE_SED);
	assert_int_equal(store_begin(s.g.ld.store), 0);
	for (i = 0; i < MANY; i++) {
		x.nr = FIRST + i;
		memcpy(x.uuid, &i, sizeof(i));
		assert_int_equal(db_session_add(s.g.ld.store, &x), 0);
	}
	assert_int_equal(store_end(s.g.ld.store, 0), 0);
	assert_int_equal(job_orphans(&s.g.ld, "test"), 0);
	assert_session(&s.g, FIRST, "interrupted");
	assert_session(&s.g, FIRST + MANY - 1, "interrupted");
	assert_int_equal(entries(&s.g, "end"), MANY);
	scene_end(&s);
}

static void
a_clean_stop_gives_the_numbers_back(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_order o;
	struct scene s;

	(void)state;
	scene_new(&s, FILE_SED);
	order(&s, &o, digest);
	assert_int_equal(o.session, 1);
	msg_order_free(&o);
	scene_leave(&s);
	gate_step(&s.g);
	assert_int_equal(book_stop(&s.g.ld), 0);
	assert_int_equal(store_shut(s.g.ld.store), 0);
	s.g.ld.store = NULL;
	gate_crash(&s.g);
	gate_open(&s.g);
	assert_int_equal(s.g.ld.next_session, 2);
	assert_int_equal(entries(&s.g, "gate-stop"), 1);
	gate_end(&s.g);
}

static void
what_a_fast_clock_took_for_over_is_found_when_it_was_set_back(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_order o;
	struct scene s;

	(void)state;
	scene_new(&s, FILE_SED);
	clock_set_test(NOW + 400 * 86400);
	tally_clock(&s.g.ld);
	assert_refused(&s.g, s.alice, "alice", SED, 0, "OUTSIDE-WINDOW", "");
	clock_set_test(NOW + 60);
	tally_clock(&s.g.ld);
	assert_null(s.g.ld.live);
	order(&s, &o, digest);
	msg_order_free(&o);
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_approved_command_runs_once_and_is_written_down),
		cmocka_unit_test(of_two_that_race_for_one_use_exactly_one_gets_it),
		cmocka_unit_test(everything_is_judged_again_when_the_use_is_taken),
		cmocka_unit_test(another_order_or_another_file_takes_no_use),
		cmocka_unit_test(a_near_miss_says_which_word_differs),
		cmocka_unit_test(a_request_is_found_by_number_but_only_by_its_operator),
		cmocka_unit_test(a_terminal_as_input_wants_one_and_says_how),
		cmocka_unit_test(several_that_fit_are_used_in_order_or_must_be_named),
		cmocka_unit_test(a_lost_monitor_interrupts_what_ran_and_ends_what_was_prepared),
		cmocka_unit_test(after_a_crash_sessions_are_resumed_or_interrupted),
		cmocka_unit_test(what_was_interrupted_is_not_resumed),
		cmocka_unit_test(however_many_sessions_broke_off_all_are_marked),
		cmocka_unit_test(a_clean_stop_gives_the_numbers_back),
		cmocka_unit_test(what_a_fast_clock_took_for_over_is_found_when_it_was_set_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
