/*
 * record_fuzz.c - hostile recordings: the reader must neither fall nor grow.
 * links: record crypt json
 *
 * A first byte below 0x80: the rest is the file.  Otherwise the rest is a list
 * of frames (type, flags, u16 length, payload) that get a header, numbers
 * and a correct crc, so that the fuzzer reaches what lies behind those.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "record/frame.h"
#include "record/header.h"
#include "record/le.h"
#include "record/reader.h"

#define FILE_MAX	(1U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
quiet(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* Every byte handed out must be readable. */
static int
touch(void *arg, const struct reader_event *e)
{
	uint8_t *sum = arg;
	size_t i;

	for (i = 0; i < e->n; i++)
		*sum = (uint8_t)(*sum + e->p[i]);
	return 0;
}

static void
read_all(const uint8_t *p, size_t n)
{
	struct reader *r;
	uint8_t sum = 0;

	if (reader_open_mem(p, n, &r) != 0)
		return;
	(void)reader_each(r, touch, &sum);
	reader_free(r);
}

static void
put_frame(uint8_t *file, size_t *n, struct frame *f, const uint8_t *payload)
{
	static struct crc32c c;
	struct iovec v = { file + *n + SKR_HEAD, f->len };

	if (c.t[0][1] == 0)
		crc32c_init(&c);
	if (f->len > 0)
		memcpy(v.iov_base, payload, f->len);
	frame_put(file + *n, f);
	f->crc = frame_crc(&c, file + *n, &v, 1);
	frame_put(file + *n, f);
	*n += SKR_HEAD + f->len;
	f->seq++;
}

/* A recording with these frames behind its first SEG. */
static void
read_frames(const uint8_t *data, size_t size)
{
	struct header h = { .meta = (const uint8_t *)"{}", .meta_len = 2,
		.clock = { .source = "" } };
	struct frame f = { .type = SKR_SEG, .len = SKR_SEG_LEN };
	uint8_t seg[SKR_SEG_LEN] = { 0 }, *head, *file;
	size_t n, len;

	if (header_make(&h, &head, &n) != 0)
		return;
	if ((file = malloc(FILE_MAX)) == NULL) {
		free(head);
		return;
	}
	memcpy(file, head, n);
	put_frame(file, &n, &f, seg);
	while (size >= 4) {
		len = le_get16(data + 2);
		if (len > size - 4)
			len = size - 4;
		if (n + SKR_HEAD + len > FILE_MAX)
			break;
		f.type = data[0];
		f.flags = data[1];
		f.len = (uint32_t)len;
		if (f.type == SKR_SEG && len == SKR_SEG_LEN)
			f.segment = le_get16(data + 4);
		put_frame(file, &n, &f, data + 4);
		data += 4 + len;
		size -= 4 + len;
	}
	read_all(file, n);
	free(file);
	free(head);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	log_set_sink(quiet, NULL);
	if (size == 0)
		return 0;
	if (data[0] < 0x80)
		read_all(data + 1, size - 1);
	else
		read_frames(data + 1, size - 1);
	return 0;
}
