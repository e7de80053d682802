/* ed25519_test.c - the vectors of RFC 8032, section 7.1, and what must not verify. */
#include "../test.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/err.h"
#include "crypt/ed25519.h"
#include "crypt/secret.h"

#define MESSAGE_MAX_LEN	64

static const struct vector {
	const char *seed, *public, *message, *signature;
} vectors[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	  "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	  "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	  "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
	{ "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
	  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	  "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
	  "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704" },
};
#define NVECTORS	(sizeof(vectors) / sizeof(vectors[0]))

static uint8_t
digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Bytes of a hex text; how many. */
static size_t
bytes(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2, i;

	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(digit(hex[2 * i]) << 4 |
		    digit(hex[2 * i + 1]));
	return n;
}

struct bits {
	uint8_t seed[32], public[32], message[MESSAGE_MAX_LEN], signature[64];
	size_t	len;
};

static void
take(const struct vector *v, struct bits *b)
{
	assert_int_equal(bytes(v->seed, b->seed), 32);
	assert_int_equal(bytes(v->public, b->public), 32);
	assert_int_equal(bytes(v->signature, b->signature), 64);
	b->len = bytes(v->message, b->message);
}

static void
the_vectors_of_the_rfc_come_out(void **state)
{
	uint8_t public[ED25519_LEN], signature[ED25519_SIGNATURE];
	struct ed25519 *k;
	struct bits b;
	size_t i;

	(void)state;
	for (i = 0; i < NVECTORS; i++) {
		take(&vectors[i], &b);
		assert_int_equal(ed25519_new(b.seed, &k), 0);
		assert_int_equal(ed25519_public(k, public), 0);
		assert_memory_equal(public, b.public, sizeof(public));
		assert_int_equal(ed25519_sign(k, b.message, b.len, signature),
		    0);
		assert_memory_equal(signature, b.signature, sizeof(signature));
		assert_int_equal(ed25519_verify(b.public, b.message, b.len,
		    b.signature), 0);
		ed25519_free(k);
	}
}

static void
one_bit_anywhere_and_it_does_not_verify(void **state)
{
	struct bits b;
	size_t i;

	(void)state;
	take(&vectors[3], &b);
	for (i = 0; i < 8 * sizeof(b.signature); i++) {
		b.signature[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(ed25519_verify(b.public, b.message, b.len,
		    b.signature), ERR_DENIED);
		b.signature[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < 8 * b.len; i++) {
		b.message[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(ed25519_verify(b.public, b.message, b.len,
		    b.signature), ERR_DENIED);
		b.message[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < 8 * sizeof(b.public); i++) {
		b.public[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(ed25519_verify(b.public, b.message, b.len,
		    b.signature), 0);
		b.public[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(ed25519_verify(b.public, b.message, b.len - 1,
	    b.signature), ERR_DENIED);
	assert_int_equal(ed25519_verify(b.public, b.message, b.len,
	    b.signature), 0);
}

/* S + L instead of S: the same point, and not a signature (RFC 8032, 5.1.7). */
static void
a_second_form_of_a_signature_does_not_verify(void **state)
{
	static const char *const order =
	    "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
	unsigned int carry = 0;
	uint8_t l[32];
	struct bits b;
	size_t i;

	(void)state;
	take(&vectors[1], &b);
	assert_int_equal(bytes(order, l), 32);
	for (i = 0; i < 32; i++) {
		carry += (unsigned int)b.signature[32 + i] + l[i];
		b.signature[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(ed25519_verify(b.public, b.message, b.len,
	    b.signature), ERR_DENIED);
}

static void
keys_live_in_the_locked_heap_once_there_is_one(void **state)
{
	struct ed25519 *k;
	struct bits b;
	size_t before;

	(void)state;
	take(&vectors[0], &b);
	assert_int_equal(secret_start(16384), 0);
	before = CRYPTO_secure_used();
	assert_int_equal(ed25519_new(b.seed, &k), 0);
	assert_true(CRYPTO_secure_used() >= before + ED25519_LEN);
	ed25519_free(k);
	assert_int_equal(CRYPTO_secure_used(), before);
	ed25519_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_rfc_come_out),
		cmocka_unit_test(one_bit_anywhere_and_it_does_not_verify),
		cmocka_unit_test(a_second_form_of_a_signature_does_not_verify),
		cmocka_unit_test(
		    keys_live_in_the_locked_heap_once_there_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
