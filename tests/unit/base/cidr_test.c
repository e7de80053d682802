/* cidr_test.c - networks from text, and who is in them. */
#include "../test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/cidr.h"
#include "base/err.h"

static struct sockaddr_storage
address(const char *text)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_storage ss;

	memset(&ss, 0, sizeof(ss));
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		memcpy(&ss, &in, sizeof(in));
	else {
		assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
		memcpy(&ss, &in6, sizeof(in6));
	}
	return ss;
}

static void
an_address_is_in_its_network_and_in_no_other(void **state)
{
	static const struct {
		const char	*net, *address;
		int		 has;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", 1 },
		{ "192.0.2.0/24", "192.0.3.0", 0 },
		{ "192.0.2.128/25", "192.0.2.127", 0 },
		{ "192.0.2.128/25", "192.0.2.128", 1 },
		{ "192.0.2.1", "192.0.2.1", 1 },
		{ "192.0.2.1", "192.0.2.2", 0 },
		{ "0.0.0.0/0", "203.0.113.9", 1 },
		{ "0.0.0.0/0", "2001:db8::1", 0 },
		{ "192.0.2.0/24", "::ffff:192.0.2.7", 1 },
		{ "2001:db8::/32", "2001:db8:ffff::1", 1 },
		{ "2001:db8::/32", "2001:db9::1", 0 },
		{ "2001:db8::1", "2001:db8::1", 1 },
		{ "2001:db8::1", "2001:db8::2", 0 },
		{ "::/0", "2001:db8::1", 1 },
		{ "::/0", "192.0.2.1", 0 },
	};
	struct sockaddr_storage ss;
	struct cidr c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(cidr_parse(rows[i].net, &c), 0);
		ss = address(rows[i].address);
		if (cidr_has(&c, &ss) != rows[i].has)
			fail_msg("%s, %s", rows[i].net, rows[i].address);
	}
}

static void
what_is_no_network_is_refused_and_nothing_moves(void **state)
{
	static const char *const bad[] = { "", "/", "/24", "192.0.2.0/",
		"192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/2 4", "192.0.2/24",
		"192.0.2.1/24", "2001:db8::/129", "2001:db8::1/64", "host",
		"192.0.2.0/24/24", " 192.0.2.1", "2001:db8::%lo",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/64" };
	struct cidr c = { .family = 9 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (cidr_parse(bad[i], &c) != ERR_FORMAT)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(c.family, 9);
}

static void
something_else_than_an_ip_address_is_in_no_network(void **state)
{
	struct sockaddr_storage ss;
	struct cidr c;

	(void)state;
	memset(&ss, 0, sizeof(ss));
	ss.ss_family = AF_UNIX;
	assert_int_equal(cidr_parse("0.0.0.0/0", &c), 0);
	assert_int_equal(cidr_has(&c, &ss), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_in_its_network_and_in_no_other),
		cmocka_unit_test(
		    what_is_no_network_is_refused_and_nothing_moves),
		cmocka_unit_test(
		    something_else_than_an_ip_address_is_in_no_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
