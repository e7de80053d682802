/*
 * slots.c - epoch keys on the disk: two slots, one in force, the other zero.
 *
 * A new key goes into the zero slot and is synced; then the old slot is
 * overwritten with zeros where it stands.  A crash in between leaves both, or
 * half of one: the newer whole one is the key, the other is erased.
 */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "crypt/random.h"
#include "keyd/state.h"
#include "ledger/note.h"
#include "record/le.h"

#define SEED_AT		0
#define PUBLIC_AT	32
#define SIGNER_AT	64
#define SIGNATURE_AT	96
#define START_AT	160
#define NR_AT		168
#define HEAD_SIZE_AT	176
#define HEAD_ROOT_AT	184

static size_t
text_of(uint8_t out[EPOCH_TEXT_MAX], const struct log_key *l,
    const struct epoch_key *e)
{
	const struct epoch_said said = { .nr = e->nr, .start_ns = e->start_ns,
		.key = e->public, .head_size = e->head.size,
		.head_root = e->head.root };

	return epoch_text(out, &said, l->public, l->origin);
}

static int
sign(const struct log_key *l, const struct ed25519 *by, struct epoch_key *e)
{
	uint8_t text[EPOCH_TEXT_MAX];
	size_t n;

	n = text_of(text, l, e);
	return ed25519_sign(by, text, n, e->signature);
}

static int
put(const struct disk *d, const struct epoch_key *e, uint8_t body[DISK_BODY])
{
	memcpy(body + PUBLIC_AT, e->public, ED25519_LEN);
	memcpy(body + SIGNER_AT, e->signer, ED25519_LEN);
	memcpy(body + SIGNATURE_AT, e->signature, ED25519_SIGNATURE);
	le_put64(body + START_AT, (uint64_t)e->start_ns);
	le_put32(body + NR_AT, e->nr);
	le_put64(body + HEAD_SIZE_AT, e->head.size);
	memcpy(body + HEAD_ROOT_AT, e->head.root, DIGEST_LEN);
	return disk_put(d, e->at, body);
}

int
slots_make(const struct disk *d, const struct log_key *l,
    const struct epoch_key *now, const struct head *head, int64_t start_ns,
    struct epoch_key *next)
{
	uint8_t body[DISK_BODY] = { 0 };
	int r;

	memset(next, 0, sizeof(*next));
	next->nr = now == NULL ? 1 : now->nr + 1;
	next->start_ns = start_ns;
	next->head = *head;
	next->at = now != NULL && now->at == BLOCK_EPOCH_A ? BLOCK_EPOCH_B :
	    BLOCK_EPOCH_A;
	if ((r = random_bytes(body + SEED_AT, ED25519_LEN)) == 0 &&
	    (r = ed25519_new(body + SEED_AT, &next->key)) == 0 &&
	    (r = ed25519_public(next->key, next->public)) == 0) {
		memcpy(next->signer, now == NULL ? next->public : now->public,
		    ED25519_LEN);
		r = sign(l, now == NULL ? next->key : now->key, next);
	}
	if (r == 0)
		r = put(d, next, body);
	explicit_bzero(body, sizeof(body));
	if (r != 0)
		epoch_key_free(next);
	return r;
}

/* What the block says is so: its key is its key, and the one before vouches for it and this log. */
static int
take(const struct log_key *l, const uint8_t body[DISK_BODY],
    struct epoch_key *e)
{
	uint8_t text[EPOCH_TEXT_MAX];
	size_t n;
	int r;

	e->nr = le_get32(body + NR_AT);
	e->start_ns = (int64_t)le_get64(body + START_AT);
	e->head.size = le_get64(body + HEAD_SIZE_AT);
	memcpy(e->head.root, body + HEAD_ROOT_AT, DIGEST_LEN);
	memcpy(e->signer, body + SIGNER_AT, ED25519_LEN);
	memcpy(e->signature, body + SIGNATURE_AT, ED25519_SIGNATURE);
	if ((r = ed25519_new(body + SEED_AT, &e->key)) != 0 ||
	    (r = ed25519_public(e->key, e->public)) != 0)
		return r;
	if (e->nr == 0 || memcmp(e->public, body + PUBLIC_AT,
	    ED25519_LEN) != 0)
		return ERR_FORMAT;
	n = text_of(text, l, e);
	r = ed25519_verify(e->signer, text, n, e->signature);
	return r == ERR_DENIED ? ERR_FORMAT : r;
}

static int
load_one(const struct disk *d, const struct log_key *l, enum disk_block at,
    struct epoch_key *e, enum disk_found *found)
{
	uint8_t body[DISK_BODY];
	int r;

	memset(e, 0, sizeof(*e));
	e->at = at;
	if ((r = disk_get(d, at, body, found)) == 0 && *found == FOUND_GOOD)
		r = take(l, body, e);
	explicit_bzero(body, sizeof(body));
	return r;
}

/* Which of two whole ones: they must be the steps of one rotation. */
static int
choose(struct epoch_key two[2], int *newer)
{
	*newer = two[1].nr > two[0].nr;
	if (two[*newer].nr == two[!*newer].nr + 1 &&
	    memcmp(two[*newer].signer, two[!*newer].public, ED25519_LEN) == 0)
		return 0;
	return ERR_FORMAT;
}

int
slots_load(const struct disk *d, const struct log_key *l, struct epoch_key *e)
{
	static const enum disk_block at[2] = { BLOCK_EPOCH_A, BLOCK_EPOCH_B };
	struct epoch_key two[2] = { 0 };
	enum disk_found found[2] = { FOUND_BAD, FOUND_BAD };
	int r, newer = 0;

	if ((r = load_one(d, l, at[0], &two[0], &found[0])) != 0 ||
	    (r = load_one(d, l, at[1], &two[1], &found[1])) != 0)
		goto out;
	if (found[0] == FOUND_GOOD && found[1] == FOUND_GOOD)
		r = choose(two, &newer);
	else if (found[0] == FOUND_GOOD || found[1] == FOUND_GOOD)
		newer = found[1] == FOUND_GOOD;
	else
		r = ERR_FORMAT;
	if (r == 0 && found[!newer] != FOUND_ZERO) {
		log_info("a rotation was cut off, its other half is erased epoch=%u",
		    two[newer].nr);
		r = disk_erase(d, at[!newer]);
	}
	if (r == 0) {
		*e = two[newer];
		two[newer].key = NULL;
	}
out:
	epoch_key_free(&two[0]);
	epoch_key_free(&two[1]);
	if (r == ERR_FORMAT)
		log_error("keys are damaged: no epoch key that belongs to this log");
	return r;
}

void
epoch_key_free(struct epoch_key *e)
{
	ed25519_free(e->key);
	e->key = NULL;
}
