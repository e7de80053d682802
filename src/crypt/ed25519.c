/* ed25519.c - OpenSSL's one-shot signing; its own key object holds the private key in plain heap, so it lives for one signature only. */
#include "crypt/ed25519.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "crypt/ready.h"

/* In the secure heap, once there is one (secret.h). */
struct ed25519 {
	uint8_t	seed[ED25519_LEN];
	uint8_t	public[ED25519_LEN];
};

static int
failed(const char *step)
{
	log_error("Ed25519 failed step=%s", step);
	return ERR_CRYPTO;
}

/* The caller frees it; it wipes itself. */
static EVP_PKEY *
unfold(const struct ed25519 *k)
{
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, k->seed,
	    ED25519_LEN);
}

int
ed25519_new(const uint8_t seed[ED25519_LEN], struct ed25519 **out)
{
	size_t n = ED25519_LEN;
	struct ed25519 *k;
	EVP_PKEY *p;
	int ok;

	*out = NULL;
	if (!crypt_is_ready())
		return failed("start");
	if ((k = OPENSSL_secure_malloc(sizeof(*k))) == NULL)
		return ERR_NOMEM;
	memcpy(k->seed, seed, ED25519_LEN);
	ok = (p = unfold(k)) != NULL &&
	    EVP_PKEY_get_raw_public_key(p, k->public, &n) == 1 &&
	    n == ED25519_LEN;
	EVP_PKEY_free(p);
	if (!ok) {
		ed25519_free(k);
		return failed("key");
	}
	*out = k;
	return 0;
}

void
ed25519_free(struct ed25519 *k)
{
	OPENSSL_secure_clear_free(k, sizeof(*k));
}

int
ed25519_public(const struct ed25519 *k, uint8_t out[ED25519_LEN])
{
	memcpy(out, k->public, ED25519_LEN);
	return 0;
}

int
ed25519_sign(const struct ed25519 *k, const void *p, size_t n,
    uint8_t out[ED25519_SIGNATURE])
{
	size_t len = ED25519_SIGNATURE;
	EVP_MD_CTX *c = NULL;
	EVP_PKEY *key;
	int ok;

	ok = (key = unfold(k)) != NULL && (c = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestSignInit(c, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestSign(c, out, &len, p, n) == 1 &&
	    len == ED25519_SIGNATURE;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	return ok ? 0 : failed("sign");
}

static int
verify(const uint8_t public_key[ED25519_LEN], const void *p,
    size_t n, const uint8_t signature[ED25519_SIGNATURE])
{
	EVP_MD_CTX *c = NULL;
	EVP_PKEY *k;
	int r = ERR_CRYPTO;

	k = !crypt_is_ready() ? NULL : EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, public_key, ED25519_LEN);
	if (k != NULL && (c = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1)
		r = EVP_DigestVerify(c, signature, ED25519_SIGNATURE, p,
		    n) == 1 ? 0 : ERR_DENIED;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return r == ERR_CRYPTO ? failed("verify") : r;
}

int
ed25519_verify(const uint8_t public_key[ED25519_LEN], const void *p,
    size_t n, const uint8_t signature[ED25519_SIGNATURE])
{
	int r = verify(public_key, p, n, signature);

	/* libcrypto says the same no when it had no memory for a moment */
	return r != ERR_DENIED ? r : verify(public_key, p, n, signature);
}
