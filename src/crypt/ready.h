/*
 * ready.h - OpenSSL after a start without memory: its own functions then use
 * locks that were never made (3.0: SIGSEGV), so it is asked before the first of them.
 */
#ifndef CRYPT_READY_H
#define CRYPT_READY_H

#include <openssl/crypto.h>

/* 0: it could not begin and must not be used, now or later. */
static inline int
crypt_is_ready(void)
{
	return OSSL_LIB_CTX_get0_global_default() != NULL;
}

#endif
