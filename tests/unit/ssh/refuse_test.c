/* refuse_test.c - what is neither login nor session channel. */
#include "peer.h"

static char out[4096];

static void
finish(void)
{
	lane_exit(saw.lane, 0, "");
	lane_close(saw.lane);
}

static void
a_forward_is_refused_with_its_target(void **state)
{
	(void)state;
	assert_int_equal(with_ssh("right", "-W inner:22 $u", out, sizeof(out)),
	    255);
	assert_string_equal(saw.refused, "direct-tcpip");
	assert_string_equal(saw.detail, "inner:22");
}

static void
a_remote_forward_is_refused(void **state)
{
	(void)state;
	saw.on_start = finish;
	assert_int_equal(with_ssh("right", "-R 7777:localhost:22 $u true"
	    " 2>/dev/null", out, sizeof(out)), 0);
	assert_string_equal(saw.refused, "tcpip-forward");
}

static void
without_an_agent_nothing_is_asked(void **state)
{
	(void)state;
	saw.on_start = finish;
	assert_int_equal(with_ssh("right", "-o ForwardAgent=yes"
	    " -o IdentityAgent=none $u true", out, sizeof(out)), 0);
	assert_string_equal(saw.refused, "");
}

/* ssh(1) tells that its output has gone away; nobody else is believed. */
static void
write_until_told(void)
{
	char b[1000];

	memset(b, 'y', sizeof(b));
	while (saw.ends == 0 && saw.closes == 0) {
		if (lane_room(saw.lane) > 0)
			(void)lane_write(saw.lane, 0, b, sizeof(b));
		if (turn() != 0)
			return;
	}
	finish();
}

static void
the_end_of_output_is_told(void **state)
{
	(void)state;
	saw.on_start = write_until_told;
	(void)with_ssh("right", "$u yes < <(sleep 2) | head -c 1", out,
	    sizeof(out));
	assert_int_equal(saw.ends + saw.closes > 0, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_forward_is_refused_with_its_target),
		TEST(a_remote_forward_is_refused),
		TEST(without_an_agent_nothing_is_asked),
		TEST(the_end_of_output_is_told),
	};

	return cmocka_run_group_tests(tests, peer_begin, peer_end);
}
