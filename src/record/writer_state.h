/* writer_state.h - what writer.c (events, checkpoints) and writer_end.c (header, seals, END) share; for nobody else. */
#ifndef RECORD_WRITER_STATE_H
#define RECORD_WRITER_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "record/append.h"
#include "record/piece.h"
#include "record/writer.h"

#define WRITER_END_MAX	(SKR_END_FIXED + SKR_SIGNAL_MAX + SKR_REASON_MAX)

struct writer {
	struct append	 file;
	struct piece	*piece;
	uint8_t		*head;		/* the header to be, until it is written */
	size_t		 nhead;
	struct header_epoch epoch;
	struct header_clock clock;
	int		 is_open, is_ended;
	int		 is_resting;	/* the next event begins a segment; until then without memory */
	int		 is_hasty;	/* what the next segment will be */
	int64_t		 sync_ns;
	uint64_t	 segment;
	uint64_t	 raw;		/* plain bytes in this segment */
	uint64_t	 last_us;	/* time of the last event, since the header */
	int64_t		 last_ns;	/* last event or SEG */
	int64_t		 ckpt_ns;	/* last CKPT or SEG */
	int64_t		 uncovered_ns;	/* first event since the last CKPT; 0: none */
	int64_t		 unsynced_ns;	/* first append since the last sync; 0: none */
	unsigned int	 wanted;	/* enum skr_seal; 0: none */
	uint8_t		 wanted_digest[SKR_DIGEST];
	uint32_t	 ckpt_seq;	/* of the CKPT that waits */
	uint32_t	 seal_epoch;	/* of the last seal */
	int64_t		 seal_ns;	/* its time */
	uint8_t		 end[WRITER_END_MAX + SEAL_LEN];	/* END, once begun */
	size_t		 nend;		/* without its seal */
	struct writer_total total;
};

uint64_t writer_since_start_us(const struct writer *w, int64_t now_ns);
/* One frame; ERR_LIMIT: full.  Other errors are kept. */
int writer_append(struct writer *w, int64_t now_ns, uint8_t type,
    const void *p, size_t n);
int writer_sync(struct writer *w);
int writer_put_segment(struct writer *w, int64_t now_ns);
/* An event, also into a file that is full. */
int writer_put_event(struct writer *w, int64_t now_ns, uint8_t type,
    const void *p, size_t n);

#endif
