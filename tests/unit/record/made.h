/* made.h - recordings for tests: written into a memfd by the real writer. */
#ifndef TESTS_RECORD_MADE_H
#define TESTS_RECORD_MADE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/reader.h"
#include "record/writer.h"
#include "tests/unit/seals.h"

#define SECOND	INT64_C(1000000000)
#define T0	(1000 * SECOND)
#define META	"{\"session\":\"S1\"}"

static inline struct header
made_header(void)
{
	struct header h = { .meta = (const uint8_t *)META,
		.meta_len = sizeof(META) - 1,
		.clock = { .unix_ns = 1800000000 * SECOND, .boot_ns = T0,
		.is_synced = 1, .source = "test" } };

	memset(h.uuid, 0x42, sizeof(h.uuid));
	h.epoch = seals_epoch();
	return h;
}

/* What the writer wants is sealed at once; what it was, 0: nothing. */
static inline unsigned int
made_answer(struct writer *w, int64_t now)
{
	struct header h = made_header();

	return seals_answer(w, h.uuid, now);
}

static inline int
made_open(struct writer **w)
{
	struct header h = made_header();
	int fd = memfd_create("made", MFD_CLOEXEC);

	assert_true(fd >= 0);
	*w = writer_new(fd, 1000);
	assert_non_null(*w);
	assert_int_equal(writer_header(*w, &h), 0);
	assert_int_equal(made_answer(*w, T0), SKR_SEAL_HEAD);
	assert_true(writer_is_open(*w));
	return fd;
}

/* END with its seal. */
static inline void
made_close(struct writer *w, int64_t now, const struct writer_end *e)
{
	assert_int_equal(writer_end(w, now, e), 0);
	assert_int_equal(made_answer(w, now), SKR_SEAL_END);
	assert_true(writer_is_ended(w));
}

static inline uint8_t *
made_bytes(int fd, size_t *n)
{
	struct stat st;
	uint8_t *p;

	assert_int_equal(fstat(fd, &st), 0);
	*n = (size_t)st.st_size;
	p = malloc(*n + 1);
	assert_non_null(p);
	assert_int_equal(pread(fd, p, *n, 0), (ssize_t)*n);
	return p;
}

static inline size_t
made_size(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (size_t)st.st_size;
}

/* Random, but the same each time. */
static inline void
made_noise(uint8_t *p, size_t n, uint32_t seed)
{
	uint64_t x = seed * UINT64_C(2654435769) + 88172645463325252U;
	size_t i;

	for (i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		p[i] = (uint8_t)(x >> 24);
	}
}

static const struct writer_end made_end = { .how = 1, .status = 0,
	.signal = "", .reason = "" };

/* Reads to the end without looking. */
static inline const struct reader_result *
made_read(struct reader *r)
{
	struct reader_event e;
	int x;

	while ((x = reader_next(r, &e)) == 0)
		;
	assert_int_equal(x, 1);
	return reader_result(r);
}

#endif
