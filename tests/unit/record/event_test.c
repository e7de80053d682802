/* event_test.c - event heads there and back, and everything that is not one. */
#include "made.h"

#include "record/event.h"

static void
heads_come_back_as_they_went(void **state)
{
	static const uint64_t values[] = { 0, 1, 127, 128, 16383, 16384,
		UINT32_MAX, INT64_MAX };
	uint8_t p[EVENT_HEAD_MAX];
	struct event_head in = { .type = 'o' }, out;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		for (k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
			in.delta_us = values[i];
			in.len = values[k];
			n = event_put(p, &in);
			assert_int_equal(event_get(p, n, &out), n);
			assert_int_equal(out.type, 'o');
			assert_true(out.delta_us == values[i]);
			assert_true(out.len == values[k]);
		}
}

static void
a_cut_head_is_no_head(void **state)
{
	uint8_t p[EVENT_HEAD_MAX];
	struct event_head in = { 'x', UINT32_MAX, UINT32_MAX }, out;
	size_t i, n = event_put(p, &in);

	(void)state;
	for (i = 0; i < n; i++)
		assert_int_equal(event_get(p, i, &out), 0);
}

static void
an_endless_varint_is_refused(void **state)
{
	uint8_t p[32];
	struct event_head out;

	(void)state;
	memset(p, 0xff, sizeof(p));
	assert_int_equal(event_get(p, sizeof(p), &out), 0);
}

static void
only_written_letters_are_known(void **state)
{
	(void)state;
	assert_true(event_is_known('o'));
	assert_true(event_is_known('D'));
	assert_false(event_is_known('E'));
	assert_false(event_is_known(0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_come_back_as_they_went),
		cmocka_unit_test(a_cut_head_is_no_head),
		cmocka_unit_test(an_endless_varint_is_refused),
		cmocka_unit_test(only_written_letters_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
