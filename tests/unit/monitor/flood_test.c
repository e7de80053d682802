/* flood_test.c - a net, or a client behind it, that says more than is of use. */
#include "tests/unit/monitor/bed.h"

static void
lines_of_net_are_bounded(void **state)
{
	struct msg_log line = { .level = 200, .line = W("again\x1b[2J") };
	struct bed *b = *state;
	int i;

	for (i = 0; i < 2000; i++) {
		assert_int_equal(chan_put_log(b->net, 0, &line, NULL, 0), 0);
		bed_turn(b);
	}
	assert_false(b->m->is_over);
	assert_int_equal(b->m->net_lines, 201);
}

static void
a_channel_limit_is_an_entry_that_says_so(void **state)
{
	struct msg_chan_refused f = { .what = W("session channel"),
		.detail = W("more channels than allowed") };
	struct bed *b = *state;
	struct msg_refusal no;
	struct msg msg;

	assert_int_equal(chan_put_chan_refused(b->net, 0, &f, NULL, 0), 0);
	bed_expect(b, b->ledger, MSG_REFUSAL, &msg);
	assert_int_equal(msg_refusal_get(msg.body, &no), 0);
	assert_string_equal(no.code, "LIMIT");
	assert_string_equal(no.what, "session channel more channels than allowed");
	assert_string_equal(no.reason, "the channels of one connection are bounded");
	msg_refusal_free(&no);
	msg_done(&msg);
}

/* Channels are closed at once, their commands still wait for the ledger. */
static void
started_commands_count_although_their_channels_are_closed(void **state)
{
	struct bed *b = *state;
	struct msg msg;
	uint32_t i;

	for (i = 0; i < CHANNELS_MAX; i++) {
		bed_open(b, i, 0);
		bed_exec(b, i, "sed x");
		(void)bed_take(b, b->ledger, MSG_LOOKUP);
		assert_int_equal(chan_put_chan_closed(b->net, i, NULL, NULL, 0), 0);
		bed_turn(b);
	}
	bed_open(b, i, 0);
	bed_exec(b, i, "sed x");
	bed_refusal(b, "LIMIT");
	bed_told(b, i, "sekisho: refused [LIMIT] too many commands of this "
	    "connection have not ended yet\nnext: sed x\n", 77);
	/* who goes on all the same is no client of ours */
	for (i++; i < 3 * CHANNELS_MAX && !b->m->is_over; i++) {
		bed_open(b, i, 0);
		bed_exec(b, i, "sed x");
		bed_turn(b);
		while (chan_recv(b->ledger, &msg) == 0)
			msg_done(&msg);
		(void)chan_put_chan_closed(b->net, i, NULL, NULL, 0);
		bed_turn(b);
	}
	assert_true(b->m->is_over);
}

static void
of_sizes_that_a_slow_launcher_does_not_take_the_last_arrives(void **state)
{
	struct msg_chan_resize size = { .cols = 1, .rows = 1 };
	struct msg_chan_signal sig = { .name = W("USR1") };
	struct msg_job_resize job = { 0 };
	struct bed *b = *state;
	struct msg msg;
	int i, is_news;

	bed_to(b, BED_RUN, 1);
	for (i = 0; i < 100000; i++) {
		size.cols = (uint32_t)(1 + i % 100);
		assert_int_equal(chan_put_chan_resize(b->net, 0, &size, NULL, 0), 0);
		assert_int_equal(chan_put_chan_signal(b->net, 0, &sig, NULL, 0), 0);
		loop_turn(b->m, 0);
		assert_false(b->m->is_over);
	}
	assert_true(chan_waiting(b->m->tasks->exec) < 1100000);
	assert_true(chan_waiting(b->m->tasks->record) < 1100000);

	do {		/* both come to themselves */
		is_news = 0;
		loop_turn(b->m, 0);
		for (; chan_recv(b->record, &msg) == 0; is_news = 1)
			msg_done(&msg);
		for (; chan_recv(b->exec, &msg) == 0; is_news = 1) {
			if (msg.type == MSG_JOB_RESIZE)
				(void)msg_job_resize_get(msg.body, &job);
			msg_done(&msg);
		}
	} while (is_news);
	assert_int_equal(job.cols, size.cols);
}

static void
the_same_size_again_is_no_news(void **state)
{
	struct msg_chan_resize size = { .cols = 100, .rows = 30 };
	struct bed *b = *state;

	bed_to(b, BED_RUN, 1);
	assert_int_equal(chan_put_chan_resize(b->net, 0, &size, NULL, 0), 0);
	(void)bed_take(b, b->exec, MSG_JOB_RESIZE);
	assert_int_equal(chan_put_chan_resize(b->net, 0, &size, NULL, 0), 0);
	bed_silent(b, b->exec);
}

static void
a_net_that_never_reads_is_given_up(void **state)
{
	struct bed *b = *state;
	uint32_t i;

	for (i = 0; i < 200000 && !b->m->is_over; i++) {
		bed_open(b, i, 0);
		bed_exec(b, i, "a|b");
		b->call = bed_take(b, b->ledger, MSG_REFUSAL);
		bed_ack(b, b->call);
		bed_turn(b);
		if (!b->m->is_over)
			assert_int_equal(chan_put_chan_closed(b->net, i, NULL,
			    NULL, 0), 0);
		bed_turn(b);
	}
	assert_true(b->m->is_over);
	assert_true(chan_waiting(b->m->net) <= 4U << 20);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, bed_setup, bed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_of_net_are_bounded),
		T(a_channel_limit_is_an_entry_that_says_so),
		T(started_commands_count_although_their_channels_are_closed),
		T(of_sizes_that_a_slow_launcher_does_not_take_the_last_arrives),
		T(the_same_size_again_is_no_news),
		T(a_net_that_never_reads_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
