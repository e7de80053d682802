/* mark.h - makes a RECOVERED mark (FORMAT.md) for what a reader has found. */
#ifndef RECORD_MARK_H
#define RECORD_MARK_H

#include <stdint.h>

#include "record/reader.h"

#define MARK_LEN	(SKR_HEAD + SKR_MARK_LEN)	/* the whole frame */

/*
 * The frame without its seal, and what is to be sealed.  ERR_STATE: the
 * reading is not over, or it found END or a mark that fits.
 */
int mark_make(const struct reader *r, const uint8_t boot_id[16],
    int64_t unix_ns, uint8_t out[MARK_LEN], uint8_t digest[SKR_DIGEST]);
/* Put the seal in and close the frame; "chain" is what follows it.  ERR_DENIED: the seal is older than the recording's last one. */
int mark_seal(struct reader *r, uint8_t mark[MARK_LEN], const struct seal *s,
    uint8_t chain[SKR_DIGEST]);

#endif
