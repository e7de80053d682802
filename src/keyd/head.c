/* head.c - ledgerd's channel: who we are, epochs, and heads that only grow. */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "keyd/inside.h"
#include "ledger/note.h"
#include "ledger/tree.h"
#include "sekisho/code.h"

#define SIZE_MAX_LOG	((uint64_t)1 << 62)	/* entries: see tree.h */
#define CONST(s)	((char *)(uintptr_t)(s))

static int
tell_keys(struct keyd *k)
{
	struct msg_keys m = { .origin = k->log.origin,
		.log_key = { k->log.public, ED25519_LEN },
		.size = k->last.head.size, .root = { k->last.head.root, DIGEST_LEN },
		.epoch = k->now.nr };

	return chan_put_keys(k->ledger, 0, &m, NULL, 0);
}

/* Its id is the epoch's number, so that an ACK says which one it is about. */
int
ledger_tell_epoch(struct keyd *k)
{
	struct msg_epoch m = { .epoch = k->now.nr, .start = k->now.start_ns,
		.public_key = { k->now.public, ED25519_LEN },
		.signature = { k->now.signature, ED25519_SIGNATURE },
		.head_size = k->now.head.size,
		.head_root = { k->now.head.root, DIGEST_LEN } };

	k->is_asked = 1;
	return chan_put_epoch(k->ledger, k->now.nr, &m, NULL, 0);
}

void
ledger_drop(struct keyd *k)
{
	chan_free(k->ledger);
	k->ledger = NULL;
	k->is_asked = 0;
}

int
ledger_bind(struct keyd *k, int fd)
{
	int r;

	ledger_drop(k);
	if ((k->ledger = chan_new(fd, PEER_K, PEER_G)) == NULL)
		return ERR_NOMEM;
	if ((r = tell_keys(k)) != 0 || (r = ledger_tell_epoch(k)) != 0)
		ledger_drop(k);
	return r == ERR_CLOSED ? 0 : r;
}

static int
on_ack(void *ctx, struct msg *m)
{
	struct keyd *k = ctx;
	struct msg_ack ack;
	int r;

	if ((r = msg_ack_get(m->body, &ack)) != 0)
		return r;
	msg_ack_free(&ack);
	if (!k->is_asked || m->id != k->now.nr)
		return ERR_STATE;
	k->is_asked = 0;
	k->is_acked = 1;
	return 0;
}

static int
refuse(struct keyd *k, uint32_t id, enum sekisho_code code, const char *reason)
{
	struct msg_refused m = { .code = CONST(sekisho_code_word(code)),
		.reason = CONST(reason), .next = CONST("") };

	log_warn("head refused: %s", reason);
	return chan_put_refused(k->ledger, id, &m, NULL, 0);
}

/* NULL: this tree continues the last one.  Lengths were looked at. */
static const char *
why_not(const struct keyd *k, const struct msg_head_sign *h, int *err)
{
	const struct last *l = &k->last;
	struct tree_proof p = { .n = h->proof.n / TREE_HASH };

	*err = 0;
	if (h->size == 0 || h->size > SIZE_MAX_LOG)
		return "no tree has that size";
	if (h->size < l->head.size)
		return "the ledger is shorter than the one that was signed last";
	if (h->old != l->head.size)
		return "the proof does not begin at the head that was signed last";
	if (h->size == l->head.size && memcmp(h->root.p, l->head.root, DIGEST_LEN) != 0)
		return "the ledger has another root than the one that was signed last";
	if ((l->head.size == 0 || h->size == l->head.size) && p.n != 0)
		return "a proof where there is nothing to prove";
	if (l->head.size == 0 || h->size == l->head.size)
		return NULL;
	if (p.n > 0)
		memcpy(p.hash, h->proof.p, h->proof.n);
	*err = tree_check_consistency(l->head.size, l->head.root, h->size, h->root.p,
	    &p);
	return *err == ERR_DENIED ?
	    "the ledger does not continue the one that was signed last" : NULL;
}

static int
make_note(const struct keyd *k, char text[NOTE_MAX], size_t *len)
{
	struct note n = { .size = k->last.head.size, .time_ns = k->last.head_ns,
		.epoch = k->now.nr };
	char signed_text[NOTE_TEXT_MAX];
	size_t at;
	int r;

	memcpy(n.origin, k->log.origin, sizeof(n.origin));
	memcpy(n.root, k->last.head.root, DIGEST_LEN);
	if ((at = note_text(signed_text, &n)) == 0)
		return ERR_NOMEM;
	if ((r = ed25519_sign(k->log.key, signed_text, at,
	    n.log_signature)) != 0 || (r = ed25519_sign(k->now.key,
	    signed_text, at, n.epoch_signature)) != 0)
		return r;
	return note_make(text, len, &n, k->log.public, k->now.public);
}

/* On the disk first: what was signed must never be forgotten. */
static int
sign(struct keyd *k, uint32_t id, const struct msg_head_sign *h)
{
	char text[NOTE_MAX];
	struct msg_head_signed m = { .size = h->size };
	struct last next = k->last;
	size_t n = 0;
	int r;

	next.head.size = h->size;
	memcpy(next.head.root, h->root.p, DIGEST_LEN);
	next.head_ns = time_peek(k);
	if (next.head_ns > next.until_ns)
		next.until_ns = next.head_ns + TIME_STEP_NS;
	if ((r = last_save(&k->disk, &k->log, &next)) != 0)
		return keyd_broken(k, r);
	k->last = next;
	if ((r = make_note(k, text, &n)) != 0)
		return keyd_broken(k, r);
	m.note = (struct blob){ (uint8_t *)text, n };
	return chan_put_head_signed(k->ledger, id, &m, NULL, 0);
}

static int
on_head_sign(void *ctx, struct msg *m)
{
	struct keyd *k = ctx;
	struct msg_head_sign h;
	const char *why;
	int r, err;

	if ((r = msg_head_sign_get(m->body, &h)) != 0)
		return r;
	if (h.root.n != DIGEST_LEN || h.proof.n % TREE_HASH != 0 ||
	    h.proof.n > TREE_PROOF_MAX * TREE_HASH)
		r = ERR_FORMAT;
	else if (epoch_is_overdue(k))
		r = refuse(k, m->id, SEKISHO_CODE_UNAVAILABLE,
		    "the epoch in force was never acknowledged");
	else if ((why = why_not(k, &h, &err)) != NULL)
		r = refuse(k, m->id, h.size == 0 ? SEKISHO_CODE_DATA :
		    SEKISHO_CODE_STATE,
		    why);
	else if (err != 0)
		r = keyd_broken(k, err);
	else
		r = sign(k, m->id, &h);
	msg_head_sign_free(&h);
	return r;
}

int
on_ledger(struct keyd *k, struct msg *m)
{
	static const struct msg_rule rules[] = {
		{ 1, MSG_HEAD_SIGN, on_head_sign },
		{ 1, MSG_ACK, on_ack },
	};

	return msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 1, k, m);
}
