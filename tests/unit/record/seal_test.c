/* seal_test.c - every seal of a recording is shown with what it is about; nothing that was sealed changes unseen. */
#include "made.h"

#include "base/err.h"
#include "base/log.h"
#include "record/frame.h"
#include "record/le.h"

static void
quiet(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* Header, two sealed checkpoints, END: four seals. */
static uint8_t *
sealed(size_t *n)
{
	struct writer *w;
	uint8_t *p;
	int fd = made_open(&w);

	assert_int_equal(writer_event(w, T0 + 1000, 'o', "one", 3), 0);
	assert_int_equal(writer_tick(w, T0 + SECOND), 0);
	assert_int_equal(made_answer(w, T0 + SECOND), SKR_SEAL_CKPT);
	assert_int_equal(writer_event(w, T0 + 2 * SECOND, 'i', "two", 3), 0);
	assert_int_equal(writer_tick(w, T0 + 3 * SECOND), 0);
	assert_int_equal(writer_event(w, T0 + 3 * SECOND, 'o', "late", 4), 0);
	assert_int_equal(made_answer(w, T0 + 3 * SECOND), SKR_SEAL_CKPT);
	assert_int_equal(writer_event(w, T0 + 4 * SECOND, 'o', "last", 4), 0);
	made_close(w, T0 + 5 * SECOND, &made_end);
	p = made_bytes(fd, n);
	writer_free(w);
	close(fd);
	return p;
}

/* Offset of the "nth" frame of a type, from 0. */
static size_t
frame_at(const uint8_t *p, size_t n, uint8_t type, size_t nth)
{
	size_t at = le_get32(p + 12);
	struct frame f;

	for (; at < n; at += SKR_HEAD + f.len) {
		frame_get(p + at, &f);
		if (f.type == type && nth-- == 0)
			return at;
	}
	fail();
	return 0;
}

struct shown {
	struct reader_seal s[8];
	size_t	 n;
	size_t	 refuse;		/* this one, counted from 1 */
};

static int
show(void *arg, const struct reader_seal *s)
{
	struct shown *x = arg;

	assert_true(x->n < 8);
	x->s[x->n++] = *s;
	return x->n == x->refuse ? ERR_DENIED : seals_check(NULL, s);
}

static void
every_seal_is_shown_with_what_it_covers(void **state)
{
	struct shown x = { .n = 0 };
	const struct reader_result *res;
	struct reader *r;
	size_t n;
	uint8_t *p = sealed(&n);

	(void)state;
	assert_int_equal(reader_open_mem(p, n, &r), 0);
	reader_on_seal(r, show, &x);
	res = made_read(r);
	assert_int_equal(res->state, READER_COMPLETE);
	assert_int_equal(res->seals, 4);
	assert_int_equal(x.n, 4);
	assert_int_equal(x.s[0].kind, SKR_SEAL_HEAD);
	assert_int_equal(x.s[0].covers, le_get32(p + 12));
	assert_int_equal(x.s[1].kind, SKR_SEAL_CKPT);
	assert_int_equal(x.s[1].covers, frame_at(p, n, SKR_CKPT, 0));
	assert_int_equal(x.s[2].kind, SKR_SEAL_CKPT);
	assert_int_equal(x.s[2].covers, frame_at(p, n, SKR_CKPT, 1));
	assert_int_equal(x.s[3].kind, SKR_SEAL_END);
	assert_int_equal(x.s[3].covers, n);
	assert_int_equal(res->sealed_bytes, n);
	assert_int_equal(res->has_unsealed, 0);
	assert_int_equal(res->end.is_sealed, 1);
	reader_free(r);
	free(p);
}

static void
a_seal_that_is_refused_is_damage_where_it_stands(void **state)
{
	struct shown x;
	const struct reader_result *res;
	struct reader *r;
	size_t n, i, at[5];
	uint8_t *p = sealed(&n);

	(void)state;
	at[1] = 0;
	at[2] = frame_at(p, n, SKR_SEAL, 0);
	at[3] = frame_at(p, n, SKR_SEAL, 1);
	at[4] = frame_at(p, n, SKR_END, 0);
	for (i = 1; i <= 4; i++) {
		memset(&x, 0, sizeof(x));
		x.refuse = i;
		assert_int_equal(reader_open_mem(p, n, &r), 0);
		reader_on_seal(r, show, &x);
		res = made_read(r);
		assert_int_equal(res->state, READER_DAMAGED);
		assert_int_equal(res->good_bytes, at[i]);
		assert_int_equal(res->has_end, 0);
		assert_int_equal(res->seals, i - 1);
		reader_free(r);
	}
	free(p);
}

static void
the_first_event_behind_the_last_seal_is_told(void **state)
{
	struct reader *r;
	size_t n, cut;
	uint8_t *p = sealed(&n);

	(void)state;
	cut = frame_at(p, n, SKR_END, 0);
	assert_int_equal(reader_open_mem(p, cut, &r), 0);
	assert_int_equal(made_read(r)->state, READER_UNFINISHED);
	assert_int_equal(reader_result(r)->sealed_bytes,
	    frame_at(p, n, SKR_CKPT, 1));
	assert_int_equal(reader_result(r)->has_unsealed, 1);
	assert_true(reader_result(r)->unsealed_ns == 3 * SECOND);
	reader_free(r);

	cut = frame_at(p, n, SKR_SEAL, 0);
	assert_int_equal(reader_open_mem(p, cut, &r), 0);
	assert_int_equal(made_read(r)->state, READER_UNFINISHED);
	assert_int_equal(reader_result(r)->sealed_bytes, le_get32(p + 12));
	assert_true(reader_result(r)->unsealed_ns == 1000);
	reader_free(r);
	free(p);
}

/* A reader with the key in hand: is this a whole, sealed recording? */
static int
is_good(const uint8_t *p, size_t n)
{
	struct reader *r;
	int good = 0, yes;

	if (reader_open_mem(p, n, &r) != 0)
		return 0;
	reader_on_seal(r, seals_check, &good);
	yes = made_read(r)->state == READER_COMPLETE && good == 4;
	reader_free(r);
	return yes;
}

static void
every_cut_and_every_flipped_bit_is_noticed(void **state)
{
	size_t n, i;
	uint8_t *p = sealed(&n);
	int bit;

	(void)state;
	assert_true(is_good(p, n));
	for (i = 0; i < n; i++)
		assert_false(is_good(p, i));
	for (i = 0; i < n; i++)
		for (bit = 0; bit < 8; bit++) {
			p[i] ^= (uint8_t)(1 << bit);
			assert_false(is_good(p, n));
			p[i] ^= (uint8_t)(1 << bit);
		}
	free(p);
}

/* Crc and chain of all frames anew, and the copies of the chain in CKPT and END: what somebody without the key can do. */
static void
forge(uint8_t *p, size_t n)
{
	uint8_t chain[SKR_DIGEST];
	struct sha256 *s = sha256_new();
	struct crc32c c;
	struct frame f;
	struct iovec v;
	size_t at = le_get32(p + 12);

	crc32c_init(&c);
	assert_int_equal(chain_start(s, p, at, chain), 0);
	for (; at < n; at += SKR_HEAD + f.len) {
		frame_get(p + at, &f);
		v.iov_base = p + at + SKR_HEAD;
		v.iov_len = f.len;
		if (f.type == SKR_CKPT && f.len == SKR_CKPT_LEN)
			memcpy(p + at + SKR_HEAD + 28, chain, SKR_DIGEST);
		if (f.type == SKR_END && f.len > SKR_END_FIXED)
			memcpy(p + at + SKR_HEAD + 60, chain, SKR_DIGEST);
		f.crc = frame_crc(&c, p + at, &v, 1);
		frame_put(p + at, &f);
		assert_int_equal(chain_add(s, p + at, &v, 1, chain), 0);
	}
	sha256_free(s);
}

/* Do the lengths of the frames lead to the end? */
static int
is_walkable(const uint8_t *p, size_t n)
{
	size_t at = le_get32(p + 12);
	struct frame f;

	for (; n - at >= SKR_HEAD; at += SKR_HEAD + f.len) {
		frame_get(p + at, &f);
		if (f.len > n - at - SKR_HEAD)
			return 0;
	}
	return at == n;
}

static int
is_complete(const uint8_t *p, size_t n)
{
	struct reader *r;
	int yes;

	if (reader_open_mem(p, n, &r) != 0)
		return 0;
	yes = made_read(r)->state == READER_COMPLETE;
	reader_free(r);
	return yes;
}

static void
a_forger_without_the_key_fools_crc_and_chain_but_no_seal(void **state)
{
	size_t n, i, fooled = 0;
	uint8_t *p = sealed(&n), *copy = malloc(n);
	int bit;

	(void)state;
	assert_non_null(copy);
	for (i = le_get32(p + 12); i < n; i++)
		for (bit = 0; bit < 8; bit++) {
			memcpy(copy, p, n);
			copy[i] ^= (uint8_t)(1 << bit);
			if (!is_walkable(copy, n))
				continue;	/* a length that leads elsewhere is found anyway */
			forge(copy, n);
			if (memcmp(copy, p, n) == 0)
				continue;	/* it was crc or chain itself */
			fooled += is_complete(copy, n) != 0;
			assert_false(is_good(copy, n));
		}
	assert_true(fooled > 1000);	/* the forger is no straw man */
	free(copy);
	free(p);
}

/* A frame behind the first "at" bytes, its number and crc right. */
static size_t
put_frame(uint8_t *p, size_t at, uint8_t type, uint32_t seq,
    const uint8_t *payload, uint32_t len)
{
	struct frame f = { .len = len, .type = type, .seq = seq };
	struct iovec v = { p + at + SKR_HEAD, len };
	struct crc32c c;

	crc32c_init(&c);
	memcpy(v.iov_base, payload, len);
	frame_put(p + at, &f);
	f.crc = frame_crc(&c, p + at, &v, 1);
	frame_put(p + at, &f);
	return at + SKR_HEAD + len;
}

static void
damaged_at(const uint8_t *p, size_t n, size_t at, const char *why)
{
	struct reader *r;

	assert_int_equal(reader_open_mem(p, n, &r), 0);
	assert_int_equal(made_read(r)->state, READER_DAMAGED);
	assert_int_equal(reader_result(r)->good_bytes, at);
	assert_non_null(strstr(reader_result(r)->text, why));
	reader_free(r);
}

/* "sealed" up to behind its first CKPT, with room; its seq is "seq". */
static uint8_t *
up_to_ckpt(size_t *n, uint32_t *seq)
{
	size_t all;
	uint8_t *p = sealed(&all);
	struct frame f;

	*n = frame_at(p, all, SKR_CKPT, 0);
	frame_get(p + *n, &f);
	*seq = f.seq;
	*n += SKR_HEAD + f.len;
	p = realloc(p, all + 4096);
	assert_non_null(p);
	return p;
}

static void
seals_in_wrong_places_are_damage(void **state)
{
	uint8_t seal[SKR_SEAL_LEN] = { 0 }, ckpt[SKR_CKPT_LEN];
	struct header h = made_header();
	struct seal s;
	size_t n, m, at;
	uint32_t seq;
	uint8_t *p = up_to_ckpt(&n, &seq);

	(void)state;
	s = seals_make(SKR_SEAL_CKPT, h.uuid, ckpt, T0 + SECOND);
	le_put32(seal, seq);
	seal_put(seal + 4, &s);
	m = put_frame(p, n, SKR_SEAL, seq + 1, seal, SKR_SEAL_LEN - 1);
	damaged_at(p, m, n, "length of SEAL");
	m = put_frame(p, n, SKR_SEAL, seq + 1, seal, SKR_SEAL_LEN);
	m = put_frame(p, at = m, SKR_SEAL, seq + 2, seal, SKR_SEAL_LEN);
	damaged_at(p, m, at, "a seal of no checkpoint");
	le_put32(seal, seq - 1);
	m = put_frame(p, n, SKR_SEAL, seq + 1, seal, SKR_SEAL_LEN);
	damaged_at(p, m, n, "a seal of no checkpoint");
	le_put32(seal, seq);
	seal[4 + 4] = 1;		/* must be zero */
	m = put_frame(p, n, SKR_SEAL, seq + 1, seal, SKR_SEAL_LEN);
	damaged_at(p, m, n, "a seal is not one");
	memset(seal + 4, 0, SEAL_LEN);
	m = put_frame(p, n, SKR_SEAL, seq + 1, seal, SKR_SEAL_LEN);
	damaged_at(p, m, n, "goes back");
	s.time_ns = SEALS_START + T0 - 1;	/* before the header's */
	seal_put(seal + 4, &s);
	m = put_frame(p, n, SKR_SEAL, seq + 1, seal, SKR_SEAL_LEN);
	damaged_at(p, m, n, "goes back");
	s.time_ns = SEALS_START + T0 + SECOND;
	s.epoch = SEALS_EPOCH - 1;
	seal_put(seal + 4, &s);
	m = put_frame(p, n, SKR_SEAL, seq + 1, seal, SKR_SEAL_LEN);
	damaged_at(p, m, n, "goes back");
	free(p);
}

static void
a_checkpoint_behind_one_without_seal_is_damage(void **state)
{
	uint8_t ckpt[SKR_CKPT_LEN] = { 0 };
	struct reader *r;
	size_t n, m;
	uint32_t seq;
	uint8_t *p = up_to_ckpt(&n, &seq);

	(void)state;
	assert_int_equal(reader_open_mem(p, n, &r), 0);
	assert_int_equal(made_read(r)->state, READER_UNFINISHED);
	le_put64(ckpt + 8, n);
	le_put32(ckpt + 16, seq + 1);
	memcpy(ckpt + 28, reader_result(r)->chain, SKR_DIGEST);
	reader_free(r);
	m = put_frame(p, n, SKR_CKPT, seq + 1, ckpt, SKR_CKPT_LEN);
	damaged_at(p, m, n, "the checkpoint before it has no seal");
	free(p);
}

static void
an_end_without_a_seal_is_complete_and_says_so(void **state)
{
	struct writer *w;
	struct reader *r;
	struct shown x = { .n = 0 };
	int fd = made_open(&w);

	(void)state;
	assert_int_equal(writer_event(w, T0 + 1000, 'o', "one", 3), 0);
	assert_int_equal(writer_end(w, T0 + SECOND, &made_end), 0);
	assert_int_equal(writer_end_unsealed(w, T0 + SECOND), 0);
	assert_int_equal(reader_open(fd, &r), 0);
	reader_on_seal(r, show, &x);
	assert_int_equal(made_read(r)->state, READER_COMPLETE);
	assert_int_equal(x.n, 1);
	assert_int_equal(reader_result(r)->end.is_sealed, 0);
	assert_int_equal(reader_result(r)->sealed_bytes,
	    reader_head(r)->header_bytes);
	assert_int_equal(reader_result(r)->has_unsealed, 1);
	assert_true(reader_result(r)->unsealed_ns == 1000);
	reader_free(r);
	writer_free(w);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_seal_is_shown_with_what_it_covers),
		cmocka_unit_test(a_seal_that_is_refused_is_damage_where_it_stands),
		cmocka_unit_test(the_first_event_behind_the_last_seal_is_told),
		cmocka_unit_test(every_cut_and_every_flipped_bit_is_noticed),
		cmocka_unit_test(a_forger_without_the_key_fools_crc_and_chain_but_no_seal),
		cmocka_unit_test(seals_in_wrong_places_are_damage),
		cmocka_unit_test(a_checkpoint_behind_one_without_seal_is_damage),
		cmocka_unit_test(an_end_without_a_seal_is_complete_and_says_so),
	};

	log_set_sink(quiet, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
