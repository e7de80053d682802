/* log.c - the log key and the origin: made at the first start, the same for the life of the gate. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "crypt/random.h"
#include "keyd/state.h"
#include "ledger/note.h"

#define SEED_AT		0
#define PUBLIC_AT	32
#define ORIGIN_AT	64		/* with its NUL, the rest zero */

int
log_name(struct log_key *l, const char *gate)
{
	int n;

	n = snprintf(l->origin, sizeof(l->origin), "%s/sekisho", gate);
	if (n < 0 || (size_t)n >= sizeof(l->origin) ||
	    !note_origin_is_good(l->origin)) {
		log_error("the gate's name cannot stand in signed heads (printable ASCII without blank and '+' is needed) gate=%s",
		    gate);
		return ERR_FORMAT;
	}
	return 0;
}

int
log_make(const struct disk *d, struct log_key *l)
{
	uint8_t body[DISK_BODY] = { 0 };
	int r;

	if ((r = random_bytes(body + SEED_AT, ED25519_LEN)) == 0 &&
	    (r = ed25519_new(body + SEED_AT, &l->key)) == 0 &&
	    (r = ed25519_public(l->key, l->public)) == 0) {
		memcpy(body + PUBLIC_AT, l->public, ED25519_LEN);
		memcpy(body + ORIGIN_AT, l->origin, strlen(l->origin));
		r = disk_put(d, BLOCK_LOG, body);
	}
	explicit_bzero(body, sizeof(body));
	return r;
}

static int
take(struct log_key *l, const uint8_t body[DISK_BODY])
{
	int r;

	if (memchr(body + ORIGIN_AT, '\0', sizeof(l->origin)) == NULL)
		return ERR_FORMAT;
	memcpy(l->origin, body + ORIGIN_AT, sizeof(l->origin));
	if (!note_origin_is_good(l->origin))
		return ERR_FORMAT;
	if ((r = ed25519_new(body + SEED_AT, &l->key)) != 0 ||
	    (r = ed25519_public(l->key, l->public)) != 0)
		return r;
	return memcmp(l->public, body + PUBLIC_AT, ED25519_LEN) == 0 ? 0 :
	    ERR_FORMAT;
}

int
log_load(const struct disk *d, struct log_key *l)
{
	uint8_t body[DISK_BODY] = { 0 };
	enum disk_found found;
	int r;

	if ((r = disk_get(d, BLOCK_LOG, body, &found)) == 0)
		r = found == FOUND_GOOD ? take(l, body) : ERR_FORMAT;
	explicit_bzero(body, sizeof(body));
	if (r == ERR_FORMAT)
		log_error("keys are damaged: the log key");
	return r;
}

void
log_free(struct log_key *l)
{
	ed25519_free(l->key);
	l->key = NULL;
}
