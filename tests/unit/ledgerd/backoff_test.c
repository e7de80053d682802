/* backoff_test.c - failures of one name grow its delay, fade, and never help anybody else. */
#include "tests/unit/ledgerd/gate.h"

#include "ledgerd/backoff.h"

#define DELAY	2000
#define MOST	30000

static struct backoff *b;

static int
set_up(void **state)
{
	(void)state;
	b = backoff_new(DELAY, MOST);
	return b == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	backoff_free(b);
	return 0;
}

static uint32_t
fail_at(const char *name, int64_t now)
{
	uint32_t extra = 1;

	assert_int_equal(backoff_failed(b, name, now, 1, &extra), 0);
	return extra;
}

/* What the next failure would be late, without one. */
static uint32_t
look(const char *name, int64_t now)
{
	uint32_t extra = 1;

	assert_int_equal(backoff_failed(b, name, now, 0, &extra), 0);
	return extra;
}

static void
each_failure_doubles_the_wait_up_to_the_most(void **state)
{
	static const uint32_t extra[] = { 0, 2000, 6000, 14000, 30000, 30000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
		assert_int_equal(fail_at("alice", 1000), extra[i]);
	for (i = 0; i < 1000; i++)
		assert_int_equal(fail_at("alice", 1000), MOST);
}

static void
names_of_nobody_are_counted_like_those_of_people(void **state)
{
	(void)state;
	assert_int_equal(fail_at("", 0), 0);
	assert_int_equal(fail_at("", 0), 2000);
	assert_int_equal(fail_at("no-such-user", 0), 0);
	assert_int_equal(fail_at("no-such-user", 0), 2000);
	assert_int_equal(look("alice", 0), 0);
}

static void
one_failure_is_forgiven_in_each_span_of_peace(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		(void)fail_at("alice", 1000);
	assert_int_equal(look("alice", 1000 + BACKOFF_DECAY_S - 1), 14000);
	assert_int_equal(look("alice", 1000 + BACKOFF_DECAY_S), 6000);
	assert_int_equal(look("alice", 1000 + 2 * BACKOFF_DECAY_S), 2000);
	assert_int_equal(look("alice", 1000 + 3 * BACKOFF_DECAY_S), 0);
	assert_int_equal(look("alice", 1000 + 300 * BACKOFF_DECAY_S), 0);
	/* a clock that stood still or went back forgives nothing */
	assert_int_equal(look("alice", 0), 14000);
}

static void
what_is_no_guess_is_late_and_does_not_count(void **state)
{
	(void)state;
	(void)fail_at("alice", 0);
	assert_int_equal(look("alice", 0), 2000);
	assert_int_equal(look("alice", 0), 2000);
}

static void
his_own_login_clears_a_name(void **state)
{
	(void)state;
	(void)fail_at("alice", 0);
	(void)fail_at("alice", 0);
	(void)fail_at("bob", 0);
	assert_int_equal(backoff_passed(b, "alice"), 0);
	assert_int_equal(look("alice", 0), 0);
	assert_int_equal(look("bob", 0), 2000);
	assert_int_equal(backoff_passed(b, "nobody"), 0);
}

/* A full table: nobody's row is lost, and whoever found none cannot clear what the others left. */
static void
a_crowd_of_names_takes_no_failure_away(void **state)
{
	char name[32];
	int i;

	(void)state;
	(void)fail_at("alice", 0);
	(void)fail_at("alice", 0);
	for (i = 0; i < 40 * BACKOFF_BUCKETS; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		(void)fail_at(name, 0);
	}
	assert_int_equal(look("alice", 0), 6000);
	/* a new name counts with the others of its place */
	assert_true(look("mallory", 0) >= 2000);
	assert_int_equal(backoff_passed(b, "mallory"), 0);
	assert_true(look("mallory", 0) >= 2000);
	/* in the end all of it fades */
	assert_int_equal(look("mallory", 17 * BACKOFF_DECAY_S), 0);
}

static void
without_a_delay_or_a_most_there_is_none(void **state)
{
	(void)state;
	backoff_free(b);
	assert_non_null(b = backoff_new(0, MOST));
	(void)fail_at("alice", 0);
	assert_int_equal(fail_at("alice", 0), 0);
	backoff_free(b);
	assert_non_null(b = backoff_new(DELAY, 0));
	(void)fail_at("alice", 0);
	assert_int_equal(fail_at("alice", 0), 0);
}

/* --- over the channel of a monitor ----------------------------------------- */

static uint32_t
said(struct gate *g, struct chan *c, const char *user, uint8_t why)
{
	struct msg_login_failed f = { .user = CONST(user),
		.source = CONST("192.0.2.7:4711"), .why = why };
	struct msg_backoff out;
	struct msg msg;

	assert_int_equal(chan_put_login_failed(c, 9, &f, NULL, 0), 0);
	gate_step(g);
	assert_int_equal(chan_recv(c, &msg), 0);
	assert_int_equal(msg.type, MSG_BACKOFF);
	assert_int_equal(msg.id, 9);
	assert_int_equal(msg_backoff_get(msg.body, &out), 0);
	msg_done(&msg);
	return out.extra_ms;
}

static void
every_failed_login_is_answered(void **state)
{
	static const uint8_t guesses[] = { LOGIN_UNKNOWN, LOGIN_BAD,
		LOGIN_LOCKED, LOGIN_NO_ROLE };
	static const uint8_t others[] = { LOGIN_ABORTED, LOGIN_PAM,
		LOGIN_TRIES, LOGIN_NO_KEY, 0, 200 };
	struct chan *c;
	struct gate g;
	size_t i;

	(void)state;
	gate_new(&g);
	c = monitor_new(&g);
	assert_int_equal(said(&g, c, "alice", LOGIN_BAD), 0);
	assert_non_null(g.ld.backoff = backoff_new(DELAY, MOST));
	for (i = 0; i < sizeof(others); i++)
		assert_int_equal(said(&g, c, "alice", others[i]), 0);
	for (i = 0; i < sizeof(guesses); i++)
		assert_int_equal(said(&g, c, "alice", guesses[i]),
		    (2000U << i) - 2000);
	for (i = 0; i < sizeof(guesses); i++)
		assert_int_equal(said(&g, c, "nobody", guesses[i]),
		    (2000U << i) - 2000);
	assert_int_equal(log_in(&g, c, "alice"), MSG_ACK);
	chan_free(c);
	gate_step(&g);
	c = monitor_new(&g);
	assert_int_equal(said(&g, c, "alice", LOGIN_BAD), 0);
	assert_int_equal(said(&g, c, "nobody", LOGIN_BAD), 30000);
	chan_free(c);
	backoff_free(g.ld.backoff);
	g.ld.backoff = NULL;
	gate_end(&g);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_failure_doubles_the_wait_up_to_the_most),
		T(names_of_nobody_are_counted_like_those_of_people),
		T(one_failure_is_forgiven_in_each_span_of_peace),
		T(what_is_no_guess_is_late_and_does_not_count),
		T(his_own_login_clears_a_name),
		T(a_crowd_of_names_takes_no_failure_away),
		T(without_a_delay_or_a_most_there_is_none),
		cmocka_unit_test(every_failed_login_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
