/* pty_test.c - with a terminal: one stream of output with notices in order, ^D for the end of input. */
#include "rig.h"

#include <termios.h>

static void
give_pty(struct rig *g)
{
	struct msg_pipes p = { .pty = 1 };
	struct termios t;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	g->job_out = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(g->job_out >= 0);
	assert_int_equal(tcgetattr(g->job_out, &t), 0);
	cfmakeraw(&t);
	assert_int_equal(tcsetattr(g->job_out, TCSANOW, &t), 0);
	assert_int_equal(chan_put_pipes(g->launcher, 0, &p, &master, 1), 0);
	close(master);
}

static void
a_terminal_session_is_recorded_as_it_was_seen(void **state)
{
	static const char first[] = "sekisho: S7, recorded\r\n";
	struct rig g;
	struct msg_rec_ended e;
	struct msg_rec_notice n = { .show = 1,
		.text = { (uint8_t *)(uintptr_t)first, sizeof(first) - 1 } };
	struct msg_rec_resize z = { .cols = 100, .rows = 30 };
	struct msg_rec_signal s = { .name = (char *)(uintptr_t)"INT" };
	struct msg_event v = { .type = 'D',
		.body = { (uint8_t *)(uintptr_t)"{}", 2 },
		.text = { (uint8_t *)(uintptr_t)"refused\n", 8 } };

	(void)state;
	rig_start(&g);
	rig_open(&g, 1);
	assert_int_equal(chan_put_rec_notice(g.monitor, 0, &n, NULL, 0), 0);
	rig_expect_text(g.io, first);
	give_pty(&g);
	assert_int_equal(write(g.job_out, "$ ", 2), 2);
	rig_expect_text(g.io, "$ ");
	assert_int_equal(write(g.io, "ls\r", 3), 3);
	rig_expect_text(g.job_out, "ls\r");
	assert_int_equal(chan_put_rec_resize(g.monitor, 0, &z, NULL, 0), 0);
	assert_int_equal(chan_put_rec_signal(g.monitor, 0, &s, NULL, 0), 0);
	assert_int_equal(chan_put_event(g.launcher, 0, &v, NULL, 0), 0);
	rig_expect_text(g.io, "refused\r\n");
	assert_int_equal(shutdown(g.io, SHUT_WR), 0);
	rig_expect_text(g.job_out, "\x04");
	assert_int_equal(write(g.job_out, "bye", 3), 3);
	fd_close(&g.job_out);
	rig_expect_text(g.io, "bye");
	rig_send_end(&g, JOB_RAN, 1000);
	rig_ended(&g, &e);
	assert_int_equal(e.in_bytes, 4);
	assert_int_equal(e.out_bytes, 5);
	msg_rec_ended_free(&e);
	rig_expect_eof(g.io);
	rig_expect_eof(g.err);
	rig_recorded(&g, "on", "sekisho: S7, recorded\r\n$ refused\r\nbye",
	    READER_COMPLETE);
	rig_recorded(&g, "i", "ls\r\x04", READER_COMPLETE);
	rig_recorded(&g, "r", "100x30", READER_COMPLETE);
	rig_recorded(&g, "s", "INT", READER_COMPLETE);
	rig_hang_up(&g);
	assert_int_equal(rig_wait(&g), 0);
	rig_stop(&g);
}

static void
pipes_of_the_wrong_kind_end_the_session(void **state)
{
	struct rig g;
	struct msg m;

	(void)state;
	rig_start(&g);
	rig_open(&g, 1);
	rig_pipes(&g, 1);
	rig_expect(&g, MSG_REC_FAILED, &m);
	msg_done(&m);
	assert_int_equal(rig_wait(&g), 74);
	rig_stop(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_session_is_recorded_as_it_was_seen),
		cmocka_unit_test(pipes_of_the_wrong_kind_end_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
