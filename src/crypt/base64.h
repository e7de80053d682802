/* base64.h - base64 (RFC 4648 section 4, padded) and the base32 of approval codes. */
#ifndef CRYPT_BASE64_H
#define CRYPT_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* New string; the caller frees with str_wipe().  NULL: no memory. */
char *base64_encode(const void *p, size_t n);
/* Strict: alphabet, padding, no white space.  ERR_FORMAT, ERR_LIMIT (more than "max" bytes), ERR_NOMEM.  The caller frees with mem_wipe(). */
int base64_decode(const char *s, size_t max, uint8_t **out, size_t *n);
/* The first 20 bits of a digest as 4 lower-case letters of RFC 4648's base32 alphabet; out holds 5 bytes. */
char *base32_code(char out[5], const uint8_t *digest);

#endif
