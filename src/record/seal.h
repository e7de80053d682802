/* seal.h - the 80 bytes of a seal and what its signature covers (FORMAT.md, section 2).  Makes none: keys live in sekisho-keyd. */
#ifndef RECORD_SEAL_H
#define RECORD_SEAL_H

#include <stddef.h>
#include <stdint.h>

#define SEAL_LEN	80
#define SEAL_TEXT_MAX	96		/* what is signed: at most this many bytes */

struct seal {
	uint32_t epoch;			/* 0: not sealed */
	int64_t	 time_ns;
	uint8_t	 signature[64];
};

void seal_put(uint8_t out[SEAL_LEN], const struct seal *s);
/* ERR_FORMAT: reserved bytes are not zero, or epoch 0 with other bytes. */
int seal_get(const uint8_t in[SEAL_LEN], struct seal *s);
/* What is signed.  kind: enum seal_kind of wire/msg.h (1 head, 2 ckpt, 3 end, 4 recovered).  Returns its length; 0: no such kind. */
size_t seal_text(uint8_t out[SEAL_TEXT_MAX], unsigned int kind,
    const uint8_t uuid[16], uint32_t epoch, int64_t time_ns,
    const uint8_t digest[32]);

#endif
