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
	uint8_t *p;

	assert_int_equal(header_make(&h, &p, n), 0);
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
	assert_int_equal(back.flags, SKR_UNSIGNED);
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
	p[10] |= SKR_ENCRYPTED;
	assert_int_equal(header_length(p, n, &len), ERR_DENIED);
	p[10] = SKR_UNSIGNED;
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_comes_back_as_it_went),
		cmocka_unit_test(another_version_or_flag_is_refused),
		cmocka_unit_test(lengths_out_of_bounds_are_refused),
		cmocka_unit_test(a_tlv_may_not_leave_the_header),
		cmocka_unit_test(unknown_tlvs_are_skipped_and_missing_ones_missed),
	};

	log_set_sink(quiet, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
