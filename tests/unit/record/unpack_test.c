/* unpack_test.c - a bomb stays small, stored pieces have their limit. */
#include "made.h"

#include "base/err.h"
#include "record/piece.h"
#include "record/unpack.h"

static void
a_piece_that_grows_beyond_its_limit_is_refused(void **state)
{
	struct piece *z = piece_new();
	struct unpack *u = unpack_new();
	uint8_t *zero = calloc(1, SKR_EVENT_MAX), *bomb = malloc(65536);
	struct iovec event[2] = { { zero, 1 }, { zero, SKR_EVENT_MAX } };
	struct iovec out[2];
	const uint8_t *plain;
	size_t i, n, at = 0, nplain;
	int stored;

	(void)state;
	for (i = 0; i < 3; i++) {	/* 384 KiB in one payload */
		assert_int_equal(piece_make(z, event, out, &n, &stored), 0);
		memcpy(bomb + at, out[0].iov_base, out[0].iov_len);
		at += out[0].iov_len;
	}
	assert_true(at < 1000);
	assert_int_equal(unpack_piece(u, 0, bomb, at, &plain, &nplain),
	    ERR_FORMAT);
	free(zero);
	free(bomb);
	piece_free(z);
	unpack_free(u);
}

static void
a_stored_piece_has_the_same_limit(void **state)
{
	struct unpack *u = unpack_new();
	uint8_t *p = calloc(1, SKR_PIECE_MAX + 1);
	const uint8_t *plain;
	size_t n;

	(void)state;
	assert_int_equal(unpack_piece(u, 1, p, SKR_PIECE_MAX, &plain, &n), 0);
	assert_ptr_equal(plain, p);
	assert_int_equal(unpack_piece(u, 1, p, SKR_PIECE_MAX + 1, &plain, &n),
	    ERR_FORMAT);
	free(p);
	unpack_free(u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_piece_that_grows_beyond_its_limit_is_refused),
		cmocka_unit_test(a_stored_piece_has_the_same_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
