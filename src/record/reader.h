/*
 * reader.h - reads a recording (FORMAT.md) front to back with bounded memory.
 *
 * Only what has been checked is handed out: frame by frame length, order and
 * crc, at each checkpoint the hash chain.  Reading stops at the first fault;
 * everything before it is good.  The bytes of events are what the command and
 * the operator sent: hostile, to be escaped before they meet a terminal.
 *
 * The reader checks of seals what the file alone can tell: places, digests'
 * bytes, epochs and times that never go back.  Signatures are checked by
 * whoever knows the keys: reader_on_seal().
 */
#ifndef RECORD_READER_H
#define RECORD_READER_H

#include <stddef.h>
#include <stdint.h>

#include "record/seal.h"
#include "record/skr.h"

struct reader;

/* type: o i r 0 1 2 s x D n; p is valid until the next call. */
struct reader_event {
	uint8_t		 type;
	uint64_t	 time_ns;	/* since the header was written */
	const uint8_t	*p;
	size_t		 n;
};

struct reader_head {
	uint8_t		 uuid[SKR_UUID];
	const char	*meta;		/* canonical JSON, NUL added, owned by the reader */
	size_t		 meta_len;	/* a NUL inside is refused */
	int64_t		 start_unix_ns;
	uint64_t	 start_boot_ns;
	uint8_t		 boot_id[16];
	int		 is_synced;	/* was the clock synchronised: 1 yes, 0 no */
	uint32_t	 epoch;		/* TLV EPOCH: number, start, key; the ledger says whether they are real */
	int64_t		 epoch_start_ns;	/* since 1970 */
	uint8_t		 epoch_key[SKR_DIGEST];
	uint64_t	 header_bytes;
	uint8_t		 digest[SKR_DIGEST];	/* SHA-256 of the whole header */
};

/* One seal of the file and everything its signature is about (seal_text() of seal.h). */
struct reader_seal {
	unsigned int	 kind;		/* 1 header, 2 checkpoint, 3 END, 4 RECOVERED */
	const uint8_t	*uuid;		/* SKR_UUID bytes, of the header */
	uint8_t		 digest[SKR_DIGEST];
	struct seal	 seal;		/* epoch is not 0 */
	uint64_t	 covers;	/* bytes from the front of the file that it vouches for */
};

/*
 * How the reading ended.
 * COMPLETE	END is there and agrees with everything before it
 * RECOVERED	a mark that fits says how much is good; see "mark"
 * UNFINISHED	the file ends after a whole frame, without END: the session
 *		runs, or its recorder was killed
 * TORN		the file ends inside a frame: the tail was cut off
 * DAMAGED	length, order, crc, chain, seal, compression or an event is wrong
 */
enum reader_state {
	READER_READING, READER_COMPLETE, READER_RECOVERED, READER_UNFINISHED,
	READER_TORN, READER_DAMAGED
};

struct reader_end {
	int		 how;		/* enum job_end of wire/msg.h */
	uint32_t	 status;	/* exit status, when signal is "" */
	char		 signal[SKR_SIGNAL_MAX + 1];	/* without SIG */
	char		 reason[SKR_REASON_MAX + 1];
	uint64_t	 duration_ns;
	int64_t		 end_unix_ns;
	uint64_t	 in_bytes, out_bytes, err_bytes;
	int		 is_sealed;	/* 0: the keys were away, epoch 0 */
};

/* What RECOVERED says; good, chain and frames were compared and are those of the result. */
struct reader_mark {
	unsigned int	 why;		/* 1 unfinished, 2 torn, 3 damaged */
	uint64_t	 found;		/* bytes the file had */
	uint64_t	 sealed;	/* as sealed_bytes below */
	uint8_t		 boot_id[16];	/* of the recovery */
	int64_t		 unix_ns;
	uint8_t		 chain[SKR_DIGEST];	/* behind the mark: the ledger's entry "recovered" holds it */
};

struct reader_result {
	enum reader_state state;
	uint64_t	 good_bytes;	/* the file is good up to here: "torn at offset N" */
	uint64_t	 checked_bytes;	/* the chain was compared up to here */
	uint64_t	 sealed_bytes;	/* everything before this is sealed: header, then place of the last sealed CKPT, then END */
	int		 has_unsealed;	/* an event stands behind sealed_bytes: */
	uint64_t	 unsealed_ns;	/* its time */
	uint64_t	 size_bytes;	/* of the file, when the reading was over */
	uint64_t	 seals;		/* of all kinds */
	uint64_t	 frames, events, skipped;	/* skipped: unknown frames and events */
	uint64_t	 in_bytes, out_bytes, err_bytes;	/* counted: i 0, o 1, 2 */
	uint64_t	 last_ns;	/* time of the last event */
	uint8_t		 chain[SKR_DIGEST];	/* over all good frames */
	int		 has_exit;	/* event x is there: the command's exit is known */
	int		 has_end;
	struct reader_end end;		/* when has_end */
	struct reader_mark mark;	/* when RECOVERED */
	char		 text[160];	/* the state for people: "torn at offset 4711" */
};

/*
 * Read the header from offset 0 of "fd" (pread(2): its own offset is neither
 * used nor moved; the caller keeps it and leaves it open until reader_free()).
 * ERR_FORMAT: not a recording, cut or damaged header (logged); ERR_DENIED:
 * another version, or encrypted (logged); ERR_SYS, ERR_NOMEM, ERR_CRYPTO.
 */
int reader_open(int fd, struct reader **out);
/* The same from memory, which must stay; for tests and fuzzers. */
int reader_open_mem(const void *p, size_t n, struct reader **out);
/* NULL is allowed. */
void reader_free(struct reader *r);

const struct reader_head *reader_head(const struct reader *r);

/*
 * Have every seal shown to "fn", in the order of the file, that of the header
 * at the first reader_next(); "s" is valid during the call.  Other than 0: that seal
 * is not good: the file is damaged there, nothing of its frame counts (the
 * header's: damaged at offset 0).
 */
void reader_on_seal(struct reader *r,
    int (*fn)(void *arg, const struct reader_seal *s), void *arg);

/*
 * The next event.  1: no more: see reader_result().  ERR_SYS (logged),
 * ERR_NOMEM, ERR_CRYPTO: reading itself failed, which says nothing about the
 * file.
 */
int reader_next(struct reader *r, struct reader_event *e);

/* All events to "on_event" until it returns other than 0 (which is returned) or there are no more (0). */
int reader_each(struct reader *r,
    int (*on_event)(void *arg, const struct reader_event *e), void *arg);

/* So far; final once reader_next() said 1. */
const struct reader_result *reader_result(const struct reader *r);

#endif
