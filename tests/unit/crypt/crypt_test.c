/* crypt_test.c - digests against published vectors, base64 and codes, ids. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "crypt/base64.h"
#include "crypt/random.h"
#include "crypt/sha256.h"

/* FIPS 180-4 examples. */
static const char abc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char empty[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void
digests_are_those_of_the_standard(void **state)
{
	uint8_t d[SHA256_LEN];
	char hex[SHA256_HEX];
	int fd;

	(void)state;
	assert_int_equal(sha256_mem("abc", 3, d), 0);
	assert_string_equal(sha256_hex(hex, d), abc);
	assert_int_equal(sha256_mem(NULL, 0, d), 0);
	assert_string_equal(sha256_hex(hex, d), empty);
	fd = fd_sealed("x", "abc", 3, 0);
	assert_int_equal(sha256_fd(fd, 3, d), 0);
	assert_string_equal(sha256_hex(hex, d), abc);
	assert_int_equal(sha256_fd(fd, 2, d), ERR_LIMIT);
	close(fd);
}

static void
a_peek_does_not_disturb_the_run(void **state)
{
	struct sha256 *s = sha256_new();
	uint8_t d[SHA256_LEN], want[SHA256_LEN];
	char hex[SHA256_HEX];

	(void)state;
	assert_int_equal(sha256_add(s, "ab", 2), 0);
	assert_int_equal(sha256_peek(s, d), 0);
	assert_int_equal(sha256_add(s, "c", 1), 0);
	assert_int_equal(sha256_peek(s, d), 0);
	assert_string_equal(sha256_hex(hex, d), abc);
	assert_int_equal(sha256_parse(abc, want), 0);
	assert_true(sha256_equal(d, want));
	want[31] ^= 1;
	assert_false(sha256_equal(d, want));
	assert_int_equal(sha256_reset(s), 0);
	assert_int_equal(sha256_peek(s, d), 0);
	assert_string_equal(sha256_hex(hex, d), empty);
	sha256_free(s);
	assert_int_equal(sha256_parse("abc", d), ERR_FORMAT);
	assert_int_equal(sha256_parse("zz7816bf8f01cfea414140de5dae2223b00361a"
	    "396177a9cb410ff61f20015ad", d), ERR_FORMAT);
}

static void
base64_is_strict_and_comes_back(void **state)
{
	static const char *const good[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foobar", "Zm9vYmFy" } };
	static const char *const bad[] = { "Zg=", "Zg", "Z===", "Zh==", "Zm9=",
		"Z g=", "Zg==Zg==", "====", "Zm9v\n" };
	uint8_t *p;
	size_t n, i;
	char *s;

	(void)state;
	for (i = 0; i < 5; i++) {
		s = base64_encode(good[i][0], strlen(good[i][0]));
		assert_string_equal(s, good[i][1]);
		assert_int_equal(base64_decode(s, 100, &p, &n), 0);
		assert_int_equal(n, strlen(good[i][0]));
		assert_memory_equal(p, good[i][0], n);
		free(p);
		str_wipe(s);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(base64_decode(bad[i], 100, &p, &n),
		    ERR_FORMAT);
	assert_int_equal(base64_decode("Zm9vYmFy", 5, &p, &n), ERR_LIMIT);
}

static void
ids_and_codes_have_their_form(void **state)
{
	uint8_t u[16], v[16], d[SHA256_LEN];
	char text[UUID_TEXT], code[5];

	(void)state;
	assert_int_equal(random_uuid7(u, 1795917600000000000), 0);
	assert_int_equal(random_uuid7(v, 1795917600000000000), 0);
	assert_memory_equal(u, v, 6);
	assert_memory_not_equal(u, v, 16);
	uuid_text(text, u);
	assert_int_equal(strlen(text), 36);
	assert_int_equal(text[14], '7');
	assert_int_equal(sha256_parse(abc, d), 0);
	/* ba781 = 10111 01001 11100 00001 */
	assert_string_equal(base32_code(code, d), "xj4b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_the_standard),
		cmocka_unit_test(a_peek_does_not_disturb_the_run),
		cmocka_unit_test(base64_is_strict_and_comes_back),
		cmocka_unit_test(ids_and_codes_have_their_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
