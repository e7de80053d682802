/* source_test.c - addresses as text and as keys. */
#include "../test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "listen/source.h"

static struct sockaddr_storage
address(int family, const char *text, uint16_t port)
{
	struct sockaddr_storage s;
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memset(&s, 0, sizeof(s));
	if (family == AF_INET) {
		in.sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
		memcpy(&s, &in, sizeof(in));
	} else {
		in6.sin6_port = htons(port);
		assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
		memcpy(&s, &in6, sizeof(in6));
	}
	return s;
}

static int
same_key(struct sockaddr_storage a, struct sockaddr_storage b)
{
	struct source x, y;

	source_key(&x, &a);
	source_key(&y, &b);
	return source_equal(&x, &y);
}

static void
ipv4_is_counted_by_address_without_port(void **state)
{
	(void)state;
	assert_true(same_key(address(AF_INET, "192.0.2.1", 1),
	    address(AF_INET, "192.0.2.1", 2)));
	assert_false(same_key(address(AF_INET, "192.0.2.1", 1),
	    address(AF_INET, "192.0.2.2", 1)));
}

static void
ipv6_is_counted_by_its_first_64_bits(void **state)
{
	(void)state;
	assert_true(same_key(address(AF_INET6, "2001:db8:1:2::1", 1),
	    address(AF_INET6, "2001:db8:1:2:ffff::9", 1)));
	assert_false(same_key(address(AF_INET6, "2001:db8:1:2::1", 1),
	    address(AF_INET6, "2001:db8:1:3::1", 1)));
}

static void
ipv4_inside_ipv6_is_ipv4(void **state)
{
	char out[SOURCE_MAX];
	struct sockaddr_storage s = address(AF_INET6, "::ffff:192.0.2.1", 5);

	(void)state;
	assert_true(same_key(s, address(AF_INET, "192.0.2.1", 1)));
	assert_string_equal(source_text(out, &s), "192.0.2.1:5");
}

static void
texts_show_address_and_port_or_the_counted_part(void **state)
{
	char out[SOURCE_MAX];
	struct sockaddr_storage s = address(AF_INET6, "2001:db8::1", 4711);
	struct source key;

	(void)state;
	assert_string_equal(source_text(out, &s), "[2001:db8::1]:4711");
	source_key(&key, &s);
	assert_string_equal(source_key_text(out, &key), "2001:db8::/64");
	s = address(AF_INET, "192.0.2.1", 4711);
	assert_string_equal(source_text(out, &s), "192.0.2.1:4711");
	source_key(&key, &s);
	assert_string_equal(source_key_text(out, &key), "192.0.2.1");
}

static void
an_unknown_family_has_a_key_too(void **state)
{
	struct sockaddr_storage s;
	char out[SOURCE_MAX];
	struct source key;

	(void)state;
	memset(&s, 0, sizeof(s));
	s.ss_family = AF_UNIX;
	source_key(&key, &s);
	assert_int_equal(key.family, 0);
	assert_string_equal(source_text(out, &s), "?");
	assert_string_equal(source_key_text(out, &key), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_counted_by_address_without_port),
		cmocka_unit_test(ipv6_is_counted_by_its_first_64_bits),
		cmocka_unit_test(ipv4_inside_ipv6_is_ipv4),
		cmocka_unit_test(
		    texts_show_address_and_port_or_the_counted_part),
		cmocka_unit_test(an_unknown_family_has_a_key_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
