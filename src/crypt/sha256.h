/* sha256.h - SHA-256 (FIPS 180-4) by OpenSSL: of memory, of a descriptor, piece by piece. */
#ifndef CRYPT_SHA256_H
#define CRYPT_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN	32
#define SHA256_HEX	65	/* text with its NUL */

struct sha256;			/* a running digest */

/* NULL: no memory. */
struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *s);
/* Start over. */
int sha256_reset(struct sha256 *s);
int sha256_add(struct sha256 *s, const void *p, size_t n);
/* The digest so far; the run goes on and more may be added. */
int sha256_peek(const struct sha256 *s, uint8_t out[SHA256_LEN]);

/* All at once.  ERR_CRYPTO: OpenSSL failed (logged). */
int sha256_mem(const void *p, size_t n, uint8_t out[SHA256_LEN]);
/* From offset 0 to the end of a file, by pread(2); ERR_LIMIT above "max" bytes; the offset does not move. */
int sha256_fd(int fd, uint64_t max, uint8_t out[SHA256_LEN]);

/* Lower-case hex, terminated; returns out. */
char *sha256_hex(char out[SHA256_HEX], const uint8_t digest[SHA256_LEN]);
/* Exactly 64 hex digits; ERR_FORMAT leaves out alone. */
int sha256_parse(const char *hex, uint8_t out[SHA256_LEN]);
/* 1 when equal, in constant time. */
int sha256_equal(const uint8_t a[SHA256_LEN], const uint8_t b[SHA256_LEN]);

#endif
