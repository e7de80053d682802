/* random_test.c - the fuzzer's model against keyd, over bytes by chance: tests/fuzz/keyd_fuzz.c says what must hold. */
#include "../test.h"

#include "tests/fuzz/keyd_fuzz.c"

#define RUNS		150
#define BYTES		400

static void
any_messages_in_any_order_get_signed_what_may_be(void **state)
{
	uint8_t bytes[BYTES];
	uint64_t x = UINT64_C(0x9e3779b97f4a7c15);
	size_t i;
	int run;

	(void)state;
	for (run = 0; run < RUNS; run++) {
		for (i = 0; i < BYTES; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			bytes[i] = (uint8_t)(x >> 24);
		}
		assert_int_equal(LLVMFuzzerTestOneInput(bytes, BYTES), 0);
	}
	log_set_sink(NULL, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    any_messages_in_any_order_get_signed_what_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
