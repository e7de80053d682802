/* unpack.h - payloads of DATA frames back to plain events, with bounded memory. */
#ifndef RECORD_UNPACK_H
#define RECORD_UNPACK_H

#include <stddef.h>
#include <stdint.h>

struct unpack;

struct unpack *unpack_new(void);	/* NULL: no memory */
void unpack_free(struct unpack *u);
/* A new segment. */
int unpack_reset(struct unpack *u);
/*
 * Plain bytes of one piece, valid until the next call (stored pieces: the
 * payload itself).  ERR_FORMAT: not what a writer makes, or more than
 * SKR_PIECE_MAX.
 */
int unpack_piece(struct unpack *u, int is_stored, const uint8_t *p, size_t n,
    const uint8_t **plain, size_t *nplain);

#endif
