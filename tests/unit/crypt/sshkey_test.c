/* sshkey_test.c - the plain keys that are taken, as ssh-keygen(1) makes them, and everything that only looks like one. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/base64.h"
#include "crypt/sshkey.h"
#include "tests/unit/keys.h"

static const struct {
	const char	*type, *text, *print;
} good[] = {
	{ KEY_ED25519_TYPE, KEY_ED25519, KEY_ED25519_PRINT },
	{ KEY_ECDSA256_TYPE, KEY_ECDSA256, KEY_ECDSA256_PRINT },
	{ KEY_ECDSA384_TYPE, KEY_ECDSA384, KEY_ECDSA384_PRINT },
	{ KEY_ECDSA521_TYPE, KEY_ECDSA521, KEY_ECDSA521_PRINT },
	{ KEY_RSA3072_TYPE, KEY_RSA3072, KEY_RSA3072_PRINT },
};
#define GOOD	(sizeof(good) / sizeof(good[0]))

static uint8_t *
bytes(const char *text, size_t *n)
{
	uint8_t *p = NULL;

	assert_int_equal(base64_decode(text, 4096, &p, n), 0);
	return p;
}

static void
keys_of_every_type_are_taken_with_their_fingerprint(void **state)
{
	char print[SSHKEY_PRINT];
	size_t i, n;
	uint8_t *p;

	(void)state;
	for (i = 0; i < GOOD; i++) {
		p = bytes(good[i].text, &n);
		assert_int_equal(sshkey_check(good[i].type, p, n, NULL), 0);
		assert_int_equal(sshkey_print(print, p, n), 0);
		assert_string_equal(print, good[i].print);
		assert_true(sshkey_is_type(good[i].type));
		mem_wipe(p, n);
	}
}

static void
cut_anywhere_or_longer_they_are_none(void **state)
{
	size_t i, n, cut;
	uint8_t *p, *more;

	(void)state;
	for (i = 0; i < GOOD; i++) {
		p = bytes(good[i].text, &n);
		for (cut = 0; cut < n; cut++) {
			/* exactly so much room: a byte read too far is seen */
			more = malloc(cut + 1);
			memcpy(more, p, cut);
			assert_int_equal(sshkey_check(good[i].type, more, cut,
			    NULL), ERR_FORMAT);
			free(more);
		}
		more = calloc(1, n + 1);
		memcpy(more, p, n);
		assert_int_equal(sshkey_check(good[i].type, more, n + 1,
		    NULL), ERR_FORMAT);
		free(more);
		mem_wipe(p, n);
	}
}

static void
each_is_only_of_its_own_type(void **state)
{
	static const char *const others[] = { "", "ssh-dss", "ssh-ed448",
		"sk-ssh-ed25519@openssh.com", "rsa-sha2-256",
		"ssh-ed25519-cert-v01@openssh.com", "SSH-ED25519" };
	size_t i, k, n;
	uint8_t *p;

	(void)state;
	for (i = 0; i < GOOD; i++) {
		p = bytes(good[i].text, &n);
		for (k = 0; k < GOOD; k++)
			if (k != i)
				assert_int_equal(sshkey_check(good[k].type, p,
				    n, NULL), ERR_FORMAT);
		for (k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
			assert_int_equal(sshkey_check(others[k], p, n, NULL),
			    ERR_FORMAT);
			assert_false(sshkey_is_type(others[k]));
		}
		mem_wipe(p, n);
	}
}

/* ssh-rsa with an exponent and a modulus of these bytes, the rest of the modulus 0x55. */
static int
rsa(const char *e, size_t ne, const char *begin, size_t nbegin, size_t nmod,
    const char **why)
{
	struct buf *b = buf_new(65536);
	char *mod = malloc(nmod);
	int r;

	memset(mod, 0x55, nmod);
	memcpy(mod, begin, nbegin);
	assert_int_equal(buf_put_str(b, "ssh-rsa"), 0);
	assert_int_equal(buf_put_bytes(b, e, ne), 0);
	assert_int_equal(buf_put_bytes(b, mod, nmod), 0);
	r = sshkey_check("ssh-rsa", buf_data(b), buf_len(b), why);
	free(mod);
	buf_free(b);
	return r;
}

static void
rsa_has_its_length_and_one_way_to_be_written(void **state)
{
	const char *why;

	(void)state;
	/* 3072 bits need a zero before them, 3071 do not */
	assert_int_equal(rsa("\1\0\1", 3, "\0\x80", 2, 385, &why), 0);
	assert_int_equal(rsa("\3", 1, "\0\xff", 2, 385, &why), 0);
	assert_int_equal(rsa("\1\0\1", 3, "\x7f", 1, 384, &why), ERR_FORMAT);
	assert_string_equal(why, "expected RSA with at least 3072 bits");
	assert_int_equal(rsa("\1\0\1", 3, "\0\x80", 2, 2049, &why), 0);
	assert_int_equal(rsa("\1\0\1", 3, "\1", 1, 2049, &why), ERR_FORMAT);
	assert_string_equal(why, "expected RSA with at most 16384 bits");
	/* negative; zeros too many; even and small exponents */
	assert_int_equal(rsa("\1\0\1", 3, "\x80", 1, 385, &why), ERR_FORMAT);
	assert_int_equal(rsa("\1\0\1", 3, "\0\0\x80", 3, 386, &why),
	    ERR_FORMAT);
	assert_int_equal(rsa("\0\1\0\1", 4, "\0\x80", 2, 385, &why),
	    ERR_FORMAT);
	assert_int_equal(rsa("\2", 1, "\0\x80", 2, 385, &why), ERR_FORMAT);
	assert_int_equal(rsa("\1", 1, "\0\x80", 2, 385, &why), ERR_FORMAT);
	assert_int_equal(rsa("", 0, "\0\x80", 2, 385, &why), ERR_FORMAT);
	assert_int_equal(rsa("\1\0\0\0\0\0\0\0\1", 9, "\0\x80", 2, 385, &why),
	    ERR_FORMAT);
}

static void
a_short_rsa_key_is_refused(void **state)
{
	size_t n;
	uint8_t *p = bytes(KEY_RSA2048, &n);

	(void)state;
	assert_int_equal(sshkey_check("ssh-rsa", p, n, NULL), ERR_FORMAT);
	mem_wipe(p, n);
}

static void
a_point_that_is_compressed_is_refused(void **state)
{
	size_t n;
	uint8_t *p = bytes(KEY_ECDSA256, &n);

	(void)state;
	assert_int_equal(p[n - 65], 4);
	p[n - 65] = 2;
	assert_int_equal(sshkey_check(KEY_ECDSA256_TYPE, p, n, NULL),
	    ERR_FORMAT);
	mem_wipe(p, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    keys_of_every_type_are_taken_with_their_fingerprint),
		cmocka_unit_test(cut_anywhere_or_longer_they_are_none),
		cmocka_unit_test(each_is_only_of_its_own_type),
		cmocka_unit_test(rsa_has_its_length_and_one_way_to_be_written),
		cmocka_unit_test(a_short_rsa_key_is_refused),
		cmocka_unit_test(a_point_that_is_compressed_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
