/*
 * piece.h - events to the payload of a DATA frame: one zstd stream per segment, flushed after every event.
 *
 * Large pieces that did not shrink make the next ones go in as they are
 * ("stored"): random bytes cost a copy instead of a compression.  So do tiny
 * ones, which would grow.
 */
#ifndef RECORD_PIECE_H
#define RECORD_PIECE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct piece;

struct piece *piece_new(void);		/* NULL: no memory */
void piece_free(struct piece *z);
/*
 * A new segment: the next compressed piece starts a new zstd frame, made with
 * less care when it is "hasty".  ERR_NOMEM: after a rest.
 */
int piece_reset(struct piece *z, int is_hasty);

/* Nothing will come for a while, and then a new segment: memory goes back until then. */
void piece_rest(struct piece *z);

/* From now on every piece goes in as it is: the stream has lost one. */
void piece_store_all(struct piece *z);

/*
 * Make the payload of head and body of one event.  "out" gets pieces that
 * stay valid until the next call (they may be the caller's own); *is_stored
 * says which kind.  ERR_INTERNAL: zstd failed (logged).
 */
int piece_make(struct piece *z, const struct iovec event[2],
    struct iovec out[2], size_t *n, int *is_stored);

#endif
