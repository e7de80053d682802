/* recording.h - a small recording in a file without a name. */
#ifndef UNIT_CLI_RECORDING_H
#define UNIT_CLI_RECORDING_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "record/writer.h"
#include "tests/unit/seals.h"

struct piece {
	int64_t		 at_ms;		/* since the beginning */
	uint8_t		 type;
	const char	*bytes;
};

/* META, pieces up to one without bytes; "end" NULL: the recorder was killed.  The caller closes it. */
static inline int
make_recording_of(const char *meta, const struct piece *pieces,
    const struct writer_end *end)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);
	const int64_t start = 1000000000;
	struct header h = { .meta = (const uint8_t *)meta,
		.meta_len = strlen(meta),
		.clock = { .unix_ns = 1795449600000000000,
		.boot_ns = (uint64_t)start, .source = "test" } };
	struct writer *w = writer_new(fd, 1000);
	int64_t now = start;

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	assert_non_null(w);
	h.epoch = seals_epoch();
	assert_int_equal(writer_header(w, &h), 0);
	assert_int_equal(seals_answer(w, h.uuid, now), SKR_SEAL_HEAD);
	for (; pieces->bytes != NULL; pieces++) {
		now = start + pieces->at_ms * 1000000;
		assert_int_equal(writer_event(w, now, pieces->type,
		    pieces->bytes, strlen(pieces->bytes)), 0);
	}
	if (end != NULL) {
		assert_int_equal(writer_end(w, now, end), 0);
		assert_int_equal(seals_answer(w, h.uuid, now), SKR_SEAL_END);
	}
	writer_free(w);
	return fd;
}

static inline int
make_recording(const struct piece *pieces, const struct writer_end *end)
{
	return make_recording_of("{}", pieces, end);
}

#endif
