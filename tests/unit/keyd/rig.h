/* rig.h - a keyd in this process with its peers' ends, for the tests of src/keyd. */
#ifndef TESTS_KEYD_RIG_H
#define TESTS_KEYD_RIG_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypt/sha256.h"
#include "keyd/inside.h"
#include "ledger/note.h"
#include "ledger/tree.h"
#include "record/seal.h"

#define NOW		1790000000	/* unix seconds */
#define NS		INT64_C(1000000000)
#define EPOCH_S		3600
#define CONST(s)	((char *)(uintptr_t)(s))

struct rig {
	struct keyd	 k;
	struct chan	*d, *g;		/* sekishod's and ledgerd's ends */
	char		 dir[64], file[80];
};

static inline void
rig_dir(struct rig *g)
{
	memset(g, 0, sizeof(*g));
	g->k.disk = (struct disk){ -1, -1 };
	(void)snprintf(g->dir, sizeof(g->dir), "/tmp/keyd-test-XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	(void)snprintf(g->file, sizeof(g->file), "%s/state", g->dir);
	clock_set_test(NOW);
}

static inline int
rig_open(struct rig *g, const char *gate)
{
	int fds[2], r;

	memset(&g->k, 0, sizeof(g->k));
	g->k.disk = (struct disk){ -1, -1 };
	if ((r = keyd_open(&g->k, g->dir, gate, EPOCH_S)) != 0) {
		keyd_close(&g->k);
		return r;
	}
	assert_int_equal(chan_pair(fds), 0);
	g->k.d = chan_new(fds[0], PEER_K, PEER_D);
	g->d = chan_new(fds[1], PEER_D, PEER_K);
	return 0;
}

static inline void
rig_close(struct rig *g)
{
	chan_free(g->d);
	chan_free(g->g);
	g->d = g->g = NULL;
	keyd_close(&g->k);
}

static inline void
rig_new(struct rig *g)
{
	rig_dir(g);
	assert_int_equal(rig_open(g, "gate1"), 0);
}

static inline void
rig_again(struct rig *g)
{
	rig_close(g);
	assert_int_equal(rig_open(g, "gate1"), 0);
}

static inline void
rig_end(struct rig *g)
{
	char path[128];

	rig_close(g);
	(void)snprintf(path, sizeof(path), "%s/state.new", g->dir);
	(void)unlink(path);
	(void)unlink(g->file);
	(void)rmdir(g->dir);
	clock_set_test(0);
}

/* One round; something must be ready, or it would wait. */
static inline void
rig_step(struct rig *g)
{
	assert_int_equal(keyd_step(&g->k), 0);
}

/* The next message of "type"; the caller ends it with msg_done(). */
static inline void
expect(struct chan *c, enum msg_type type, struct msg *m)
{
	int r = chan_recv(c, m);

	if (r != 0)
		fail_msg("%s expected, error %d", msg_name(type), r);
	if (m->type != type)
		fail_msg("%s expected, got %s", msg_name(type),
		    msg_name(m->type));
}

static inline void
expect_closed(struct chan *c)
{
	struct msg m;

	assert_int_equal(chan_recv(c, &m), ERR_CLOSED);
}

static inline void
expect_nothing(struct chan *c)
{
	struct msg m;

	assert_int_equal(chan_recv(c, &m), 1);
}

/* ledgerd arrives; the id of EPOCH comes back (0: no EPOCH). */
static inline uint32_t
rig_ledger(struct rig *g, struct msg_keys *keys, struct msg_epoch *epoch)
{
	int fds[2];
	uint32_t id;
	struct msg m;

	assert_int_equal(chan_pair(fds), 0);
	chan_free(g->g);
	g->g = chan_new(fds[1], PEER_G, PEER_K);
	assert_int_equal(chan_put_bind_keys(g->d, 0, NULL, &fds[0], 1), 0);
	close(fds[0]);
	rig_step(g);
	expect(g->g, MSG_KEYS, &m);
	assert_int_equal(msg_keys_get(m.body, keys), 0);
	msg_done(&m);
	expect(g->g, MSG_EPOCH, &m);
	assert_int_equal(msg_epoch_get(m.body, epoch), 0);
	id = m.id;
	msg_done(&m);
	return id;
}

static inline void
rig_ack(struct rig *g, uint32_t id)
{
	assert_int_equal(chan_put_ack(g->g, id, NULL, NULL, 0), 0);
	rig_step(g);
}

/* ledgerd is there and knows the epoch. */
static inline void
rig_ledger_acked(struct rig *g)
{
	struct msg_keys keys;
	struct msg_epoch epoch;
	uint32_t id = rig_ledger(g, &keys, &epoch);

	msg_keys_free(&keys);
	msg_epoch_free(&epoch);
	rig_ack(g, id);
}

/* A new seal channel; uuid NULL: not bound. */
static inline struct chan *
rig_seal(struct rig *g, uint64_t session, const uint8_t *uuid)
{
	struct msg_seal_channel m = { .session = session };
	int fds[2];

	if (uuid != NULL)
		m.uuid = (struct blob){ (uint8_t *)(uintptr_t)uuid, UUID_LEN };
	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(chan_put_seal_channel(g->d, 0, &m, &fds[0], 1), 0);
	close(fds[0]);
	rig_step(g);
	/* both the monitor's word and the recorder's are said on it */
	return chan_new(fds[1], (enum peer)(PEER_M | PEER_R), PEER_K);
}

static inline void
say_bind(struct chan *c, uint64_t session, const uint8_t *uuid)
{
	struct msg_seal_bind m = { .session = session,
		.uuid = { (uint8_t *)(uintptr_t)uuid, UUID_LEN } };

	assert_int_equal(chan_put_seal_bind(c, 1, &m, NULL, 0), 0);
}

static inline void
say_sign(struct chan *c, uint32_t id, enum seal_kind kind, uint32_t epoch,
    const uint8_t *digest)
{
	struct msg_seal_sign m = { .kind = (uint8_t)kind, .epoch = epoch,
		.digest = { (uint8_t *)(uintptr_t)digest, DIGEST_LEN } };

	assert_int_equal(chan_put_seal_sign(c, id, &m, NULL, 0), 0);
}

/* SEALED, whose signature is good for that session, kind and digest; returns its time. */
static inline int64_t
expect_sealed(struct rig *g, struct chan *c, enum seal_kind kind,
    const uint8_t *uuid, const uint8_t *digest)
{
	uint8_t text[SEAL_TEXT_MAX];
	struct msg_sealed s;
	struct msg m;
	int64_t at;
	size_t n;

	expect(c, MSG_SEALED, &m);
	assert_int_equal(msg_sealed_get(m.body, &s), 0);
	msg_done(&m);
	assert_int_equal(s.signature.n, ED25519_SIGNATURE);
	assert_int_equal(s.epoch, g->k.now.nr);
	n = seal_text(text, kind, uuid, s.epoch, s.at, digest);
	assert_int_equal(ed25519_verify(g->k.now.public, text, n,
	    s.signature.p), 0);
	at = s.at;
	msg_sealed_free(&s);
	return at;
}

#endif
