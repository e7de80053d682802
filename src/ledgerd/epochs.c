/* epochs.c - keyd's epochs as entries: each once, in order, acknowledged when it is on the disk. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "crypt/ed25519.h"
#include "crypt/sha256.h"
#include "ledger/entry.h"
#include "ledgerd/keys_inside.h"

#define SIGNATURE_HEX	(2 * NOTE_SIGNATURE)

/* Keys of canonical JSON are sorted and quotes in texts are escaped: no other entry holds these bytes. */
static const char any_epoch[] = "\"what\":\"epoch\"}";
static const char first_epoch[] = "\"epoch\":1,\"head_root\":";

/* Out of its entry. */
static int
read_entry(const json_t *e, struct epoch *x, const char **origin,
    uint8_t log_key[NOTE_KEY])
{
	const char *key, *log, *what;
	int64_t nr;

	if (json_want_str(e, "what", "", &what) != 0 ||
	    strcmp(what, "epoch") != 0 ||
	    json_want_int(e, "epoch", 0, 1, UINT32_MAX, &nr) != 0 ||
	    json_want_int(e, "start_ns", 0, 1, INT64_MAX, &x->start) != 0 ||
	    json_want_str(e, "public_key", "", &key) != 0 ||
	    json_want_str(e, "log_key", "", &log) != 0 ||
	    json_want_str(e, "origin", "", origin) != 0 ||
	    sha256_parse(key, x->key) != 0 ||
	    sha256_parse(log, log_key) != 0 || !note_origin_is_good(*origin))
		return ERR_FORMAT;
	x->nr = (uint32_t)nr;
	return 0;
}

struct found {
	struct epoch	 x;
	char		 origin[ORIGIN_MAX + 1];
	uint8_t		 log_key[NOTE_KEY];
};

static int
on_found(void *arg, const struct store_row *row)
{
	struct found *f = arg;
	const char *origin;
	const uint8_t *p;
	json_t *e = NULL;
	size_t n;
	int r;

	p = store_blob(row, 1, &n);
	if ((r = json_read(p, n, &e)) == 0 &&
	    (r = read_entry(e, &f->x, &origin, f->log_key)) == 0)
		memcpy(f->origin, origin, strlen(origin) + 1);
	json_decref(e);
	if (r != 0)
		log_error("an epoch's entry is not sound ix=%lld",
		    (long long)store_int(row, 0));
	return r == 0 ? 1 : r;
}

static int
find(struct ledgerd *ld, enum store_sql sql, const char *bytes,
    struct found *f)
{
	memset(f, 0, sizeof(*f));
	return store_query(ld->store, sql, STORE_ARGS(
	    store_b(bytes, strlen(bytes))), on_found, f);
}

int
epochs_vkeys(struct ledgerd *ld)
{
	char log[VKEY_MAX], first[VKEY_MAX];
	struct found f;
	int r;

	if ((r = find(ld, STORE_ENTRY_EARLIEST, first_epoch, &f)) != 0 || f.x.nr != 1)
		return r;
	if ((r = vkey_make(log, f.origin, 0, f.log_key)) != 0 ||
	    (r = vkey_make(first, f.origin, 1, f.x.key)) != 0)
		return r;
	(void)snprintf(ld->vkeys, sizeof(ld->vkeys), "%s\n%s\n", log, first);
	return heads_vkeys(ld->keys, ld->vkeys);
}

int
epochs_load(struct ledgerd *ld)
{
	struct keys *k = ld->keys;
	struct found f;
	int r;

	if ((r = find(ld, STORE_ENTRY_LATEST, any_epoch, &f)) != 0 || f.x.nr == 0)
		return r;
	k->last = f.x;
	memcpy(k->origin, f.origin, sizeof(k->origin));
	memcpy(k->log_key, f.log_key, NOTE_KEY);
	r = epochs_vkeys(ld);
	return r == ERR_FULL ? 0 : r;
}

/* Does it follow the last one, and did that one sign it? */
static int
check(const struct keys *k, const struct epoch *x)
{
	const struct epoch_said said = { .nr = x->nr, .start_ns = x->start,
		.key = x->key, .head_size = x->head_size,
		.head_root = x->head_root };
	uint8_t text[EPOCH_TEXT_MAX];
	size_t n;

	if (x->nr != k->last.nr + 1 || x->start <= k->last.start)
		return ERR_DENIED;
	n = epoch_text(text, &said, k->log_key, k->origin);
	return ed25519_verify(x->nr == 1 ? x->key : k->last.key, text, n,
	    x->signature);
}

static json_t *
epoch_entry(const struct keys *k, const struct epoch *x)
{
	char hex[SIGNATURE_HEX + 1], half[SHA256_HEX];
	json_t *e = book_entry("epoch", NULL);

	memcpy(hex, sha256_hex(half, x->signature), SIGNATURE_HEX / 2);
	memcpy(hex + SIGNATURE_HEX / 2, sha256_hex(half, x->signature +
	    NOTE_SIGNATURE / 2), SIGNATURE_HEX / 2 + 1);
	if (entry_int(e, "epoch", x->nr) != 0 ||
	    entry_int(e, "start_ns", x->start) != 0 ||
	    entry_digest(e, "public_key", x->key) != 0 ||
	    entry_int(e, "head_size", (int64_t)x->head_size) != 0 ||
	    entry_digest(e, "head_root", x->head_root) != 0 ||
	    entry_digest(e, "log_key", k->log_key) != 0 ||
	    entry_text(e, "origin", k->origin) != 0 ||
	    entry_text(e, "signature", hex) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

int
epochs_write(struct ledgerd *ld)
{
	struct keys *k = ld->keys;
	int r = 0;

	k->epoch_try_ms = clock_mono_ms() + RETRY_MS;
	if (k->waiting.nr != k->last.nr) {
		if ((r = book_alone(ld, epoch_entry(k, &k->waiting))) == 0) {
			k->last = k->waiting;
			log_info("epoch nr=%u", k->last.nr);
		}
	}
	if (r == 0 && k->last.nr == 1)
		r = epochs_vkeys(ld);
	if (r != 0)	/* no room: once more, later */
		return r == ERR_FULL ? 0 : r;
	k->waiting.nr = 0;
	return chan_put_ack(k->chan, k->last.id, NULL, NULL, 0);
}

int
on_epoch(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	struct keys *k = ld->keys;
	struct msg_epoch b = { 0 };
	struct epoch x = { .id = m->id };
	int r;

	if ((r = msg_epoch_get(m->body, &b)) != 0)
		return r;
	if (b.public_key.n != NOTE_KEY || b.signature.n != NOTE_SIGNATURE ||
	    b.head_root.n != TREE_HASH || b.head_size > INT64_MAX ||
	    b.epoch == 0 || k->waiting.nr != 0) {
		r = ERR_FORMAT;
		goto out;
	}
	x.nr = b.epoch;
	x.start = b.start;
	memcpy(x.key, b.public_key.p, NOTE_KEY);
	x.head_size = b.head_size;
	memcpy(x.head_root, b.head_root.p, TREE_HASH);
	memcpy(x.signature, b.signature.p, NOTE_SIGNATURE);
	/* told again because our ACK was lost: there is one entry */
	if (x.nr == k->last.nr && x.start == k->last.start &&
	    sha256_equal(x.key, k->last.key))
		k->last.id = x.id;
	else if ((r = check(k, &x)) != 0) {
		log_error("an epoch that does not follow nr=%u last=%u",
		    x.nr, k->last.nr);
		(void)snprintf(k->wrong, sizeof(k->wrong), "the keys' epoch "
		    "does not follow the ledger's last one");
		goto out;
	}
	k->waiting = x;
	r = epochs_write(ld);
out:
	msg_epoch_free(&b);
	return r;
}
