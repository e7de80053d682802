/* heads.c - signed heads: asked for after entries, one at a time, checked, kept. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "crypt/ed25519.h"
#include "crypt/sha256.h"
#include "ledgerd/keys_inside.h"

int
heads_compare(struct ledgerd *ld)
{
	const struct tree_store tree = book_tree(ld);
	struct keys *k = ld->keys;
	uint8_t root[TREE_HASH];
	uint64_t size;
	int r;

	if (k->size == 0)
		return 0;
	if ((r = book_size(ld, &size)) != 0)
		return r;
	if (size < k->size) {
		log_error("the ledger is shorter than its signed head "
		    "entries=%llu signed=%llu", (unsigned long long)size,
		    (unsigned long long)k->size);
		return ERR_DENIED;
	}
	if ((r = tree_root(&tree, k->size, root)) != 0)
		return r;
	if (sha256_equal(root, k->root))
		return 0;
	log_error("the ledger has other entries than its signed head "
	    "signed=%llu", (unsigned long long)k->size);
	return ERR_DENIED;
}

int
heads_ask(struct ledgerd *ld)
{
	const struct tree_store tree = book_tree(ld);
	struct keys *k = ld->keys;
	struct msg_head_sign q = { .old = k->size };
	struct tree_proof proof;
	int r;

	if ((r = book_size(ld, &k->asked_size)) != 0 ||
	    (r = tree_root(&tree, k->asked_size, k->asked_root)) != 0 ||
	    (r = tree_consistency(&tree, k->size, k->asked_size,
	    &proof)) != 0)
		return r;
	q.size = k->asked_size;
	q.root = (struct blob){ k->asked_root, TREE_HASH };
	q.proof = (struct blob){ proof.hash[0], proof.n * TREE_HASH };
	k->is_due = 0;
	k->is_asked = 1;
	k->next_ms = clock_mono_ms() + HEAD_EVERY_MS;
	if (k->unsigned_ms == 0)
		k->unsigned_ms = clock_mono_ms();
	return chan_put_head_sign(k->chan, ++k->asked_id, &q, NULL, 0);
}

static void
try_later(struct keys *k)
{
	k->is_due = 1;
	k->next_ms = clock_mono_ms() + RETRY_MS;
}

/* Is it a head of what was asked for, by the keys of this ledger?  The epoch's entry may be still to come. */
static int
check(const struct keys *k, const struct note *n)
{
	char text[NOTE_TEXT_MAX];
	size_t len;

	if (strcmp(n->origin, k->origin) != 0 || n->size != k->asked_size ||
	    !sha256_equal(n->root, k->asked_root) || n->epoch < k->last.nr)
		return ERR_DENIED;
	if (n->epoch == k->last.nr)
		return note_check(n, k->log_key, k->last.key);
	if ((len = note_text(text, n)) == 0)
		return ERR_CRYPTO;
	return ed25519_verify(k->log_key, text, len, n->log_signature);
}

static int
take(struct ledgerd *ld, const struct msg_head_signed *b)
{
	struct keys *k = ld->keys;
	struct note n;
	int r;

	r = note_parse((const char *)b->note.p, b->note.n, &n, k->log_key,
	    NULL);
	/* once more with the key of its epoch, if that is known: its id */
	if (r == 0 && n.epoch == k->last.nr)
		r = note_parse((const char *)b->note.p, b->note.n, &n,
		    k->log_key, k->last.key);
	if (r == 0)
		r = check(k, &n);
	if (r != 0) {
		log_error("the keys' answer is not a head of this ledger");
		return r;
	}
	k->size = n.size;
	memcpy(k->root, n.root, TREE_HASH);
	k->wrong[0] = '\0';
	if ((r = heads_keep(k, &n, (const char *)b->note.p, b->note.n)) != 0) {
		if (r != ERR_FULL)
			return r;
		try_later(k);
		return 0;
	}
	k->unsigned_ms = 0;
	k->head_at = n.time_ns;
	k->ahead_ns = n.time_ns - clock_unix_ns();
	memcpy(ld->heads_note, b->note.p, b->note.n);
	ld->heads_note[b->note.n] = '\0';
	heads_tell(k, &n, ld->heads_note);
	/* a disk that was full when they came: not before the next head */
	r = k->has_vkeys ? 0 : epochs_vkeys(ld);
	return r == ERR_FULL ? 0 : r;
}

int
on_head_signed(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	struct msg_head_signed b = { 0 };
	int r;

	if ((r = msg_head_signed_get(m->body, &b)) != 0)
		return r;
	if (!ld->keys->is_asked || m->id != ld->keys->asked_id ||
	    b.size != ld->keys->asked_size || b.note.n == 0)
		r = ERR_DENIED;
	else {
		ld->keys->is_asked = 0;
		r = take(ld, &b);
	}
	msg_head_signed_free(&b);
	return r;
}

/* keyd's disk may be full, which passes; all else means that the ledger is not what it was. */
int
on_head_refused(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	struct keys *k = ld->keys;
	struct msg_refused b = { 0 };
	int r;

	if ((r = msg_refused_get(m->body, &b)) != 0)
		return r;
	if (!k->is_asked || m->id != k->asked_id)
		r = ERR_DENIED;
	else {
		log_error("the keys sign no head code=%s reason=%s", b.code,
		    b.reason);
		k->is_asked = 0;
		try_later(k);
		if (strcmp(b.code, sekisho_code_word(
		    SEKISHO_CODE_UNAVAILABLE)) != 0)
			(void)snprintf(k->wrong, sizeof(k->wrong), "the "
			    "ledger is not the one whose head was signed last");
	}
	msg_refused_free(&b);
	return r;
}
