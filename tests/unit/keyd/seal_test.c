/* seal_test.c - a channel is bound once, to one session, and signs what that session may have signed. */
#include <poll.h>

#include "rig.h"

static const uint8_t ONE[UUID_LEN] = { 1 }, TWO[UUID_LEN] = { 2 };
static const uint8_t DIGEST[DIGEST_LEN] = { 0xd1 };

/* A bound channel whose SEAL_BOUND was read. */
static struct chan *
bound(struct rig *g, uint64_t session, const uint8_t *uuid)
{
	struct chan *c = rig_seal(g, session, NULL);
	struct msg m;

	say_bind(c, session, uuid);
	rig_step(g);
	expect(c, MSG_SEAL_BOUND, &m);
	msg_done(&m);
	return c;
}

static int64_t
sealed(struct rig *g, struct chan *c, enum seal_kind kind, const uint8_t *uuid)
{
	say_sign(c, 9, kind, kind == SEAL_HEAD ? g->k.now.nr : 0, DIGEST);
	rig_step(g);
	return expect_sealed(g, c, kind, uuid, DIGEST);
}

/* What it said is not allowed: nothing but the end comes back. */
static void
dropped(struct rig *g, struct chan *c)
{
	rig_step(g);
	expect_closed(c);
	chan_free(c);
	assert_int_equal(g->k.status, 0);
}

static void
refused(struct rig *g, struct chan *c, enum seal_kind kind, uint32_t epoch)
{
	say_sign(c, 9, kind, epoch, DIGEST);
	dropped(g, c);
}

static void
a_session_has_its_header_checkpoints_and_end_sealed(void **state)
{
	struct msg_seal_bound b;
	struct chan *c;
	struct rig g;
	struct msg m;
	int64_t at, next;
	int i;

	(void)state;
	rig_new(&g);
	c = rig_seal(&g, 0, NULL);
	say_bind(c, 345, ONE);
	rig_step(&g);
	expect(c, MSG_SEAL_BOUND, &m);
	assert_int_equal(m.id, 1);
	assert_int_equal(msg_seal_bound_get(m.body, &b), 0);
	msg_done(&m);
	assert_int_equal(b.epoch, 1);
	assert_int_equal(b.start, g.k.now.start_ns);
	assert_memory_equal(b.public_key.p, g.k.now.public, ED25519_LEN);
	at = sealed(&g, c, SEAL_HEAD, ONE);
	assert_true(at > b.start);
	for (i = 0; i < 20; i++) {
		next = sealed(&g, c, SEAL_CKPT, ONE);
		assert_true(next > at);
		at = next;
	}
	assert_true(sealed(&g, c, SEAL_END, ONE) > at);
	msg_seal_bound_free(&b);
	chan_free(c);
	rig_end(&g);
}

static void
a_channel_after_a_restart_begins_with_a_checkpoint_or_the_end(void **state)
{
	struct chan *c, *d;
	struct rig g;

	(void)state;
	rig_new(&g);
	c = bound(&g, 1, ONE);
	d = bound(&g, 2, TWO);
	(void)sealed(&g, c, SEAL_CKPT, ONE);
	(void)sealed(&g, d, SEAL_END, TWO);
	refused(&g, c, SEAL_HEAD, 1);
	chan_free(d);
	rig_end(&g);
}

static void
nothing_is_sealed_before_the_channel_is_bound(void **state)
{
	struct rig g;
	int kind;

	(void)state;
	rig_new(&g);
	for (kind = 0; kind <= 5; kind++)
		refused(&g, rig_seal(&g, 0, NULL), (enum seal_kind)kind,
		    kind == SEAL_HEAD);
	rig_end(&g);
}

static void
what_is_out_of_order_ends_the_channel(void **state)
{
	struct chan *c;
	struct rig g;
	int kind;

	(void)state;
	rig_new(&g);
	/* a second header, at once and after a checkpoint */
	c = bound(&g, 1, ONE);
	(void)sealed(&g, c, SEAL_HEAD, ONE);
	refused(&g, c, SEAL_HEAD, 1);
	c = bound(&g, 1, ONE);
	(void)sealed(&g, c, SEAL_CKPT, ONE);
	refused(&g, c, SEAL_HEAD, 1);
	/* behind the end: nothing, not even the end */
	for (kind = 0; kind <= 5; kind++) {
		c = bound(&g, 1, ONE);
		(void)sealed(&g, c, SEAL_END, ONE);
		refused(&g, c, (enum seal_kind)kind, kind == SEAL_HEAD);
	}
	/* no mark of a recovery, and no kind that does not exist */
	refused(&g, bound(&g, 1, ONE), SEAL_RECOVERED, 0);
	refused(&g, bound(&g, 1, ONE), (enum seal_kind)0, 0);
	refused(&g, bound(&g, 1, ONE), (enum seal_kind)5, 0);
	refused(&g, bound(&g, 1, ONE), (enum seal_kind)255, 0);
	/* only a header names an epoch */
	refused(&g, bound(&g, 1, ONE), SEAL_CKPT, 1);
	refused(&g, bound(&g, 1, ONE), SEAL_END, 1);
	rig_end(&g);
}

static void
a_channel_is_bound_once(void **state)
{
	struct chan *c;
	struct rig g;

	(void)state;
	rig_new(&g);
	c = bound(&g, 1, ONE);
	say_bind(c, 1, ONE);
	dropped(&g, c);
	c = bound(&g, 1, ONE);
	say_bind(c, 2, TWO);
	dropped(&g, c);
	/* session 0 does not exist */
	c = rig_seal(&g, 0, NULL);
	say_bind(c, 0, ONE);
	dropped(&g, c);
	rig_end(&g);
}

static void
a_session_has_one_live_channel(void **state)
{
	struct chan *c, *d;
	struct rig g;

	(void)state;
	rig_new(&g);
	c = bound(&g, 1, ONE);
	d = rig_seal(&g, 0, NULL);
	say_bind(d, 1, ONE);
	dropped(&g, d);
	/* also under another number: the signature is about the uuid */
	d = rig_seal(&g, 0, NULL);
	say_bind(d, 2, ONE);
	dropped(&g, d);
	d = rig_seal(&g, 1, ONE);
	expect_closed(d);
	chan_free(d);
	/* another session is nobody's business */
	d = bound(&g, 1, TWO);
	(void)sealed(&g, d, SEAL_CKPT, TWO);
	(void)sealed(&g, c, SEAL_CKPT, ONE);
	/* an end is sealed, but the channel is there */
	(void)sealed(&g, c, SEAL_END, ONE);
	chan_free(d);
	d = rig_seal(&g, 0, NULL);
	say_bind(d, 1, ONE);
	dropped(&g, d);
	chan_free(c);
	rig_end(&g);
}

/* Its other end was closed before, which keyd learns only now. */
static void
a_channel_that_is_gone_makes_room_at_once(void **state)
{
	struct chan *c, *d;
	struct rig g;
	struct msg m;

	(void)state;
	rig_new(&g);
	c = bound(&g, 1, ONE);
	d = rig_seal(&g, 0, NULL);
	say_bind(d, 1, ONE);
	say_sign(c, 5, SEAL_END, 0, DIGEST);
	chan_free(c);
	rig_step(&g);
	expect(d, MSG_SEAL_BOUND, &m);
	msg_done(&m);
	chan_free(d);
	/* and so for a recovery, whose channel comes by way of sekishod */
	c = bound(&g, 2, TWO);
	chan_free(c);
	d = rig_seal(&g, 2, TWO);
	say_sign(d, 5, SEAL_RECOVERED, 0, DIGEST);
	rig_step(&g);
	(void)expect_sealed(&g, d, SEAL_RECOVERED, TWO, DIGEST);
	chan_free(d);
	rig_end(&g);
}

static void
a_recovery_has_one_mark_sealed_and_nothing_else(void **state)
{
	struct chan *c;
	struct rig g;
	int kind;

	(void)state;
	rig_new(&g);
	for (kind = 0; kind <= 5; kind++)
		if (kind != SEAL_RECOVERED)
			refused(&g, rig_seal(&g, 7, ONE),
			    (enum seal_kind)kind, kind == SEAL_HEAD);
	c = rig_seal(&g, 7, ONE);
	say_bind(c, 7, ONE);
	dropped(&g, c);
	refused(&g, rig_seal(&g, 7, ONE), SEAL_RECOVERED, 1);
	c = rig_seal(&g, 7, ONE);
	expect_nothing(c);
	say_sign(c, 3, SEAL_RECOVERED, 0, DIGEST);
	rig_step(&g);
	(void)expect_sealed(&g, c, SEAL_RECOVERED, ONE, DIGEST);
	refused(&g, c, SEAL_RECOVERED, 0);
	rig_end(&g);
}

static void
a_header_of_another_epoch_is_asked_for_anew_but_not_for_ever(void **state)
{
	struct msg_seal_bound b;
	struct chan *c;
	struct rig g;
	struct msg m;
	int i;

	(void)state;
	rig_new(&g);
	c = bound(&g, 1, ONE);
	for (i = 0; i < BOUNDS_MAX; i++) {
		say_sign(c, 77, SEAL_HEAD, (uint32_t)(2 * i), DIGEST);
		rig_step(&g);
		expect(c, MSG_SEAL_BOUND, &m);
		assert_int_equal(m.id, 77);
		assert_int_equal(msg_seal_bound_get(m.body, &b), 0);
		assert_int_equal(b.epoch, 1);
		msg_seal_bound_free(&b);
		msg_done(&m);
	}
	(void)sealed(&g, c, SEAL_HEAD, ONE);
	chan_free(c);
	c = bound(&g, 1, ONE);
	for (i = 0; i < BOUNDS_MAX; i++) {
		say_sign(c, 77, SEAL_HEAD, 2, DIGEST);
		rig_step(&g);
		expect(c, MSG_SEAL_BOUND, &m);
		msg_done(&m);
	}
	refused(&g, c, SEAL_HEAD, 2);
	rig_end(&g);
}

/* A SEAL_SIGN body by hand: its digest has "n" bytes, "more" come behind. */
static void
say_raw(struct chan *c, enum msg_type type, size_t n, size_t more)
{
	uint8_t bytes[256] = { 0 };
	struct buf *b = buf_new(4096);

	assert_int_equal(buf_put_u8(b, SEAL_CKPT), 0);
	assert_int_equal(buf_put_u32(b, 0), 0);
	assert_int_equal(buf_put_bytes(b, bytes, n), 0);
	assert_int_equal(buf_put(b, bytes, more), 0);
	assert_int_equal(chan_send(c, type, 4, b, NULL, 0), 0);
	buf_free(b);
}

static void
what_is_not_as_long_as_it_must_be_ends_the_channel(void **state)
{
	static const size_t lengths[] = { 0, 1, 31, 33, 200 };
	struct chan *c;
	struct rig g;
	size_t i;

	(void)state;
	rig_new(&g);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		c = bound(&g, 1, ONE);
		say_raw(c, MSG_SEAL_SIGN, lengths[i], 0);
		dropped(&g, c);
	}
	c = bound(&g, 1, ONE);
	say_raw(c, MSG_SEAL_SIGN, 32, 1);
	dropped(&g, c);
	c = rig_seal(&g, 0, NULL);
	say_raw(c, MSG_SEAL_BIND, 0, 0);
	dropped(&g, c);
	c = bound(&g, 1, ONE);
	assert_int_equal(chan_send(c, MSG_SEAL_SIGN, 1, NULL, NULL, 0), 0);
	dropped(&g, c);
	rig_end(&g);
}

/* A frame that no table lets pass: written past the channel's own checks. */
static void
say_frame(struct chan *c, unsigned int type, const void *p, size_t n)
{
	struct buf *b = buf_new(1024);

	assert_int_equal(msg_frame_put(b, (enum msg_type)type, 1, 0, p, n),
	    0);
	assert_int_equal(write(chan_fd(c), buf_data(b), buf_len(b)),
	    (int)buf_len(b));
	buf_free(b);
}

static void
a_message_of_somebody_else_ends_the_channel(void **state)
{
	static const unsigned int others[] = { MSG_SLICE, MSG_ACK,
		MSG_HEAD_SIGN, MSG_BIND_KEYS, MSG_SEAL_CHANNEL, MSG_EPOCH,
		MSG_KEYS, MSG_SEALED, MSG_SEAL_BOUND, MSG_PING, 0, 9999 };
	struct chan *c;
	struct rig g;
	size_t i;

	(void)state;
	rig_new(&g);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		c = bound(&g, 1, ONE);
		say_frame(c, others[i], NULL, 0);
		dropped(&g, c);
	}
	c = bound(&g, 1, ONE);
	assert_int_equal(write(chan_fd(c), "x", 1), 1);
	dropped(&g, c);
	rig_end(&g);
}

static void
a_bad_word_of_sekishods_stops_the_process(void **state)
{
	struct msg_seal_channel m = { .session = 1,
		.uuid = { (uint8_t *)(uintptr_t)ONE, 5 } };
	struct rig g;
	int fds[2];

	(void)state;
	rig_new(&g);
	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(chan_put_seal_channel(g.d, 0, &m, fds, 1), 0);
	assert_int_not_equal(keyd_step(&g.k), 0);
	assert_int_equal(g.k.status, KEYD_IOERR);
	rig_close(&g);
	/* bound, but to no session */
	m.session = 0;
	m.uuid.n = UUID_LEN;
	assert_int_equal(rig_open(&g, "gate1"), 0);
	assert_int_equal(chan_put_seal_channel(g.d, 0, &m, fds, 1), 0);
	assert_int_not_equal(keyd_step(&g.k), 0);
	rig_close(&g);
	/* without a descriptor */
	m.uuid.n = 0;
	assert_int_equal(rig_open(&g, "gate1"), 0);
	assert_int_equal(chan_put_seal_channel(g.d, 0, &m, NULL, 0), 0);
	assert_int_not_equal(keyd_step(&g.k), 0);
	close(fds[0]);
	close(fds[1]);
	rig_end(&g);
}

static void
there_are_never_more_channels_than_the_limit(void **state)
{
	struct chan *c, *d;
	struct rig g;

	(void)state;
	rig_new(&g);
	c = bound(&g, 1, ONE);
	g.k.nseals = SEALS_MAX;
	d = rig_seal(&g, 2, TWO);
	expect_closed(d);
	chan_free(d);
	g.k.nseals = 1;
	(void)sealed(&g, c, SEAL_CKPT, ONE);
	chan_free(c);
	rig_end(&g);
}

/* Many questions at once: all are answered, others have their turn in between. */
static void
one_channel_cannot_keep_the_others_waiting(void **state)
{
	struct chan *c, *d;
	struct rig g;
	struct msg m;
	int i, n = 0;

	(void)state;
	rig_new(&g);
	d = bound(&g, 2, TWO);
	c = bound(&g, 1, ONE);
	for (i = 0; i < 64; i++)
		say_sign(c, 9, SEAL_CKPT, 0, DIGEST);
	say_sign(d, 9, SEAL_CKPT, 0, DIGEST);
	rig_step(&g);
	(void)expect_sealed(&g, d, SEAL_CKPT, TWO, DIGEST);
	while (chan_recv(c, &m) == 0) {
		msg_done(&m);
		n++;
	}
	assert_true(n > 0 && n < 64);
	for (; n < 64; n++) {
		while (chan_recv(c, &m) != 0)
			rig_step(&g);
		assert_int_equal(m.type, MSG_SEALED);
		msg_done(&m);
	}
	chan_free(c);
	chan_free(d);
	rig_end(&g);
}

/* Would a round find something to do? */
static int
ready(const struct rig *g)
{
	const struct chan *c = g->k.seals->chan;
	struct pollfd p = { chan_fd(c), chan_waiting(c) > 0 ? POLLOUT :
	    POLLIN, 0 };

	return poll(&p, 1, 0) > 0;
}

static void
who_does_not_read_the_answers_is_not_heard(void **state)
{
	struct chan *c;
	struct rig g;
	struct msg m;
	int i, n = 0;

	(void)state;
	rig_new(&g);
	c = bound(&g, 1, ONE);
	for (i = 0; i < 3000; i++)
		say_sign(c, 9, SEAL_CKPT, 0, DIGEST);
	while (ready(&g)) {
		rig_step(&g);
		assert_int_equal(chan_flush(c), 0);
	}
	assert_true(chan_waiting(g.k.seals->chan) < 1024);
	assert_true(chan_waiting(c) > 0);
	while (n < 3000) {
		while (chan_recv(c, &m) == 0) {
			assert_int_equal(m.type, MSG_SEALED);
			msg_done(&m);
			n++;
		}
		assert_int_equal(chan_flush(c), 0);
		while (ready(&g))
			rig_step(&g);
	}
	/* gone with answers that nobody took: its session is free */
	for (i = 0; i < 3000; i++)
		say_sign(c, 9, SEAL_CKPT, 0, DIGEST);
	while (ready(&g))
		rig_step(&g);
	chan_free(c);
	c = bound(&g, 1, ONE);
	chan_free(c);
	rig_end(&g);
}

static void
when_sekishod_is_gone_it_is_over(void **state)
{
	struct rig g;

	(void)state;
	rig_new(&g);
	chan_free(g.d);
	g.d = NULL;
	assert_int_equal(keyd_loop(&g.k), 0);
	assert_int_equal(g.k.is_done, 1);
	rig_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_session_has_its_header_checkpoints_and_end_sealed),
		cmocka_unit_test(
		    a_channel_after_a_restart_begins_with_a_checkpoint_or_the_end),
		cmocka_unit_test(nothing_is_sealed_before_the_channel_is_bound),
		cmocka_unit_test(what_is_out_of_order_ends_the_channel),
		cmocka_unit_test(a_channel_is_bound_once),
		cmocka_unit_test(a_session_has_one_live_channel),
		cmocka_unit_test(a_channel_that_is_gone_makes_room_at_once),
		cmocka_unit_test(
		    a_recovery_has_one_mark_sealed_and_nothing_else),
		cmocka_unit_test(
		    a_header_of_another_epoch_is_asked_for_anew_but_not_for_ever),
		cmocka_unit_test(
		    what_is_not_as_long_as_it_must_be_ends_the_channel),
		cmocka_unit_test(a_message_of_somebody_else_ends_the_channel),
		cmocka_unit_test(a_bad_word_of_sekishods_stops_the_process),
		cmocka_unit_test(there_are_never_more_channels_than_the_limit),
		cmocka_unit_test(one_channel_cannot_keep_the_others_waiting),
		cmocka_unit_test(who_does_not_read_the_answers_is_not_heard),
		cmocka_unit_test(when_sekishod_is_gone_it_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
