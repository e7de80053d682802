/* mark.c - the frame that says how much of a torn recording is good. */
#include "record/mark.h"

#include <string.h>

#include "base/err.h"
#include "record/le.h"
#include "record/reader_state.h"

static uint8_t
why(enum reader_state state)
{
	switch (state) {
	case READER_UNFINISHED:
		return SKR_WHY_UNFINISHED;
	case READER_TORN:
		return SKR_WHY_TORN;
	case READER_DAMAGED:
		return SKR_WHY_DAMAGED;
	case READER_READING:
	case READER_COMPLETE:
	case READER_RECOVERED:
	default:
		return 0;
	}
}

int
mark_make(const struct reader *r, const uint8_t boot_id[16], int64_t unix_ns,
    uint8_t out[MARK_LEN], uint8_t digest[SKR_DIGEST])
{
	const struct reader_result *x = &r->result;
	uint8_t *p = out + SKR_HEAD;

	memset(out, 0, MARK_LEN);
	/* behind END nothing can be added, and where nothing is lost nothing is torn */
	if (x->has_end || (p[0] = why(x->state)) == 0 ||
	    (x->good_bytes == x->size_bytes) != (p[0] == SKR_WHY_UNFINISHED))
		return ERR_STATE;
	le_put64(p + 8, x->good_bytes);
	le_put64(p + 16, x->size_bytes);
	memcpy(p + 24, x->chain, SKR_DIGEST);
	memcpy(p + 56, boot_id, 16);
	le_put64(p + 72, (uint64_t)unix_ns);
	le_put64(p + 80, x->sealed_bytes);
	le_put32(p + 88, r->seq);
	return sha256_mem(p, SKR_MARK_FIXED, digest);
}

int
mark_seal(struct reader *r, uint8_t mark[MARK_LEN], const struct seal *s,
    uint8_t chain[SKR_DIGEST])
{
	struct iovec payload = { mark + SKR_HEAD, SKR_MARK_LEN };
	struct frame f = { .len = SKR_MARK_LEN, .type = SKR_RECOVERED,
		.segment = (uint16_t)r->segment, .seq = r->seq };

	if (reader_seal_goes_back(r, s))
		return ERR_DENIED;
	seal_put(mark + SKR_HEAD + SKR_MARK_FIXED, s);
	frame_put(mark, &f);
	f.crc = frame_crc(&r->crc, mark, &payload, 1);
	frame_put(mark, &f);
	memcpy(chain, r->result.chain, SKR_DIGEST);
	return chain_add(r->sha, mark, &payload, 1, chain);
}
