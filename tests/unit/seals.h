/* seals.h - a test's own epoch: a key from a fixed seed, seals made with it, seals checked with it. */
#ifndef TESTS_UNIT_SEALS_H
#define TESTS_UNIT_SEALS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "crypt/ed25519.h"
#include "record/reader.h"
#include "record/writer.h"

#define SEALS_EPOCH	3
#define SEALS_START	INT64_C(1790000000000000000)	/* ns since 1970 */

static inline struct ed25519 *
seals_key(void)
{
	static struct ed25519 *key;
	uint8_t seed[ED25519_LEN];

	if (key == NULL) {
		memset(seed, 0x5a, sizeof(seed));
		assert_int_equal(ed25519_new(seed, &key), 0);
	}
	return key;
}

static inline struct header_epoch
seals_epoch(void)
{
	struct header_epoch e = { .nr = SEALS_EPOCH, .start_ns = SEALS_START };

	assert_int_equal(ed25519_public(seals_key(), e.key), 0);
	return e;
}

/* "at_ns": of the keys' clock, since the start of the epoch. */
static inline struct seal
seals_make(unsigned int kind, const uint8_t uuid[SKR_UUID],
    const uint8_t digest[SKR_DIGEST], int64_t at_ns)
{
	struct seal s = { .epoch = SEALS_EPOCH,
		.time_ns = SEALS_START + at_ns };
	uint8_t text[SEAL_TEXT_MAX];
	size_t n = seal_text(text, kind, uuid, s.epoch, s.time_ns, digest);

	assert_true(n > 0);
	assert_int_equal(ed25519_sign(seals_key(), text, n, s.signature), 0);
	return s;
}

/* Brings the writer the seal that it wants; its kind, 0: none. */
static inline unsigned int
seals_answer(struct writer *w, const uint8_t uuid[SKR_UUID], int64_t now_ns)
{
	uint8_t digest[SKR_DIGEST];
	unsigned int kind;
	struct seal s;

	if (!writer_wants_seal(w, &kind, digest))
		return 0;
	s = seals_make(kind, uuid, digest, now_ns);
	assert_int_equal(writer_sealed(w, now_ns, &s), 0);
	return kind;
}

/* For reader_on_seal(): is it one of this key?  "arg": a count of good ones, or NULL. */
static inline int
seals_check(void *arg, const struct reader_seal *s)
{
	struct header_epoch e = seals_epoch();
	uint8_t text[SEAL_TEXT_MAX];
	size_t n;
	int *good = arg;

	if (s->seal.epoch != e.nr || s->seal.time_ns < e.start_ns)
		return ERR_DENIED;
	n = seal_text(text, s->kind, s->uuid, s->seal.epoch, s->seal.time_ns,
	    s->digest);
	if (ed25519_verify(e.key, text, n, s->seal.signature) != 0)
		return ERR_DENIED;
	if (good != NULL)
		++*good;
	return 0;
}

#endif
