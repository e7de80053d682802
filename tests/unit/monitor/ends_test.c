/* ends_test.c - everything that can end a session before its command does. */
#include "tests/unit/monitor/bed.h"

/* JOB_KILL comes with this grace. */
static void
killed(struct bed *b, uint32_t grace_ms)
{
	struct msg_job_kill k;
	struct msg msg;

	bed_expect(b, b->exec, MSG_JOB_KILL, &msg);
	assert_int_equal(msg_job_kill_get(msg.body, &k), 0);
	assert_int_equal(k.grace_ms, grace_ms);
	msg_done(&msg);
}

static void
end_of(struct bed *b, enum job_end how)
{
	bed_job_exit(b, 0, "KILL");
	bed_rec_end(b, how);
	bed_job_ended(b, how, 1);
}

static void
net_goes(struct bed *b)
{
	chan_free(b->net);
	b->net = NULL;
	bed_turn(b);
}

/* As bed_job_ended(), when there is no net any more to look at. */
static void
job_ended_unseen(struct bed *b, enum job_end how)
{
	struct msg_job_ended e;
	struct msg msg;

	bed_expect(b, b->ledger, MSG_JOB_ENDED, &msg);
	assert_int_equal(msg_job_ended_get(msg.body, &e), 0);
	assert_int_equal(e.how, how);
	msg_job_ended_free(&e);
	bed_ack(b, msg.id);
	msg_done(&msg);
	bed_turn(b);
}

static void
a_client_that_vanishes_kills_at_once_and_the_monitor_ends_after_the_entry(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	net_goes(b);
	killed(b, 0);
	assert_false(b->m->is_over);
	bed_job_exit(b, 0, "KILL");
	bed_rec_end(b, JOB_DISCONNECT);
	job_ended_unseen(b, JOB_DISCONNECT);
	assert_true(b->m->is_over);
	assert_int_equal(b->m->status, 0);
}

static void
a_closed_channel_ends_only_its_own_job_with_grace(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	bed_open(b, 1, 0);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	killed(b, 10000);
	bed_job_exit(b, 0, "TERM");
	bed_rec_end(b, JOB_DISCONNECT);
	bed_job_ended(b, JOB_DISCONNECT, 1);
	bed_silent(b, b->net);		/* nobody listens on a closed channel */
	assert_int_equal(b->m->ntasks, 1);
}

static void
net_dying_behind_a_closed_channel_takes_the_grace_away(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	killed(b, 10000);
	net_goes(b);
	killed(b, 0);
}

static void
a_job_that_may_go_on_outlives_its_client(void **state)
{
	struct bed *b = *state;

	b->on_disconnect = "continue";
	bed_to(b, BED_RUN, 0);
	net_goes(b);
	bed_silent(b, b->exec);
	assert_false(b->m->is_over);
	bed_job_exit(b, 0, "");
	bed_rec_end(b, JOB_RAN);
	job_ended_unseen(b, JOB_RAN);
	assert_true(b->m->is_over);
}

static void
a_client_that_leaves_before_the_start_costs_nothing(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_PREPARE, 0);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_ended(b, b->exec);
}

static void
a_client_that_leaves_while_the_use_is_taken_is_not_run(void **state)
{
	struct msg_consumed used = { .use = 1, .uses = 1, .at = 1 };
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	assert_int_equal(chan_put_consumed(b->ledger, b->call, &used, NULL, 0), 0);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_ended(b, b->exec);
}

static void
a_client_that_leaves_during_lookup_or_kit_leaves_nothing(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_LOOKUP, 0);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	bed_order(b, bed_sed);
	bed_silent(b, b->d);
	bed_job_ended(b, JOB_NOT_RUN, 1);	/* so that it need not wait for us */
	bed_turn(b);
	assert_int_equal(b->m->ntasks, 0);

	bed_to(b, BED_ORDER, 0);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	bed_kit(b, 0);
	(void)bed_take(b, b->d, MSG_KILL_KIT);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_turn(b);
	assert_int_equal(b->m->ntasks, 0);
}

static void
a_dead_recorder_kills_the_job_and_says_so(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	chan_free(b->record);
	b->record = NULL;
	killed(b, 0);
	bed_silent(b, b->net);
	bed_job_exit(b, 0, "KILL");
	bed_job_ended(b, JOB_RECORD, 1);
	bed_told(b, 0, "sekisho: refused [RECORD] the recording failed, so the "
	    "session was ended\nnext: session show S345\n", 74);
}

static void
a_failed_write_of_the_record_does_the_same(void **state)
{
	struct msg_rec_failed f = { .why = W("No space left on device") };
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	assert_int_equal(chan_put_rec_failed(b->record, 0, &f, NULL, 0), 0);
	killed(b, 0);
	bed_job_exit(b, 0, "KILL");
	bed_rec_end(b, JOB_RECORD);	/* it has room kept for its END */
	bed_job_ended(b, JOB_RECORD, 1);
	bed_told(b, 0, "sekisho: refused [RECORD] the recording failed, so the "
	    "session was ended\nnext: session show S345\n", 74);
}

static void
a_record_that_fails_at_its_end_is_no_good_end(void **state)
{
	struct msg_rec_failed f = { .why = W("No space left on device") };
	struct msg_rec_ended done = { .chain = { bed_digest, DIGEST_LEN },
		.is_sealed = 1 };
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	bed_job_exit(b, 0, "");
	(void)bed_take(b, b->record, MSG_REC_END);
	assert_int_equal(chan_put_rec_failed(b->record, 0, &f, NULL, 0), 0);
	bed_silent(b, b->ledger);	/* its END is still awaited */
	assert_int_equal(chan_put_rec_ended(b->record, 0, &done, NULL, 0), 0);
	bed_job_ended(b, JOB_RECORD, 1);
	bed_told(b, 0, "sekisho: refused [RECORD] the recording failed, so the "
	    "session was ended\nnext: session show S345\n", 74);
}

static void
a_recorder_that_dies_before_end_spoils_a_good_status(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	bed_job_exit(b, 0, "");
	(void)bed_take(b, b->record, MSG_REC_END);
	chan_free(b->record);
	b->record = NULL;
	bed_job_ended(b, JOB_RECORD, 1);
	bed_told(b, 0, "sekisho: refused [RECORD] the recording failed, so the "
	    "session was ended\nnext: session show S345\n", 74);
}

static void
a_silent_recorder_is_as_good_as_dead(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	b->m->ping_ms = 0;
	(void)bed_take(b, b->record, MSG_PING);
	b->m->tasks->record_seen_ms -= 31000;
	killed(b, 0);
	bed_job_exit(b, 0, "KILL");
	(void)bed_take(b, b->d, MSG_KILL_KIT);	/* it may only be stopped */
	bed_job_ended(b, JOB_RECORD, 1);
}

static void
an_answer_to_ping_keeps_it_alive(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	b->m->ping_ms = 0;
	(void)bed_take(b, b->record, MSG_PING);
	b->m->tasks->record_seen_ms -= 29000;
	assert_int_equal(chan_put_pong(b->record, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	assert_true(clock_mono_ms() - b->m->tasks->record_seen_ms < 5000);
}

static void
silence_while_we_slept_ourselves_is_nobodys_death(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	b->m->net_seen_ms -= 60000;
	b->m->tasks->record_seen_ms -= 60000;
	b->m->tasks->exec_seen_ms -= 60000;
	b->m->ping_ms = clock_mono_ms() - 57000;	/* the machine was suspended */
	(void)bed_take(b, b->record, MSG_PING);
	bed_silent(b, b->exec);
	bed_silent(b, b->d);
	assert_false(b->m->is_over);
	b->m->tasks->record_seen_ms -= 60000;		/* now we were awake */
	killed(b, 0);
}

static void
a_dead_launcher_ends_the_record_as_lost(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	chan_free(b->exec);
	b->exec = NULL;
	bed_rec_end(b, JOB_LOST);
	bed_job_ended(b, JOB_LOST, 1);
	bed_told(b, 0, "sekisho: refused [LOST] the launcher broke off, so the "
	    "command was killed\nnext: session show S345\n", 70);
}

static void
a_launcher_that_does_not_kill_is_killed(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	killed(b, 10000);
	b->m->tasks->due_ms = clock_mono_ms() - 1;
	bed_rec_end(b, JOB_DISCONNECT);
	(void)bed_take(b, b->d, MSG_KILL_KIT);
	bed_job_ended(b, JOB_DISCONNECT, 1);
}

static void
the_longest_run_is_warned_of_and_then_ends(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	b->m->tasks->run_until_ms = clock_mono_ms() + 599000;
	(void)bed_take(b, b->record, MSG_REC_NOTICE);
	bed_silent(b, b->record);
	bed_silent(b, b->exec);
	b->m->tasks->run_until_ms = clock_mono_ms() - 1;
	killed(b, 10000);
	end_of(b, JOB_TIMEOUT);
	bed_told(b, 0, "sekisho: refused [TIMEOUT] the longest approved run time "
	    "is over\nnext: session show S345\n", 77);
}

static void
a_lost_role_ends_sessions_and_refuses_new_ones(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	b->roles = 0;
	bed_snapshot(b);
	killed(b, 10000);
	end_of(b, JOB_REVOKED);
	bed_told(b, 0, "sekisho: refused [REVOKED] your role or account was "
	    "withdrawn\nnext: whoami\n", 77);
	bed_open(b, 1, 0);
	bed_exec(b, 1, "help");
	bed_refusal(b, "REVOKED");
	bed_told(b, 1, "sekisho: refused [REVOKED] your role or account was "
	    "withdrawn meanwhile\nnext: whoami\n", 77);
}

static void
a_locked_account_does_the_same(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	b->active = 0;
	bed_snapshot(b);
	killed(b, 10000);
	end_of(b, JOB_REVOKED);
}

static void
an_approver_who_is_no_operator_any_more_keeps_words_only(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	b->roles = PERSON_APPROVER;
	bed_snapshot(b);
	killed(b, 10000);
	end_of(b, JOB_REVOKED);
	bed_told(b, 0, "sekisho: refused [REVOKED] the policy does not allow "
	    "this any more\nnext: whoami\n", 77);
	bed_open(b, 1, 0);
	bed_exec(b, 1, "request list");
	(void)bed_take(b, b->ledger, MSG_BIND);
}

static void
a_stopping_gate_refuses_warns_and_ends_in_order(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	assert_int_equal(chan_put_drain(b->d, 0, NULL, NULL, 0), 0);
	(void)bed_take(b, b->record, MSG_REC_NOTICE);
	bed_open(b, 1, 0);
	bed_exec(b, 1, "id");
	bed_refusal(b, "STOPPING");
	bed_told(b, 1, "sekisho: refused [STOPPING] the gate is stopping\n"
	    "next: id\n", 75);
	bed_silent(b, b->exec);
	b->m->drain_ms = clock_mono_ms() - 1;
	killed(b, 10000);
	end_of(b, JOB_STOPPING);
	bed_told(b, 0, "sekisho: refused [STOPPING] the gate is stopping\n"
	    "next: session show S345\n", 75);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	assert_int_equal(chan_put_chan_closed(b->net, 1, NULL, NULL, 0), 0);
	bed_turn(b);
	assert_true(b->m->is_over);
}

static void
an_idle_connection_of_a_stopping_gate_ends_at_once(void **state)
{
	struct bed *b = *state;

	assert_int_equal(chan_put_drain(b->d, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	assert_true(b->m->is_over);
	assert_int_equal(b->m->status, 0);
}

/* PREPARE has the size of then; whoever resizes meanwhile does not do it again. */
static void
a_window_changed_before_the_start_is_told_with_the_start(void **state)
{
	struct msg_chan_resize size = { .cols = 100, .rows = 33 };
	struct msg_consumed c = { .use = 1, .uses = 1, .at = 1 };
	struct bed *b = *state;
	struct msg_job_resize job;
	struct msg msg;

	bed_to(b, BED_READY, 1);
	assert_int_equal(chan_put_chan_resize(b->net, 0, &size, NULL, 0), 0);
	bed_turn(b);
	bed_silent(b, b->exec);
	assert_int_equal(chan_put_consumed(b->ledger, b->call, &c, NULL, 0), 0);
	bed_expect(b, b->exec, MSG_JOB_RESIZE, &msg);
	assert_int_equal(msg_job_resize_get(msg.body, &job), 0);
	assert_int_equal(job.cols, 100);
	assert_int_equal(job.rows, 33);
	msg_done(&msg);
	(void)bed_take(b, b->exec, MSG_GO);
	(void)bed_take(b, b->record, MSG_REC_NOTICE);
	(void)bed_take(b, b->record, MSG_REC_RESIZE);
}

/* ^C while the use is taken: it must not be pressed again. */
static void
a_signal_that_comes_before_the_start_follows_it(void **state)
{
	struct msg_chan_signal sig = { .name = W("INT") };
	struct msg_chan_signal more = { .name = W("QUIT") };
	struct msg_consumed c = { .use = 1, .uses = 1, .at = 1 };
	struct msg_job_signal job;
	struct bed *b = *state;
	struct msg msg;

	bed_to(b, BED_READY, 1);
	assert_int_equal(chan_put_chan_signal(b->net, 0, &sig, NULL, 0), 0);
	assert_int_equal(chan_put_chan_signal(b->net, 0, &more, NULL, 0), 0);
	bed_turn(b);
	bed_silent(b, b->exec);
	assert_int_equal(chan_put_consumed(b->ledger, b->call, &c, NULL, 0), 0);
	(void)bed_take(b, b->exec, MSG_GO);
	bed_expect(b, b->exec, MSG_JOB_SIGNAL, &msg);
	assert_int_equal(msg_job_signal_get(msg.body, &job), 0);
	assert_string_equal(job.name, "INT");
	msg_job_signal_free(&job);
	msg_done(&msg);
	bed_silent(b, b->exec);
	(void)bed_take(b, b->record, MSG_REC_NOTICE);
	(void)bed_take(b, b->record, MSG_REC_SIGNAL);
}

static void
a_window_and_signals_reach_record_and_launcher(void **state)
{
	struct msg_chan_resize size = { .cols = 4000, .rows = 50 };
	struct msg_chan_signal sig = { .name = W("INT") };
	struct msg_chan_signal odd = { .name = W("SEGV") };
	struct bed *b = *state;
	struct msg_job_resize job;
	struct msg msg;

	bed_to(b, BED_RUN, 1);
	assert_int_equal(chan_put_chan_resize(b->net, 0, &size, NULL, 0), 0);
	bed_expect(b, b->exec, MSG_JOB_RESIZE, &msg);
	assert_int_equal(msg_job_resize_get(msg.body, &job), 0);
	assert_int_equal(job.cols, TTY_SIDE_MAX);
	assert_int_equal(job.rows, 50);
	msg_done(&msg);
	(void)bed_take(b, b->record, MSG_REC_RESIZE);
	assert_int_equal(chan_put_chan_signal(b->net, 0, &sig, NULL, 0), 0);
	(void)bed_take(b, b->exec, MSG_JOB_SIGNAL);
	(void)bed_take(b, b->record, MSG_REC_SIGNAL);
	assert_int_equal(chan_put_chan_signal(b->net, 0, &odd, NULL, 0), 0);
	bed_silent(b, b->exec);
}

static void
sekishod_gone_is_the_end(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	chan_free(b->d);
	b->d = NULL;
	bed_turn(b);
	assert_true(b->m->is_over);
}

static void
what_net_says_out_of_order_ends_everything(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	bed_exec(b, 0, "id");		/* a second command on one channel */
	bed_turn(b);
	assert_true(b->m->is_over);
	assert_int_equal(b->m->status, 1);
}

static void
more_channels_than_allowed_end_everything(void **state)
{
	struct bed *b = *state;
	uint32_t i;

	for (i = 0; i < 4; i++)
		bed_open(b, i, 0);
	bed_turn(b);
	assert_false(b->m->is_over);
	bed_open(b, 4, 0);
	bed_turn(b);
	assert_true(b->m->is_over);
}

static void
a_channel_that_is_not_there_ends_everything(void **state)
{
	struct bed *b = *state;

	bed_exec(b, 9, "id");
	bed_turn(b);
	assert_true(b->m->is_over);
}

static void
an_answer_to_no_question_ends_everything(void **state)
{
	struct bed *b = *state;

	bed_ack(b, 77);
	bed_turn(b);
	assert_true(b->m->is_over);
}

static void
consumed_before_consume_ends_everything(void **state)
{
	struct msg_consumed used = { .use = 1, .uses = 1, .at = 1 };
	struct bed *b = *state;

	bed_to(b, BED_LOOKUP, 0);
	assert_int_equal(chan_put_consumed(b->ledger, b->call, &used, NULL, 0), 0);
	bed_turn(b);
	assert_true(b->m->is_over);
	assert_int_equal(b->m->status, 1);
}

static void
a_launcher_that_is_gone_too_early_is_given_up(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	assert_int_equal(chan_put_gone(b->exec, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	bed_refuse(b, b->ledger, b->call);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [LOST] the launcher broke off, nothing "
	    "was run\nnext: run R12\n", 70);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, bed_setup, bed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_client_that_vanishes_kills_at_once_and_the_monitor_ends_after_the_entry),
		T(a_closed_channel_ends_only_its_own_job_with_grace),
		T(net_dying_behind_a_closed_channel_takes_the_grace_away),
		T(a_job_that_may_go_on_outlives_its_client),
		T(a_client_that_leaves_before_the_start_costs_nothing),
		T(a_client_that_leaves_while_the_use_is_taken_is_not_run),
		T(a_client_that_leaves_during_lookup_or_kit_leaves_nothing),
		T(a_dead_recorder_kills_the_job_and_says_so),
		T(a_failed_write_of_the_record_does_the_same),
		T(a_record_that_fails_at_its_end_is_no_good_end),
		T(a_recorder_that_dies_before_end_spoils_a_good_status),
		T(a_silent_recorder_is_as_good_as_dead),
		T(an_answer_to_ping_keeps_it_alive),
		T(silence_while_we_slept_ourselves_is_nobodys_death),
		T(a_dead_launcher_ends_the_record_as_lost),
		T(a_launcher_that_does_not_kill_is_killed),
		T(the_longest_run_is_warned_of_and_then_ends),
		T(a_lost_role_ends_sessions_and_refuses_new_ones),
		T(a_locked_account_does_the_same),
		T(an_approver_who_is_no_operator_any_more_keeps_words_only),
		T(a_stopping_gate_refuses_warns_and_ends_in_order),
		T(an_idle_connection_of_a_stopping_gate_ends_at_once),
		T(a_window_changed_before_the_start_is_told_with_the_start),
		T(a_signal_that_comes_before_the_start_follows_it),
		T(a_window_and_signals_reach_record_and_launcher),
		T(sekishod_gone_is_the_end),
		T(what_net_says_out_of_order_ends_everything),
		T(more_channels_than_allowed_end_everything),
		T(a_channel_that_is_not_there_ends_everything),
		T(an_answer_to_no_question_ends_everything),
		T(consumed_before_consume_ends_everything),
		T(a_launcher_that_is_gone_too_early_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
