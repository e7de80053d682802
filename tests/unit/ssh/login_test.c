/* login_test.c - which methods reach us as what. */
#include "peer.h"

static char out[4096];

static void
finish(void)
{
	lane_exit(saw.lane, 0, "");
	lane_close(saw.lane);
}

static void
the_dialogue_carries_name_and_answer(void **state)
{
	(void)state;
	saw.on_start = finish;
	assert_int_equal(with_ssh("right", "$u true", out, sizeof(out)), 0);
	assert_string_equal(saw.user, "bob");
	assert_string_equal(saw.answer, "right");
	assert_int_equal(saw.attempts[CLIENT_NONE], 1);
}

static void
a_failure_is_a_failure(void **state)
{
	(void)state;
	assert_int_equal(with_ssh("wrong", "$u true", out, sizeof(out)), 255);
	assert_int_equal(saw.starts, 0);
}

static void
the_end_disconnects(void **state)
{
	(void)state;
	assert_int_equal(with_ssh("end", "$u true", out, sizeof(out)), 255);
}

static void
keys_are_refused_and_counted(void **state)
{
	(void)state;
	saw.on_start = finish;
	assert_int_equal(with_ssh("right", "-i key -o IdentitiesOnly=yes"
	    " -o PreferredAuthentications=publickey,keyboard-interactive"
	    " $u true", out, sizeof(out)), 0);
	/* publickey is not advertised, so ssh(1) does not even offer it */
	assert_int_equal(saw.attempts[CLIENT_KEY], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_dialogue_carries_name_and_answer),
		TEST(a_failure_is_a_failure),
		TEST(the_end_disconnects),
		TEST(keys_are_refused_and_counted),
	};

	return cmocka_run_group_tests(tests, peer_begin, peer_end);
}
