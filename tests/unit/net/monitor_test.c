/* monitor_test.c - what the monitor may say, and when. */
#include "lanes.h"

#include "base/clock.h"

static void
a_ping_is_answered_with_its_number(void **state)
{
	struct msg m;

	(void)state;
	ch->moved_ms = 0;
	assert_int_equal(chan_put_ping(monitor, 12, NULL, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), 0);
	assert_int_equal(chan_recv(monitor, &m), 0);
	assert_int_equal(m.type, MSG_PONG);
	assert_int_equal(m.id, 12);
	msg_done(&m);
}

/* How long ago that was. */
static uint32_t
active(uint32_t id)
{
	struct msg_chan_active a;
	struct msg m;

	assert_int_equal(chan_recv(monitor, &m), 0);
	assert_int_equal(m.type, MSG_CHAN_ACTIVE);
	assert_int_equal(m.id, id);
	assert_int_equal(msg_chan_active_get(m.body, &a), 0);
	msg_done(&m);
	return a.ago_ms;
}

static void
ping(void)
{
	assert_int_equal(chan_put_ping(monitor, 0, NULL, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), 0);
}

static void
before_the_answer_it_tells_where_bytes_moved(void **state)
{
	struct channel *other = channel_new(&net, &lane);

	(void)state;
	ping();
	(void)active(ch->id);
	(void)active(other->id);
	monitor_heard(MSG_PONG);
	give_streams(1);
	assert_int_equal(relay_take(other, (const uint8_t *)"x", 1), 0);
	assert_int_equal(relay_take(ch, (const uint8_t *)"x", 1), 1);
	ping();
	(void)active(ch->id);
	monitor_heard(MSG_PONG);
	assert_int_equal(send(errs[1], "y", 1, 0), 1);
	relay_output(ch);
	ping();
	(void)active(ch->id);
	monitor_heard(MSG_PONG);
	ping();
	monitor_heard(MSG_PONG);
}

/* By the last byte, and of a channel that is closed by now as well. */
static void
it_tells_how_long_ago(void **state)
{
	struct channel *other = channel_new(&net, &lane);
	int64_t now = clock_mono_ms();
	uint32_t ago;

	(void)state;
	ch->moved_ms = now - 5000;
	other->moved_ms = now - 7000;
	other->is_closed = 1;
	ping();
	ago = active(ch->id);
	assert_true(ago >= 5000);
	assert_true(active(NO_CHANNEL) >= 7000);
	monitor_heard(MSG_PONG);
	ch->moved_ms = clock_mono_ms() + 60000;	/* clocks are clocks */
	ping();
	assert_int_equal(active(ch->id), 0);
	monitor_heard(MSG_PONG);
}

static void
bytes_of_a_channel_that_closed_count_for_the_connection(void **state)
{
	(void)state;
	ch->is_closed = 1;
	channel_sweep(&net);
	monitor_heard(MSG_CHAN_CLOSED);
	ping();
	(void)active(NO_CHANNEL);
	monitor_heard(MSG_PONG);
	ping();
	monitor_heard(MSG_PONG);
}

static void
the_good_bye_is_said_and_ends_it(void **state)
{
	char text[] = "sekisho: closed";
	struct msg_bye bye = { .text = text };

	(void)state;
	assert_int_equal(chan_put_bye(monitor, 0, &bye, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), 0);
	assert_int_equal(net.is_over, 1);
	assert_string_equal(client_saw.goodbye, text);
	net.state = NET_LOGIN;
	assert_int_equal(chan_put_bye(monitor, 0, &bye, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), ERR_DENIED);
}

static void
messages_of_channels_need_a_login(void **state)
{
	struct msg_chan_text t = { .text = { NULL, 0 } };

	(void)state;
	net.state = NET_LOGIN;
	assert_int_equal(chan_put_chan_text(monitor, 0, &t, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), ERR_DENIED);
}

static void
outside_a_dialogue_only_the_end_is_said(void **state)
{
	struct msg_auth_result r = { .result = AUTH_END };

	(void)state;
	net.state = NET_LOGIN;
	assert_int_equal(chan_put_auth_result(monitor, 0, &r, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), 0);
	assert_int_equal(net.is_over, 1);
	r.result = AUTH_OK;
	assert_int_equal(chan_put_auth_result(monitor, 0, &r, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), ERR_STATE);
	assert_int_equal(net.state, NET_LOGIN);
}

static void
streams_come_once(void **state)
{
	struct msg_chan_streams s = { .has_err = 0, .reads_input = 1 };

	(void)state;
	give_streams(1);
	assert_int_equal(chan_put_chan_streams(monitor, ch->id, &s, &io[1],
	    1), 0);
	assert_int_equal(monitor_read(&net), ERR_STATE);
}

static void
streams_need_their_descriptors(void **state)
{
	struct msg_chan_streams s = { .has_err = 1, .reads_input = 1 };

	(void)state;
	assert_int_equal(chan_put_chan_streams(monitor, ch->id, &s, &io[0],
	    1), 0);
	assert_int_equal(monitor_read(&net), ERR_FORMAT);
}

static void
a_channel_that_is_gone_is_no_error(void **state)
{
	char none[] = "";
	struct msg_chan_streams s = { .has_err = 0, .reads_input = 1 };
	struct msg_chan_text t = { .text = { NULL, 0 } };
	struct msg_chan_exit e = { .status = 0, .signal = none };

	(void)state;
	assert_int_equal(chan_put_chan_streams(monitor, 77, &s, &io[0], 1), 0);
	assert_int_equal(chan_put_chan_text(monitor, 77, &t, NULL, 0), 0);
	assert_int_equal(chan_put_chan_exit(monitor, 77, &e, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), 0);
}

static void
a_status_comes_once_and_no_text_after_it(void **state)
{
	char none[] = "";
	struct msg_chan_exit e = { .status = 0, .signal = none };
	struct msg_chan_text t = { .text = { NULL, 0 } };

	(void)state;
	say_exit(1);
	assert_int_equal(chan_put_chan_text(monitor, ch->id, &t, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), ERR_STATE);
	assert_int_equal(chan_put_chan_exit(monitor, ch->id, &e, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), ERR_STATE);
}

static void
the_end_of_the_monitor_is_seen(void **state)
{
	(void)state;
	chan_free(monitor);
	monitor = NULL;
	assert_int_equal(monitor_read(&net), ERR_CLOSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ping_is_answered_with_its_number),
		TEST(before_the_answer_it_tells_where_bytes_moved),
		TEST(it_tells_how_long_ago),
		TEST(bytes_of_a_channel_that_closed_count_for_the_connection),
		TEST(the_good_bye_is_said_and_ends_it),
		TEST(messages_of_channels_need_a_login),
		TEST(outside_a_dialogue_only_the_end_is_said),
		TEST(streams_come_once),
		TEST(streams_need_their_descriptors),
		TEST(a_channel_that_is_gone_is_no_error),
		TEST(a_status_comes_once_and_no_text_after_it),
		TEST(the_end_of_the_monitor_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
