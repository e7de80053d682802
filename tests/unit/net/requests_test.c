/* requests_test.c - what a client asks: bounded, filtered, in order, or refused. */
#include "lanes.h"

static const struct client_events *ev = &requests_events;

static void
channels_are_counted_and_told(void **state)
{
	(void)state;
	assert_non_null(ev->open(&net, &lane));
	monitor_heard(MSG_CHAN_OPEN);
	assert_null(ev->open(&net, &lane));
	monitor_heard(MSG_CHAN_REFUSED);
}

static void
nothing_opens_before_login(void **state)
{
	(void)state;
	net.state = NET_LOGIN;
	assert_null(ev->open(&net, &lane));
	monitor_heard_nothing();
}

static void
a_terminal_name_keeps_only_plain_characters(void **state)
{
	struct msg_chan_pty p;
	struct msg m;

	(void)state;
	ch->is_started = 0;
	assert_int_equal(ev->pty(ch, "x\033]0;t\007er m-256", -3, 5000), 0);
	assert_int_equal(chan_recv(monitor, &m), 0);
	assert_int_equal(msg_chan_pty_get(m.body, &p), 0);
	assert_string_equal(p.term, "x0term-256");
	assert_int_equal(p.cols, 80);
	assert_int_equal(p.rows, 1000);
	msg_chan_pty_free(&p);
	msg_done(&m);
	assert_int_equal(ev->pty(ch, "vt100", 80, 24), 1);
}

static void
an_empty_terminal_name_is_dumb_and_a_long_one_is_cut(void **state)
{
	struct msg_chan_pty p;
	struct msg m;
	char name[300];

	(void)state;
	ch->is_started = 0;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(ev->pty(ch, name, 1, 1), 0);
	assert_int_equal(chan_recv(monitor, &m), 0);
	assert_int_equal(msg_chan_pty_get(m.body, &p), 0);
	assert_int_equal(strlen(p.term), TERM_MAX);
	msg_chan_pty_free(&p);
	msg_done(&m);
	ch->has_pty = 0;
	assert_int_equal(ev->pty(ch, "\001", 1, 1), 0);
	assert_int_equal(chan_recv(monitor, &m), 0);
	assert_int_equal(msg_chan_pty_get(m.body, &p), 0);
	assert_string_equal(p.term, "dumb");
	msg_chan_pty_free(&p);
	msg_done(&m);
}

static void
a_channel_starts_once(void **state)
{
	(void)state;
	ch->is_started = 0;
	assert_int_equal(ev->start(ch, LANE_SHELL, ""), 0);
	monitor_heard(MSG_CHAN_SHELL);
	assert_int_equal(ev->start(ch, LANE_EXEC, "id"), 1);
	assert_int_equal(ev->start(ch, LANE_SUBSYSTEM, "sftp"), 1);
	assert_int_equal(ev->pty(ch, "xterm", 80, 24), 1);
	monitor_heard_nothing();
}

static void
a_long_command_is_cut_and_its_length_told(void **state)
{
	struct msg_chan_exec e;
	struct msg m;
	char *text = calloc(1, 200001);

	(void)state;
	ch->is_started = 0;
	memset(text, 'a', 200000);
	assert_int_equal(ev->start(ch, LANE_EXEC, text), 0);
	assert_int_equal(chan_recv(monitor, &m), 0);
	assert_int_equal(msg_chan_exec_get(m.body, &e), 0);
	assert_int_equal(e.command.n, COMMAND_MAX);
	assert_int_equal(e.total, 200000);
	msg_chan_exec_free(&e);
	msg_done(&m);
	free(text);
}

static void
a_subsystem_of_a_long_name_is_cut(void **state)
{
	char name[200];

	(void)state;
	memset(name, 's', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ch->is_started = 0;
	assert_int_equal(ev->start(ch, LANE_SUBSYSTEM, name), 0);
	monitor_heard(MSG_CHAN_SUBSYSTEM);
}

static void
signals_have_plain_names(void **state)
{
	(void)state;
	ev->got_signal(ch, "TERM");
	monitor_heard(MSG_CHAN_SIGNAL);
	ev->got_signal(ch, "");
	ev->got_signal(ch, "TERM; id");
	ev->got_signal(ch, "ABCDEFGHIJKLMNOPQ");
	ch->has_exit = 1;
	ev->got_signal(ch, "TERM");
	monitor_heard_nothing();
}

static void
window_changes_need_a_terminal(void **state)
{
	(void)state;
	ev->resize(ch, 10, 10);
	monitor_heard_nothing();
	ch->has_pty = 1;
	ev->resize(ch, 10, 10);
	monitor_heard(MSG_CHAN_RESIZE);
}

static void
each_kind_of_refusal_is_told_once(void **state)
{
	char what[] = "direct-tcpip";
	char detail[400];
	int i;

	(void)state;
	memset(detail, 'd', sizeof(detail) - 1);
	detail[sizeof(detail) - 1] = '\0';
	for (i = 0; i < 5; i++)
		ev->refused(&net, NULL, what, detail);
	ev->refused(&net, ch, "x11", "");
	monitor_heard(MSG_CHAN_REFUSED);
	monitor_heard(MSG_CHAN_REFUSED);
	monitor_heard_nothing();
}

static void
the_end_of_output_means_nothing_on_a_terminal(void **state)
{
	(void)state;
	ev->end_of_output(ch);
	assert_int_equal(ch->drops_output, 1);
	ch->drops_output = 0;
	ch->has_pty = 1;
	ev->end_of_output(ch);
	assert_int_equal(ch->drops_output, 0);
}

static void
the_environment_is_only_counted(void **state)
{
	(void)state;
	ev->env(ch);
	assert_int_equal(net.env_dropped, 1);
	monitor_heard_nothing();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(channels_are_counted_and_told),
		TEST(nothing_opens_before_login),
		TEST(a_terminal_name_keeps_only_plain_characters),
		TEST(an_empty_terminal_name_is_dumb_and_a_long_one_is_cut),
		TEST(a_channel_starts_once),
		TEST(a_long_command_is_cut_and_its_length_told),
		TEST(a_subsystem_of_a_long_name_is_cut),
		TEST(signals_have_plain_names),
		TEST(window_changes_need_a_terminal),
		TEST(each_kind_of_refusal_is_told_once),
		TEST(the_end_of_output_means_nothing_on_a_terminal),
		TEST(the_environment_is_only_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
