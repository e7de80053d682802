/* reader_mark.c - RECOVERED: somebody looked at a torn recording before and said how much of it is good. */
#include <stdio.h>
#include <string.h>

#include "record/le.h"
#include "record/reader_state.h"

#define MARK	(SKR_HEAD + SKR_MARK_LEN)

/* Its head is that of the frame behind the last good one. */
static int
head_fits(const struct reader *r, const struct view *v)
{
	struct iovec payload = { (void *)(uintptr_t)v->payload,
		SKR_MARK_LEN };

	return v->f.len == SKR_MARK_LEN && v->f.type == SKR_RECOVERED &&
	    v->f.flags == 0 && v->f.seq == r->seq &&
	    v->f.segment == (uint16_t)r->segment &&
	    frame_crc(&r->crc, v->head, &payload, 1) == v->f.crc;
}

/* It found what this reader found. */
static int
says_the_same(const struct reader *r, const uint8_t *p, uint64_t found)
{
	const struct reader_result *x = &r->result;
	uint64_t good = le_get64(p + 8);

	return good == x->good_bytes && le_get64(p + 16) == found &&
	    sha256_equal(p + 24, x->chain) &&
	    le_get64(p + 80) == x->sealed_bytes &&
	    le_get32(p + 88) == r->seq &&
	    (p[0] == SKR_WHY_UNFINISHED ? good == found :
	    (p[0] == SKR_WHY_TORN || p[0] == SKR_WHY_DAMAGED) &&
	    good < found);
}

static int
take(struct reader *r, const struct view *v)
{
	struct iovec payload = { (void *)(uintptr_t)v->payload,
		SKR_MARK_LEN };
	struct reader_result *x = &r->result;
	struct reader_mark *m = &x->mark;
	const uint8_t *p = v->payload;

	m->why = p[0];
	m->found = le_get64(p + 16);
	m->sealed = le_get64(p + 80);
	memcpy(m->boot_id, p + 56, sizeof(m->boot_id));
	m->unix_ns = (int64_t)le_get64(p + 72);
	memcpy(m->chain, x->chain, SKR_DIGEST);
	x->state = READER_RECOVERED;
	snprintf(x->text, sizeof(x->text), "recovered: good up to offset "
	    "%llu, %llu bytes behind it are not part of the recording",
	    (unsigned long long)x->good_bytes,
	    (unsigned long long)(m->found - x->good_bytes));
	return chain_add(r->sha, v->head, &payload, 1, m->chain);
}

int
reader_mark(struct reader *r)
{
	struct reader_seal s = { .kind = SKR_SEAL_MARK,
		.covers = r->result.good_bytes };
	struct reader_result *x = &r->result;
	struct view v;
	uint64_t found;
	size_t have;
	int e;

	if (x->size_bytes < x->good_bytes ||
	    x->size_bytes - x->good_bytes < MARK)
		return 1;
	found = x->size_bytes - MARK;
	if ((e = source_view(&r->source, found, MARK, &v.head, &have)) != 0)
		return e;
	if (have < MARK)
		return 1;
	frame_get(v.head, &v.f);
	v.payload = v.head + SKR_HEAD;
	if (!head_fits(r, &v) || !says_the_same(r, v.payload, found) ||
	    seal_get(v.payload + SKR_MARK_FIXED, &s.seal) != 0 ||
	    reader_seal_goes_back(r, &s.seal))
		return 1;
	if ((e = sha256_mem(v.payload, SKR_MARK_FIXED, s.digest)) != 0 ||
	    (e = reader_seal(r, &s)) != 0)
		return e;
	if ((e = take(r, &v)) != 0)
		return e;
	return 1;
}
