/* head_test.c - heads only grow, whatever ledgerd asks, in this life and the next. */
#include "rig.h"
#include "grown.h"

/* The whole message by hand, so that every field can be wrong. */
struct question {
	uint64_t	 size, old;
	uint8_t		 root[TREE_HASH];
	struct tree_proof proof;
};

/* What a ledger that has "g" asks for its tree of "size" entries. */
static struct question
question(struct grown *t, uint64_t old, uint64_t size)
{
	struct question q = { .size = size, .old = old };

	grown_root(t, size, q.root);
	if (old <= size)
		grown_proof(t, old, size, &q.proof);
	return q;
}

static void
ask(struct rig *g, const struct question *q)
{
	struct msg_head_sign h = { .size = q->size, .old = q->old,
		.root = { (uint8_t *)(uintptr_t)q->root, TREE_HASH },
		.proof = { (uint8_t *)(uintptr_t)q->proof.hash,
		    q->proof.n * TREE_HASH } };

	assert_int_equal(chan_put_head_sign(g->g, 5, &h, NULL, 0), 0);
	rig_step(g);
}

/* Signed, with both keys; returns its time. */
static int64_t
is_signed(struct rig *g, const struct question *q)
{
	struct msg_head_signed s;
	struct note n;
	struct msg m;

	ask(g, q);
	expect(g->g, MSG_HEAD_SIGNED, &m);
	assert_int_equal(m.id, 5);
	assert_int_equal(msg_head_signed_get(m.body, &s), 0);
	msg_done(&m);
	assert_int_equal(s.size, q->size);
	assert_int_equal(note_parse((const char *)s.note.p, s.note.n, &n,
	    g->k.log.public, g->k.now.public), 0);
	assert_int_equal(note_check(&n, g->k.log.public, g->k.now.public), 0);
	assert_string_equal(n.origin, "gate1/sekisho");
	assert_int_equal(n.size, q->size);
	assert_memory_equal(n.root, q->root, TREE_HASH);
	assert_int_equal(n.epoch, g->k.now.nr);
	assert_true(n.time_ns >= g->k.now.start_ns);
	msg_head_signed_free(&s);
	return n.time_ns;
}

static void
is_refused(struct rig *g, const struct question *q, const char *why)
{
	struct msg_refused no;
	struct msg m;

	ask(g, q);
	expect(g->g, MSG_REFUSED, &m);
	assert_int_equal(m.id, 5);
	assert_int_equal(msg_refused_get(m.body, &no), 0);
	msg_done(&m);
	if (strstr(no.reason, why) == NULL)
		fail_msg("%s", no.reason);
	msg_refused_free(&no);
}

static void
every_way_to_grow_is_signed_and_times_grow_too(void **state)
{
	struct question q;
	uint64_t old, size;
	struct grown t;
	struct rig g;
	int64_t at = 0, next;

	(void)state;
	grown_fill(&t, GROWN_MAX);
	for (old = 1; old < GROWN_MAX; old += 5) {
		rig_new(&g);
		rig_ledger_acked(&g);
		q = question(&t, 0, old);
		at = is_signed(&g, &q);
		for (size = old; size <= GROWN_MAX; size += 7) {
			q = question(&t, g.k.last.head.size, size);
			next = is_signed(&g, &q);
			assert_true(next > at);
			at = next;
		}
		rig_end(&g);
	}
}

static void
a_shorter_tree_is_never_signed(void **state)
{
	struct question q;
	struct grown t;
	struct rig g;
	uint64_t size;

	(void)state;
	grown_fill(&t, GROWN_MAX);
	rig_new(&g);
	rig_ledger_acked(&g);
	q = question(&t, 0, 20);
	(void)is_signed(&g, &q);
	for (size = 1; size < 20; size++) {
		q = question(&t, 20, size);
		is_refused(&g, &q, "shorter");
		q = question(&t, 0, size);
		is_refused(&g, &q, "shorter");
	}
	/* the channel lives, and what is right still is signed */
	q = question(&t, 20, 21);
	(void)is_signed(&g, &q);
	rig_end(&g);
}

static void
the_same_size_is_signed_again_only_with_the_same_root(void **state)
{
	struct question q;
	struct grown t, other;
	struct rig g;

	(void)state;
	grown_fill(&t, GROWN_MAX);
	grown_fill(&other, 3);
	rig_new(&g);
	rig_ledger_acked(&g);
	q = question(&t, 0, 20);
	(void)is_signed(&g, &q);
	q = question(&t, 20, 20);
	(void)is_signed(&g, &q);
	q = question(&other, 20, 20);
	is_refused(&g, &q, "another root");
	q = question(&t, 20, 20);
	q.proof.n = 1;
	is_refused(&g, &q, "nothing to prove");
	rig_end(&g);
}

static void
a_tree_that_does_not_continue_the_last_is_refused(void **state)
{
	struct question q, good;
	struct grown t, other;
	struct rig g;
	size_t i;

	(void)state;
	grown_fill(&t, GROWN_MAX);
	grown_fill(&other, 19);		/* the last entry under the head */
	rig_new(&g);
	rig_ledger_acked(&g);
	q = question(&t, 0, 20);
	(void)is_signed(&g, &q);
	q = question(&other, 20, 33);
	is_refused(&g, &q, "does not continue");
	/* its own proof under the right root, the right proof under its root */
	good = question(&t, 20, 33);
	q = good;
	q.proof = question(&other, 20, 33).proof;
	is_refused(&g, &q, "does not continue");
	q = good;
	memcpy(q.root, question(&other, 20, 33).root, TREE_HASH);
	is_refused(&g, &q, "does not continue");
	/* each hash spoilt, one missing, one too many, none */
	for (i = 0; i < good.proof.n; i++) {
		q = good;
		q.proof.hash[i][31] ^= 1;
		is_refused(&g, &q, "does not continue");
	}
	q = good;
	q.proof.n--;
	is_refused(&g, &q, "does not continue");
	q = good;
	q.proof.n++;
	is_refused(&g, &q, "does not continue");
	q = good;
	q.proof.n = 0;
	is_refused(&g, &q, "does not continue");
	/* a proof from somewhere else */
	q = question(&t, 19, 33);
	is_refused(&g, &q, "does not begin");
	q = question(&t, 21, 33);
	is_refused(&g, &q, "does not begin");
	q = question(&t, 0, 33);
	is_refused(&g, &q, "does not begin");
	(void)is_signed(&g, &good);
	rig_end(&g);
}

static void
sizes_that_no_tree_has_are_refused(void **state)
{
	struct question q = { .size = 0 };
	struct rig g;

	(void)state;
	rig_new(&g);
	rig_ledger_acked(&g);
	is_refused(&g, &q, "no tree");
	q.size = ((uint64_t)1 << 62) + 1;
	is_refused(&g, &q, "no tree");
	q.size = UINT64_MAX;
	is_refused(&g, &q, "no tree");
	/* the first head ever begins at nothing */
	q.size = 3;
	q.old = 2;
	is_refused(&g, &q, "does not begin");
	q.old = 0;
	q.proof.n = 1;
	is_refused(&g, &q, "nothing to prove");
	q.proof.n = 0;
	(void)is_signed(&g, &q);
	q.size = 0;
	q.old = 3;
	is_refused(&g, &q, "no tree");
	rig_end(&g);
}

static void
a_new_start_remembers_what_was_signed(void **state)
{
	struct msg_epoch epoch;
	struct msg_keys keys;
	struct question q;
	struct grown t, other;
	struct rig g;
	int64_t at;

	(void)state;
	grown_fill(&t, GROWN_MAX);
	grown_fill(&other, 3);
	rig_new(&g);
	rig_ledger_acked(&g);
	q = question(&t, 0, 20);
	at = is_signed(&g, &q);
	rig_again(&g);
	(void)rig_ledger(&g, &keys, &epoch);
	assert_int_equal(keys.size, 20);
	assert_memory_equal(keys.root.p, q.root, TREE_HASH);
	msg_keys_free(&keys);
	msg_epoch_free(&epoch);
	q = question(&t, 0, 19);
	is_refused(&g, &q, "shorter");
	q = question(&other, 0, 20);
	is_refused(&g, &q, "does not begin");
	q = question(&other, 20, 20);
	is_refused(&g, &q, "another root");
	q = question(&other, 20, 40);
	is_refused(&g, &q, "does not continue");
	q = question(&t, 20, 40);
	assert_true(is_signed(&g, &q) > at);
	rig_end(&g);
}

/* A HEAD_SIGN with lengths that no head has. */
static void
malformed(struct rig *g, size_t root, size_t proof, size_t more)
{
	static const uint8_t bytes[4096];
	struct buf *b = buf_new(8192);
	struct msg_epoch epoch;
	struct msg_keys keys;

	(void)rig_ledger(g, &keys, &epoch);
	msg_keys_free(&keys);
	msg_epoch_free(&epoch);
	assert_int_equal(buf_put_u64(b, 1), 0);
	assert_int_equal(buf_put_bytes(b, bytes, root), 0);
	assert_int_equal(buf_put_u64(b, 0), 0);
	assert_int_equal(buf_put_bytes(b, bytes, proof), 0);
	assert_int_equal(buf_put(b, bytes, more), 0);
	assert_int_equal(chan_send(g->g, MSG_HEAD_SIGN, 1, b, NULL, 0), 0);
	buf_free(b);
	rig_step(g);
	expect_closed(g->g);
	assert_null(g->k.ledger);
	assert_int_equal(g->k.last.head.size, 0);
}

static void
what_is_not_as_long_as_it_must_be_ends_the_channel(void **state)
{
	struct rig g;

	(void)state;
	rig_new(&g);
	malformed(&g, 31, 0, 0);
	malformed(&g, 33, 0, 0);
	malformed(&g, 0, 0, 0);
	malformed(&g, 32, 31, 0);
	malformed(&g, 32, 33, 0);
	malformed(&g, 32, 2049, 0);
	malformed(&g, 32, 2080, 0);
	malformed(&g, 32, 0, 1);
	rig_end(&g);
}

static void
an_acknowledgement_of_nothing_ends_the_channel(void **state)
{
	struct msg_epoch epoch;
	struct msg_keys keys;
	struct rig g;
	uint32_t id;

	(void)state;
	rig_new(&g);
	id = rig_ledger(&g, &keys, &epoch);
	rig_ack(&g, id);
	expect_nothing(g.g);
	rig_ack(&g, id);		/* twice */
	expect_closed(g.g);
	msg_keys_free(&keys);
	msg_epoch_free(&epoch);
	id = rig_ledger(&g, &keys, &epoch);
	rig_ack(&g, id + 1);		/* of another */
	expect_closed(g.g);
	msg_keys_free(&keys);
	msg_epoch_free(&epoch);
	rig_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_way_to_grow_is_signed_and_times_grow_too),
		cmocka_unit_test(a_shorter_tree_is_never_signed),
		cmocka_unit_test(
		    the_same_size_is_signed_again_only_with_the_same_root),
		cmocka_unit_test(
		    a_tree_that_does_not_continue_the_last_is_refused),
		cmocka_unit_test(sizes_that_no_tree_has_are_refused),
		cmocka_unit_test(a_new_start_remembers_what_was_signed),
		cmocka_unit_test(
		    what_is_not_as_long_as_it_must_be_ends_the_channel),
		cmocka_unit_test(
		    an_acknowledgement_of_nothing_ends_the_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
