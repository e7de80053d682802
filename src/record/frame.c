/* frame.c - frame heads, crc and chain: the part writer and reader must do alike. */
#include "record/frame.h"

#include <string.h>

#include "record/le.h"

#define CRC_AT	12

void
frame_put(uint8_t out[SKR_HEAD], const struct frame *f)
{
	le_put32(out, f->len);
	out[4] = f->type;
	out[5] = f->flags;
	le_put16(out + 6, f->segment);
	le_put32(out + 8, f->seq);
	le_put32(out + CRC_AT, f->crc);
}

void
frame_get(const uint8_t in[SKR_HEAD], struct frame *f)
{
	f->len = le_get32(in);
	f->type = in[4];
	f->flags = in[5];
	f->segment = le_get16(in + 6);
	f->seq = le_get32(in + 8);
	f->crc = le_get32(in + CRC_AT);
}

uint32_t
frame_crc(const struct crc32c *c, const uint8_t head[SKR_HEAD],
    const struct iovec *payload, size_t n)
{
	uint8_t copy[SKR_HEAD];
	uint32_t crc;
	size_t i;

	memcpy(copy, head, SKR_HEAD);
	le_put32(copy + CRC_AT, 0);
	crc = crc32c_add(c, 0, copy, SKR_HEAD);
	for (i = 0; i < n; i++)
		crc = crc32c_add(c, crc, payload[i].iov_base,
		    payload[i].iov_len);
	return crc;
}

int
chain_start(struct sha256 *s, const void *header, size_t n,
    uint8_t chain[SKR_DIGEST])
{
	int r;

	if ((r = sha256_reset(s)) != 0 ||
	    (r = sha256_add(s, SKR_CHAIN_TAG, sizeof(SKR_CHAIN_TAG))) != 0 ||
	    (r = sha256_add(s, header, n)) != 0)
		return r;
	return sha256_peek(s, chain);
}

int
chain_add(struct sha256 *s, const uint8_t head[SKR_HEAD],
    const struct iovec *payload, size_t n, uint8_t chain[SKR_DIGEST])
{
	size_t i;
	int r;

	if ((r = sha256_reset(s)) != 0 ||
	    (r = sha256_add(s, chain, SKR_DIGEST)) != 0 ||
	    (r = sha256_add(s, head, SKR_HEAD)) != 0)
		return r;
	for (i = 0; i < n; i++)
		if ((r = sha256_add(s, payload[i].iov_base,
		    payload[i].iov_len)) != 0)
			return r;
	return sha256_peek(s, chain);
}
