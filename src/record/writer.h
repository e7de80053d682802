/*
 * writer.h - writes a recording (FORMAT.md): appends, checkpoints, seals, syncs.
 *
 * A call that returned 0 has written its bytes in full: only then may they
 * be relayed.  After the first error every call returns that error; nothing
 * is tried again.  Times are CLOCK_BOOTTIME in nanoseconds and are arguments.
 *
 * It never waits for a seal.  At most one is wanted at a time: the owner asks
 * for it (writer_wants_seal) and brings it (writer_sealed) whenever it comes.
 */
#ifndef RECORD_WRITER_H
#define RECORD_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "record/header.h"

struct writer;

/*
 * For "fd" (an empty file, O_APPEND; the caller keeps it); writes nothing.
 * "sync_ms": how long a byte may wait for fdatasync(2); 0: every event is
 * synced before writer_event() returns.  NULL: no memory.
 */
struct writer *writer_new(int fd, uint32_t sync_ms);
/* Makes no attempt to write anything.  NULL is allowed. */
void writer_free(struct writer *w);

/*
 * The header to be: now its seal is wanted, and with it header and first SEG
 * are written and synced.  May be called again until then (another epoch).
 */
int writer_header(struct writer *w, const struct header *h);
/* 1: header and SEG are on disk. */
int writer_is_open(const struct writer *w);

/*
 * Is a seal wanted?  1: *kind (enum skr_seal) and digest say which; the answer
 * stays the same until it has come or, for END, writer_end_unsealed().
 */
int writer_wants_seal(const struct writer *w, unsigned int *kind,
    uint8_t digest[SKR_DIGEST]);
/*
 * The seal that was wanted: header and SEG, SEAL or END are written.
 * ERR_DENIED: it cannot be one (epoch or time goes back, or not the header's
 * epoch): nothing is written, it is still wanted.  ERR_STATE: none is wanted.
 */
int writer_sealed(struct writer *w, int64_t now_ns, const struct seal *s);

/*
 * Append one event of at most SKR_EVENT_MAX bytes.  ERR_LIMIT: longer, or
 * there is no room: then writer_is_full() and nothing of it was written.
 */
int writer_event(struct writer *w, int64_t now_ns, uint8_t type,
    const void *p, size_t n);
/* From the next segment on: half the time to compress and a larger file, or (0) as ever. */
void writer_hasten(struct writer *w, int is_hasty);
/*
 * 1: the file cannot grow.  Only writer_last_note() and the end are still
 * written, into room kept for them.
 */
int writer_is_full(const struct writer *w);
/* A note of at most SKR_REASON_MAX bytes, the last one (the rest is cut off); also when full. */
int writer_last_note(struct writer *w, int64_t now_ns, const char *text);

/* Do what is due: checkpoint (0.8 s after a byte, each 60 s), fdatasync. */
int writer_tick(struct writer *w, int64_t now_ns);
/* Milliseconds until writer_tick() has something to do, at least 0; INT32_MAX: nothing. */
int writer_due_ms(const struct writer *w, int64_t now_ns);

struct writer_end {
	uint8_t		 how;		/* enum job_end */
	uint32_t	 status;
	const char	*signal;	/* "" or without SIG */
	const char	*reason;
	int		 is_unknown;	/* status and signal are not known: no event x */
};
/*
 * Event x (unless nothing ran or its end is unknown); END is ready and its
 * seal wanted instead of any other.  writer_sealed() or writer_end_unsealed()
 * writes and syncs it; until then nothing else is taken.
 */
int writer_end(struct writer *w, int64_t now_ns, const struct writer_end *e);
int writer_end_unsealed(struct writer *w, int64_t now_ns);
/* 1: END is on disk.  Afterwards only writer_total() and writer_free(). */
int writer_is_ended(const struct writer *w);

struct writer_total {
	uint64_t	 in_bytes, out_bytes, err_bytes;
	uint64_t	 duration_ns;	/* header to END */
	uint64_t	 file_bytes;
	uint8_t		 chain[SKR_DIGEST];	/* over everything written */
	uint8_t		 header_digest[SKR_DIGEST];	/* of the whole header, seal and all */
	int		 is_sealed;	/* END is */
};
void writer_total(const struct writer *w, struct writer_total *t);
/* What went wrong, for REC_FAILED; "" when nothing did. */
const char *writer_why(const struct writer *w);

#endif
