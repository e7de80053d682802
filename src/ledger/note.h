/*
 * note.h - signed heads: C2SP signed-note and tlog-checkpoint, with two keys (FORMAT.md, sections 4 and 5).
 */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

#define NOTE_KEY	32
#define NOTE_SIGNATURE	64
#define NOTE_TEXT_MAX	512		/* the signed text */
#define VKEY_MAX	256		/* one vkey, terminated */
#define EPOCH_TEXT_MAX	256		/* what an epoch's signature covers */

struct note {
	char		 origin[ORIGIN_MAX + 1];
	uint64_t	 size;
	uint8_t		 root[32];
	int64_t		 time_ns;
	uint32_t	 epoch;			/* of the second signature */
	uint8_t		 log_signature[NOTE_SIGNATURE];
	uint8_t		 epoch_signature[NOTE_SIGNATURE];
};

/* May this be an origin: 1 to ORIGIN_MAX bytes, printable ASCII without blank and '+', ending in "/sekisho"? */
int note_origin_is_good(const char *origin);
/* The signed text, from origin, size, root, time_ns.  Returns its length, out is terminated; 0: no memory, and nothing may be signed. */
size_t note_text(char out[NOTE_TEXT_MAX], const struct note *n);
/* The whole note: text, empty line, both signature lines (needs both public keys for their ids).  ERR_LIMIT, ERR_CRYPTO. */
int note_make(char out[NOTE_MAX], size_t *len, const struct note *n,
    const uint8_t log_key[NOTE_KEY], const uint8_t epoch_key[NOTE_KEY]);
/*
 * The strict opposite: exactly what note_make() makes, and ids that belong to
 * the keys.  ERR_FORMAT.  It checks no signature and needs no key for reading
 * the text: NULL keys leave the ids unchecked.
 */
int note_parse(const char *p, size_t n, struct note *out,
    const uint8_t *log_key, const uint8_t *epoch_key);
/* Both signatures.  0, ERR_DENIED, ERR_CRYPTO. */
int note_check(const struct note *n, const uint8_t log_key[NOTE_KEY],
    const uint8_t epoch_key[NOTE_KEY]);

/* "NAME+HEXID+BASE64"; epoch 0: the log key, else NAME is ORIGIN/eN. */
int vkey_make(char out[VKEY_MAX], const char *origin, uint32_t epoch,
    const uint8_t key[NOTE_KEY]);
/* ERR_FORMAT: not a vkey, or its id does not belong to its key. */
int vkey_parse(const char *s, char origin[ORIGIN_MAX + 1], uint32_t *epoch,
    uint8_t key[NOTE_KEY]);

/* An epoch as its entry tells it. */
struct epoch_said {
	uint32_t	 nr;
	int64_t		 start_ns;
	const uint8_t	*key;		/* NOTE_KEY bytes */
	uint64_t	 head_size;	/* of the last head signed before it; 0: none */
	const uint8_t	*head_root;	/* 32 bytes; NULL when head_size is 0 */
};
/* What the signature of an `epoch` entry covers.  Returns its length. */
size_t epoch_text(uint8_t out[EPOCH_TEXT_MAX], const struct epoch_said *e,
    const uint8_t log_key[NOTE_KEY], const char *origin);

#endif
