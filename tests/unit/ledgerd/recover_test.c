/* recover_test.c - sessions that are over without an end of their recording: asked for, answered, asked for again. */
#include "tests/unit/ledgerd/gate.h"

#include "ledgerd/recover.h"

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
	json_decref(call_ok(&s->g, s->a, "request-new",
	    "{\"argv\":[\"sed\"],\"uses\":50}"));
	approve(&s->g, s->b, 1);
}

static void
scene_leave(struct scene *s)
{
	chan_free(s->a);
	chan_free(s->b);
	chan_free(s->alice);
	chan_free(s->bob);
	s->alice = s->bob = s->a = s->b = NULL;
}

static void
scene_end(struct scene *s)
{
	scene_leave(s);
	gate_end(&s->g);
}

/* A running session; its number, and its id into "uuid". */
static uint64_t
run(struct scene *s, uint8_t uuid[UUID_LEN])
{
	struct msg_refused no = { 0 };
	struct msg_order o = { 0 };
	uint8_t digest[DIGEST_LEN];
	char code[CODE_MAX + 1];
	uint64_t nr;

	assert_int_equal(look_up(&s->g, s->alice, "alice", SED, 0, &o, digest,
	    &no), MSG_ORDER);
	assert_int_equal(consume(&s->g, s->alice, &o, digest, code),
	    MSG_CONSUMED);
	memcpy(uuid, o.uuid.p, UUID_LEN);
	nr = o.session;
	msg_order_free(&o);
	return nr;
}

/* The connection breaks off: what ran is interrupted. */
static void
break_off(struct scene *s)
{
	chan_free(s->a);
	chan_free(s->alice);
	s->a = s->alice = NULL;
	gate_step(&s->g);
}

static void
come_back(struct scene *s)
{
	s->alice = logged_in(&s->g, "alice");
	s->a = person(&s->g, s->alice, "alice");
}

/* RECOVER, if sekishod got one: its session, else 0. */
static uint64_t
asked(struct scene *s, const uint8_t *uuid)
{
	struct msg_recover b;
	uint64_t nr;
	char want[64];
	struct msg m;
	int r = chan_recv(s->g.d, &m);

	if (r == 1)
		return 0;
	assert_int_equal(r, 0);
	assert_int_equal(m.type, MSG_RECOVER);
	assert_int_equal(msg_recover_get(m.body, &b), 0);
	nr = b.session;
	if (uuid != NULL) {
		assert_int_equal(b.uuid.n, UUID_LEN);
		assert_memory_equal(b.uuid.p, uuid, UUID_LEN);
		(void)snprintf(want, sizeof(want), "2026/09/21/S%llu.skr",
		    (unsigned long long)nr);
		assert_string_equal(b.path, want);
	}
	msg_recover_free(&b);
	msg_done(&m);
	return nr;
}

static void
tell(struct scene *s, uint64_t nr, uint8_t result)
{
	uint8_t chain[DIGEST_LEN] = { 0x77, 1 };
	struct msg_recovered b = { .session = nr, .result = result,
		.good = 1000, .found = 1100, .sealed = 800,
		.chain = { chain, DIGEST_LEN } };

	assert_int_equal(chan_put_recovered(s->g.d, 0, &b, NULL, 0), 0);
	gate_step(&s->g);
}

struct lost {
	uint64_t nr;
	int	 is;
};

static int
on_lost(void *arg, const struct store_row *row)
{
	struct lost *l = arg;

	l->is |= (uint64_t)store_int(row, 0) == l->nr;
	return 0;
}

/* Has its recording no end yet, as the next start would see it? */
static int
is_lost(struct scene *s, uint64_t nr)
{
	struct lost l = { .nr = nr };

	assert_int_equal(store_query(s->g.ld.store, STORE_SESSION_LOST,
	    STORE_ARGS(store_i(0), store_i(1000)), on_lost, &l), 0);
	return l.is;
}

static void
an_interrupted_session_is_recovered(void **state)
{
	uint8_t uuid[UUID_LEN];
	struct scene s;
	uint64_t nr;

	(void)state;
	scene_new(&s);
	nr = run(&s, uuid);
	assert_int_equal(asked(&s, NULL), 0);
	break_off(&s);
	assert_int_equal(asked(&s, uuid), nr);
	assert_true(is_lost(&s, nr));
	tell(&s, nr, RECOVERY_TORN);
	assert_int_equal(entries(&s.g, "recovered"), 1);
	assert_false(is_lost(&s, nr));
	/* once */
	tell(&s, nr, RECOVERY_END);
	assert_int_equal(entries(&s.g, "recovered"), 1);
	assert_int_equal(recover_wait_ms(&s.g.ld), -1);
	scene_end(&s);
}

static void
an_end_with_a_chain_needs_none(void **state)
{
	uint8_t uuid[UUID_LEN];
	struct scene s;

	(void)state;
	scene_new(&s);
	job_ended(&s.g, s.alice, run(&s, uuid), JOB_RAN);
	assert_int_equal(recover_wait_ms(&s.g.ld), -1);
	assert_int_equal(asked(&s, NULL), 0);
	scene_end(&s);
}

static void
an_end_without_one_does(void **state)
{
	struct msg_job_ended e = { .how = JOB_RECORD, .signal = CONST(""),
		.reason = CONST("no room") };
	uint8_t uuid[UUID_LEN], zero[DIGEST_LEN] = { 0 };
	struct scene s;
	struct msg m;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		scene_new(&s);
		e.session = run(&s, uuid);
		e.chain = (struct blob){ zero, i == 0 ? 0 : DIGEST_LEN };
		assert_int_equal(chan_put_job_ended(s.alice, 6, &e, NULL, 0),
		    0);
		assert_int_equal(answer(&s.g, s.alice, &m), MSG_ACK);
		msg_done(&m);
		assert_int_equal(asked(&s, uuid), e.session);
		tell(&s, e.session, RECOVERY_END);
		assert_false(is_lost(&s, e.session));
		scene_end(&s);
	}
}

static void
a_failed_one_is_asked_for_again_each_time_later(void **state)
{
	uint8_t uuid[UUID_LEN];
	struct scene s;
	uint64_t nr;

	(void)state;
	scene_new(&s);
	nr = run(&s, uuid);
	break_off(&s);
	assert_int_equal(asked(&s, uuid), nr);
	tell(&s, nr, RECOVERY_FAILED);
	assert_int_equal(entries(&s.g, "recovered"), 0);
	assert_true(is_lost(&s, nr));
	assert_true(recover_wait_ms(&s.g.ld) > 5000);
	assert_true(recover_wait_ms(&s.g.ld) <= 10000);
	assert_int_equal(asked(&s, NULL), 0);
	recover_now(&s.g.ld);
	assert_int_equal(recover_due(&s.g.ld), 0);
	assert_int_equal(asked(&s, uuid), nr);
	tell(&s, nr, RECOVERY_FAILED);
	assert_true(recover_wait_ms(&s.g.ld) > 10000);
	recover_now(&s.g.ld);
	assert_int_equal(recover_due(&s.g.ld), 0);
	assert_int_equal(asked(&s, uuid), nr);
	tell(&s, nr, RECOVERY_MISSING);
	assert_int_equal(entries(&s.g, "recovered"), 1);
	assert_false(is_lost(&s, nr));
	scene_end(&s);
}

static void
an_earlier_life_left_some(void **state)
{
	uint8_t uuid[UUID_LEN];
	struct scene s;
	uint64_t nr;

	(void)state;
	scene_new(&s);
	nr = run(&s, uuid);
	break_off(&s);
	assert_int_equal(asked(&s, uuid), nr);
	scene_leave(&s);
	gate_crash(&s.g);
	gate_open(&s.g);
	s.bob = logged_in(&s.g, "bob");
	assert_int_equal(asked(&s, uuid), nr);
	tell(&s, nr, RECOVERY_UNFINISHED);
	scene_leave(&s);
	gate_crash(&s.g);
	gate_open(&s.g);
	s.bob = logged_in(&s.g, "bob");
	assert_int_equal(asked(&s, NULL), 0);
	scene_end(&s);
}

static void
only_some_are_asked_for_at_a_time(void **state)
{
	uint8_t uuid[UUID_LEN];
	struct scene s;
	uint64_t first, nr[11];
	int i, n;

	(void)state;
	scene_new(&s);
	first = run(&s, uuid);
	for (i = 1; i < 10; i++)
		assert_int_equal(run(&s, uuid), first + (uint64_t)i);
	break_off(&s);
	for (n = 0; (nr[n] = asked(&s, NULL)) != 0; n++)
		assert_true(n < RECOVER_AT_ONCE);
	assert_int_equal(n, RECOVER_AT_ONCE);
	/* each answer makes room for one more */
	for (i = 0; i < 10; i++) {
		tell(&s, nr[i], RECOVERY_END);
		if (n < 10)
			assert_true((nr[n++] = asked(&s, NULL)) != 0);
		assert_int_equal(asked(&s, NULL), 0);
	}
	assert_int_equal(entries(&s.g, "recovered"), 10);
	assert_int_equal(recover_wait_ms(&s.g.ld), -1);
	scene_end(&s);
}

static void
what_never_ran_counts_only_with_a_recording(void **state)
{
	struct msg_refused no = { 0 };
	struct msg_order o = { 0 };
	uint8_t digest[DIGEST_LEN];
	char path[160], name[32];
	struct scene s;
	uint64_t nr = 0;
	int i;

	(void)state;
	scene_new(&s);
	(void)snprintf(path, sizeof(path), "%s/2026", s.g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/2026/09", s.g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/2026/09/21", s.g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(look_up(&s.g, s.alice, "alice", SED, 0, &o,
		    digest, &no), MSG_ORDER);
		nr = o.session;
		(void)snprintf(name, sizeof(name), "S%llu.skr",
		    (unsigned long long)nr);
		if (i > 0)
			gate_file(path, name, i == 1 ? "" : "head",
			    0440);
		break_off(&s);
		assert_int_equal(asked(&s, i == 2 ? o.uuid.p : NULL),
		    i == 2 ? nr : 0);
		msg_order_free(&o);
		memset(&o, 0, sizeof(o));
		come_back(&s);
	}
	/* and so at the next start */
	scene_leave(&s);
	gate_crash(&s.g);
	gate_open(&s.g);
	s.bob = logged_in(&s.g, "bob");
	assert_int_equal(asked(&s, NULL), nr);
	assert_int_equal(asked(&s, NULL), 0);
	scene_end(&s);
}

static void
a_gate_that_stops_asks_for_nothing(void **state)
{
	uint8_t uuid[UUID_LEN];
	struct scene s;

	(void)state;
	scene_new(&s);
	(void)run(&s, uuid);
	s.g.ld.is_draining = 1;
	break_off(&s);
	assert_int_equal(asked(&s, NULL), 0);
	assert_int_equal(recover_wait_ms(&s.g.ld), -1);
	scene_end(&s);
}

static void
a_row_that_was_interrupted_keeps_what_was_said_first(void **state)
{
	uint8_t uuid[UUID_LEN];
	struct session *x;
	struct scene s;
	uint64_t nr;

	(void)state;
	scene_new(&s);
	nr = run(&s, uuid);
	break_off(&s);
	assert_int_equal(asked(&s, uuid), nr);
	come_back(&s);
	job_ended(&s.g, s.alice, nr, JOB_RAN);
	assert_int_equal(entries(&s.g, "end"), 2);
	assert_int_equal(db_session(s.g.ld.store, nr, &x), 0);
	assert_string_equal(x->state, "interrupted");
	assert_int_equal(x->status, -1);
	session_free(x);
	assert_true(is_lost(&s, nr));
	tell(&s, nr, RECOVERY_END);
	assert_false(is_lost(&s, nr));
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interrupted_session_is_recovered),
		cmocka_unit_test(an_end_with_a_chain_needs_none),
		cmocka_unit_test(an_end_without_one_does),
		cmocka_unit_test(a_failed_one_is_asked_for_again_each_time_later),
		cmocka_unit_test(an_earlier_life_left_some),
		cmocka_unit_test(only_some_are_asked_for_at_a_time),
		cmocka_unit_test(what_never_ran_counts_only_with_a_recording),
		cmocka_unit_test(a_gate_that_stops_asks_for_nothing),
		cmocka_unit_test(a_row_that_was_interrupted_keeps_what_was_said_first),
	};

	return cmocka_run_group_tests_name("ledgerd/recover", tests, NULL,
	    NULL);
}
