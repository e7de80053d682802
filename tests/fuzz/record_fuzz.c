/*
 * record_fuzz.c - hostile recordings: the reader must neither fall nor grow, recovery must tell the truth.
 * links: record crypt json
 *
 * A first byte below 0x80: the rest is the file.  Otherwise the rest is a list
 * of frames (type, flags, u16 length, payload) that get a header, numbers, a
 * correct crc and, where the format wants them, places and the chain, so that
 * the fuzzer reaches what lies behind those.
 *
 * Whatever the file is, it is then recovered: a reader must find the mark and
 * the same good bytes, frames and chain as before it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "record/frame.h"
#include "record/header.h"
#include "record/le.h"
#include "record/mark.h"
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

static void
must(int yes)
{
	if (!yes)
		abort();
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

static int
on_seal(void *arg, const struct reader_seal *s)
{
	uint64_t *covers = arg;

	must(s->seal.epoch != 0 && s->kind >= SKR_SEAL_HEAD &&
	    s->kind <= SKR_SEAL_MARK);
	must(s->kind == SKR_SEAL_MARK || s->covers >= *covers);
	*covers = s->covers;
	return 0;
}

/* What is true of every reading, however it ended. */
static void
check(const struct reader *r, size_t n)
{
	const struct reader_result *x = reader_result(r);

	must(x->state != READER_READING);
	must(x->good_bytes <= n && x->sealed_bytes <= x->good_bytes);
	must(x->checked_bytes <= x->good_bytes && x->size_bytes == n);
	if (x->state == READER_COMPLETE)
		must(x->has_end && x->good_bytes == n);
	if (x->state == READER_UNFINISHED)
		must(!x->has_end && x->good_bytes == n);
	if (x->state == READER_RECOVERED)
		must(!x->has_end && x->mark.found + MARK_LEN == n &&
		    x->good_bytes <= x->mark.found);
}

/* "p" has room for a mark behind it.  What is said of it must be found again. */
static void
recover(struct reader *r, uint8_t *p, size_t n)
{
	static const uint8_t boot_id[16] = { 1 };
	const struct seal last = { .epoch = UINT32_MAX, .time_ns = INT64_MAX };
	const struct reader_result *x = reader_result(r), *y;
	uint8_t digest[SKR_DIGEST], chain[SKR_DIGEST], sum = 0;
	struct reader *again;

	if (mark_make(r, boot_id, 0, p + n, digest) != 0) {
		must(x->has_end || x->state == READER_RECOVERED);
		return;
	}
	must(mark_seal(r, p + n, &last, chain) == 0);
	must(reader_open_mem(p, n + MARK_LEN, &again) == 0);
	must(reader_each(again, touch, &sum) == 0);
	y = reader_result(again);
	must(y->state == READER_RECOVERED && y->mark.found == n);
	must(y->good_bytes == x->good_bytes && y->frames == x->frames);
	must(y->events == x->events && y->sealed_bytes == x->sealed_bytes);
	must(memcmp(y->chain, x->chain, SKR_DIGEST) == 0);
	must(memcmp(y->mark.chain, chain, SKR_DIGEST) == 0);
	reader_free(again);
}

static void
read_all(uint8_t *p, size_t n)
{
	struct reader *r;
	uint64_t covers = 0;
	uint8_t sum = 0;

	if (reader_open_mem(p, n, &r) != 0)
		return;
	reader_on_seal(r, on_seal, &covers);
	must(reader_each(r, touch, &sum) == 0);
	check(r, n);
	recover(r, p, n);
	reader_free(r);
}

struct made {
	uint8_t		*p;
	size_t		 n;
	struct frame	 f;
	struct crc32c	 crc;
	struct sha256	*sha;
	uint8_t		 chain[SKR_DIGEST];
	uint64_t	 segment;
	uint32_t	 ckpt_seq;
};

/* Places and chain, where a frame of this length has them. */
static void
put_places(struct made *m, uint8_t *payload)
{
	if (m->f.type == SKR_SEG && m->f.len == SKR_SEG_LEN) {
		m->segment = le_get64(payload);
		m->f.segment = (uint16_t)m->segment;
	} else if (m->f.type == SKR_CKPT && m->f.len == SKR_CKPT_LEN) {
		le_put64(payload, m->segment);
		le_put64(payload + 8, m->n);
		le_put32(payload + 16, m->f.seq);
		memcpy(payload + 28, m->chain, SKR_DIGEST);
		m->ckpt_seq = m->f.seq;
	} else if (m->f.type == SKR_SEAL && m->f.len == SKR_SEAL_LEN)
		le_put32(payload, m->ckpt_seq);
	else if (m->f.type == SKR_END && m->f.len >= SKR_END_FIXED)
		memcpy(payload + 60, m->chain, SKR_DIGEST);
}

static void
put_frame(struct made *m, const uint8_t *payload)
{
	struct iovec v = { m->p + m->n + SKR_HEAD, m->f.len };

	if (m->f.len > 0)
		memcpy(v.iov_base, payload, m->f.len);
	put_places(m, v.iov_base);
	frame_put(m->p + m->n, &m->f);
	m->f.crc = frame_crc(&m->crc, m->p + m->n, &v, 1);
	frame_put(m->p + m->n, &m->f);
	must(chain_add(m->sha, m->p + m->n, &v, 1, m->chain) == 0);
	m->n += SKR_HEAD + m->f.len;
	m->f.seq++;
}

/* A header of epoch 1, sealed at its start. */
static void
put_header(struct made *m)
{
	struct header h = { .meta = (const uint8_t *)"{}", .meta_len = 2,
		.clock = { .source = "" }, .epoch = { .nr = 1 } };
	const struct seal s = { .epoch = 1 };
	uint8_t *head;

	must(header_make(&h, &head, &m->n) == 0);
	header_seal(head, m->n, &s);
	memcpy(m->p, head, m->n);
	free(head);
	must(chain_start(m->sha, m->p, m->n, m->chain) == 0);
}

/* A recording with these frames behind its first SEG. */
static void
read_frames(const uint8_t *data, size_t size)
{
	struct made m = { .f = { .type = SKR_SEG, .len = SKR_SEG_LEN } };
	uint8_t seg[SKR_SEG_LEN] = { 0 };
	size_t len;

	m.p = malloc(FILE_MAX + MARK_LEN);
	m.sha = sha256_new();
	must(m.p != NULL && m.sha != NULL);
	crc32c_init(&m.crc);
	put_header(&m);
	put_frame(&m, seg);
	while (size >= 4) {
		len = le_get16(data + 2);
		if (len > size - 4)
			len = size - 4;
		if (m.n + SKR_HEAD + len > FILE_MAX)
			break;
		m.f.type = data[0];
		m.f.flags = data[1];
		m.f.len = (uint32_t)len;
		put_frame(&m, data + 4);
		data += 4 + len;
		size -= 4 + len;
	}
	/* what is left over is a tail cut off */
	if (m.n + size <= FILE_MAX) {
		memcpy(m.p + m.n, data, size);
		m.n += size;
	}
	read_all(m.p, m.n);
	sha256_free(m.sha);
	free(m.p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *p;

	log_set_sink(quiet, NULL);
	if (size == 0)
		return 0;
	if (data[0] >= 0x80) {
		read_frames(data + 1, size - 1);
		return 0;
	}
	p = malloc(size - 1 + MARK_LEN);
	must(p != NULL);
	memcpy(p, data + 1, size - 1);
	read_all(p, size - 1);
	free(p);
	return 0;
}
