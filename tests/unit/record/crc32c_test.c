/* crc32c_test.c - the values of RFC 3720 B.4, at every length and in any pieces. */
#include "made.h"

#include "record/crc32c.h"

static void
the_vectors_of_rfc_3720_come_out(void **state)
{
	static struct crc32c c;
	uint8_t p[32];
	size_t i;

	(void)state;
	crc32c_init(&c);
	assert_int_equal(crc32c_add(&c, 0, "123456789", 9), 0xe3069283U);
	memset(p, 0, sizeof(p));
	assert_int_equal(crc32c_add(&c, 0, p, sizeof(p)), 0x8a9136aaU);
	memset(p, 0xff, sizeof(p));
	assert_int_equal(crc32c_add(&c, 0, p, sizeof(p)), 0x62a8ab43U);
	for (i = 0; i < sizeof(p); i++)
		p[i] = (uint8_t)i;
	assert_int_equal(crc32c_add(&c, 0, p, sizeof(p)), 0x46dd794eU);
	assert_int_equal(crc32c_add(&c, 0, p, 0), 0);
}

static void
pieces_give_what_the_whole_gives(void **state)
{
	static struct crc32c c;
	uint8_t p[100];
	uint32_t whole, parts;
	size_t i;

	(void)state;
	crc32c_init(&c);
	made_noise(p, sizeof(p), 1);
	whole = crc32c_add(&c, 0, p, sizeof(p));
	for (i = 0; i <= sizeof(p); i++) {
		parts = crc32c_add(&c, 0, p, i);
		parts = crc32c_add(&c, parts, p + i, sizeof(p) - i);
		assert_int_equal(parts, whole);
	}
}

static void
tables_and_instruction_agree(void **state)
{
	static struct crc32c by_table, c;
	static uint8_t p[4099];
	size_t i;

	(void)state;
	crc32c_init(&c);
	crc32c_init(&by_table);
	by_table.has_instruction = 0;
	made_noise(p, sizeof(p), 2);
	for (i = 0; i < 70; i++)
		assert_int_equal(crc32c_add(&c, 7, p + i, sizeof(p) - i * i %
		    900 - i), crc32c_add(&by_table, 7, p + i, sizeof(p) -
		    i * i % 900 - i));
	assert_int_equal(crc32c_add(&by_table, 0, "123456789", 9),
	    0xe3069283U);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_3720_come_out),
		cmocka_unit_test(pieces_give_what_the_whole_gives),
		cmocka_unit_test(tables_and_instruction_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
