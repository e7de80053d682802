/*
 * sha256.c - SHA-256 by OpenSSL's own functions for it.
 *
 * EVP would look the digest up in a provider for every frame of a recording,
 * and load half a megabyte of tables (0.8 ms) into every process of a command.
 */
#include "crypt/sha256.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPENSSL_SUPPRESS_DEPRECATED	/* they are for who needs no choice of digests */
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/err.h"
#include "base/log.h"

struct sha256 {
	SHA256_CTX	 run;
};

struct sha256 *
sha256_new(void)
{
	struct sha256 *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	if (sha256_reset(s) != 0) {
		sha256_free(s);
		return NULL;
	}
	return s;
}

void
sha256_free(struct sha256 *s)
{
	free(s);
}

static int
failed(const char *step)
{
	log_error("digest failed step=%s", step);
	return ERR_CRYPTO;
}

int
sha256_reset(struct sha256 *s)
{
	return SHA256_Init(&s->run) == 1 ? 0 : failed("init");
}

int
sha256_add(struct sha256 *s, const void *p, size_t n)
{
	return SHA256_Update(&s->run, p, n) == 1 ? 0 : failed("update");
}

int
sha256_peek(const struct sha256 *s, uint8_t out[SHA256_LEN])
{
	SHA256_CTX copy = s->run;

	return SHA256_Final(out, &copy) == 1 ? 0 : failed("final");
}

int
sha256_mem(const void *p, size_t n, uint8_t out[SHA256_LEN])
{
	struct sha256 s;
	int r;

	if ((r = sha256_reset(&s)) != 0 || (r = sha256_add(&s, p, n)) != 0)
		return r;
	return sha256_peek(&s, out);
}

int
sha256_fd(int fd, uint64_t max, uint8_t out[SHA256_LEN])
{
	struct sha256 *s;
	uint8_t *piece;
	const size_t room = 65536;
	uint64_t at = 0;
	ssize_t n;
	int r = ERR_NOMEM;

	s = sha256_new();
	piece = malloc(room);
	if (s == NULL || piece == NULL)
		goto out;
	for (;;) {
		n = pread(fd, piece, room, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			log_errno("read for digest failed");
			r = ERR_SYS;
			goto out;
		}
		if (n == 0)
			break;
		at += (uint64_t)n;
		if (at > max) {
			r = ERR_LIMIT;
			goto out;
		}
		if ((r = sha256_add(s, piece, (size_t)n)) != 0)
			goto out;
	}
	r = sha256_peek(s, out);
out:
	free(piece);
	sha256_free(s);
	return r;
}

char *
sha256_hex(char out[SHA256_HEX], const uint8_t digest[SHA256_LEN])
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < SHA256_LEN; i++) {
		out[2 * i] = hex[digest[i] >> 4];
		out[2 * i + 1] = hex[digest[i] & 15];
	}
	out[2 * SHA256_LEN] = '\0';
	return out;
}

/* Value of one lower- or upper-case hex digit, -1: none. */
static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
sha256_parse(const char *hex, uint8_t out[SHA256_LEN])
{
	uint8_t d[SHA256_LEN];
	size_t i;
	int hi, lo;

	if (strlen(hex) != 2 * SHA256_LEN)
		return ERR_FORMAT;
	for (i = 0; i < SHA256_LEN; i++) {
		hi = nibble(hex[2 * i]);
		lo = nibble(hex[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return ERR_FORMAT;
		d[i] = (uint8_t)(hi << 4 | lo);
	}
	memcpy(out, d, sizeof(d));
	return 0;
}

int
sha256_equal(const uint8_t a[SHA256_LEN], const uint8_t b[SHA256_LEN])
{
	return CRYPTO_memcmp(a, b, SHA256_LEN) == 0;
}
