/* rows_test.c - what an entry says and what its row holds are the same. */
#include "tests/unit/ledgerd/gate.h"

#include "crypt/random.h"

static char *const SED[] = { CONST("sed"), NULL };

struct scene {
	struct gate	 g;
	struct chan	*alice, *bob, *a, *b;
};

static void
scene_new(struct scene *s)
{
	gate_new(&s->g);
	s->alice = logged_in(&s->g, "alice");
	s->bob = logged_in(&s->g, "bob");
	s->a = person(&s->g, s->alice, "alice");
	s->b = person(&s->g, s->bob, "bob");
}

static void
scene_end(struct scene *s)
{
	chan_free(s->a);
	chan_free(s->b);
	chan_free(s->alice);
	chan_free(s->bob);
	gate_end(&s->g);
}

/* The newest entry of a kind; the caller frees it. */
struct newest {
	const char	*what;
	json_t		*e;
};

static int
keep_newest(void *arg, const struct store_row *row)
{
	struct newest *k = arg;
	json_t *v = NULL;
	const uint8_t *p;
	char *again;
	size_t n, len;

	p = store_blob(row, 1, &n);
	assert_int_equal(json_read(p, n, &v), 0);
	/* every one of them is canonical */
	assert_int_equal(json_canonical(v, &again, &len), 0);
	assert_int_equal(len, n);
	assert_memory_equal(again, p, n);
	str_wipe(again);
	if (strcmp(text_of(v, "what"), k->what) != 0) {
		json_decref(v);
		return 0;
	}
	json_decref(k->e);
	k->e = v;
	return 0;
}

static json_t *
newest(struct scene *s, const char *what)
{
	struct newest k = { .what = what };

	assert_int_equal(store_query(s->g.ld.store, STORE_ENTRY_LIST,
	    STORE_ARGS(store_i(0), store_i(10000)), keep_newest, &k), 0);
	if (k.e == NULL)
		print_error("no entry %s\n", what);
	assert_non_null(k.e);
	return k.e;
}

static int64_t
int_of(const json_t *e, const char *key)
{
	if (!json_is_integer(json_object_get(e, key)))
		print_error("%s is not there\n", key);
	assert_true(json_is_integer(json_object_get(e, key)));
	return json_integer_value(json_object_get(e, key));
}

static void
assert_hex(const json_t *e, const char *key, const uint8_t *digest)
{
	char hex[SHA256_HEX];

	assert_string_equal(text_of(e, key), sha256_hex(hex, digest));
}

static int64_t
next_session(struct scene *s)
{
	int64_t v;

	assert_int_equal(store_number(s->g.ld.store, STORE_NUMBER_GET,
	    STORE_ARGS(store_s("next_session")), 0, &v), 0);
	return v;
}

static void
a_filing(void **state)
{
	struct request *r;
	struct scene s;
	json_t *e, *v;

	(void)state;
	scene_new(&s);
	json_decref(call_ok(&s.g, s.a, "request-new",
	    "{\"argv\":[\"sed\"],\"uses\":3,\"reason\":\"why\"}"));
	e = newest(&s, "request");
	assert_int_equal(db_request(s.g.ld.store, 1, &r), 0);
	assert_string_equal(text_of(e, "request"), "R1");
	assert_int_equal(int_of(e, "uses"), 3);
	assert_int_equal(int_of(e, "filed_at"), r->filed_at);
	assert_int_equal(int_of(e, "pending_until"), r->pending_until);
	assert_string_equal(text_of(e, "script_digest"), "");
	assert_hex(e, "digest", r->digest);
	v = r->warnings == NULL ? json_array() : json_from_strv(r->warnings);
	assert_true(json_equal(v, json_object_get(e, "warnings")));
	json_decref(v);
	json_decref(e);
	req_free(r);
	json_decref(call_ok(&s.g, s.a, "request-new", "{\"argv\":[\"sed\"],"
	    "\"script\":\"IyEvYmluL3NoCmVjaG8gaGkK\"}"));
	e = newest(&s, "request");
	assert_int_equal(db_request(s.g.ld.store, 2, &r), 0);
	assert_hex(e, "script_digest", r->steps[0].script_digest);
	json_decref(e);
	req_free(r);
	scene_end(&s);
}

static void
a_decision(void **state)
{
	struct request *r;
	struct scene s;
	json_t *e;

	(void)state;
	scene_new(&s);
	json_decref(call_ok(&s.g, s.a, "request-new", "{\"argv\":[\"sed\"]}"));
	clock_set_test(NOW + 77);
	approve(&s.g, s.b, 1);
	e = newest(&s, "decision");
	assert_int_equal(db_request(s.g.ld.store, 1, &r), 0);
	assert_int_equal(r->state, REQ_APPROVED);
	assert_string_equal(text_of(e, "state"), "approved");
	assert_int_equal(int_of(e, "decided_at"), NOW + 77);
	assert_int_equal(int_of(e, "decided_at"), r->decisions[0].at);
	assert_int_equal(int_of(e, "start_at"), r->start_at);
	assert_int_equal(int_of(e, "end_at"), r->end_at);
	req_free(r);
	json_decref(e);
	/* the window stays as it was when it is withdrawn */
	json_decref(call_ok(&s.g, s.a, "request-withdraw", "{\"id\":1}"));
	e = newest(&s, "decision");
	assert_string_equal(text_of(e, "state"), "withdrawn");
	assert_null(json_object_get(e, "start_at"));
	json_decref(e);
	assert_int_equal(db_request(s.g.ld.store, 1, &r), 0);
	assert_true(r->start_at != REQ_NONE);
	req_free(r);
	scene_end(&s);
}

static void
an_approval_that_is_not_the_last_gives_no_window(void **state)
{
	static const struct policy two = { .need = 2 };
	struct scene s;
	json_t *e;

	(void)state;
	scene_new(&s);
	gate_policy(&s.g, &two);
	json_decref(call_ok(&s.g, s.a, "request-new", "{\"argv\":[\"sed\"]}"));
	approve(&s.g, s.b, 1);
	e = newest(&s, "decision");
	assert_string_equal(text_of(e, "state"), "submitted");
	assert_null(json_object_get(e, "start_at"));
	assert_null(json_object_get(e, "end_at"));
	json_decref(e);
	scene_end(&s);
}

/* Approved, looked up; not consumed. */
static void
prepare(struct scene *s, struct msg_order *o, uint8_t digest[DIGEST_LEN])
{
	struct msg_refused no = { 0 };

	json_decref(call_ok(&s->g, s->a, "request-new",
	    "{\"argv\":[\"sed\"],\"uses\":9}"));
	approve(&s->g, s->b, 1);
	memset(o, 0, sizeof(*o));
	assert_int_equal(look_up(&s->g, s->alice, "alice", SED, 0, o, digest,
	    &no), MSG_ORDER);
}

static void
a_use(void **state)
{
	uint8_t digest[DIGEST_LEN], header[DIGEST_LEN] = { 8 };
	char code[CODE_MAX + 1], id[32];
	struct session *x;
	struct msg_order o;
	struct scene s;
	int64_t job;
	json_t *e;

	(void)state;
	scene_new(&s);
	prepare(&s, &o, digest);
	clock_set_test(NOW + 5);
	assert_int_equal(consume(&s.g, s.alice, &o, digest, code),
	    MSG_CONSUMED);
	e = newest(&s, "use");
	assert_int_equal(db_session(s.g.ld.store, o.session, &x), 0);
	assert_int_equal(int_of(e, "started_at"), NOW + 5);
	assert_int_equal(int_of(e, "started_at"), x->started);
	assert_hex(e, "header", header);
	assert_int_equal(store_number(s.g.ld.store, STORE_JOB_FIND, STORE_ARGS(
	    store_i(1), store_i(1), store_s("alice")), 0, &job), 0);
	(void)snprintf(id, sizeof(id), "J%lld", (long long)job);
	assert_string_equal(text_of(e, "job"), id);
	assert_string_equal(x->recording, "2026/09/21/S1.skr");
	json_decref(e);
	session_free(x);
	msg_order_free(&o);
	scene_end(&s);
}

static void
a_header_that_is_no_digest_is_a_broken_monitor(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_consume q = { .features = CONST("") };
	struct msg_order o;
	struct scene s;
	struct msg m;

	(void)state;
	scene_new(&s);
	prepare(&s, &o, digest);
	q.session = o.session;
	q.order_digest = (struct blob){ digest, DIGEST_LEN };
	q.exe_digest = o.exe_digest;
	q.header_digest = (struct blob){ digest, DIGEST_LEN - 1 };
	assert_int_equal(chan_put_consume(s.alice, 5, &q, NULL, 0), 0);
	gate_step(&s.g);
	assert_int_equal(chan_recv(s.alice, &m), ERR_CLOSED);
	assert_int_equal(entries(&s.g, "use"), 0);
	msg_order_free(&o);
	scene_end(&s);
}

/* The fields that a row of a session must equal. */
static void
assert_end(struct scene *s, const json_t *e, uint64_t nr)
{
	struct session *x;
	char id[32];

	(void)snprintf(id, sizeof(id), "S%llu", (unsigned long long)nr);
	assert_int_equal(db_session(s->g.ld.store, nr, &x), 0);
	assert_string_equal(text_of(e, "session"), id);
	assert_string_equal(text_of(e, "state"), x->state);
	assert_string_equal(text_of(e, "how"), x->how);
	assert_string_equal(text_of(e, "signal"), x->signal);
	assert_string_equal(text_of(e, "reason"), x->reason);
	assert_int_equal(int_of(e, "in"), x->in_bytes);
	assert_int_equal(int_of(e, "out"), x->out_bytes);
	assert_int_equal(int_of(e, "err"), x->err_bytes);
	assert_int_equal(int_of(e, "refusals"), x->refusals);
	assert_int_equal(int_of(e, "duration_ms"), x->duration_ms);
	assert_int_equal(int_of(e, "ended_at"), x->ended);
	if (strcmp(x->how, "not run") == 0 || x->signal[0] != '\0' ||
	    strcmp(x->state, "interrupted") == 0)
		assert_int_equal(x->status, -1);
	else
		assert_int_equal(x->status, int_of(e, "status"));
	assert_int_equal(x->use == 0, json_object_get(e, "request") != NULL);
	session_free(x);
}

static void
an_end(void **state)
{
	struct msg_job_ended b = { .how = JOB_DISCONNECT,
		.signal = CONST("TERM"), .reason = CONST("bad \x1b\xff text"),
		.in_bytes = 1, .out_bytes = 2, .err_bytes = 3, .refusals = 4,
		.duration_ms = 5 };
	uint8_t digest[DIGEST_LEN];
	char code[CODE_MAX + 1];
	struct msg_order o;
	struct scene s;
	struct msg m;
	json_t *e;

	(void)state;
	scene_new(&s);
	prepare(&s, &o, digest);
	assert_int_equal(consume(&s.g, s.alice, &o, digest, code),
	    MSG_CONSUMED);
	clock_set_test(NOW + 9);
	b.session = o.session;
	assert_int_equal(chan_put_job_ended(s.alice, 6, &b, NULL, 0), 0);
	assert_int_equal(answer(&s.g, s.alice, &m), MSG_ACK);
	msg_done(&m);
	e = newest(&s, "end");
	assert_int_equal(int_of(e, "ended_at"), NOW + 9);
	assert_end(&s, e, o.session);
	json_decref(e);
	msg_order_free(&o);
	scene_end(&s);
}

static void
an_interrupted_end_is_as_whole(void **state)
{
	uint8_t digest[DIGEST_LEN];
	char code[CODE_MAX + 1];
	struct msg_order o;
	struct scene s;
	json_t *e;

	(void)state;
	scene_new(&s);
	prepare(&s, &o, digest);
	assert_int_equal(consume(&s.g, s.alice, &o, digest, code),
	    MSG_CONSUMED);
	chan_free(s.a);
	chan_free(s.alice);
	s.a = s.alice = NULL;
	gate_step(&s.g);
	e = newest(&s, "end");
	assert_string_equal(text_of(e, "state"), "interrupted");
	assert_string_equal(text_of(e, "how"), "lost");
	assert_end(&s, e, o.session);
	json_decref(e);
	msg_order_free(&o);
	scene_end(&s);
}

static void
an_end_without_a_use_says_where_it_comes_from(void **state)
{
	uint8_t digest[DIGEST_LEN];
	char uuid[UUID_TEXT];
	struct session *x;
	struct msg_order o;
	struct scene s;
	json_t *e;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		scene_new(&s);
		prepare(&s, &o, digest);
		if (i == 0)
			job_ended(&s.g, s.alice, o.session, JOB_NOT_RUN);
		else {	/* the connection is gone, and no chain was told */
			chan_free(s.a);
			chan_free(s.alice);
			s.a = s.alice = NULL;
			gate_step(&s.g);
		}
		e = newest(&s, "end");
		assert_end(&s, e, o.session);
		assert_int_equal(db_session(s.g.ld.store, o.session, &x), 0);
		assert_string_equal(text_of(e, "request"), "R1");
		assert_int_equal(int_of(e, "revision"), x->revision);
		assert_int_equal(int_of(e, "step"), x->step);
		assert_string_equal(text_of(e, "uuid"),
		    uuid_text(uuid, x->uuid));
		assert_string_equal(text_of(e, "operator"), x->operator);
		assert_string_equal(text_of(e, "source"), x->source);
		assert_int_equal(int_of(e, "recorded"), i == 0);
		assert_true(x->started == REQ_NONE);
		session_free(x);
		json_decref(e);
		msg_order_free(&o);
		scene_end(&s);
	}
}

static void
what_an_earlier_life_looked_up_is_no_entry(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_order o;
	struct scene s;

	(void)state;
	scene_new(&s);
	prepare(&s, &o, digest);
	chan_free(s.a);
	chan_free(s.b);
	chan_free(s.alice);
	chan_free(s.bob);
	gate_crash(&s.g);
	gate_open(&s.g);
	s.alice = logged_in(&s.g, "alice");
	s.a = person(&s.g, s.alice, "alice");
	s.b = s.bob = NULL;
	job_ended(&s.g, s.alice, o.session, JOB_NOT_RUN);
	assert_int_equal(entries(&s.g, "end"), 0);
	msg_order_free(&o);
	scene_end(&s);
}

static void
session_numbers(void **state)
{
	uint64_t nr = 0;
	struct scene s;
	json_t *e;
	int i;

	(void)state;
	scene_new(&s);
	e = newest(&s, "gate-start");
	assert_int_equal(int_of(e, "next_session"), SESSION_BLOCK + 1);
	assert_int_equal(int_of(e, "next_session"), next_session(&s));
	assert_string_equal(text_of(e, "gate"), "gate");
	json_decref(e);
	for (i = 0; i <= SESSION_BLOCK; i++)
		assert_int_equal(book_session(&s.g.ld, &nr), 0);
	assert_int_equal(nr, SESSION_BLOCK + 1);
	e = newest(&s, "numbers");
	assert_int_equal(int_of(e, "next_session"), 2 * SESSION_BLOCK + 1);
	assert_int_equal(int_of(e, "next_session"), next_session(&s));
	json_decref(e);
	assert_int_equal(entries(&s.g, "numbers"), 1);
	s.g.ld.is_draining = 1;
	assert_int_equal(book_stop(&s.g.ld), 0);
	e = newest(&s, "gate-stop");
	assert_int_equal(int_of(e, "next_session"), nr + 1);
	assert_int_equal(int_of(e, "next_session"), next_session(&s));
	assert_int_equal(int_of(e, "ordered"), 1);
	json_decref(e);
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filing),
		cmocka_unit_test(a_decision),
		cmocka_unit_test(an_approval_that_is_not_the_last_gives_no_window),
		cmocka_unit_test(a_use),
		cmocka_unit_test(a_header_that_is_no_digest_is_a_broken_monitor),
		cmocka_unit_test(an_end),
		cmocka_unit_test(an_interrupted_end_is_as_whole),
		cmocka_unit_test(an_end_without_a_use_says_where_it_comes_from),
		cmocka_unit_test(what_an_earlier_life_looked_up_is_no_entry),
		cmocka_unit_test(session_numbers),
	};

	return cmocka_run_group_tests_name("ledgerd/rows", tests, NULL, NULL);
}
