/* epoch_test.c - keys come and go with time, each vouched for by the one before; the clock never goes back. */
#include "rig.h"

static const uint8_t ONE[UUID_LEN] = { 1 };
static const uint8_t DIGEST[DIGEST_LEN] = { 0xd1 };

static struct chan *
bound(struct rig *g, const uint8_t *uuid)
{
	struct chan *c = rig_seal(g, 0, NULL);
	struct msg m;

	say_bind(c, 1, uuid);
	rig_step(g);
	expect(c, MSG_SEAL_BOUND, &m);
	msg_done(&m);
	return c;
}

static int64_t
sealed(struct rig *g, struct chan *c)
{
	say_sign(c, 9, SEAL_CKPT, 0, DIGEST);
	rig_step(g);
	return expect_sealed(g, c, SEAL_CKPT, ONE, DIGEST);
}

/* Is "seed" anywhere in the file? */
static int
is_on_disk(const struct rig *g, const uint8_t seed[ED25519_LEN])
{
	uint8_t file[BLOCKS * DISK_BLOCK];
	int fd = open(g->file, O_RDONLY), found;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, file, sizeof(file), 0), sizeof(file));
	close(fd);
	found = memmem(file, sizeof(file), seed, ED25519_LEN) != NULL;
	explicit_bzero(file, sizeof(file));
	return found;
}

static void
seed_of_now(const struct rig *g, uint8_t seed[ED25519_LEN])
{
	int fd = open(g->file, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, seed, ED25519_LEN,
	    (off_t)g->k.now.at * DISK_BLOCK + 16), ED25519_LEN);
	close(fd);
}

/* EPOCH that "by" vouches for; returns its number. */
static uint32_t
expect_epoch(struct rig *g, const uint8_t by[ED25519_LEN])
{
	uint8_t text[EPOCH_TEXT_MAX];
	struct epoch_said said;
	struct msg_epoch e;
	struct msg m;
	size_t n;

	expect(g->g, MSG_EPOCH, &m);
	assert_int_equal(msg_epoch_get(m.body, &e), 0);
	assert_int_equal(m.id, e.epoch);
	msg_done(&m);
	assert_int_equal(e.epoch, g->k.now.nr);
	assert_int_equal(e.start, g->k.now.start_ns);
	assert_memory_equal(e.public_key.p, g->k.now.public, ED25519_LEN);
	/* the old key's last word is about what it signed last */
	assert_int_equal(e.head_size, g->k.now.head.size);
	assert_memory_equal(e.head_root.p, g->k.now.head.root, DIGEST_LEN);
	said = (struct epoch_said){ .nr = e.epoch, .start_ns = e.start,
		.key = e.public_key.p, .head_size = e.head_size,
		.head_root = e.head_root.p };
	n = epoch_text(text, &said, g->k.log.public, "gate1/sekisho");
	assert_int_equal(ed25519_verify(by, text, n, e.signature.p), 0);
	n = e.epoch;
	msg_epoch_free(&e);
	return (uint32_t)n;
}

/* An hour later: what is due happens in the next round. */
static void
later(struct rig *g, int64_t now)
{
	clock_set_test(now);
	assert_int_equal(epoch_turn(&g->k), 0);
}

static void
each_key_is_vouched_for_by_the_one_before(void **state)
{
	uint8_t by[ED25519_LEN];
	struct msg_epoch epoch;
	struct msg_keys keys;
	struct rig g;
	uint32_t nr, id;

	(void)state;
	rig_new(&g);
	id = rig_ledger(&g, &keys, &epoch);
	assert_int_equal(id, 1);
	assert_int_equal(keys.epoch, 1);
	assert_memory_equal(epoch.public_key.p, g.k.now.public, ED25519_LEN);
	assert_memory_equal(g.k.now.signer, g.k.now.public, ED25519_LEN);
	rig_ack(&g, 1);
	for (nr = 2; nr < 10; nr++) {
		memcpy(by, g.k.now.public, ED25519_LEN);
		later(&g, NOW + (int64_t)(nr - 1) * EPOCH_S - 1);
		assert_int_equal(g.k.now.nr, nr - 1);
		g.k.last.head.size = 10 * nr;
		memset(g.k.last.head.root, (int)nr, DIGEST_LEN);
		later(&g, NOW + (int64_t)(nr - 1) * (EPOCH_S + 1));
		assert_int_equal(g.k.now.head.size, 10 * nr);
		assert_int_equal(expect_epoch(&g, by), nr);
		assert_int_equal(g.k.now.start_ns, (NOW + (int64_t)(nr - 1) *
		    (EPOCH_S + 1)) * NS);
		rig_ack(&g, nr);
	}
	msg_keys_free(&keys);
	msg_epoch_free(&epoch);
	rig_end(&g);
}

static void
the_old_seed_is_nowhere_on_the_disk(void **state)
{
	uint8_t seed[3][ED25519_LEN];
	struct rig g;
	int i;

	(void)state;
	rig_new(&g);
	rig_ledger_acked(&g);
	for (i = 0; i < 3; i++) {
		seed_of_now(&g, seed[i]);
		assert_true(is_on_disk(&g, seed[i]));
		later(&g, NOW + (i + 1) * EPOCH_S);
		assert_int_equal(g.k.now.nr, i + 2);
		assert_false(is_on_disk(&g, seed[i]));
		rig_ack(&g, g.k.now.nr);
	}
	rig_again(&g);
	for (i = 0; i < 3; i++)
		assert_false(is_on_disk(&g, seed[i]));
	rig_end(&g);
}

static void
no_key_is_made_while_the_ledger_does_not_know_the_last(void **state)
{
	struct msg_epoch epoch;
	struct msg_keys keys;
	struct rig g;
	uint32_t id;
	int i;

	(void)state;
	rig_new(&g);
	/* nobody there; then somebody who does not answer; then nobody */
	later(&g, NOW + 2 * EPOCH_S);
	assert_int_equal(g.k.now.nr, 1);
	assert_int_equal(epoch_wait_ms(&g.k), -1);
	for (i = 0; i < 3; i++) {
		id = rig_ledger(&g, &keys, &epoch);
		assert_int_equal(id, 1);
		assert_int_equal(keys.epoch, 1);
		msg_keys_free(&keys);
		msg_epoch_free(&epoch);
		later(&g, NOW + 3 * EPOCH_S);
		assert_int_equal(g.k.now.nr, 1);
	}
	/* the answer is all that was missing */
	rig_ack(&g, 1);
	assert_int_equal(g.k.now.nr, 2);
	/* away again: one more key, and then no more */
	rig_ack(&g, 2);
	chan_free(g.g);
	g.g = NULL;
	rig_step(&g);
	assert_null(g.k.ledger);
	later(&g, NOW + 5 * EPOCH_S);
	assert_int_equal(g.k.now.nr, 3);
	later(&g, NOW + 9 * EPOCH_S);
	assert_int_equal(g.k.now.nr, 3);
	/* a restart does not know what was acknowledged: it asks again */
	rig_again(&g);
	later(&g, NOW + 20 * EPOCH_S);
	assert_int_equal(g.k.now.nr, 3);
	id = rig_ledger(&g, &keys, &epoch);
	assert_int_equal(id, 3);
	rig_ack(&g, 3);
	assert_int_equal(g.k.now.nr, 4);
	msg_keys_free(&keys);
	msg_epoch_free(&epoch);
	rig_end(&g);
}

static void
a_new_channel_to_the_ledger_is_told_all_again(void **state)
{
	struct msg_epoch one, two;
	struct msg_keys keys, again;
	struct chan *old;
	struct rig g;

	(void)state;
	rig_new(&g);
	assert_int_equal(rig_ledger(&g, &keys, &one), 1);
	rig_ack(&g, 1);
	old = g.g;
	g.g = NULL;
	assert_int_equal(rig_ledger(&g, &again, &two), 1);
	expect_closed(old);
	chan_free(old);
	assert_string_equal(keys.origin, again.origin);
	assert_memory_equal(keys.log_key.p, again.log_key.p, ED25519_LEN);
	assert_int_equal(one.epoch, two.epoch);
	assert_int_equal(one.start, two.start);
	assert_memory_equal(one.public_key.p, two.public_key.p, ED25519_LEN);
	assert_memory_equal(one.signature.p, two.signature.p,
	    ED25519_SIGNATURE);
	/* acknowledged before, but asked again: the answer comes first */
	later(&g, NOW + EPOCH_S);
	assert_int_equal(g.k.now.nr, 1);
	rig_ack(&g, 1);
	assert_int_equal(g.k.now.nr, 2);
	msg_keys_free(&keys);
	msg_keys_free(&again);
	msg_epoch_free(&one);
	msg_epoch_free(&two);
	rig_end(&g);
}

static void
a_rotation_between_two_seals_changes_the_key_and_a_header_is_made_anew(
    void **state)
{
	struct msg_seal_bound b;
	struct chan *c, *d;
	struct rig g;
	struct msg m;
	int64_t at;

	(void)state;
	rig_new(&g);
	rig_ledger_acked(&g);
	c = bound(&g, ONE);
	at = sealed(&g, c);
	d = bound(&g, (const uint8_t[UUID_LEN]){ 2 });
	later(&g, NOW + EPOCH_S);
	assert_true(at < g.k.now.start_ns);
	at = sealed(&g, c);
	assert_true(at > g.k.now.start_ns);
	say_sign(d, 4, SEAL_HEAD, 1, DIGEST);
	rig_step(&g);
	expect(d, MSG_SEAL_BOUND, &m);
	assert_int_equal(msg_seal_bound_get(m.body, &b), 0);
	msg_done(&m);
	assert_int_equal(b.epoch, 2);
	assert_int_equal(b.start, g.k.now.start_ns);
	assert_memory_equal(b.public_key.p, g.k.now.public, ED25519_LEN);
	msg_seal_bound_free(&b);
	say_sign(d, 5, SEAL_HEAD, 2, DIGEST);
	rig_step(&g);
	(void)expect_sealed(&g, d, SEAL_HEAD, (const uint8_t[UUID_LEN]){ 2 },
	    DIGEST);
	chan_free(c);
	chan_free(d);
	rig_end(&g);
}

static void
a_clock_that_goes_back_takes_no_time_back(void **state)
{
	static const int64_t jumps[] = { NOW + 10, NOW - 100000, 1, NOW + 9,
		NOW + 11, NOW + 5, NOW + 3000 };
	struct chan *c;
	struct rig g;
	int64_t at = 0, next;
	size_t i;
	int k;

	(void)state;
	rig_new(&g);
	c = bound(&g, ONE);
	for (i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++)
		for (k = 0; k < 3; k++) {
			clock_set_test(jumps[i]);
			next = sealed(&g, c);
			assert_true(next > at);
			at = next;
			assert_true(at <= (NOW + 3000) * NS + 3);
		}
	chan_free(c);
	rig_end(&g);
}

/* Killed at any moment: what is on the disk is enough. */
static void
a_restart_with_a_clock_that_went_back_takes_no_time_back(void **state)
{
	struct chan *c;
	struct rig g;
	int64_t at = 0, next, start;
	int i;

	(void)state;
	rig_new(&g);
	for (i = 0; i < 50; i++) {
		clock_set_test(i % 3 == 0 ? NOW + i * 100 : NOW - i * 1000);
		c = bound(&g, ONE);
		next = sealed(&g, c);
		assert_true(next > at);
		at = next;
		chan_free(c);
		rig_again(&g);
	}
	/* and a new epoch begins behind all of them */
	rig_ledger_acked(&g);
	start = g.k.now.start_ns;
	later(&g, NOW + 2 * EPOCH_S);
	assert_int_equal(g.k.now.nr, 2);
	assert_true(g.k.now.start_ns > start && g.k.now.start_ns > at);
	rig_end(&g);
}

static void
a_clock_that_stands_still_does_not_keep_a_key_for_ever(void **state)
{
	struct rig g;

	(void)state;
	rig_new(&g);
	rig_ledger_acked(&g);
	later(&g, NOW - 10 * EPOCH_S);
	assert_int_equal(g.k.now.nr, 1);
	assert_true(epoch_wait_ms(&g.k) > 0);
	/* our own life so far */
	g.k.epoch_mono_ms -= (int64_t)EPOCH_S * 1000;
	assert_int_equal(epoch_wait_ms(&g.k), 0);
	later(&g, NOW - 10 * EPOCH_S);
	assert_int_equal(g.k.now.nr, 2);
	assert_true(g.k.now.start_ns > NOW * NS);
	rig_end(&g);
}

/* A ledgerd that was taken over could keep one key in force by silence, and all that it sealed open to whoever comes later. */
static void
a_key_that_is_never_acknowledged_signs_nothing_after_a_while(void **state)
{
	struct msg_epoch epoch;
	struct msg_keys keys;
	struct msg_refused no;
	struct msg_head_sign h = { .size = 1, .root = {
		(uint8_t *)(uintptr_t)DIGEST, DIGEST_LEN } };
	struct chan *c;
	struct rig g;
	struct msg m;

	(void)state;
	rig_new(&g);
	assert_int_equal(rig_ledger(&g, &keys, &epoch), 1);
	c = bound(&g, ONE);
	g.k.epoch_mono_ms -= 2 * (int64_t)EPOCH_S * 1000 - 5000;
	(void)sealed(&g, c);
	g.k.epoch_mono_ms -= 10000;
	say_sign(c, 10, SEAL_CKPT, 0, DIGEST);
	rig_step(&g);
	expect_closed(c);
	chan_free(c);
	assert_int_equal(chan_put_head_sign(g.g, 4, &h, NULL, 0), 0);
	rig_step(&g);
	expect(g.g, MSG_REFUSED, &m);
	assert_int_equal(msg_refused_get(m.body, &no), 0);
	msg_done(&m);
	assert_string_equal(no.code, "UNAVAILABLE");
	msg_refused_free(&no);
	assert_int_equal(g.k.last.head.size, 0);
	/* it answers: the next key, and all is well */
	rig_ack(&g, 1);
	assert_int_equal(g.k.now.nr, 2);
	c = bound(&g, ONE);
	(void)sealed(&g, c);
	chan_free(c);
	msg_keys_free(&keys);
	msg_epoch_free(&epoch);
	rig_end(&g);
}

static void
an_epoch_of_no_seconds_is_refused(void **state)
{
	struct rig g;

	(void)state;
	rig_dir(&g);
	assert_int_equal(keyd_open(&g.k, g.dir, "gate1", 0), KEYD_CONFIG);
	keyd_close(&g.k);
	rig_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_is_vouched_for_by_the_one_before),
		cmocka_unit_test(the_old_seed_is_nowhere_on_the_disk),
		cmocka_unit_test(
		    no_key_is_made_while_the_ledger_does_not_know_the_last),
		cmocka_unit_test(a_new_channel_to_the_ledger_is_told_all_again),
		cmocka_unit_test(
		    a_rotation_between_two_seals_changes_the_key_and_a_header_is_made_anew),
		cmocka_unit_test(a_clock_that_goes_back_takes_no_time_back),
		cmocka_unit_test(
		    a_restart_with_a_clock_that_went_back_takes_no_time_back),
		cmocka_unit_test(
		    a_clock_that_stands_still_does_not_keep_a_key_for_ever),
		cmocka_unit_test(
		    a_key_that_is_never_acknowledged_signs_nothing_after_a_while),
		cmocka_unit_test(an_epoch_of_no_seconds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
