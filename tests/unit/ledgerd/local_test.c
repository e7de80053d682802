/* local_test.c - the local door: who is who by uid, what may be said, and how many at a time. */
#include "gate.h"

#include <poll.h>

#include "ledgerd/local.h"

#define FILING	"{\"argv\":[\"sed\"],\"profile\":\"files\",\"run_as\":\"root\"}"

/* Somebody with this uid at the door. */
static struct chan *
knock(struct gate *g, uint32_t uid)
{
	struct msg_bind_local m = { .uid = uid };
	int fds[2];

	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(chan_put_bind_local(g->d, 0, &m, &fds[1], 1), 0);
	close(fds[1]);
	gate_step(g);
	return chan_new(fds[0], PEER_W, PEER_G);
}

static int
is_closed(struct gate *g, struct chan *c)
{
	struct pollfd p = { .fd = chan_fd(c), .events = POLLIN };

	(void)g;
	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) != 0;
}

static void
a_person_is_who_the_kernel_says(void **state)
{
	struct chan *carol;
	struct gate g;
	json_t *v;

	(void)state;
	gate_new(&g);
	carol = knock(&g, 1003);
	v = call_ok(&g, carol, "whoami", "{}");
	assert_string_equal(text_of(v, "name"), "carol");
	assert_string_equal(text_of(v, "source"), "local");
	json_decref(v);
	json_decref(call_ok(&g, carol, "audit-log", "{}"));
	/* it goes when it likes, and nothing else with it */
	chan_free(carol);
	gate_step(&g);
	assert_int_equal(g.ld.npersons, 0);
	assert_null(g.ld.clients);
	gate_end(&g);
}

static void
root_and_strangers_are_told_no_and_let_go(void **state)
{
	/* root (who is in the policy), nobody, an account of jobs, one that is locked */
	static const uint32_t uids[] = { 0, 4711, 33, 1007, UINT32_MAX };
	struct policy p = { .need = 1, .www_audits = 1 };
	struct chan *c;
	struct gate g;
	size_t i;

	(void)state;
	gate_new(&g);
	gate_policy(&g, &p);
	for (i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		c = knock(&g, uids[i]);
		call_no(&g, c, "whoami", "{}", "NOT-ALLOWED");
		assert_true(is_closed(&g, c));
		chan_free(c);
	}
	assert_null(g.ld.clients);
	gate_end(&g);
}

/* One question of root's own channel each: the channel ends with a no. */
static void
root_gets_the_status_and_nothing_else(void **state)
{
	static const char *const verbs[] = { "whoami", "waiting", "request-new",
		"request-list", "request-show", "request-approve",
		"request-reject", "request-withdraw", "session-list",
		"session-show", "session-open", "audit-log", "review-list",
		"review-next", "review-show", "review-seen", "review-verdict",
		"audit-head", "audit-proof", "verify-begin", "verify-entries",
		"verify-rows", "verify-heads", "verify-open", "verify-files",
		"profile-list", "profile-show", "refused", "no-such-verb" };
	uint64_t before, after;
	struct chan *c;
	struct gate g;
	json_t *v;
	size_t i;

	(void)state;
	gate_new(&g);
	assert_int_equal(book_size(&g.ld, &before), 0);
	c = knock(&g, 0);
	for (i = 0; i < 3; i++) {
		v = call_ok(&g, c, "status", "{}");
		assert_true(json_is_true(json_object_get(v, "ok")));
		json_decref(v);
	}
	assert_int_equal(book_refused(&g.ld, 1), 0);
	assert_int_equal(book_size(&g.ld, &after), 0);
	assert_int_equal(after, before);	/* asking is nothing to write down */
	call_no(&g, c, "status", "{\"who\":\"alice\"}", "NOT-ALLOWED");
	assert_true(is_closed(&g, c));
	chan_free(c);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		c = knock(&g, 0);
		call_no(&g, c, verbs[i], "{}", "NOT-ALLOWED");
		assert_true(is_closed(&g, c));
		chan_free(c);
	}
	assert_int_equal(book_refused(&g.ld, 1), 0);
	assert_int_equal(book_size(&g.ld, &after), 0);
	assert_int_equal(after, before + 1);
	/* without a policy, too */
	snapshot_free(g.ld.snap);
	g.ld.snap = NULL;
	c = knock(&g, 0);
	v = call_ok(&g, c, "status", "{}");
	assert_true(json_is_null(json_object_get(v, "gate")));
	json_decref(v);
	chan_free(c);
	c = knock(&g, 4711);
	call_no(&g, c, "status", "{}", "NOT-ALLOWED");
	chan_free(c);
	gate_end(&g);
}

/* Any account may fill the strangers' places and say nothing. */
static void
a_crowd_at_the_door_does_not_keep_root_from_the_status(void **state)
{
	struct chan *crowd[STRANGERS_MAX + 2], *roots[LOCAL_UID_MAX + 1];
	struct gate g;
	size_t i;

	(void)state;
	gate_new(&g);
	for (i = 0; i < STRANGERS_MAX + 2; i++)
		crowd[i] = knock(&g, 4711);
	assert_true(is_closed(&g, crowd[STRANGERS_MAX]));
	for (i = 0; i < LOCAL_UID_MAX + 1; i++)
		roots[i] = knock(&g, 0);
	assert_true(is_closed(&g, roots[LOCAL_UID_MAX]));
	json_decref(call_ok(&g, roots[0], "status", "{}"));
	json_decref(call_ok(&g, roots[LOCAL_UID_MAX - 1], "status", "{}"));
	for (i = 0; i < LOCAL_UID_MAX + 1; i++)
		chan_free(roots[i]);
	for (i = 0; i < STRANGERS_MAX + 2; i++)
		chan_free(crowd[i]);
	gate_step(&g);
	gate_end(&g);
}

static void
who_comes_before_there_is_a_policy_is_nobody(void **state)
{
	struct chan *c;
	struct gate g;

	(void)state;
	gate_new(&g);
	snapshot_free(g.ld.snap);
	g.ld.snap = NULL;
	c = knock(&g, 1003);
	call_no(&g, c, "whoami", "{}", "NOT-ALLOWED");
	chan_free(c);
	gate_end(&g);
}

static void
strangers_are_one_entry_a_minute(void **state)
{
	struct chan *c;
	struct gate g;
	uint64_t before, after;
	int i;

	(void)state;
	gate_new(&g);
	assert_int_equal(book_size(&g.ld, &before), 0);
	for (i = 0; i < 100; i++) {
		c = knock(&g, 4711);
		chan_free(c);
		gate_step(&g);
	}
	assert_int_equal(book_size(&g.ld, &after), 0);
	assert_int_equal(after, before);
	assert_int_equal(book_refused(&g.ld, 1), 0);
	assert_int_equal(book_size(&g.ld, &after), 0);
	assert_int_equal(after, before + 1);
	gate_end(&g);
}

static void
people_only_read_unless_the_policy_says_more(void **state)
{
	static const char *const decisions[] = { "request-new",
		"request-approve", "request-reject", "request-withdraw",
		"review-verdict" };
	struct policy p = { .need = 1, .local_decisions = 1 };
	struct chan *alice, *bob;
	struct gate g;
	size_t i;

	(void)state;
	gate_new(&g);
	alice = knock(&g, 1001);
	for (i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++)
		call_no(&g, alice, decisions[i], FILING, "NOT-ALLOWED");
	json_decref(call_ok(&g, alice, "request-list",
	    "{\"which\":\"mine\"}"));
	/* the next question knows the next policy */
	gate_policy(&g, &p);
	json_decref(call_ok(&g, alice, "request-new", FILING));
	bob = knock(&g, 1002);
	approve(&g, bob, 1);
	chan_free(alice);
	chan_free(bob);
	gate_end(&g);
}

static void
a_role_that_is_withdrawn_counts_at_once(void **state)
{
	struct policy p = { .need = 1, .bob_inactive = 1 };
	struct chan *bob;
	struct gate g;

	(void)state;
	gate_new(&g);
	bob = knock(&g, 1002);
	json_decref(call_ok(&g, bob, "whoami", "{}"));
	gate_policy(&g, &p);
	call_no(&g, bob, "whoami", "{}", "REVOKED");
	chan_free(bob);
	gate_end(&g);
}

static void
whoever_holds_his_share_keeps_out_only_himself(void **state)
{
	struct chan *mine[LOCAL_UID_MAX], *strange[STRANGERS_MAX], *c, *m;
	struct gate g;
	size_t i;

	(void)state;
	gate_new(&g);
	g.ld.people_ms = 1000;		/* all who are gone in one round */
	for (i = 0; i < STRANGERS_MAX; i++)
		strange[i] = knock(&g, 5000 + (uint32_t)i);
	c = knock(&g, 4999);
	assert_true(is_closed(&g, c));
	chan_free(c);
	for (i = 0; i < LOCAL_UID_MAX; i++)
		mine[i] = knock(&g, 1001);
	c = knock(&g, 1001);
	assert_true(is_closed(&g, c));
	chan_free(c);
	c = knock(&g, 1003);
	json_decref(call_ok(&g, c, "whoami", "{}"));
	chan_free(c);
	m = logged_in(&g, "alice");	/* and over ssh nobody notices */
	chan_free(m);
	for (i = 0; i < LOCAL_UID_MAX; i++)
		chan_free(mine[i]);
	gate_step(&g);
	c = knock(&g, 1001);
	json_decref(call_ok(&g, c, "whoami", "{}"));
	chan_free(c);
	for (i = 0; i < STRANGERS_MAX; i++)
		chan_free(strange[i]);
	gate_end(&g);
}

static void
what_is_no_question_ends_the_channel(void **state)
{
	struct chan *c;
	struct gate g;
	uint32_t uid;

	(void)state;
	gate_new(&g);
	for (uid = 1003; uid < 1010; uid += 6) {	/* carol, and nobody */
		c = knock(&g, uid);
		assert_int_equal(write(chan_fd(c), "x", 1), 1);
		gate_step(&g);
		assert_true(is_closed(&g, c));
		chan_free(c);
	}
	assert_false(g.ld.is_done);
	gate_end(&g);
}

static void
a_stopping_gate_lets_nobody_in_and_waits_for_nobody(void **state)
{
	struct chan *carol, *late;
	struct gate g;

	(void)state;
	gate_new(&g);
	carol = knock(&g, 1003);
	g.ld.is_draining = 1;
	late = knock(&g, 1003);
	assert_true(is_closed(&g, late));
	assert_true(g.ld.is_done);
	chan_free(carol);
	chan_free(late);
	gate_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_who_the_kernel_says),
		cmocka_unit_test(root_and_strangers_are_told_no_and_let_go),
		cmocka_unit_test(root_gets_the_status_and_nothing_else),
		cmocka_unit_test(a_crowd_at_the_door_does_not_keep_root_from_the_status),
		cmocka_unit_test(who_comes_before_there_is_a_policy_is_nobody),
		cmocka_unit_test(strangers_are_one_entry_a_minute),
		cmocka_unit_test(people_only_read_unless_the_policy_says_more),
		cmocka_unit_test(a_role_that_is_withdrawn_counts_at_once),
		cmocka_unit_test(whoever_holds_his_share_keeps_out_only_himself),
		cmocka_unit_test(what_is_no_question_ends_the_channel),
		cmocka_unit_test(
		    a_stopping_gate_lets_nobody_in_and_waits_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
