/* epochs.c - each epoch is signed by the one before it; the first by itself, and by whoever gave its key. */
#include "verify/epochs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/ed25519.h"
#include "crypt/sha256.h"
#include "ledger/note.h"

int
epochs_keys(struct epochs *e, const char *vkeys)
{
	char line[2][VKEY_MAX], origin[2][ORIGIN_MAX + 1];
	const char *end;
	uint8_t key[2][NOTE_KEY];
	uint32_t nr[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		end = strchrnul(vkeys, '\n');
		if ((size_t)(end - vkeys) >= VKEY_MAX)
			return ERR_FORMAT;
		memcpy(line[i], vkeys, (size_t)(end - vkeys));
		line[i][end - vkeys] = '\0';
		if (*end != '\n')
			return ERR_FORMAT;
		vkeys = end + 1;
		if (vkey_parse(line[i], origin[i], &nr[i], key[i]) != 0)
			return ERR_FORMAT;
	}
	if (*vkeys != '\0' || nr[0] != 0 || nr[1] != 1 ||
	    strcmp(origin[0], origin[1]) != 0)
		return ERR_FORMAT;
	memcpy(e->origin, origin[0], sizeof(e->origin));
	memcpy(e->log_key, key[0], NOTE_KEY);
	memcpy(e->first_key, key[1], NOTE_KEY);
	e->is_given = 1;
	return 0;
}

void
epochs_free(struct epochs *e)
{
	free(e->v);
	memset(e, 0, sizeof(*e));
}

struct said {
	const char	*origin;
	uint8_t		 key[32], log_key[32], signature[64], head_root[32];
	int64_t		 start_ns, nr, head_size;
};

static int
read_entry(const json_t *entry, struct said *s)
{
	const char *key, *log, *signature, *root;
	char half[SHA256_HEX];

	if (json_want_str(entry, "origin", "", &s->origin) != 0 ||
	    json_want_str(entry, "public_key", "", &key) != 0 ||
	    json_want_str(entry, "log_key", "", &log) != 0 ||
	    json_want_str(entry, "signature", "", &signature) != 0 ||
	    json_want_str(entry, "head_root", "", &root) != 0 ||
	    json_want_int(entry, "head_size", -1, 0, INT64_MAX,
	    &s->head_size) != 0 || s->head_size < 0 ||
	    sha256_parse(root, s->head_root) != 0 ||
	    json_want_int(entry, "epoch", 0, 1, UINT32_MAX, &s->nr) != 0 ||
	    json_want_int(entry, "start_ns", 0, 0, INT64_MAX,
	    &s->start_ns) != 0 || s->nr == 0 ||
	    !note_origin_is_good(s->origin) ||
	    sha256_parse(key, s->key) != 0 ||
	    sha256_parse(log, s->log_key) != 0 ||
	    strlen(signature) != 2 * sizeof(s->signature))
		return ERR_FORMAT;
	memcpy(half, signature, 64);
	half[64] = '\0';
	return sha256_parse(half, s->signature) != 0 ? ERR_FORMAT :
	    sha256_parse(signature + 64, s->signature + 32);
}

/* Is it the next one, of this gate? */
static int
fits(const struct epochs *e, struct report *report, const char *place,
    const struct said *s)
{
	const struct epoch *last = e->n == 0 ? NULL : &e->v[e->n - 1];
	int bad = 0;

	if (s->nr != (int64_t)e->n + 1) {
		report_fault(report, FAULT_EPOCH, place, "epoch %" PRId64
		    " follows epoch %u", s->nr, e->n);
		return 0;
	}
	if (last != NULL && s->start_ns <= last->start_ns) {
		report_fault(report, FAULT_EPOCH, place,
		    "epoch %" PRId64 " begins before the one before it",
		    s->nr);
		bad = 1;
	}
	if (*e->origin != '\0' && (strcmp(e->origin, s->origin) != 0 ||
	    memcmp(e->log_key, s->log_key, 32) != 0)) {
		report_fault(report, e->n == 0 ? FAULT_KEY : FAULT_EPOCH,
		    place, "epoch %" PRId64 " is of another gate or log key",
		    s->nr);
		bad = 1;
	}
	if (e->n == 0 && e->is_given &&
	    memcmp(e->first_key, s->key, 32) != 0) {
		report_fault(report, FAULT_KEY, place, "the key of epoch 1 is "
		    "not the one that this store is checked with");
		bad = 1;
	}
	return !bad;
}

/*
 * The old key vouches for the tree up to its last head: with later keys
 * nobody can write that anew.  The key itself is a good one all the same.
 */
static int
check_head(const struct epochs *e, struct report *report,
    const struct trail *trail, uint64_t ix, const struct said *s)
{
	uint64_t size = (uint64_t)s->head_size;
	uint8_t root[TREE_HASH] = { 0 };
	char place[REPORT_PLACE];
	int r;

	(void)snprintf(place, sizeof(place), "entry %" PRIu64, ix);
	if (size > ix || (e->n > 0 && size < e->v[e->n - 1].head_size)) {
		report_fault(report, FAULT_EPOCH, place, "epoch %" PRId64
		    " tells of a head that cannot have been before it", s->nr);
		return 0;
	}
	if (trail == NULL)
		return 0;
	if (size > 0 && (r = trail_root(trail, size, root)) != 0)
		return r;
	if (memcmp(root, s->head_root, sizeof(root)) != 0)
		report_fault(report, FAULT_EPOCH, place, "epoch %" PRId64
		    " began behind another ledger: the first %" PRIu64
		    " entries are not those that the key before it signed",
		    s->nr, size);
	return 0;
}

static int
append(struct epochs *e, const struct said *s, int is_good)
{
	struct epoch *more;

	more = reallocarray(e->v, (size_t)e->n + 1, sizeof(*more));
	if (more == NULL)
		return ERR_NOMEM;
	e->v = more;
	more[e->n].start_ns = s->start_ns;
	memcpy(more[e->n].key, s->key, 32);
	more[e->n].head_size = (uint64_t)s->head_size;
	more[e->n].has_head = 0;
	more[e->n].is_good = is_good;
	e->n++;
	return 0;
}

int
epochs_play(struct epochs *e, struct report *report,
    const struct trail *trail, uint64_t ix, const json_t *entry)
{
	struct epoch_said said;
	uint8_t text[EPOCH_TEXT_MAX];
	char place[REPORT_PLACE];
	struct said s = { 0 };
	int is_good, r;
	size_t n;

	(void)snprintf(place, sizeof(place), "entry %" PRIu64, ix);
	if (read_entry(entry, &s) != 0) {
		report_fault(report, FAULT_EPOCH, place,
		    "the entry of an epoch cannot be read");
		return 0;
	}
	is_good = fits(e, report, place, &s);
	if (s.nr != (int64_t)e->n + 1)
		return 0;
	said = (struct epoch_said){ .nr = (uint32_t)s.nr,
		.start_ns = s.start_ns, .key = s.key,
		.head_size = (uint64_t)s.head_size,
		.head_root = s.head_root };
	n = epoch_text(text, &said, s.log_key, s.origin);
	r = ed25519_verify(e->n == 0 ? s.key : e->v[e->n - 1].key, text, n,
	    s.signature);
	if (r == ERR_DENIED) {
		report_fault(report, FAULT_EPOCH, place, "epoch %" PRId64
		    " was not signed by the key before it", s.nr);
		is_good = 0;
	} else if (r != 0 || (r = check_head(e, report, trail, ix,
	    &s)) != 0)
		return r;
	if (*e->origin == '\0') {
		memcpy(e->origin, s.origin, strlen(s.origin) + 1);
		memcpy(e->log_key, s.log_key, 32);
	}
	return append(e, &s, is_good);
}

const struct epoch *
epochs_get(const struct epochs *e, uint32_t nr)
{
	return nr == 0 || nr > e->n || !e->v[nr - 1].is_good ? NULL :
	    &e->v[nr - 1];
}

int
epochs_covers(const struct epochs *e, uint32_t nr, int64_t time_ns)
{
	if (nr == 0 || nr > e->n || time_ns < e->v[nr - 1].start_ns)
		return 0;
	return nr == e->n || time_ns < e->v[nr].start_ns;
}
