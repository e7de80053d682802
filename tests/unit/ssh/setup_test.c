/* setup_test.c - host keys and options before a client is there. */
#include "peer.h"

static void
a_key_that_is_none_is_refused(void **state)
{
	(void)state;
	assert_int_equal(client_add_key(server, "x", "no key"), ERR_FORMAT);
	assert_int_equal(client_add_key(server, "x", ""), ERR_FORMAT);
}

static void
a_public_key_is_no_host_key(void **state)
{
	char *text = slurp("key.pub");

	(void)state;
	assert_int_equal(client_add_key(server, "x", text), ERR_FORMAT);
	free(text);
}

static void
a_new_client_has_no_socket(void **state)
{
	(void)state;
	assert_int_equal(client_fd(server), -1);
}

static void
freeing_nothing_is_allowed(void **state)
{
	(void)state;
	client_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_that_is_none_is_refused),
		TEST(a_public_key_is_no_host_key),
		TEST(a_new_client_has_no_socket),
		TEST(freeing_nothing_is_allowed),
	};

	return cmocka_run_group_tests(tests, peer_begin, peer_end);
}
