/*
 * writer.h - writes a recording (FORMAT.md): appends, checkpoints, syncs.
 *
 * A call that returned 0 has written its bytes in full: only then may they
 * be relayed.  After the first error every call returns that error; nothing
 * is tried again.  Times are CLOCK_BOOTTIME in nanoseconds and are arguments.
 */
#ifndef RECORD_WRITER_H
#define RECORD_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "record/header.h"

struct writer;

/*
 * Takes "fd" (an empty file, O_APPEND; the caller keeps it), writes header and
 * the first SEG and syncs both.  "sync_ms": how long a byte may wait for
 * fdatasync(2); 0: every event is synced before writer_event() returns.
 * The caller frees *out with writer_free(), also when this fails and *out is
 * not NULL: writer_why() then says what happened.
 */
int writer_open(int fd, const struct header *h, uint32_t sync_ms,
    struct writer **out);
/* Makes no attempt to write anything.  NULL is allowed. */
void writer_free(struct writer *w);

/* Append one event of at most SKR_EVENT_MAX bytes.  ERR_LIMIT: longer. */
int writer_event(struct writer *w, int64_t now_ns, uint8_t type,
    const void *p, size_t n);

/* Do what is due: checkpoint (1 s after a byte, each 60 s), fdatasync. */
int writer_tick(struct writer *w, int64_t now_ns);
/* Milliseconds until writer_tick() has something to do, at least 0. */
int writer_due_ms(const struct writer *w, int64_t now_ns);

struct writer_end {
	uint8_t		 how;		/* enum job_end */
	uint32_t	 status;
	const char	*signal;	/* "" or without SIG */
	const char	*reason;
};
/* Event x (unless nothing ran or its end is unknown), END, fdatasync.  Afterwards only writer_total() and writer_free(). */
int writer_end(struct writer *w, int64_t now_ns, const struct writer_end *e);

struct writer_total {
	uint64_t	 in_bytes, out_bytes, err_bytes;
	uint64_t	 duration_ns;	/* header to END */
	uint64_t	 file_bytes;
	uint8_t		 chain[SKR_DIGEST];	/* over everything written */
	uint8_t		 header_digest[SKR_DIGEST];
};
void writer_total(const struct writer *w, struct writer_total *t);
/* What went wrong, for REC_FAILED; "" when nothing did. */
const char *writer_why(const struct writer *w);

#endif
