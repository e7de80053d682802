/* recorder_test.c - a real, confined recorder: who gets what, in which order, and what stands in the file. */
#include "rig.h"
#include "recorder/relay.h"

static void
say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void
notice(struct rig *g, const char *text, uint8_t show)
{
	struct msg_rec_notice n = { .show = show,
		.text = { (uint8_t *)(uintptr_t)text, strlen(text) } };

	assert_int_equal(chan_put_rec_notice(g->monitor, 0, &n, NULL, 0), 0);
}

/* All that was sent to the recorder before this has been done after it. */
static void
settle(struct rig *g)
{
	struct msg m;

	assert_int_equal(chan_put_ping(g->monitor, 5, NULL, NULL, 0), 0);
	rig_expect(g, MSG_PONG, &m);
	msg_done(&m);
}

static void
every_stream_goes_where_it_belongs_and_into_the_record(void **state)
{
	struct rig g;
	struct msg_rec_ended e;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 1);
	say(g.io, "input");
	rig_expect_text(g.job_in, "input");
	say(g.job_out, "output");
	rig_expect_text(g.io, "output");
	say(g.job_err, "error");
	rig_expect_text(g.err, "error");
	fd_close(&g.job_in);
	fd_close(&g.job_out);
	fd_close(&g.job_err);
	rig_send_end(&g, JOB_RAN, 1000);
	rig_ended(&g, &e);
	assert_int_equal(e.in_bytes, 5);
	assert_int_equal(e.out_bytes, 6);
	assert_int_equal(e.err_bytes, 5);
	rig_expect_eof(g.io);
	rig_expect_eof(g.err);
	rig_recorded(&g, "0", "input", READER_COMPLETE);
	rig_recorded(&g, "1", "output", READER_COMPLETE);
	rig_recorded(&g, "2", "error", READER_COMPLETE);
	rig_recorded(&g, "x", "0", READER_COMPLETE);
	msg_rec_ended_free(&e);
	rig_hang_up(&g);
	assert_int_equal(rig_wait(&g), 0);
	rig_stop(&g);
}

static void
the_clients_end_of_input_reaches_the_command_and_output_goes_on(void **state)
{
	struct rig g;
	struct msg_rec_ended e;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 1);
	say(g.io, "last");
	assert_int_equal(shutdown(g.io, SHUT_WR), 0);
	rig_expect_text(g.job_in, "last");
	rig_expect_eof(g.job_in);
	say(g.job_out, "after");
	rig_expect_text(g.io, "after");
	fd_close(&g.job_out);
	rig_expect_eof(g.io);		/* end of stdout goes on at once */
	say(g.job_err, "still here");
	rig_expect_text(g.err, "still here");
	fd_close(&g.job_err);
	rig_send_end(&g, JOB_RAN, 1000);
	rig_ended(&g, &e);
	msg_rec_ended_free(&e);
	rig_expect_eof(g.err);
	rig_stop(&g);
}

static void
a_command_that_reads_no_more_goes_on_writing(void **state)
{
	struct rig g;
	struct msg_rec_ended e;
	static uint8_t big[65536];
	int i;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 1);
	fd_close(&g.job_in);
	assert_int_equal(fd_set_nonblock(g.io, 1), 0);
	for (i = 0; i < 160; i++) {	/* 10 MiB: most of it is never taken */
		(void)!write(g.io, big, sizeof(big));
		settle(&g);
	}
	say(g.job_out, "alive");
	rig_expect_text(g.io, "alive");
	fd_close(&g.job_out);
	fd_close(&g.job_err);
	rig_send_end(&g, JOB_RAN, 1000);
	rig_ended(&g, &e);
	assert_true(e.in_bytes <= RELAY_READ);
	msg_rec_ended_free(&e);
	rig_stop(&g);
}

static void
output_after_the_client_is_gone_is_still_recorded(void **state)
{
	struct rig g;
	struct msg_rec_ended e;
	static uint8_t big[65536];
	int i;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 1);
	fd_close(&g.io);
	fd_close(&g.err);
	rig_expect_eof(g.job_in);
	for (i = 0; i < 20; i++)
		assert_int_equal(write(g.job_out, big, sizeof(big)),
		    sizeof(big));
	fd_close(&g.job_out);
	fd_close(&g.job_err);
	rig_send_end(&g, JOB_DISCONNECT, 1000);
	rig_ended(&g, &e);
	assert_int_equal(e.out_bytes, 20 * 65536);
	msg_rec_ended_free(&e);
	rig_hang_up(&g);
	assert_int_equal(rig_wait(&g), 0);
	rig_stop(&g);
}

static void
output_that_the_client_closed_ends_who_writes_it(void **state)
{
	int64_t until = clock_mono_ns() + RIG_WAIT_MS * INT64_C(1000000);
	struct rig g;
	struct msg_rec_ended e;
	static uint8_t big[65536];
	struct taken t;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 1);
	assert_int_equal(shutdown(g.io, SHUT_RD), 0);
	while (write(g.job_out, big, sizeof(big)) > 0)
		assert_true(clock_mono_ns() < until);
	assert_int_equal(errno, EPIPE);
	say(g.job_err, "still here");
	rig_expect_text(g.err, "still here");
	fd_close(&g.job_out);
	fd_close(&g.job_err);
	rig_send_end(&g, JOB_RAN, 1000);
	rig_ended(&g, &e);
	assert_true(e.out_bytes > 0);
	msg_rec_ended_free(&e);
	rig_hang_up(&g);
	assert_int_equal(rig_wait(&g), 0);
	rig_take(&g, "n", &t);
	assert_int_equal(t.n, strlen("the client's standard output is closed"));
	free(t.p);
	rig_stop(&g);
}

static void
input_is_not_read_before_there_is_a_command_to_read_it(void **state)
{
	struct rig g;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	say(g.io, "early");
	settle(&g);
	rig_recorded(&g, "0i", "", READER_UNFINISHED);
	rig_pipes(&g, 1);
	rig_expect_text(g.job_in, "early");
	rig_recorded(&g, "0i", "early", READER_UNFINISHED);
	rig_stop(&g);
}

static void
without_an_input_pipe_nothing_is_read(void **state)
{
	struct rig g;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 0);
	say(g.io, "nobody reads this");
	say(g.job_out, "out");
	rig_expect_text(g.io, "out");
	settle(&g);
	rig_recorded(&g, "0i", "", READER_UNFINISHED);
	rig_stop(&g);
}

static void
notices_are_recorded_and_shown_between_bursts(void **state)
{
	struct rig g;
	struct msg_event v = { .type = 'D',
		.body = { (uint8_t *)(uintptr_t)"{\"call\":\"mount\"}", 16 },
		.text = { (uint8_t *)(uintptr_t)"refused: mount\n", 15 } };

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 0);
	say(g.job_err, "one ");
	rig_expect_text(g.err, "one ");
	assert_int_equal(chan_put_event(g.launcher, 0, &v, NULL, 0), 0);
	rig_expect_text(g.err, "refused: mount\n");
	notice(&g, "not shown\n", 0);
	notice(&g, "shown\n", 1);
	rig_expect_text(g.err, "shown\n");
	settle(&g);
	rig_recorded(&g, "2n", "one refused: mount\nnot shown\nshown\n",
	    READER_UNFINISHED);
	rig_recorded(&g, "D", "{\"call\":\"mount\"}", READER_UNFINISHED);
	rig_stop(&g);
}

static void
output_of_a_command_shorter_than_a_turn_is_recorded(void **state)
{
	struct rig g;
	struct msg_rec_ended e;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	kill(g.pid, SIGSTOP);
	rig_pipes(&g, 1);
	say(g.job_out, "brief");
	fd_close(&g.job_out);
	fd_close(&g.job_err);
	rig_send_end(&g, JOB_RAN, 1000);
	kill(g.pid, SIGCONT);
	rig_ended(&g, &e);
	assert_int_equal(e.out_bytes, 5);
	msg_rec_ended_free(&e);
	rig_expect_text(g.io, "brief");
	rig_stop(&g);
}

static void
output_is_recorded_to_its_end_though_the_client_does_not_read(void **state)
{
	struct rig g;
	struct msg_rec_ended e;
	static uint8_t big[65536], back[65536];
	size_t total = 0;
	ssize_t n;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 0);
	say(g.job_err, "!");
	rig_expect_text(g.err, "!");
	assert_int_equal(fd_set_nonblock(g.job_out, 1), 0);
	for (;;) {			/* until every buffer on the way is full */
		n = write(g.job_out, big, sizeof(big));
		if (n > 0)
			total += (size_t)n;
		else {
			settle(&g);
			if (write(g.job_out, big, 4096) < 0)
				break;
			total += 4096;
		}
	}
	fd_close(&g.job_out);
	fd_close(&g.job_err);
	rig_send_end(&g, JOB_RAN, 3000);
	rig_ended(&g, &e);
	assert_int_equal(e.out_bytes, total);
	msg_rec_ended_free(&e);
	rig_hang_up(&g);		/* what waits is still delivered */
	while (total > 0) {
		n = total < sizeof(back) ? (ssize_t)total : (ssize_t)sizeof(back);
		rig_read(g.io, back, (size_t)n);
		total -= (size_t)n;
	}
	rig_expect_eof(g.io);
	assert_int_equal(rig_wait(&g), 0);
	rig_stop(&g);
}

static void
a_monitor_that_goes_away_leaves_an_end_that_says_lost(void **state)
{
	struct rig g;
	struct taken t;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 1);
	say(g.job_out, "before");
	rig_expect_text(g.io, "before");
	rig_hang_up(&g);
	assert_int_equal(rig_wait(&g), 0);
	rig_take(&g, "1", &t);
	assert_int_equal(t.result.state, READER_COMPLETE);
	assert_int_equal(t.result.end.how, JOB_LOST);
	assert_int_equal(t.n, 6);
	free(t.p);
	rig_stop(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stream_goes_where_it_belongs_and_into_the_record),
		cmocka_unit_test(the_clients_end_of_input_reaches_the_command_and_output_goes_on),
		cmocka_unit_test(a_command_that_reads_no_more_goes_on_writing),
		cmocka_unit_test(output_after_the_client_is_gone_is_still_recorded),
		cmocka_unit_test(output_that_the_client_closed_ends_who_writes_it),
		cmocka_unit_test(input_is_not_read_before_there_is_a_command_to_read_it),
		cmocka_unit_test(without_an_input_pipe_nothing_is_read),
		cmocka_unit_test(notices_are_recorded_and_shown_between_bursts),
		cmocka_unit_test(output_of_a_command_shorter_than_a_turn_is_recorded),
		cmocka_unit_test(output_is_recorded_to_its_end_though_the_client_does_not_read),
		cmocka_unit_test(a_monitor_that_goes_away_leaves_an_end_that_says_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
