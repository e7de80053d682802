/* frame_test.c - heads in little-endian order, crc without its own field, chain over everything. */
#include "made.h"

#include "record/frame.h"

static void
a_head_has_the_bytes_of_the_format(void **state)
{
	static const uint8_t want[SKR_HEAD] = { 4, 3, 2, 1, 2, 1, 6, 5, 10, 9,
		8, 7, 14, 13, 12, 11 };
	struct frame f = { 0x01020304, 2, 1, 0x0506, 0x0708090a, 0x0b0c0d0e };
	struct frame back;
	uint8_t p[SKR_HEAD];

	(void)state;
	frame_put(p, &f);
	assert_memory_equal(p, want, SKR_HEAD);
	frame_get(p, &back);
	assert_memory_equal(&back, &f, sizeof(f));
}

static void
the_crc_ignores_its_own_field_and_nothing_else(void **state)
{
	static struct crc32c c;
	uint8_t head[SKR_HEAD] = { 1, 2, 3 }, payload[40] = { 9 };
	struct iovec v = { payload, sizeof(payload) };
	uint32_t crc;
	size_t i;

	(void)state;
	crc32c_init(&c);
	crc = frame_crc(&c, head, &v, 1);
	for (i = 0; i < SKR_HEAD; i++) {
		head[i] ^= 0x10;
		if (i < 12)
			assert_int_not_equal(frame_crc(&c, head, &v, 1), crc);
		else
			assert_int_equal(frame_crc(&c, head, &v, 1), crc);
		head[i] ^= 0x10;
	}
	for (i = 0; i < sizeof(payload); i++) {
		payload[i] ^= 1;
		assert_int_not_equal(frame_crc(&c, head, &v, 1), crc);
		payload[i] ^= 1;
	}
}

static void
the_chain_is_sha256_of_tag_and_header_then_of_each_frame(void **state)
{
	struct sha256 *s = sha256_new();
	uint8_t chain[SKR_DIGEST], want[SKR_DIGEST], all[SKR_DIGEST +
	    SKR_HEAD + 4], head[SKR_HEAD] = { 7 };
	struct iovec v[2] = { { (char[]){ "ab" }, 2 }, { (char[]){ "cd" }, 2 } };

	(void)state;
	assert_non_null(s);
	assert_int_equal(chain_start(s, "HEAD", 4, chain), 0);
	assert_int_equal(sha256_mem("skr1-chain\0HEAD", 15, want), 0);
	assert_memory_equal(chain, want, SKR_DIGEST);

	memcpy(all, chain, SKR_DIGEST);
	memcpy(all + SKR_DIGEST, head, SKR_HEAD);
	memcpy(all + SKR_DIGEST + SKR_HEAD, "abcd", 4);
	assert_int_equal(sha256_mem(all, sizeof(all), want), 0);
	assert_int_equal(chain_add(s, head, v, 2, chain), 0);
	assert_memory_equal(chain, want, SKR_DIGEST);
	sha256_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_has_the_bytes_of_the_format),
		cmocka_unit_test(the_crc_ignores_its_own_field_and_nothing_else),
		cmocka_unit_test(the_chain_is_sha256_of_tag_and_header_then_of_each_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
