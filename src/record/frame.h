/* frame.h - the 16 bytes before every payload, their crc, and the hash chain over frames. */
#ifndef RECORD_FRAME_H
#define RECORD_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "crypt/sha256.h"
#include "record/crc32c.h"
#include "record/skr.h"

struct frame {
	uint32_t len;		/* of the payload */
	uint8_t	 type, flags;
	uint16_t segment;	/* low bits */
	uint32_t seq;
	uint32_t crc;
};

void frame_put(uint8_t out[SKR_HEAD], const struct frame *f);
void frame_get(const uint8_t in[SKR_HEAD], struct frame *f);
/* crc over the head with its crc field 0, then the payload. */
uint32_t frame_crc(const struct crc32c *c, const uint8_t head[SKR_HEAD],
    const struct iovec *payload, size_t n);

/* chain = SHA-256(tag with its NUL || header). */
int chain_start(struct sha256 *s, const void *header, size_t n,
    uint8_t chain[SKR_DIGEST]);
/* chain = SHA-256(chain || head || payload). */
int chain_add(struct sha256 *s, const uint8_t head[SKR_HEAD],
    const struct iovec *payload, size_t n, uint8_t chain[SKR_DIGEST]);

#endif
