/* drain_test.c - a patient drain waits for commands and for nothing else. */
#include "tests/unit/monitor/bed.h"

static void
drain(struct bed *b, int is_patient)
{
	struct msg_drain d = { .is_patient = (uint8_t)is_patient };

	assert_int_equal(chan_put_drain(b->d, 0, &d, NULL, 0), 0);
	bed_turn(b);
}

/* The client hears why, then net goes. */
static void
bye(struct bed *b)
{
	struct msg_bye said;
	struct msg msg;

	bed_expect(b, b->net, MSG_BYE, &msg);
	assert_int_equal(msg_bye_get(msg.body, &said), 0);
	assert_string_equal(said.text, "sekisho: the gate is stopping");
	msg_bye_free(&said);
	msg_done(&msg);
	assert_false(b->m->is_over);
	chan_free(b->net);
	b->net = NULL;
	bed_turn(b);
	assert_true(b->m->is_over);
}

static void
close_channel(struct bed *b, uint32_t id)
{
	assert_int_equal(chan_put_chan_closed(b->net, id, NULL, NULL, 0), 0);
}

static void
a_connection_without_a_command_is_told_and_closed(void **state)
{
	struct bed *b = *state;

	bed_open(b, 0, 1);		/* a channel that has asked for nothing is no command */
	bed_turn(b);
	drain(b, 1);
	bye(b);
}

static void
a_command_that_runs_ends_by_itself_and_nothing_new_starts(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	drain(b, 1);
	bed_silent(b, b->exec);
	bed_silent(b, b->record);	/* nothing is said: it has all the time it needs */
	assert_int_equal(b->m->drain_ms, 0);
	bed_open(b, 1, 0);
	bed_exec(b, 1, "id");
	bed_refusal(b, "STOPPING");
	bed_told(b, 1, "sekisho: refused [STOPPING] the gate is stopping\n"
	    "next: id\n", 75);
	close_channel(b, 1);
	bed_silent(b, b->net);
	bed_job_exit(b, 3, "");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 1);
	bed_told(b, 0, NULL, 3);
	bed_silent(b, b->net);		/* its bytes may still be on their way */
	close_channel(b, 0);
	bye(b);
}

static void
a_word_is_ended_with_its_reason(void **state)
{
	struct bed *b = *state;
	int g[2];

	bed_open(b, 0, 0);
	bed_exec(b, 0, "help");
	b->call = bed_take(b, b->ledger, MSG_BIND);
	assert_int_equal(chan_pair(g), 0);
	assert_int_equal(chan_put_bound(b->ledger, b->call, NULL, &g[0], 1), 0);
	close(g[0]);
	close(g[1]);
	bed_kit(b, 1);
	(void)bed_take(b, b->word, MSG_WORD);
	(void)bed_take(b, b->net, MSG_CHAN_STREAMS);
	drain(b, 1);
	(void)bed_take(b, b->d, MSG_KILL_KIT);
	bed_told(b, 0, "sekisho: refused [STOPPING] the gate is stopping\n"
	    "next: help\n", 75);
	close_channel(b, 0);
	bye(b);
}

static void
a_stop_ends_the_patience_and_patience_never_a_stop(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	drain(b, 1);
	bed_silent(b, b->record);
	drain(b, 0);
	(void)bed_take(b, b->record, MSG_REC_NOTICE);
	assert_true(b->m->drain_ms != 0);
	drain(b, 1);
	assert_false(b->m->is_patient);
	assert_true(b->m->drain_ms != 0);
}

static void
no_kit_while_the_gate_stops_is_told_as_that(void **state)
{
	struct msg_kit_failed failed = { .why = KIT_NO_PROCESS };
	struct bed *b = *state;

	bed_to(b, BED_ORDER, 0);
	drain(b, 1);
	assert_int_equal(chan_put_kit_failed(b->d, bed_take(b, b->d,
	    MSG_NEED_KIT), &failed, NULL, 0), 0);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [STOPPING] the gate is stopping\n"
	    "next: run R12\n", 75);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, bed_setup, bed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_connection_without_a_command_is_told_and_closed),
		T(a_command_that_runs_ends_by_itself_and_nothing_new_starts),
		T(a_word_is_ended_with_its_reason),
		T(a_stop_ends_the_patience_and_patience_never_a_stop),
		T(no_kit_while_the_gate_stops_is_told_as_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
