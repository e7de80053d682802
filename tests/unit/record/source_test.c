/* source_test.c - every view of a file equals the file, whatever was looked at before. */
#include "made.h"

#include "record/source.h"

#define BYTES	(400U << 10)

static void
views_equal_the_file_and_the_memory(void **state)
{
	uint8_t *p = malloc(BYTES), *copy;
	const uint8_t *v;
	struct source f, m, *s;
	uint64_t at;
	size_t n, want, i;
	int fd = memfd_create("source", MFD_CLOEXEC);

	(void)state;
	made_noise(p, BYTES, 3);
	assert_int_equal(write(fd, p, BYTES), BYTES);
	source_file(&f, fd);
	source_mem(&m, p, BYTES);
	for (i = 0; i < 2000; i++) {
		at = (i * 7919) % (BYTES + 10);
		want = (i * 104729) % (200U << 10);
		s = i % 3 == 0 ? &m : &f;
		assert_int_equal(source_view(s, at, want, &v, &n), 0);
		if (at >= BYTES)
			assert_int_equal(n, 0);
		else {
			assert_true(n >= want || at + n == BYTES);
			copy = p + at;
			assert_int_equal(memcmp(v, copy, n), 0);
		}
	}
	source_close(&f);
	source_close(&m);
	close(fd);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_equal_the_file_and_the_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
