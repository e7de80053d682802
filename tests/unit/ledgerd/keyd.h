/* keyd.h - the test plays keyd: an honest one, whose answers a test may spoil. */
#ifndef TESTS_LEDGERD_KEYD_H
#define TESTS_LEDGERD_KEYD_H

#include "tests/unit/ledgerd/gate.h"

#include "crypt/ed25519.h"
#include "ledger/note.h"
#include "ledger/tree.h"
#include "ledgerd/keys_inside.h"

#define ORIGIN	"gate/sekisho"

struct keyd {
	struct chan	*c;
	struct ed25519	*log, *key[4];		/* key[n]: of epoch n */
	uint8_t		 log_public[NOTE_KEY], public[4][NOTE_KEY];
	uint32_t	 epoch;
	uint64_t	 size;
	uint8_t		 root[TREE_HASH];
	int64_t		 time_ns;
	char		 origin[ORIGIN_MAX + 1];
};

static inline void
keyd_new(struct keyd *k, uint8_t seed_byte)
{
	uint8_t seed[ED25519_LEN];
	int i;

	memset(k, 0, sizeof(*k));
	memset(seed, seed_byte, sizeof(seed));
	assert_int_equal(ed25519_new(seed, &k->log), 0);
	assert_int_equal(ed25519_public(k->log, k->log_public), 0);
	for (i = 1; i < 4; i++) {
		seed[0] = (uint8_t)(seed_byte + i);
		assert_int_equal(ed25519_new(seed, &k->key[i]), 0);
		assert_int_equal(ed25519_public(k->key[i], k->public[i]), 0);
	}
	k->epoch = 1;
	k->time_ns = 1790000000000000001LL;
	strcpy(k->origin, ORIGIN);
}

static inline void
keyd_free(struct keyd *k)
{
	int i;

	chan_free(k->c);
	ed25519_free(k->log);
	for (i = 1; i < 4; i++)
		ed25519_free(k->key[i]);
}

/* A new channel to the ledger; nothing is said yet. */
static inline void
keyd_bind(struct keyd *k, struct gate *g)
{
	int fds[2];

	chan_free(k->c);
	assert_int_equal(chan_pair(fds), 0);
	k->c = chan_new(fds[0], PEER_K, PEER_G);
	assert_int_equal(chan_put_bind_keys(g->d, 0, NULL, &fds[1], 1), 0);
	close(fds[1]);
	gate_step(g);
}

static inline void
keyd_say_keys(struct keyd *k, struct gate *g)
{
	struct msg_keys m = { .origin = k->origin,
		.log_key = { k->log_public, NOTE_KEY }, .size = k->size,
		.root = { k->root, k->size == 0 ? 0 : TREE_HASH },
		.epoch = k->epoch };

	g->ld.keys->next_ms = 0;	/* no test waits for a clock */
	assert_int_equal(chan_put_keys(k->c, 0, &m, NULL, 0), 0);
	gate_step(g);
}

/* EPOCH of epoch n, signed by key "by"; does not wait. */
static inline void
keyd_say_epoch(struct keyd *k, struct gate *g, uint32_t n, uint32_t by,
    int64_t start)
{
	const struct epoch_said said = { .nr = n, .start_ns = start,
		.key = k->public[n], .head_size = k->size,
		.head_root = k->root };
	uint8_t text[EPOCH_TEXT_MAX], signature[NOTE_SIGNATURE];
	uint8_t root[TREE_HASH] = { 0 };
	struct msg_epoch m = { .epoch = n, .start = start,
		.public_key = { k->public[n], NOTE_KEY },
		.signature = { signature, NOTE_SIGNATURE },
		.head_size = k->size, .head_root = { root, TREE_HASH } };
	size_t len;

	if (k->size != 0)
		memcpy(root, k->root, TREE_HASH);
	len = epoch_text(text, &said, k->log_public, k->origin);
	assert_int_equal(ed25519_sign(k->key[by], text, len, signature), 0);
	assert_int_equal(chan_put_epoch(k->c, n, &m, NULL, 0), 0);
	gate_step(g);
}

/* The next message of the ledger; its type, 0 when there is none. */
static inline int
keyd_next(struct keyd *k, struct msg *m)
{
	int r = chan_recv(k->c, m);

	assert_true(r == 0 || r == 1);
	return r == 0 ? (int)m->type : 0;
}

static inline int
keyd_is_acked(struct keyd *k, uint32_t id)
{
	struct msg m;
	int t = keyd_next(k, &m), is;

	if (t == 0)
		return 0;
	is = t == MSG_ACK && m.id == id;
	msg_done(&m);
	return is;
}

/* KEYS and epoch 1 on a new channel, acknowledged. */
static inline void
keyd_come(struct keyd *k, struct gate *g)
{
	keyd_bind(k, g);
	keyd_say_keys(k, g);
	keyd_say_epoch(k, g, k->epoch, k->epoch == 1 ? 1 : k->epoch - 1,
	    1000 * (int64_t)k->epoch);
}

/* As the real one: the proof must hold. */
static inline void
keyd_believe(struct keyd *k, const struct msg_head_sign *h)
{
	struct tree_proof p = { .n = h->proof.n / TREE_HASH };

	assert_int_equal(h->old, k->size);
	assert_true(h->size >= k->size);
	if (p.n > 0)
		memcpy(p.hash, h->proof.p, h->proof.n);
	assert_int_equal(tree_check_consistency(k->size, k->root, h->size,
	    h->root.p, &p), 0);
}

/* Answer this question with a head. */
static inline void
keyd_sign(struct keyd *k, uint32_t id, const struct msg_head_sign *h)
{
	struct note n = { .size = h->size, .time_ns = k->time_ns++,
		.epoch = k->epoch };
	char text[NOTE_TEXT_MAX], note[NOTE_MAX];
	struct msg_head_signed m = { .size = h->size };
	size_t len;

	strcpy(n.origin, k->origin);
	memcpy(n.root, h->root.p, TREE_HASH);
	len = note_text(text, &n);
	assert_int_equal(ed25519_sign(k->log, text, len, n.log_signature), 0);
	assert_int_equal(ed25519_sign(k->key[k->epoch], text, len,
	    n.epoch_signature), 0);
	assert_int_equal(note_make(note, &len, &n, k->log_public,
	    k->public[k->epoch]), 0);
	m.note = (struct blob){ (uint8_t *)note, len };
	k->size = h->size;
	memcpy(k->root, h->root.p, TREE_HASH);
	assert_int_equal(chan_put_head_signed(k->c, id, &m, NULL, 0), 0);
}

/* The question that must be there now, without an answer. */
static inline void
keyd_asked(struct keyd *k, uint32_t *id, struct msg_head_sign *h)
{
	struct msg m;

	assert_int_equal(keyd_next(k, &m), MSG_HEAD_SIGN);
	*id = m.id;
	assert_int_equal(msg_head_sign_get(m.body, h), 0);
	msg_done(&m);
}

/* The ledger does not wait for the clock. */
static inline void
keyd_no_pause(struct gate *g)
{
	g->ld.keys->next_ms = 0;
	g->ld.keys->epoch_try_ms = 0;
}

/* Take what it asks, sign it, let it be kept. */
static inline void
keyd_serve(struct keyd *k, struct gate *g)
{
	struct msg_head_sign h;
	uint32_t id;

	keyd_asked(k, &id, &h);
	keyd_believe(k, &h);
	keyd_sign(k, id, &h);
	msg_head_sign_free(&h);
	gate_step(g);
}

/* KEYS, epoch, first head: all is well. */
static inline void
keyd_ready(struct keyd *k, struct gate *g)
{
	struct msg m;

	keyd_bind(k, g);
	keyd_say_keys(k, g);
	keyd_serve(k, g);
	keyd_say_epoch(k, g, k->epoch, k->epoch == 1 ? 1 : k->epoch - 1,
	    1000 * (int64_t)k->epoch);
	assert_int_equal(keyd_next(k, &m), MSG_ACK);
	assert_int_equal(m.id, k->epoch);
	msg_done(&m);
	keyd_no_pause(g);
	if (g->ld.keys->is_due) {
		gate_step(g);
		keyd_serve(k, g);
	}
}

#endif
