/* ed25519.c - OpenSSL's one-shot signing. */
#include "crypt/ed25519.h"

#include <openssl/evp.h>

#include "base/err.h"
#include "base/log.h"

/* An EVP_PKEY under another name: callers need not see OpenSSL. */
#define PKEY(k)	((EVP_PKEY *)(uintptr_t)(k))

static int
failed(const char *step)
{
	log_error("Ed25519 failed step=%s", step);
	return ERR_CRYPTO;
}

int
ed25519_new(const uint8_t seed[ED25519_LEN], struct ed25519 **out)
{
	EVP_PKEY *k;

	k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
	    ED25519_LEN);
	*out = (struct ed25519 *)k;
	return k == NULL ? failed("key") : 0;
}

void
ed25519_free(struct ed25519 *k)
{
	EVP_PKEY_free((EVP_PKEY *)k);
}

int
ed25519_public(const struct ed25519 *k, uint8_t out[ED25519_LEN])
{
	size_t n = ED25519_LEN;

	if (EVP_PKEY_get_raw_public_key(PKEY(k), out, &n) != 1 ||
	    n != ED25519_LEN)
		return failed("public key");
	return 0;
}

int
ed25519_sign(const struct ed25519 *k, const void *p, size_t n,
    uint8_t out[ED25519_SIGNATURE])
{
	size_t len = ED25519_SIGNATURE;
	EVP_MD_CTX *c;
	int ok;

	if ((c = EVP_MD_CTX_new()) == NULL)
		return ERR_NOMEM;
	ok = EVP_DigestSignInit(c, NULL, NULL, NULL, PKEY(k)) == 1 &&
	    EVP_DigestSign(c, out, &len, p, n) == 1 &&
	    len == ED25519_SIGNATURE;
	EVP_MD_CTX_free(c);
	return ok ? 0 : failed("sign");
}

int
ed25519_verify(const uint8_t public_key[ED25519_LEN], const void *p,
    size_t n, const uint8_t signature[ED25519_SIGNATURE])
{
	EVP_MD_CTX *c = NULL;
	EVP_PKEY *k;
	int r = ERR_CRYPTO;

	k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key,
	    ED25519_LEN);
	if (k != NULL && (c = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1)
		r = EVP_DigestVerify(c, signature, ED25519_SIGNATURE, p,
		    n) == 1 ? 0 : ERR_DENIED;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return r == ERR_CRYPTO ? failed("verify") : r;
}
