/* reader_state.h - what reader.c, reader_frame.c and reader_mark.c share; for nobody else. */
#ifndef RECORD_READER_STATE_H
#define RECORD_READER_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "record/frame.h"
#include "record/reader.h"
#include "record/source.h"
#include "record/unpack.h"

struct reader {
	struct source	 source;
	struct crc32c	 crc;
	struct sha256	*sha;
	struct unpack	*unpack;
	struct reader_head head;
	char		*meta;
	struct reader_seal first;	/* the header's, until it is shown */
	int		 has_shown_first;
	int		(*on_seal)(void *arg, const struct reader_seal *s);
	void		*on_seal_arg;
	uint32_t	 seal_epoch;	/* of the last seal */
	int64_t		 seal_ns;
	struct reader_result result;
	int		 has_segment;
	uint64_t	 segment;
	uint64_t	 raw;		/* plain bytes in this segment */
	uint64_t	 checked_us;	/* time of the last event checked */
	uint32_t	 seq;
	int		 has_ckpt;	/* one waits for its SEAL: */
	uint32_t	 ckpt_seq;
	uint64_t	 ckpt_at;	/* its offset */
	uint8_t		 ckpt_digest[SKR_DIGEST];
	int		 has_behind_ckpt;	/* an event behind the last CKPT: */
	uint64_t	 behind_ckpt_ns;
	const uint8_t	*plain;		/* events of the present frame not yet handed out */
	size_t		 nplain;
	uint64_t	 now_us;	/* time of the last event handed out */
};

struct view {
	struct frame	 f;
	const uint8_t	*head, *payload;
};

/* Reading is over: 1, always. */
int reader_stop(struct reader *r, enum reader_state state, const char *why);
int reader_damaged(struct reader *r, const char *why);

/* 1: it is none, or its epoch or time lies before that of an earlier one. */
int reader_seal_goes_back(const struct reader *r, const struct seal *s);
/* A seal whose place is right: epochs and times, then whoever knows the keys.  1: damaged. */
int reader_seal(struct reader *r, const struct reader_seal *s);
/* What a frame of a known type says; unknown ones are counted.  1: damaged. */
int reader_frame(struct reader *r, const struct view *v);
/*
 * Reading ended at good_bytes without END: does a mark at the end of the file
 * say that this is known?  Then the state is RECOVERED; else it stays.  1, or
 * an error.
 */
int reader_mark(struct reader *r);

#endif
