/* crc32c.h - CRC-32C (Castagnoli, RFC 3720): finds a torn tail without any key.  Not a protection against people. */
#ifndef RECORD_CRC32C_H
#define RECORD_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Tables for eight bytes a step, for processors without an instruction for it; filled once by their owner. */
struct crc32c {
	uint32_t t[8][256];
	int	 has_instruction;
};

void crc32c_init(struct crc32c *c);
/* The crc of earlier bytes (0: none) carried over "n" more. */
uint32_t crc32c_add(const struct crc32c *c, uint32_t crc, const void *p,
    size_t n);

#endif
