/* ledger_test.c - a ledger that goes away, comes back, or does not. */
#include "tests/unit/monitor/bed.h"

static void
goes_away(struct bed *b)
{
	chan_free(b->ledger);
	b->ledger = NULL;
	bed_turn(b);
}

/* A new ledgerd; RESUME comes and names "n" sessions.  Not yet answered. */
static void
comes_back(struct bed *b, size_t n)
{
	struct msg_resume res;
	struct msg msg;
	int g[2];

	assert_int_equal(chan_pair(g), 0);
	b->ledger = chan_new(g[1], PEER_G, PEER_M);
	assert_int_equal(chan_put_ledger(b->d, 0, NULL, &g[0], 1), 0);
	close(g[0]);
	bed_expect(b, b->ledger, MSG_RESUME, &msg);
	assert_int_equal(msg_resume_get(msg.body, &res), 0);
	assert_string_equal(res.user, "alice");
	assert_int_equal(res.sessions.n, 8 * n);
	b->call = msg.id;
	msg_resume_free(&res);
	msg_done(&msg);
}

static void
grace_is_over(struct bed *b)
{
	b->m->ledger_gone_ms = clock_mono_ms() - 31000;
	bed_turn(b);
}

static void
nothing_new_starts_while_it_is_away(void **state)
{
	struct bed *b = *state;

	goes_away(b);
	bed_open(b, 0, 0);
	bed_exec(b, 0, "id");
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the ledger cannot be "
	    "reached, nothing new starts\nnext: id\n", 69);
	bed_open(b, 1, 0);
	bed_exec(b, 1, "help");
	bed_told(b, 1, "sekisho: refused [UNAVAILABLE] the ledger cannot be "
	    "reached, nothing new starts\nnext: help\n", 69);
}

static void
nothing_new_starts_before_it_has_resumed(void **state)
{
	struct bed *b = *state;

	goes_away(b);
	comes_back(b, 0);
	bed_open(b, 0, 0);
	bed_exec(b, 0, "id");
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the ledger cannot be "
	    "reached, nothing new starts\nnext: id\n", 69);
	bed_ack(b, b->call);
	bed_open(b, 1, 0);
	bed_exec(b, 1, "id");
	(void)bed_take(b, b->ledger, MSG_LOOKUP);
}

static void
a_running_job_does_not_notice_a_short_absence(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	goes_away(b);
	bed_silent(b, b->exec);
	comes_back(b, 1);
	bed_ack(b, b->call);
	bed_job_exit(b, 0, "");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 1);
	bed_told(b, 0, NULL, 0);
}

static void
a_long_absence_ends_the_job_with_69(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	goes_away(b);
	grace_is_over(b);
	(void)bed_take(b, b->exec, MSG_JOB_KILL);
	bed_job_exit(b, 0, "TERM");
	(void)bed_take(b, b->record, MSG_REC_END);
	assert_int_equal(chan_put_rec_ended(b->record, 0,
	    &(struct msg_rec_ended){ .chain = { bed_digest, DIGEST_LEN },
	    .is_sealed = 1 }, NULL, 0), 0);
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the ledger cannot be "
	    "reached, the end of the session is not in it\n"
	    "next: session show S345\n", 69);
}

static void
an_end_during_the_absence_waits_and_is_then_written(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	goes_away(b);
	bed_job_exit(b, 5, "");
	(void)bed_take(b, b->record, MSG_REC_END);
	assert_int_equal(chan_put_rec_ended(b->record, 0,
	    &(struct msg_rec_ended){ .chain = { bed_digest, DIGEST_LEN },
	    .is_sealed = 1 }, NULL, 0), 0);
	bed_silent(b, b->net);
	comes_back(b, 1);
	bed_silent(b, b->ledger);
	bed_ack(b, b->call);
	bed_job_ended(b, JOB_RAN, 1);
	bed_told(b, 0, NULL, 5);
}

static void
an_end_that_was_not_acknowledged_is_told_again(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	bed_job_exit(b, 0, "");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 0);
	goes_away(b);
	comes_back(b, 1);
	bed_ack(b, b->call);
	bed_job_ended(b, JOB_RAN, 1);
	bed_told(b, 0, NULL, 0);
}

static void
an_end_nobody_writes_is_no_success(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	bed_job_exit(b, 0, "");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 0);
	goes_away(b);
	bed_silent(b, b->net);
	grace_is_over(b);
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the ledger cannot be "
	    "reached, the end of the session is not in it\n"
	    "next: session show S345\n", 69);
}

static void
a_lookup_without_an_answer_is_refused_at_once(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_LOOKUP, 0);
	goes_away(b);
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the ledger cannot be "
	    "reached, nothing new starts\nnext: sed 's/a b/c d/'\n", 69);
}

static void
a_use_without_an_answer_is_never_run(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	goes_away(b);
	bed_ended(b, b->exec);
	(void)bed_take(b, b->record, MSG_REC_END);
	assert_int_equal(chan_put_rec_ended(b->record, 0,
	    &(struct msg_rec_ended){ .chain = { bed_digest, DIGEST_LEN },
	    .is_sealed = 1 }, NULL, 0), 0);
	bed_silent(b, b->net);
	comes_back(b, 0);		/* not taken, as far as we know */
	bed_ack(b, b->call);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the ledger cannot be "
	    "reached, nothing new starts\nnext: run R12\n", 69);
}

static void
a_refusal_waits_for_its_entry(void **state)
{
	struct bed *b = *state;

	bed_open(b, 0, 0);
	bed_exec(b, 0, "a|b");
	(void)bed_take(b, b->ledger, MSG_REFUSAL);
	goes_away(b);
	bed_silent(b, b->net);
	comes_back(b, 0);
	bed_ack(b, b->call);
	bed_refusal(b, "SYNTAX");
	(void)bed_take(b, b->net, MSG_CHAN_TEXT);
	(void)bed_take(b, b->net, MSG_CHAN_EXIT);
}

static void
a_ledger_that_does_not_know_us_ends_the_jobs(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	goes_away(b);
	comes_back(b, 1);
	bed_refuse(b, b->ledger, b->call);
	(void)bed_take(b, b->exec, MSG_JOB_KILL);
}

static void
a_ledger_that_does_not_answer_is_as_good_as_away(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	b->m->tasks->due_ms = clock_mono_ms() - 1;
	bed_ended(b, b->ledger);
	bed_ended(b, b->exec);
}

/* Stopped, not dead: its channel stays open. */
static void
a_running_job_ends_with_69_when_the_ledger_hangs(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	b->m->ping_ms = 0;
	(void)bed_take(b, b->ledger, MSG_PING);
	bed_silent(b, b->exec);
	b->m->ledger_asked_ms -= 31000;
	(void)bed_take(b, b->exec, MSG_JOB_KILL);
	bed_ended(b, b->ledger);
	bed_job_exit(b, 0, "TERM");
	(void)bed_take(b, b->record, MSG_REC_END);
	assert_int_equal(chan_put_rec_ended(b->record, 0,
	    &(struct msg_rec_ended){ .chain = { bed_digest, DIGEST_LEN },
	    .is_sealed = 1 }, NULL, 0), 0);
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the ledger cannot be "
	    "reached, the end of the session is not in it\n"
	    "next: session show S345\n", 69);
	/* nobody will bring a ledger: the next connection has one */
	assert_false(b->m->is_over);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	assert_true(b->m->is_over);
}

static void
a_ledger_that_answers_keeps_the_job_running(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	b->m->ping_ms = 0;
	(void)bed_take(b, b->ledger, MSG_PING);
	b->m->ledger_asked_ms -= 29000;
	assert_int_equal(chan_put_pong(b->ledger, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	assert_int_equal(b->m->ledger_asked_ms, 0);
	bed_silent(b, b->exec);
}

static void
an_idle_connection_asks_the_ledger_nothing(void **state)
{
	struct bed *b = *state;
	struct msg msg;

	b->m->ping_ms = 0;
	bed_turn(b);
	assert_int_equal(chan_recv(b->ledger, &msg), 1);
}

static void
a_start_during_the_absence_is_told_when_it_is_back(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_GO, 0);
	goes_away(b);
	assert_int_equal(chan_put_gone(b->exec, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	bed_job_exit(b, 0, "");
	(void)bed_take(b, b->record, MSG_REC_END);
	assert_int_equal(chan_put_rec_ended(b->record, 0,
	    &(struct msg_rec_ended){ .chain = { bed_digest, DIGEST_LEN },
	    .is_sealed = 1 }, NULL, 0), 0);
	comes_back(b, 1);
	bed_ack(b, b->call);
	(void)bed_take(b, b->ledger, MSG_JOB_STARTED);
	bed_job_ended(b, JOB_RAN, 1);
	bed_told(b, 0, NULL, 0);
}

static void
a_refusal_without_a_next_step_gets_one(void **state)
{
	struct msg_refused no = { .code = W("LIMIT"), .reason = W("too many"),
		.next = W("") };
	struct bed *b = *state;

	bed_to(b, BED_LOOKUP, 0);
	assert_int_equal(chan_put_refused(b->ledger, b->call, &no, NULL, 0), 0);
	bed_told(b, 0, "sekisho: refused [LIMIT] too many\n"
	    "next: sed 's/a b/c d/'\n", 77);
}

static void
forwards_are_entries_up_to_a_bound(void **state)
{
	struct msg_chan_refused f = { .what = W("direct-tcpip"),
		.detail = W("web1\x1b:22") };
	struct bed *b = *state;
	struct msg_refusal no;
	struct msg msg;
	int i, n = 0;

	for (i = 0; i < 120; i++) {
		assert_int_equal(chan_put_chan_refused(b->net, 0, &f, NULL, 0), 0);
		bed_turn(b);
		if (chan_recv(b->ledger, &msg) == 0) {
			assert_int_equal(msg.type, MSG_REFUSAL);
			assert_int_equal(msg_refusal_get(msg.body, &no), 0);
			assert_string_equal(no.code, "NOT-OFFERED");
			assert_string_equal(no.what, "direct-tcpip web1\\x1b:22");
			msg_refusal_free(&no);
			bed_ack(b, msg.id);
			msg_done(&msg);
			n++;
		}
	}
	bed_turn(b);
	assert_int_equal(n, 100);
	assert_false(b->m->is_over);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, bed_setup, bed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_new_starts_while_it_is_away),
		T(nothing_new_starts_before_it_has_resumed),
		T(a_running_job_does_not_notice_a_short_absence),
		T(a_long_absence_ends_the_job_with_69),
		T(an_end_during_the_absence_waits_and_is_then_written),
		T(an_end_that_was_not_acknowledged_is_told_again),
		T(an_end_nobody_writes_is_no_success),
		T(a_lookup_without_an_answer_is_refused_at_once),
		T(a_use_without_an_answer_is_never_run),
		T(a_refusal_waits_for_its_entry),
		T(a_ledger_that_does_not_know_us_ends_the_jobs),
		T(a_ledger_that_does_not_answer_is_as_good_as_away),
		T(a_running_job_ends_with_69_when_the_ledger_hangs),
		T(a_ledger_that_answers_keeps_the_job_running),
		T(an_idle_connection_asks_the_ledger_nothing),
		T(a_start_during_the_absence_is_told_when_it_is_back),
		T(a_refusal_without_a_next_step_gets_one),
		T(forwards_are_entries_up_to_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
