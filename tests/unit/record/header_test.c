/* header_test.c - what is made is parsed again; versions, flags and lengths that are not ours are refused. */
#include "made.h"

#include "base/err.h"
#include "base/log.h"

static void
quiet(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

static uint8_t *
make(size_t *n)
{
	struct header h = made_header();
	uint8_t digest[SKR_DIGEST], *p;
	struct seal s;

	assert_int_equal(header_make(&h, &p, n), 0);
	assert_int_equal(header_digest(p, *n, digest), 0);
	s = seals_make(SKR_SEAL_HEAD, h.uuid, digest, 5);
	header_seal(p, *n, &s);
	return p;
}

static void
a_header_comes_back_as_it_went(void **state)
{
	struct header back;
	size_t n, len;
	uint8_t *p = make(&n);

	(void)state;
	assert_int_equal(header_length(p, n, &len), 0);
	assert_int_equal(len, n);
	assert_int_equal(header_parse(p, n, &back), 0);
	assert_int_equal(back.meta_len, sizeof(META) - 1);
	assert_memory_equal(back.meta, META, back.meta_len);
	assert_int_equal(back.epoch.nr, SEALS_EPOCH);
	assert_true(back.epoch.start_ns == SEALS_START);
	assert_int_equal(back.seal.epoch, SEALS_EPOCH);
	assert_true(back.seal.time_ns == SEALS_START + 5);
	assert_int_equal(back.uuid[15], 0x42);
	assert_true(back.clock.boot_ns == T0);
	assert_int_equal(back.clock.is_synced, 1);
	free(p);
}

static void
another_version_or_flag_is_refused(void **state)
{
	size_t n, len;
	uint8_t *p = make(&n);

	(void)state;
	p[8] = 2;
	assert_int_equal(header_length(p, n, &len), ERR_DENIED);
	p[8] = 1;
	p[10] = SKR_ENCRYPTED;
	assert_int_equal(header_length(p, n, &len), ERR_DENIED);
	p[10] = 1;			/* UNSIGNED, once */
	assert_int_equal(header_length(p, n, &len), ERR_DENIED);
	p[10] = 0;
	p[4] = '\n';			/* a text-mode transfer */
	assert_int_equal(header_length(p, n, &len), ERR_FORMAT);
	free(p);
}

static void
lengths_out_of_bounds_are_refused(void **state)
{
	static const uint32_t bad[] = { 0, 64, 127, SKR_HEADER_MAX + 1,
		UINT32_MAX };
	size_t n, len, i;
	uint8_t *p = make(&n);

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memcpy(p + 12, &bad[i], 4);
		assert_int_equal(header_length(p, n, &len), ERR_FORMAT);
	}
	assert_int_equal(header_length(p, 63, &len), ERR_FORMAT);
	free(p);
}

static void
a_tlv_may_not_leave_the_header(void **state)
{
	struct header back;
	size_t n, i;
	uint8_t *p = make(&n);

	(void)state;
	p[SKR_HEADER_FIXED + 4] = 0xff;
	assert_int_equal(header_parse(p, n, &back), ERR_FORMAT);
	p[SKR_HEADER_FIXED + 4] = sizeof(META) - 1;
	for (i = 0; i < n; i++)		/* cut anywhere: refused or, on a TLV's end, incomplete */
		assert_int_equal(header_parse(p, i, &back), ERR_FORMAT);
	free(p);
}

static void
unknown_tlvs_are_skipped_and_missing_ones_missed(void **state)
{
	struct header back;
	size_t n;
	uint8_t *p = make(&n);
	size_t clock = SKR_HEADER_FIXED + SKR_TLV_HEAD + sizeof(META) - 1;

	(void)state;
	p[clock] = 99;			/* CLOCK becomes unknown */
	assert_int_equal(header_parse(p, n, &back), ERR_FORMAT);
	p[clock] = SKR_META;		/* META twice */
	assert_int_equal(header_parse(p, n, &back), ERR_FORMAT);
	free(p);
}

static void
a_seal_must_be_one_of_the_epoch_that_the_header_names(void **state)
{
	struct header back;
	size_t n, i;
	uint8_t *p = make(&n), *seal = p + n - SEAL_LEN;
	static const size_t bytes[] = { 0, 4, 15 };	/* epoch, zero, time's sign */

	(void)state;
	for (i = 0; i < 3; i++) {
		seal[bytes[i]] ^= 0x80;
		assert_int_equal(header_parse(p, n, &back), ERR_FORMAT);
		seal[bytes[i]] ^= 0x80;
	}
	p[32] ^= 1;			/* which key */
	assert_int_equal(header_parse(p, n, &back), ERR_FORMAT);
	p[32] ^= 1;
	memset(seal, 0, SEAL_LEN);	/* none */
	assert_int_equal(header_parse(p, n, &back), ERR_FORMAT);
	free(p);
}

static void
an_epoch_that_is_missing_doubled_or_short_is_refused(void **state)
{
	struct header back;
	size_t n, at;
	uint8_t *p = make(&n);

	(void)state;
	at = n - SEAL_LEN - SKR_EPOCH_LEN - SKR_TLV_HEAD;
	assert_int_equal(p[at], SKR_EPOCH);
	p[at] = 99;
	assert_int_equal(header_parse(p, n, &back), ERR_FORMAT);
	p[at] = SKR_CLOCK;
	assert_int_equal(header_parse(p, n, &back), ERR_FORMAT);
	p[at] = SKR_EPOCH;
	p[at + 4]--;			/* and one byte is left over */
	assert_int_equal(header_parse(p, n, &back), ERR_FORMAT);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_comes_back_as_it_went),
		cmocka_unit_test(another_version_or_flag_is_refused),
		cmocka_unit_test(lengths_out_of_bounds_are_refused),
		cmocka_unit_test(a_tlv_may_not_leave_the_header),
		cmocka_unit_test(a_seal_must_be_one_of_the_epoch_that_the_header_names),
		cmocka_unit_test(an_epoch_that_is_missing_doubled_or_short_is_refused),
		cmocka_unit_test(unknown_tlvs_are_skipped_and_missing_ones_missed),
	};

	log_set_sink(quiet, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
