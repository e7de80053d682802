/* backoff.c - a table of buckets; what a row says fades with time. */
#include "ledgerd/backoff.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/random.h"
#include "crypt/sha256.h"

#define SALT		16
#define TAG		8
#define FAILURES_MAX	16	/* twice 2^16 times any delay is more than any limit */

struct row {
	uint8_t	 tag[TAG];	/* which name */
	uint32_t failures;	/* as of last_s; 0: free */
	int64_t	 last_s;
};

struct bucket {
	struct row rows[BACKOFF_ROWS];
	struct row others;	/* names that found no row */
};

struct backoff {
	uint8_t	 salt[SALT];
	uint32_t fail_delay_ms, max_ms;
	struct bucket buckets[BACKOFF_BUCKETS];
};

struct backoff *
backoff_new(uint32_t fail_delay_ms, uint32_t max_ms)
{
	struct backoff *b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return NULL;
	b->fail_delay_ms = fail_delay_ms;
	b->max_ms = max_ms;
	if (random_bytes(b->salt, sizeof(b->salt)) != 0) {
		backoff_free(b);
		return NULL;
	}
	return b;
}

void
backoff_free(struct backoff *b)
{
	if (b != NULL)
		mem_wipe(b, sizeof(*b));
}

/* How many failures are left of a row at "now_s". */
static uint32_t
left(const struct row *r, int64_t now_s)
{
	int64_t gone = (now_s - r->last_s) / BACKOFF_DECAY_S;

	if (gone <= 0)
		return r->failures;
	return gone >= r->failures ? 0 : r->failures - (uint32_t)gone;
}

static struct bucket *
find_bucket(struct backoff *b, const char *name, uint8_t tag[TAG], int *r)
{
	uint8_t salted[SALT + 64], digest[SHA256_LEN];
	size_t n = strnlen(name, sizeof(salted) - SALT);

	memcpy(salted, b->salt, SALT);
	memcpy(salted + SALT, name, n);
	*r = sha256_mem(salted, SALT + n, digest);
	explicit_bzero(salted, sizeof(salted));
	if (*r != 0)
		return NULL;
	memcpy(tag, digest, TAG);
	return &b->buckets[(digest[TAG] | digest[TAG + 1] << 8) %
	    BACKOFF_BUCKETS];
}

/* The row of its own, whatever is left of it; NULL: none. */
static struct row *
own_row(struct bucket *k, const uint8_t tag[TAG])
{
	size_t i;

	for (i = 0; i < BACKOFF_ROWS; i++)
		if (k->rows[i].failures > 0 &&
		    memcmp(k->rows[i].tag, tag, TAG) == 0)
			return &k->rows[i];
	return NULL;
}

/* A row that says nothing any more, else the one for all others. */
static struct row *
new_row(struct bucket *k, const uint8_t tag[TAG], int64_t now_s)
{
	struct row *r;
	size_t i;

	for (i = 0; i < BACKOFF_ROWS; i++) {
		r = &k->rows[i];
		if (left(r, now_s) != 0)
			continue;
		memset(r, 0, sizeof(*r));
		memcpy(r->tag, tag, TAG);
		return r;
	}
	return &k->others;
}

static uint32_t
extra(const struct backoff *b, uint32_t failures)
{
	uint64_t more = ((UINT64_C(1) << failures) - 1) * b->fail_delay_ms;

	return more > b->max_ms ? b->max_ms : (uint32_t)more;
}

int
backoff_failed(struct backoff *b, const char *name, int64_t now_s,
    int is_guess, uint32_t *extra_ms)
{
	uint8_t tag[TAG];
	struct bucket *k;
	struct row *row;
	uint32_t n;
	int r;

	*extra_ms = 0;
	if ((k = find_bucket(b, name, tag, &r)) == NULL)
		return r;
	if ((row = own_row(k, tag)) == NULL)
		row = new_row(k, tag, now_s);
	n = left(row, now_s);
	*extra_ms = extra(b, n);
	if (is_guess) {
		row->failures = n < FAILURES_MAX ? n + 1 : n;
		row->last_s = now_s;
	}
	return 0;
}

int
backoff_passed(struct backoff *b, const char *name)
{
	uint8_t tag[TAG];
	struct bucket *k;
	struct row *row;
	int r;

	if ((k = find_bucket(b, name, tag, &r)) == NULL)
		return r;
	if ((row = own_row(k, tag)) != NULL)
		memset(row, 0, sizeof(*row));
	return 0;
}
