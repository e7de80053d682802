/* sshkey.h - public keys as SSH writes them (RFC 4253 6.6, 5656, 8709): is it one that is taken here, and its fingerprint. */
#ifndef CRYPT_SSHKEY_H
#define CRYPT_SSHKEY_H

#include <stddef.h>
#include <stdint.h>

/* Below it a modulus is within reach of the time a key file is kept (NIST SP 800-57: 128 bits of security). */
#define SSHKEY_RSA_MIN	3072
/* Each signature of a longer one costs the gate more than a login is worth. */
#define SSHKEY_RSA_MAX	16384
#define SSHKEY_PRINT	51	/* "SHA256:", 43 letters, NUL */

/* Is it one of the types that sshkey_check() knows? */
int sshkey_is_type(const char *algorithm);
/*
 * Is "p" a whole plain key of the type "algorithm" (ssh-ed25519,
 * ecdsa-sha2-nistp256/384/521, ssh-rsa), written in the one way there is?
 * ERR_FORMAT: *why, if asked for, says what was expected ("expected ...").
 */
int sshkey_check(const char *algorithm, const uint8_t *p, size_t n,
    const char **why);
/* As ssh-keygen -l writes it.  ERR_NOMEM, ERR_CRYPTO. */
int sshkey_print(char out[SSHKEY_PRINT], const uint8_t *p, size_t n);

#endif
