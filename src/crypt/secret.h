/* secret.h - memory for private keys that is locked, guarded and never dumped: OpenSSL's secure heap. */
#ifndef CRYPT_SECRET_H
#define CRYPT_SECRET_H

#include <stddef.h>

/*
 * Before the first private key and before the confinement; "bytes": a power of
 * two.  Keys made by ed25519_new() live there from now on.  ERR_CRYPTO
 * (logged): it could not be had, or not locked.
 */
int secret_start(size_t bytes);

#endif
