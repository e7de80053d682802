/* base64.c - text forms of bytes. */
#include "crypt/base64.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	char *out, *o;
	uint32_t v;
	size_t i, have;

	if (n > SIZE_MAX / 2 || (out = malloc((n + 2) / 3 * 4 + 1)) == NULL)
		return NULL;
	for (o = out, i = 0; i < n; i += 3) {
		have = n - i < 3 ? n - i : 3;
		v = (uint32_t)p[i] << 16;
		if (have > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (have > 2)
			v |= p[i + 2];
		*o++ = alphabet[v >> 18];
		*o++ = alphabet[v >> 12 & 63];
		*o++ = have > 1 ? alphabet[v >> 6 & 63] : '=';
		*o++ = have > 2 ? alphabet[v & 63] : '=';
	}
	*o = '\0';
	return out;
}

/* Four characters to at most three bytes; how many, or -1. */
static int
quad(const char *s, int last, uint8_t out[3])
{
	uint32_t v = 0;
	const char *at;
	int i, pad = 0;

	for (i = 0; i < 4; i++) {
		if (s[i] == '=' && last && i >= 2) {
			pad++;
			v <<= 6;
			continue;
		}
		if (pad > 0 || s[i] == '\0' ||
		    (at = strchr(alphabet, s[i])) == NULL)
			return -1;
		v = v << 6 | (uint32_t)(at - alphabet);
	}
	/* bits that padding leaves over must be zero: one text per value */
	if ((pad == 1 && (v & 0xff) != 0) || (pad == 2 && (v & 0xffff) != 0))
		return -1;
	out[0] = (uint8_t)(v >> 16);
	out[1] = (uint8_t)(v >> 8);
	out[2] = (uint8_t)v;
	return 3 - pad;
}

int
base64_decode(const char *s, size_t max, uint8_t **out, size_t *n)
{
	size_t len = strlen(s), i, used = 0;
	uint8_t piece[3], *p;
	int got;

	if (len % 4 != 0)
		return ERR_FORMAT;
	if (len / 4 > max / 3 + 1)
		return ERR_LIMIT;
	if ((p = malloc(len / 4 * 3 + 1)) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < len; i += 4) {
		if ((got = quad(s + i, i + 4 == len, piece)) < 0) {
			free(p);
			return ERR_FORMAT;
		}
		memcpy(p + used, piece, (size_t)got);
		used += (size_t)got;
	}
	if (used > max) {
		free(p);
		return ERR_LIMIT;
	}
	*out = p;
	*n = used;
	return 0;
}

char *
base32_code(char out[5], const uint8_t *d)
{
	static const char low[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint32_t v = (uint32_t)d[0] << 12 | (uint32_t)d[1] << 4 | d[2] >> 4;
	int i;

	for (i = 0; i < 4; i++)
		out[i] = low[v >> (15 - 5 * i) & 31];
	out[4] = '\0';
	return out;
}
