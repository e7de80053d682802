/* selftest_test.c - OpenSSL gives the known answers, and a second form of them is none. */
#include "tests/unit/test.h"

#include "crypt/selftest.h"

static void
openssl_gives_the_known_answers(void **state)
{
	(void)state;
	assert_int_equal(crypt_self_test(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssl_gives_the_known_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
