/* secret.c - OpenSSL's secure heap, or nothing. */
#include "crypt/secret.h"

#include <openssl/crypto.h>

#include "base/err.h"
#include "base/log.h"

#define SMALLEST	32		/* bytes: a private key */

int
secret_start(size_t bytes)
{
	if (CRYPTO_secure_malloc_init(bytes, SMALLEST) == 1)
		return 0;
	log_error("no locked memory for private keys bytes=%zu", bytes);
	return ERR_CRYPTO;
}
