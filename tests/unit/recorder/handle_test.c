/* handle_test.c - what monitor and launcher may say, when, and what comes of it. */
#include "rig.h"

static void
settle(struct rig *g)
{
	struct msg m;

	assert_int_equal(chan_put_ping(g->monitor, 5, NULL, NULL, 0), 0);
	rig_expect(g, MSG_PONG, &m);
	assert_int_equal(m.id, 5);
	msg_done(&m);
}

static void
failed_with_74(struct rig *g)
{
	struct msg m;

	rig_expect(g, MSG_REC_FAILED, &m);
	msg_done(&m);
	assert_int_equal(rig_wait(g), 74);
	rig_stop(g);
}

static void
a_session_that_never_ran_has_an_end(void **state)
{
	struct rig g;
	struct msg_rec_ended e;
	struct taken t;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_send_end(&g, JOB_NOT_RUN, 1000);
	rig_ended(&g, &e);
	assert_int_equal(e.out_bytes, 0);
	msg_rec_ended_free(&e);
	rig_take(&g, "", &t);
	assert_int_equal(t.result.state, READER_COMPLETE);
	assert_int_equal(t.result.end.how, JOB_NOT_RUN);
	rig_stop(&g);
}

/* Whoever stops between REC_OPEN and its answer, and a keyd that is a new one just then. */
static void
what_follows_the_opening_at_once_waits_for_the_header(void **state)
{
	struct msg_rec_ended e;
	struct taken t;
	struct rig g;
	struct msg m;
	int fd;

	(void)state;
	rig_start(&g);
	assert_int_equal(kill(g.pid, SIGSTOP), 0);
	rig_open_asked(&g, 0, rig_keyd(&g));
	g.keyd = 0;			/* the next one is another; both end with the recorder */
	fd = rig_keyd(&g);
	assert_int_equal(chan_put_rec_seals(g.monitor, 0, NULL, &fd, 1), 0);
	close(fd);
	assert_int_equal(chan_put_ping(g.monitor, 5, NULL, NULL, 0), 0);
	rig_send_end(&g, JOB_NOT_RUN, 1000);
	assert_int_equal(kill(g.pid, SIGCONT), 0);
	rig_expect(&g, MSG_REC_OPENED, &m);
	msg_done(&m);
	rig_expect(&g, MSG_PONG, &m);
	msg_done(&m);
	rig_ended(&g, &e);
	msg_rec_ended_free(&e);
	rig_take(&g, "", &t);
	assert_int_equal(t.result.state, READER_COMPLETE);
	assert_int_equal(t.result.end.how, JOB_NOT_RUN);
	free(t.p);
	rig_stop(&g);
}

static void
a_message_out_of_turn_ends_the_recorder(void **state)
{
	struct msg_rec_notice n = { .show = 1 };
	struct rig g;

	(void)state;
	rig_start(&g);
	assert_int_equal(chan_put_rec_notice(g.monitor, 0, &n, NULL, 0), 0);
	failed_with_74(&g);
}

static void
a_file_that_could_be_overwritten_is_refused(void **state)
{
	struct rig g;
	struct msg_rec_open o = { .session = 7,
		.uuid = { (uint8_t *)(uintptr_t)rig_uuid, 16 } };
	int fds[2];

	(void)state;
	rig_start(&g);
	fds[0] = open(g.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0440);
	fds[1] = rig_keyd(&g);
	assert_true(fds[0] >= 0);
	assert_int_equal(chan_put_rec_open(g.monitor, 1, &o, fds, 2), 0);
	close(fds[0]);
	close(fds[1]);
	failed_with_74(&g);
}

static void
what_the_launcher_said_before_the_end_stands_before_the_end(void **state)
{
	struct rig g;
	struct msg_rec_ended e;
	struct msg_event v = { .type = 'D',
		.body = { (uint8_t *)(uintptr_t)"d", 1 } };
	int i;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 0);
	settle(&g);
	kill(g.pid, SIGSTOP);
	for (i = 0; i < 100; i++)
		assert_int_equal(chan_put_event(g.launcher, 0, &v, NULL, 0), 0);
	fd_close(&g.job_out);
	fd_close(&g.job_err);
	rig_send_end(&g, JOB_RAN, 0);
	kill(g.pid, SIGCONT);
	rig_ended(&g, &e);
	msg_rec_ended_free(&e);
	{
		struct taken t;

		rig_take(&g, "Dx", &t);
		assert_int_equal(t.n, 101);
		assert_int_equal(t.p[100], '0');
		free(t.p);
	}
	rig_stop(&g);
}

static void
the_launcher_may_not_record_what_is_the_recorders_own(void **state)
{
	static const char own[] = "oi012rsxEh";	/* and what no reader knows */
	struct msg_event v = { .body = { (uint8_t *)(uintptr_t)"x", 1 } };
	struct rig g;
	size_t i;

	(void)state;
	for (i = 0; own[i] != '\0'; i++) {
		rig_start(&g);
		rig_open(&g, 0);
		v.type = (uint8_t)own[i];
		assert_int_equal(chan_put_event(g.launcher, 0, &v, NULL, 0), 0);
		failed_with_74(&g);
	}
}

static void
a_second_set_of_pipes_ends_the_session(void **state)
{
	struct rig g;
	struct msg_pipes p = { .pty = 0 };
	int fds[2];

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	rig_pipes(&g, 0);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(chan_put_pipes(g.launcher, 0, &p, fds, 2), 0);
	close(fds[0]);
	close(fds[1]);
	failed_with_74(&g);
}

static void
a_window_change_that_crosses_the_end_is_let_pass(void **state)
{
	struct rig g;
	struct msg_rec_resize z = { .cols = 80, .rows = 25 };
	struct msg_rec_ended e;

	(void)state;
	rig_start(&g);
	rig_open(&g, 1);
	assert_int_equal(chan_put_rec_resize(g.monitor, 0, &z, NULL, 0), 0);
	rig_send_end(&g, JOB_RAN, 0);
	assert_int_equal(chan_put_rec_resize(g.monitor, 0, &z, NULL, 0), 0);
	rig_ended(&g, &e);
	msg_rec_ended_free(&e);
	settle(&g);
	rig_recorded(&g, "r", "80x25", READER_COMPLETE);
	rig_hang_up(&g);
	assert_int_equal(rig_wait(&g), 0);
	rig_stop(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_that_never_ran_has_an_end),
		cmocka_unit_test(what_follows_the_opening_at_once_waits_for_the_header),
		cmocka_unit_test(a_message_out_of_turn_ends_the_recorder),
		cmocka_unit_test(a_file_that_could_be_overwritten_is_refused),
		cmocka_unit_test(what_the_launcher_said_before_the_end_stands_before_the_end),
		cmocka_unit_test(the_launcher_may_not_record_what_is_the_recorders_own),
		cmocka_unit_test(a_second_set_of_pipes_ends_the_session),
		cmocka_unit_test(a_window_change_that_crosses_the_end_is_let_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
