/* ed25519.h - Ed25519 (RFC 8032) by OpenSSL: seeds of 32 bytes, public keys of 32, signatures of 64. */
#ifndef CRYPT_ED25519_H
#define CRYPT_ED25519_H

#include <stddef.h>
#include <stdint.h>

#define ED25519_LEN		32	/* seed, public key */
#define ED25519_SIGNATURE	64

struct ed25519;			/* a private key */

/* From a seed (the caller wipes it).  ERR_CRYPTO: logged.  The caller frees *out with ed25519_free(). */
int ed25519_new(const uint8_t seed[ED25519_LEN], struct ed25519 **out);
/* Wipes it; NULL is allowed. */
void ed25519_free(struct ed25519 *k);
int ed25519_public(const struct ed25519 *k, uint8_t out[ED25519_LEN]);
int ed25519_sign(const struct ed25519 *k, const void *p, size_t n,
    uint8_t out[ED25519_SIGNATURE]);

/* 0: good.  ERR_DENIED: not a signature of this key over these bytes.  ERR_CRYPTO: could not be tried (logged). */
int ed25519_verify(const uint8_t public_key[ED25519_LEN], const void *p,
    size_t n, const uint8_t signature[ED25519_SIGNATURE]);

#endif
