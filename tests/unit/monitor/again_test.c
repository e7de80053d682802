/* again_test.c - a command whose request was used up by somebody else takes the next one, and nothing else changes. */
#include "tests/unit/monitor/bed.h"

#include "sekisho/code.h"

/* The ledger's answer to CONSUME: too late for this one, another fits. */
static void
look_again(struct bed *b)
{
	struct msg_look_again m = { .code = W("USED-UP"),
		.reason = W("R12 is used up"), .next = W("request new") };

	assert_int_equal(chan_put_look_again(b->ledger, b->call, &m, NULL, 0),
	    0);
	bed_turn(b);
}

/* The session that came to nothing is closed and sealed; its number is free in the test. */
static void
missed(struct bed *b)
{
	look_again(b);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_turn(b);
	bed_ended(b, b->record);
	bed_ended(b, b->exec);
	bed_drop_kit(b);
	(void)unlinkat(b->m->recordings, BED_DAY "/S345.skr", 0);
}

static void
the_next_request_is_prepared_anew_and_runs(void **state)
{
	struct msg_consumed c = { .use = 1, .uses = 1, .at = 1 };
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	missed(b);
	bed_silent(b, b->net);		/* nobody was refused anything */
	b->request = 13;
	b->call = bed_take(b, b->ledger, MSG_LOOKUP);
	bed_order(b, bed_sed);
	bed_turn(b);
	bed_kit(b, 0);
	(void)bed_take(b, b->exec, MSG_PREPARE);
	bed_seal_bind(b, b->keyd);
	(void)bed_take(b, b->record, MSG_REC_OPEN);
	bed_silent(b, b->ledger);	/* what the first kit said does not count */
	bed_prepared(b, bed_digest);
	bed_silent(b, b->ledger);
	bed_rec_opened(b);
	b->call = bed_take(b, b->ledger, MSG_CONSUME);
	bed_silent(b, b->exec);
	assert_int_equal(chan_put_consumed(b->ledger, b->call, &c, NULL, 0), 0);
	(void)bed_take(b, b->exec, MSG_GO);
	(void)bed_take(b, b->net, MSG_CHAN_STREAMS);
	assert_int_equal(chan_put_gone(b->exec, 0, NULL, NULL, 0), 0);
	(void)bed_take(b, b->ledger, MSG_JOB_STARTED);
	bed_job_exit(b, 0, "");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 1);
	bed_told(b, 0, NULL, 0);
}

static void
when_none_is_left_the_last_word_is_the_ledgers(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	missed(b);
	b->call = bed_take(b, b->ledger, MSG_LOOKUP);
	bed_refuse(b, b->ledger, b->call);
	bed_told(b, 0, "sekisho: refused [USED-UP] every approved use has "
	    "been made\nnext: request again R12\n", 77);
}

/* Somebody is always faster: the command ends all the same, and the ledger hears of it. */
static void
it_does_not_go_on_for_ever(void **state)
{
	struct bed *b = *state;
	int i;

	bed_to(b, BED_READY, 0);
	for (i = 1; i < 16; i++) {
		missed(b);
		b->call = bed_take(b, b->ledger, MSG_LOOKUP);
		bed_order(b, bed_sed);
		bed_turn(b);
		bed_kit(b, 0);
		bed_prepared(b, bed_digest);
		(void)bed_take(b, b->record, MSG_REC_OPEN);
		bed_rec_opened(b);
		b->call = bed_take(b, b->ledger, MSG_CONSUME);
	}
	look_again(b);
	bed_refusal(b, "USED-UP");
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [USED-UP] R12 is used up\n"
	    "next: request new\n", 77);
}

/* What the client sent was dropped for the first request; the second would read it. */
static void
input_that_was_dropped_is_not_missing_in_another_run(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	missed(b);
	b->call = bed_take(b, b->ledger, MSG_LOOKUP);
	b->input = "pipe";
	bed_order(b, bed_sed);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [STATE] the request that was tried "
	    "first reads no input, the next one does: type the command again\n"
	    "next: run R12\n", (uint32_t)sekisho_code_status("STATE"));
}

static void
who_left_meanwhile_takes_no_other_use(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	look_again(b);
	bed_rec_end(b, JOB_NOT_RUN);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_turn(b);
	bed_silent(b, b->ledger);
	assert_int_equal(b->m->ntasks, 0);
	assert_false(b->m->is_over);
}

static void
a_gate_that_stops_starts_no_other_either(void **state)
{
	struct msg_drain d = { 0 };
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	look_again(b);
	bed_rec_end(b, JOB_NOT_RUN);
	assert_int_equal(chan_put_drain(b->d, 0, &d, NULL, 0), 0);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_refusal(b, "STOPPING");
}

/* A command that was named is the ledger's mistake: it may not be sent to another request. */
static void
who_named_his_request_is_not_asked_to_look_again(void **state)
{
	struct bed *b = *state;

	bed_open(b, 0, 0);
	bed_exec(b, 0, "run R12");
	b->call = bed_take(b, b->ledger, MSG_LOOKUP);
	bed_order(b, bed_sed);
	bed_turn(b);
	bed_kit(b, 0);
	bed_prepared(b, bed_digest);
	bed_rec_opened(b);
	(void)bed_take(b, b->record, MSG_REC_OPEN);
	b->call = bed_take(b, b->ledger, MSG_CONSUME);
	look_again(b);
	assert_true(b->m->is_over);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, bed_setup, bed_teardown)
		T(the_next_request_is_prepared_anew_and_runs),
		T(when_none_is_left_the_last_word_is_the_ledgers),
		T(it_does_not_go_on_for_ever),
		T(input_that_was_dropped_is_not_missing_in_another_run),
		T(who_left_meanwhile_takes_no_other_use),
		T(a_gate_that_stops_starts_no_other_either),
		T(who_named_his_request_is_not_asked_to_look_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
