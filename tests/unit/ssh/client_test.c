/* client_test.c - strange peers before the key exchange is over. */
#include "peer.h"

/* Connects a peer that says "text" and then nothing more. */
static int
turns_with(const char *text, int hang_up)
{
	int pair[2], r, i;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    pair), 0);
	assert_int_equal(client_accept(server, pair[0]), 0);
	if (text[0] != '\0')
		assert_int_equal(write(pair[1], text, strlen(text)),
		    (ssize_t)strlen(text));
	r = client_turn(server);
	if (hang_up)
		close(pair[1]);
	for (i = 0; i < 20 && r == 0; i++)
		r = client_turn(server);
	if (!hang_up)
		close(pair[1]);
	return r;
}

static void
a_peer_that_hangs_up_ends_the_connection(void **state)
{
	(void)state;
	assert_int_equal(turns_with("", 1), ERR_CLOSED);
}

static void
a_peer_that_is_silent_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(turns_with("", 0), 0);
}

static void
a_peer_of_another_protocol_is_refused(void **state)
{
	(void)state;
	assert_int_equal(turns_with("GET / HTTP/1.0\r\n\r\n", 1), ERR_CLOSED);
}

static void
garbage_after_the_version_is_refused(void **state)
{
	(void)state;
	assert_int_equal(turns_with("SSH-2.0-x\r\n"
	    "\377\377\377\377\377\377\377\377\377\377\377\377\377", 0),
	    ERR_CLOSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_peer_that_hangs_up_ends_the_connection),
		TEST(a_peer_that_is_silent_is_not_waited_for),
		TEST(a_peer_of_another_protocol_is_refused),
		TEST(garbage_after_the_version_is_refused),
	};

	return cmocka_run_group_tests(tests, peer_begin, peer_end);
}
