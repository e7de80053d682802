/* append.h - one append-only file of frames: write in full, number, crc, chain, sync. */
#ifndef RECORD_APPEND_H
#define RECORD_APPEND_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "record/frame.h"

#define APPEND_PARTS	2	/* pieces of one payload */

struct append {
	int		 fd;
	struct crc32c	 crc;
	struct sha256	*sha;
	uint8_t		 chain[SKR_DIGEST];	/* after the last frame */
	uint32_t	 seq;			/* of the next frame */
	uint64_t	 offset;		/* of the next frame */
	int		 is_dirty;		/* written, not yet synced */
	int		 error;			/* first error, kept */
	char		 why[160];
};

/* ERR_NOMEM: nothing to close. */
int append_init(struct append *a, int fd);
void append_close(struct append *a);	/* leaves the descriptor open */
/* The header: starts the chain. */
int append_header(struct append *a, const void *p, size_t n);
/* One frame with "n" payload pieces (at most APPEND_PARTS). */
int append_frame(struct append *a, uint8_t type, uint8_t flags,
    uint64_t segment, const struct iovec *payload, size_t n);
int append_sync(struct append *a);

#endif
