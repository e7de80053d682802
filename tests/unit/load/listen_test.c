/* listen_test.c - addresses are numbers with a port and nothing else. */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/err.h"
#include "load/listen.h"

static void
numeric_addresses_are_taken(void **state)
{
	struct sockaddr_storage ss;
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	(void)state;
	assert_int_equal(listen_parse("127.0.0.1:2222", &ss), 0);
	memcpy(&in, &ss, sizeof(in));
	assert_int_equal(in.sin_family, AF_INET);
	assert_int_equal(ntohs(in.sin_port), 2222);
	assert_int_equal(ntohl(in.sin_addr.s_addr), 0x7f000001);
	assert_int_equal(listen_parse("[::1]:65535", &ss), 0);
	memcpy(&in6, &ss, sizeof(in6));
	assert_int_equal(in6.sin6_family, AF_INET6);
	assert_int_equal(ntohs(in6.sin6_port), 65535);
	assert_true(IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr));
}

static void
everything_else_is_refused(void **state)
{
	static const char *const bad[] = { "", ":", ":22", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
		"127.0.0.1:+22", "127.0.0.1:22 ", " 127.0.0.1:22",
		"localhost:22", "127.1:22", "::1:22", "[::1]", "[::1:22",
		"[]:22", "[127.0.0.1]:22", "[::1]x:22", "127.0.0.1:0x16",
		"[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]:22",
		"[fe80::1%eth0]:22" };
	struct sockaddr_storage ss;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(listen_parse(bad[i], &ss), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numeric_addresses_are_taken),
		cmocka_unit_test(everything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
