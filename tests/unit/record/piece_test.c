/* piece_test.c - pieces packed and unpacked: text shrinks, noise is stored, nothing is lost. */
#include "made.h"

#include <stdio.h>

#include "base/err.h"
#include "record/piece.h"
#include "record/unpack.h"

#define BYTES	65536

static void
round_trip(struct piece *z, struct unpack *u, uint8_t *p, size_t n,
    int *stored, size_t *packed)
{
	struct iovec event[2] = { { (char[]){ "head" }, 4 }, { p, n } };
	struct iovec out[2];
	uint8_t *flat = malloc(2 * BYTES);
	const uint8_t *plain;
	size_t nout, i, at = 0, nplain;

	assert_non_null(flat);
	assert_int_equal(piece_make(z, event, out, &nout, stored), 0);
	for (i = 0; i < nout; i++) {
		memcpy(flat + at, out[i].iov_base, out[i].iov_len);
		at += out[i].iov_len;
	}
	assert_int_equal(unpack_piece(u, *stored, flat, at, &plain, &nplain), 0);
	assert_int_equal(nplain, n + 4);
	assert_memory_equal(plain, "head", 4);
	if (n > 0)
		assert_memory_equal(plain + 4, p, n);
	*packed = at;
	free(flat);
}

static void
text_shrinks_and_noise_is_stored(void **state)
{
	struct piece *z = piece_new();
	struct unpack *u = unpack_new();
	uint8_t *noise = malloc(BYTES), *text = malloc(BYTES);
	int i, stored, nstored = 0;
	size_t packed;

	(void)state;
	memset(text, 'a', BYTES);
	for (i = 0; i < 40; i++) {
		made_noise(noise, BYTES, (uint32_t)i);
		round_trip(z, u, noise, BYTES, &stored, &packed);
		assert_true(packed < BYTES + 200);
		nstored += stored;
	}
	assert_true(nstored > 30);
	for (i = 0; i < 70; i++)	/* text is found again within one run */
		round_trip(z, u, text, BYTES, &stored, &packed);
	assert_false(stored);
	assert_true(packed < 1000);
	round_trip(z, u, text, 0, &stored, &packed);
	assert_true(stored);		/* a key and less would grow */
	round_trip(z, u, text, 1, &stored, &packed);
	assert_true(stored);
	round_trip(z, u, text, 17, &stored, &packed);
	assert_false(stored);
	free(noise);
	free(text);
	piece_free(z);
	unpack_free(u);
}

static void
small_pieces_share_their_history(void **state)
{
	struct piece *z = piece_new();
	struct unpack *u = unpack_new();
	char line[] = "Nov 24 10:00:00 host program[123]: a line of a log\n";
	size_t first, later;
	int stored;

	(void)state;
	round_trip(z, u, (uint8_t *)line, sizeof(line), &stored, &first);
	round_trip(z, u, (uint8_t *)line, sizeof(line), &stored, &later);
	assert_true(later < first / 2);
	assert_int_equal(piece_reset(z, 0), 0);
	assert_int_equal(unpack_reset(u), 0);
	round_trip(z, u, (uint8_t *)line, sizeof(line), &stored, &later);
	assert_int_equal(later, first);
	piece_free(z);
	unpack_free(u);
}

/* Haste costs room, begins and ends with a segment, and is read like anything else. */
static void
hasty_pieces_are_larger_and_read_alike(void **state)
{
	struct piece *z = piece_new();
	struct unpack *u = unpack_new();
	char *log = malloc(BYTES + 128);
	size_t at = 0, careful, hasty, later;
	int i, stored;

	(void)state;
	assert_non_null(log);
	for (i = 0; at < BYTES; i++)
		at += (size_t)snprintf(log + at, 128, "Nov 24 10:%02d:%02d "
		    "host program[%d]: request %x took %d ms\n", i / 60 % 60,
		    i % 60, i * 7 % 977, (unsigned int)i * 2654435761U, i % 89);
	round_trip(z, u, (uint8_t *)log, BYTES, &stored, &careful);
	assert_int_equal(piece_reset(z, 1), 0);
	assert_int_equal(unpack_reset(u), 0);
	round_trip(z, u, (uint8_t *)log, BYTES, &stored, &hasty);
	assert_false(stored);
	assert_true(hasty > careful + careful / 2);
	assert_true(hasty < BYTES * 3 / 4);
	piece_rest(z);			/* what a rest gives back is made anew as wanted */
	assert_int_equal(piece_reset(z, 1), 0);
	assert_int_equal(unpack_reset(u), 0);
	round_trip(z, u, (uint8_t *)log, BYTES, &stored, &later);
	assert_int_equal(later, hasty);
	assert_int_equal(piece_reset(z, 0), 0);
	assert_int_equal(unpack_reset(u), 0);
	round_trip(z, u, (uint8_t *)log, BYTES, &stored, &later);
	assert_int_equal(later, careful);
	free(log);
	piece_free(z);
	unpack_free(u);
}

static void
what_is_no_piece_is_refused(void **state)
{
	/* 1: not zstd; 2: a whole frame that says it is over */
	static const uint8_t over[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x01,
		0x09, 0x00, 0x00, 'x' };
	struct unpack *u = unpack_new();
	const uint8_t *plain;
	size_t n;

	(void)state;
	assert_int_equal(unpack_piece(u, 0, (const uint8_t *)"nonsense", 8,
	    &plain, &n), ERR_FORMAT);
	assert_int_equal(unpack_reset(u), 0);
	assert_int_equal(unpack_piece(u, 0, over, sizeof(over), &plain, &n),
	    ERR_FORMAT);
	unpack_free(u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_shrinks_and_noise_is_stored),
		cmocka_unit_test(small_pieces_share_their_history),
		cmocka_unit_test(hasty_pieces_are_larger_and_read_alike),
		cmocka_unit_test(what_is_no_piece_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
