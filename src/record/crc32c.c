/* crc32c.c - CRC-32C eight bytes a step: by the processor's own instruction, or by tables. */
#include "record/crc32c.h"

#include <string.h>

#include "record/le.h"

#define POLYNOMIAL	0x82f63b78U	/* 0x1edc6f41, bits reversed */

/* x86_64 is all we run on (src/confine/filters.c); not all of them have it. */
static int
has_instruction(void)
{
	return __builtin_cpu_supports("sse4.2") != 0;
}

__attribute__((target("sse4.2"))) static uint32_t
by_instruction(uint32_t crc, const uint8_t *at, size_t n)
{
	uint64_t wide = crc, word;

	for (; n >= 8; n -= 8, at += 8) {
		memcpy(&word, at, sizeof(word));
		wide = __builtin_ia32_crc32di(wide, word);
	}
	crc = (uint32_t)wide;
	for (; n > 0; n--, at++)
		crc = __builtin_ia32_crc32qi(crc, *at);
	return crc;
}

void
crc32c_init(struct crc32c *c)
{
	uint32_t i, k, crc;

	c->has_instruction = has_instruction();
	for (i = 0; i < 256; i++) {
		crc = i;
		for (k = 0; k < 8; k++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
		c->t[0][i] = crc;
	}
	for (i = 0; i < 256; i++)
		for (k = 1; k < 8; k++)
			c->t[k][i] = c->t[k - 1][i] >> 8 ^
			    c->t[0][c->t[k - 1][i] & 0xff];
}

uint32_t
crc32c_add(const struct crc32c *c, uint32_t crc, const void *p, size_t n)
{
	const uint8_t *at = p;
	uint32_t a, b;

	crc = ~crc;
	if (c->has_instruction)
		return ~by_instruction(crc, at, n);
	for (; n >= 8; n -= 8, at += 8) {
		a = le_get32(at) ^ crc;
		b = le_get32(at + 4);
		crc = c->t[7][a & 0xff] ^ c->t[6][a >> 8 & 0xff] ^
		    c->t[5][a >> 16 & 0xff] ^ c->t[4][a >> 24] ^
		    c->t[3][b & 0xff] ^ c->t[2][b >> 8 & 0xff] ^
		    c->t[1][b >> 16 & 0xff] ^ c->t[0][b >> 24];
	}
	for (; n > 0; n--, at++)
		crc = crc >> 8 ^ c->t[0][(crc ^ *at) & 0xff];
	return ~crc;
}
