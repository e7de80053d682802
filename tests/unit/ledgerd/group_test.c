/* group_test.c - what several ask in one round: one commit, each for itself, nobody answered before. */
#include "gate.h"

#include <sys/resource.h>
#include <signal.h>

#define CALLERS	150	/* more than one group takes */

static char *const SED[] = { CONST("sed"), CONST("-i"), CONST("s/a b/c d/"),
	CONST("/etc/x"), NULL };
#define FILE_SED(more) "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\"," \
	"\"/etc/x\"]" more "}"

/* One request that alice and dave may both use, and their orders for it. */
struct race {
	struct gate	 g;
	struct chan	*monitor[2];
	struct msg_order order[2];
	uint8_t		 digest[2][DIGEST_LEN];
};

static void
race_new(struct race *x, const char *filing)
{
	static const char *const users[] = { "alice", "dave" };
	struct chan *bob, *a, *b;
	struct msg_refused no;
	int i;

	gate_new(&x->g);
	for (i = 0; i < 2; i++)
		x->monitor[i] = logged_in(&x->g, users[i]);
	bob = logged_in(&x->g, "bob");
	a = person(&x->g, x->monitor[0], "alice");
	b = person(&x->g, bob, "bob");
	json_decref(call_ok(&x->g, a, "request-new", filing));
	approve(&x->g, b, 1);
	chan_free(a);
	chan_free(b);
	chan_free(bob);
	gate_step(&x->g);
	for (i = 0; i < 2; i++) {
		memset(&x->order[i], 0, sizeof(x->order[i]));
		assert_int_equal(look_up(&x->g, x->monitor[i], users[i], SED,
		    0, &x->order[i], x->digest[i], &no), MSG_ORDER);
	}
}

static void
race_end(struct race *x)
{
	int i;

	for (i = 0; i < 2; i++) {
		msg_order_free(&x->order[i]);
		chan_free(x->monitor[i]);
	}
	gate_end(&x->g);
}

static void
ask_use(struct race *x, int i, int is_wrong)
{
	uint8_t header[DIGEST_LEN] = { 8 }, wrong[DIGEST_LEN] = { 1 };
	struct msg_consume q = { .session = x->order[i].session,
		.header_digest = { header, DIGEST_LEN },
		.order_digest = { is_wrong ? wrong : x->digest[i], DIGEST_LEN },
		.exe_digest = x->order[i].exe_digest,
		.features = CONST("landlock=5") };

	assert_int_equal(chan_put_consume(x->monitor[i], 5, &q, NULL, 0), 0);
}

/* CONSUMED, or REFUSED and its code. */
static enum msg_type
told(struct chan *c, char code[CODE_MAX + 1])
{
	struct msg_refused no;
	enum msg_type t;
	struct msg m;

	assert_int_equal(chan_recv(c, &m), 0);
	t = m.type;
	code[0] = '\0';
	if (t == MSG_REFUSED) {
		assert_int_equal(msg_refused_get(m.body, &no), 0);
		(void)snprintf(code, CODE_MAX + 1, "%s", no.code);
		msg_refused_free(&no);
	}
	msg_done(&m);
	return t;
}

static void
one_use_asked_for_twice_in_one_round_is_taken_once(void **state)
{
	char code[2][CODE_MAX + 1];
	enum msg_type t[2];
	struct race x;
	int i, winner;

	(void)state;
	race_new(&x, FILE_SED(",\"operators\":[\"alice\",\"dave\"]"));
	ask_use(&x, 0, 0);
	ask_use(&x, 1, 0);
	gate_step(&x.g);
	for (i = 0; i < 2; i++)
		t[i] = told(x.monitor[i], code[i]);
	winner = t[0] == MSG_CONSUMED ? 0 : 1;
	assert_int_equal(t[winner], MSG_CONSUMED);
	assert_int_equal(t[1 - winner], MSG_REFUSED);
	assert_string_equal(code[1 - winner], "USED-UP");
	assert_int_equal(entries(&x.g, "use"), 1);
	assert_int_equal(entries(&x.g, "refusal"), 1);
	assert_int_equal(book_check(&x.g.ld), 0);
	/* as after any refused CONSUME: the order is worth nothing any more */
	ask_use(&x, 1 - winner, 0);
	gate_step(&x.g);
	assert_int_equal(told(x.monitor[1 - winner], code[0]), MSG_REFUSED);
	assert_string_equal(code[0], "STATE");
	race_end(&x);
}

/* A monitor that ends cannot be answered any more; what it said before counts all the same. */
static void
who_left_with_answers_on_the_way_is_heard_to_the_end(void **state)
{
	struct msg_refusal no = { .user = CONST("alice"),
		.source = CONST("192.0.2.7:4711"), .code = CONST("SYNTAX") };
	struct race x;
	char what[24];
	int i;

	(void)state;
	race_new(&x, FILE_SED(",\"operators\":[\"alice\",\"dave\"]"));
	for (i = 0; i < 12; i++) {		/* more than it has in one turn */
		(void)snprintf(what, sizeof(what), "ls | wc -%d", i);
		no.what = no.reason = what;
		assert_int_equal(chan_put_refusal(x.monitor[0], 7, &no, NULL,
		    0), 0);
	}
	chan_free(x.monitor[0]);
	x.monitor[0] = NULL;
	ask_use(&x, 1, 0);			/* two at once: a group */
	while (x.g.ld.nmonitors == 2)
		gate_step(&x.g);
	assert_int_equal(entries(&x.g, "refusal"), 12);
	race_end(&x);
}

static void
who_is_refused_or_talks_nonsense_takes_nobody_down(void **state)
{
	struct chan *bad;
	char code[CODE_MAX + 1];
	struct race x;
	struct msg m;

	(void)state;
	race_new(&x, FILE_SED(",\"operators\":[\"alice\",\"dave\"],"
	    "\"uses\":2"));
	bad = monitor_new(&x.g);
	ask_use(&x, 0, 1);
	ask_use(&x, 1, 0);
	assert_int_equal(chan_put_logout(bad, 1, &(struct msg_logout){
	    .user = CONST("eve") }, NULL, 0), 0);
	gate_step(&x.g);
	assert_int_equal(told(x.monitor[0], code), MSG_REFUSED);
	assert_string_equal(code, "CHANGED");
	assert_int_equal(told(x.monitor[1], code), MSG_CONSUMED);
	assert_int_equal(chan_recv(bad, &m), ERR_CLOSED);
	assert_int_equal(entries(&x.g, "use"), 1);
	assert_int_equal(entries(&x.g, "refusal"), 1);
	assert_int_equal(book_check(&x.g.ld), 0);
	chan_free(bad);
	race_end(&x);
}

/* The commit of both fails: no word goes out, and the next life knows of nothing. */
static void
when_the_commit_fails_nobody_was_answered(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct rlimit small = { 4096, 4096 };
	struct race x;
	struct msg m;
	int status;
	pid_t pid;

	(void)state;
	race_new(&x, FILE_SED(",\"operators\":[\"alice\",\"dave\"],"
	    "\"uses\":2"));
	ask_use(&x, 0, 0);
	ask_use(&x, 1, 0);
	if ((pid = fork()) == 0) {
		log_init("test", LOG_ERROR);
		sigaction(SIGXFSZ, &ignore, NULL);
		if (setrlimit(RLIMIT_FSIZE, &small) != 0)
			_exit(1);
		if (ledgerd_step(&x.g.ld) != ERR_SYS)
			_exit(2);
		_exit(chan_recv(x.monitor[0], &m) == 1 &&
		    chan_recv(x.monitor[1], &m) == 1 ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	gate_crash(&x.g);
	gate_open(&x.g);
	assert_int_equal(entries(&x.g, "use"), 0);
	race_end(&x);
}

static void
more_than_one_group_in_a_round_answers_everybody(void **state)
{
	struct msg_refusal q = { .source = CONST("192.0.2.7:4711"),
		.user = CONST("alice"), .code = CONST("SYNTAX"),
		.what = CONST("x;y"), .reason = CONST("no") };
	struct chan *c[CALLERS];
	struct gate g;
	struct msg m;
	int i;

	(void)state;
	gate_new(&g);
	for (i = 0; i < CALLERS; i++)
		c[i] = logged_in(&g, "alice");
	for (i = 0; i < CALLERS; i++)
		assert_int_equal(chan_put_refusal(c[i], 7, &q, NULL, 0), 0);
	gate_step(&g);
	for (i = 0; i < CALLERS; i++) {
		assert_int_equal(chan_recv(c[i], &m), 0);
		assert_int_equal(m.type, MSG_ACK);
		msg_done(&m);
		chan_free(c[i]);
	}
	assert_int_equal(entries(&g, "refusal"), CALLERS);
	assert_int_equal(book_check(&g.ld), 0);
	gate_end(&g);
}

static void
people_share_a_commit_and_each_is_answered(void **state)
{
	struct msg_call q = { .verb = CONST("request-new"), .body = {
	    (uint8_t *)CONST(FILE_SED("")), sizeof(FILE_SED("")) - 1 } };
	struct chan *alice, *dave, *a, *d;
	struct msg_reply r;
	struct gate g;
	struct msg m;
	int i;

	(void)state;
	gate_new(&g);
	g.ld.people_ms = 100;
	alice = logged_in(&g, "alice");
	dave = logged_in(&g, "dave");
	a = person(&g, alice, "alice");
	d = person(&g, dave, "dave");
	assert_int_equal(chan_put_call(a, 1, &q, NULL, 0), 0);
	assert_int_equal(chan_put_call(d, 1, &q, NULL, 0), 0);
	gate_step(&g);
	for (i = 0; i < 2; i++) {
		assert_int_equal(chan_recv(i == 0 ? a : d, &m), 0);
		assert_int_equal(msg_reply_get(m.body, &r), 0);
		assert_string_equal(r.code, "OK");
		msg_reply_free(&r);
		msg_done(&m);
	}
	assert_int_equal(entries(&g, "request"), 2);
	chan_free(a);
	chan_free(d);
	chan_free(alice);
	chan_free(dave);
	gate_end(&g);
}

/* Guesses from many sources, and a crowd whose connections break: as many entries, few commits. */
static void
what_ends_together_is_written_together(void **state)
{
	struct refused_sum *sum;
	char source[32];
	struct gate g;
	struct race x;
	int i;

	(void)state;
	gate_new(&g);
	for (i = 0; i < CALLERS; i++) {
		(void)snprintf(source, sizeof(source), "192.0.2.%d", i);
		assert_int_equal(refused_add(g.ld.refused, source, LOGIN_BAD,
		    NOW, &sum), 0);
	}
	assert_int_equal(book_refused(&g.ld, 0), 0);
	assert_int_equal(entries(&g, "login-refused"), 0);
	clock_set_test(NOW + 61);
	assert_int_equal(book_refused(&g.ld, 0), 0);
	assert_int_equal(entries(&g, "login-refused"), CALLERS);
	assert_int_equal(book_check(&g.ld), 0);
	gate_end(&g);

	race_new(&x, FILE_SED(",\"operators\":[\"alice\",\"dave\"],"
	    "\"uses\":2"));
	for (i = 0; i < 2; i++)
		ask_use(&x, i, 0);
	gate_step(&x.g);
	for (i = 0; i < 2; i++)
		chan_free(x.monitor[i]);
	gate_step(&x.g);
	assert_int_equal(x.g.ld.nmonitors, 0);
	assert_int_equal(entries(&x.g, "end"), 2);
	assert_int_equal(book_check(&x.g.ld), 0);
	x.monitor[0] = x.monitor[1] = NULL;
	race_end(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_use_asked_for_twice_in_one_round_is_taken_once),
		cmocka_unit_test(who_left_with_answers_on_the_way_is_heard_to_the_end),
		cmocka_unit_test(who_is_refused_or_talks_nonsense_takes_nobody_down),
		cmocka_unit_test(when_the_commit_fails_nobody_was_answered),
		cmocka_unit_test(more_than_one_group_in_a_round_answers_everybody),
		cmocka_unit_test(what_ends_together_is_written_together),
		cmocka_unit_test(people_share_a_commit_and_each_is_answered),
	};

	return cmocka_run_group_tests_name("ledgerd/group", tests, NULL, NULL);
}
