/*
 * append.h - one append-only file of frames: write in full, number, crc, chain, sync.
 *
 * Behind every frame stays APPEND_RESERVE of room that is the file's already:
 * a frame that would eat into it is not written and the file is "full".  From
 * then on the next frames, the last ones, are written into that room.
 */
#ifndef RECORD_APPEND_H
#define RECORD_APPEND_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "record/frame.h"
#include "record/reserve.h"

#define APPEND_PARTS	2	/* pieces of one payload */
/*
 * Two SEG, a note and x with their heads, END with signal, reason and seal:
 * 96 + 16 + 19 + 256 + 16 + 19 + 20 + 460, and as much again to spare.
 */
#define APPEND_RESERVE	2048

struct append {
	int		 fd;
	struct crc32c	 crc;
	struct sha256	*sha;
	uint8_t		 chain[SKR_DIGEST];	/* after the last frame */
	uint32_t	 seq;			/* of the next frame */
	uint64_t	 offset;		/* of the next frame */
	int		 is_dirty;		/* written, not yet synced */
	int		 error;			/* first error, kept */
	int		 is_full;
	int		 is_last;		/* set by the owner: only the last frames come */
	struct reserve	 reserve;
	char		 why[160];		/* of error or is_full */
};

/* ERR_NOMEM: nothing to close. */
int append_init(struct append *a, int fd);
void append_close(struct append *a);	/* leaves the descriptor open */
/* The header: starts the chain.  A file that is full then is an error like others. */
int append_header(struct append *a, const void *p, size_t n);
/*
 * One frame with "n" payload pieces (at most APPEND_PARTS).  ERR_LIMIT: it is
 * full now, nothing was written, a->error is not set.
 */
int append_frame(struct append *a, uint8_t type, uint8_t flags,
    uint64_t segment, const struct iovec *payload, size_t n);
int append_sync(struct append *a);

#endif
