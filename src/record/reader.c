/* reader.c - frame after frame: checked first, handed out then. */
#include "record/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/event.h"
#include "record/frame.h"
#include "record/header.h"
#include "record/le.h"
#include "record/source.h"
#include "record/unpack.h"

/* No session lasts a hundred years; keeps sums of times far from overflow. */
#define TIME_MAX_US	(UINT64_C(100) * 366 * 86400 * 1000000)

struct reader {
	struct source	 source;
	struct crc32c	 crc;
	struct sha256	*sha;
	struct unpack	*unpack;
	struct reader_head head;
	char		*meta;
	struct reader_result result;
	int		 has_segment;
	uint64_t	 segment;
	uint64_t	 raw;		/* plain bytes in this segment */
	uint64_t	 checked_us;	/* time of the last event checked */
	uint32_t	 seq;
	const uint8_t	*plain;		/* events of the present frame not yet handed out */
	size_t		 nplain;
	uint64_t	 now_us;	/* time of the last event handed out */
};

struct view {
	struct frame	 f;
	const uint8_t	*head, *payload;
};

static int
stop(struct reader *r, enum reader_state state, const char *why)
{
	struct reader_result *x = &r->result;

	x->state = state;
	snprintf(x->text, sizeof(x->text), "%s at offset %llu%s%s",
	    state == READER_TORN ? "torn" : "damaged",
	    (unsigned long long)x->good_bytes, why[0] == '\0' ? "" : ": ",
	    why);
	return 1;
}

static int
damaged(struct reader *r, const char *why)
{
	return stop(r, READER_DAMAGED, why);
}

static int
read_header(struct reader *r)
{
	struct header h;
	const uint8_t *p;
	size_t have, len;
	int e;

	if ((e = source_view(&r->source, 0, SKR_HEADER_FIXED, &p,
	    &have)) != 0 || (e = header_length(p, have, &len)) != 0 ||
	    (e = source_view(&r->source, 0, len, &p, &have)) != 0)
		return e;
	if (have < len)
		return header_parse(p, 0, &h);	/* logs "short" */
	if ((e = header_parse(p, len, &h)) != 0)
		return e;
	if ((r->meta = calloc(1, h.meta_len + 1)) == NULL)
		return ERR_NOMEM;
	if (h.meta_len > 0)
		memcpy(r->meta, h.meta, h.meta_len);
	memcpy(r->head.uuid, h.uuid, SKR_UUID);
	r->head.meta = r->meta;
	r->head.meta_len = h.meta_len;
	r->head.start_unix_ns = h.clock.unix_ns;
	r->head.start_boot_ns = h.clock.boot_ns;
	memcpy(r->head.boot_id, h.clock.boot_id, sizeof(r->head.boot_id));
	r->head.is_synced = h.clock.is_synced == 1;
	r->head.is_signed = (h.flags & SKR_UNSIGNED) == 0;
	r->result.good_bytes = len;
	if ((e = sha256_mem(p, len, r->head.digest)) != 0)
		return e;
	return chain_start(r->sha, p, len, r->result.chain);
}

static int
start(struct reader *r, struct reader **out)
{
	int e = ERR_NOMEM;

	crc32c_init(&r->crc);
	if ((r->sha = sha256_new()) == NULL ||
	    (r->unpack = unpack_new()) == NULL ||
	    (e = read_header(r)) != 0) {
		reader_free(r);
		return e;
	}
	snprintf(r->result.text, sizeof(r->result.text), "reading");
	*out = r;
	return 0;
}

int
reader_open(int fd, struct reader **out)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_NOMEM;
	source_file(&r->source, fd);
	return start(r, out);
}

int
reader_open_mem(const void *p, size_t n, struct reader **out)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_NOMEM;
	source_mem(&r->source, p, n);
	return start(r, out);
}

void
reader_free(struct reader *r)
{
	if (r == NULL)
		return;
	source_close(&r->source);
	sha256_free(r->sha);
	unpack_free(r->unpack);
	str_wipe(r->meta);
	free(r);
}

const struct reader_head *
reader_head(const struct reader *r)
{
	return &r->head;
}

const struct reader_result *
reader_result(const struct reader *r)
{
	return &r->result;
}

static int
on_segment(struct reader *r, const struct view *v)
{
	uint64_t nr, boot_ns, us;

	if (v->f.len != SKR_SEG_LEN)
		return damaged(r, "length of SEG");
	nr = le_get64(v->payload);
	boot_ns = le_get64(v->payload + 8);
	if (nr != (r->has_segment ? r->segment + 1 : 0) ||
	    v->f.segment != (uint16_t)nr)
		return damaged(r, "order of segments");
	if (boot_ns < r->head.start_boot_ns)
		return damaged(r, "time of a segment");
	us = (boot_ns - r->head.start_boot_ns) / 1000;
	if (us < r->checked_us || us > TIME_MAX_US)
		return damaged(r, "time of a segment");
	r->has_segment = 1;
	r->segment = nr;
	r->raw = 0;
	r->checked_us = r->now_us = us;
	return unpack_reset(r->unpack);
}

static void
count(struct reader_result *x, uint8_t type, size_t n)
{
	if (type == 'i' || type == '0')
		x->in_bytes += n;
	else if (type == 'o' || type == '1')
		x->out_bytes += n;
	else if (type == '2')
		x->err_bytes += n;
}

/* Are these bytes whole events with sane times?  Counts them. */
static int
check_events(struct reader *r, const uint8_t *p, size_t n)
{
	struct event_head e;
	size_t head;

	while (n > 0) {
		if ((head = event_get(p, n, &e)) == 0 || e.len > n - head ||
		    e.len > SKR_EVENT_MAX)
			return damaged(r, "an event is cut or too long");
		if (e.delta_us > TIME_MAX_US - r->checked_us)
			return damaged(r, "time of an event");
		r->checked_us += e.delta_us;
		count(&r->result, e.type, (size_t)e.len);
		p += head + e.len;
		n -= head + (size_t)e.len;
	}
	return 0;
}

static int
on_data(struct reader *r, const struct view *v)
{
	const uint8_t *plain;
	size_t n;
	int e;

	if (!r->has_segment)
		return damaged(r, "data before a segment");
	if ((v->f.flags & ~SKR_STORED) != 0)
		return damaged(r, "unknown flags of data");
	e = unpack_piece(r->unpack, (v->f.flags & SKR_STORED) != 0,
	    v->payload, v->f.len, &plain, &n);
	if (e != 0)
		return damaged(r, "compressed data");
	if (r->raw + n > (uint64_t)SKR_SEGMENT_MAX + SKR_PIECE_MAX)
		return damaged(r, "too much in one segment");
	r->raw += n;
	if ((e = check_events(r, plain, n)) != 0)
		return e;
	r->plain = plain;
	r->nplain = n;
	return 0;
}

static int
on_checkpoint(struct reader *r, const struct view *v)
{
	const uint8_t *p = v->payload;

	if (v->f.len != SKR_CKPT_LEN)
		return damaged(r, "length of CKPT");
	if (le_get64(p) != r->segment ||
	    le_get64(p + 8) != r->result.good_bytes ||
	    le_get32(p + 16) != r->seq)
		return damaged(r, "a checkpoint is in the wrong place");
	if (!sha256_equal(p + 28, r->result.chain))
		return damaged(r, "the hash chain does not fit");
	return 0;
}

static int
on_end(struct reader *r, const struct view *v)
{
	struct reader_result *x = &r->result;
	struct reader_end *e = &x->end;
	const uint8_t *p = v->payload;
	size_t nsignal, nreason;

	if (v->f.len < SKR_END_FIXED)
		return damaged(r, "length of END");
	nsignal = le_get16(p + 52);
	nreason = le_get16(p + 54);
	if (nsignal > SKR_SIGNAL_MAX || nreason > SKR_REASON_MAX ||
	    v->f.len != SKR_END_FIXED + nsignal + nreason + SKR_SIGNATURE)
		return damaged(r, "length of END");
	if (!sha256_equal(p + 60, x->chain))
		return damaged(r, "the hash chain does not fit");
	e->how = p[0];
	e->status = le_get32(p + 4);
	e->in_bytes = le_get64(p + 8);
	e->out_bytes = le_get64(p + 16);
	e->err_bytes = le_get64(p + 24);
	e->duration_ns = le_get64(p + 32);
	e->end_unix_ns = (int64_t)le_get64(p + 40);
	memcpy(e->signal, p + SKR_END_FIXED, nsignal);
	memcpy(e->reason, p + SKR_END_FIXED + nsignal, nreason);
	if (e->in_bytes != x->in_bytes || e->out_bytes != x->out_bytes ||
	    e->err_bytes != x->err_bytes)
		return damaged(r, "the totals do not fit");
	x->has_end = 1;
	return 0;
}

static const struct {
	uint8_t	 type;
	int	(*handler)(struct reader *, const struct view *);
} handlers[] = {
	{ SKR_SEG,	on_segment },
	{ SKR_DATA,	on_data },
	{ SKR_CKPT,	on_checkpoint },
	{ SKR_END,	on_end },
};

/* Everything that can be said of a frame without knowing its type. */
static int
check_frame(struct reader *r, struct view *v)
{
	struct iovec payload;
	size_t have;
	int e;

	if ((e = source_view(&r->source, r->result.good_bytes, SKR_HEAD,
	    &v->head, &have)) != 0)
		return e;
	if (have == 0) {
		if (r->result.has_end) {
			r->result.state = READER_COMPLETE;
			snprintf(r->result.text, sizeof(r->result.text),
			    "complete");
		} else {
			r->result.state = READER_UNFINISHED;
			snprintf(r->result.text, sizeof(r->result.text),
			    "no end: running or interrupted");
		}
		return 1;
	}
	if (r->result.has_end)
		return damaged(r, "bytes after END");
	if (have < SKR_HEAD)
		return stop(r, READER_TORN, "");
	frame_get(v->head, &v->f);
	if (v->f.len > SKR_PAYLOAD_MAX)
		return damaged(r, "length of a frame");
	if ((e = source_view(&r->source, r->result.good_bytes,
	    SKR_HEAD + v->f.len, &v->head, &have)) != 0)
		return e;
	if (have < SKR_HEAD + v->f.len)
		return stop(r, READER_TORN, "");
	v->payload = v->head + SKR_HEAD;
	payload.iov_base = (void *)(uintptr_t)v->payload;
	payload.iov_len = v->f.len;
	if (frame_crc(&r->crc, v->head, &payload, 1) != v->f.crc)
		return damaged(r, "crc");
	if (v->f.seq != r->seq)
		return damaged(r, "order of frames");
	if (v->f.type != SKR_SEG && v->f.segment != (uint16_t)r->segment)
		return damaged(r, "frame of another segment");
	return 0;
}

/* The next frame, checked and taken in; 1: no more. */
static int
next_frame(struct reader *r)
{
	struct reader_result before = r->result;
	struct iovec payload;
	struct view v;
	size_t i;
	int e;

	if ((e = check_frame(r, &v)) != 0)
		return e;
	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == v.f.type)
			break;
	if (i == sizeof(handlers) / sizeof(handlers[0]))
		r->result.skipped++;
	else if ((e = handlers[i].handler(r, &v)) != 0) {
		r->result.in_bytes = before.in_bytes;
		r->result.out_bytes = before.out_bytes;
		r->result.err_bytes = before.err_bytes;
		return e;
	}
	payload.iov_base = (void *)(uintptr_t)v.payload;
	payload.iov_len = v.f.len;
	if ((e = chain_add(r->sha, v.head, &payload, 1,
	    r->result.chain)) != 0)
		return e;
	r->seq++;
	r->result.frames++;
	r->result.good_bytes += SKR_HEAD + v.f.len;
	if (v.f.type == SKR_CKPT || v.f.type == SKR_END)
		r->result.checked_bytes = r->result.good_bytes;
	return 0;
}

int
reader_next(struct reader *r, struct reader_event *e)
{
	struct event_head h;
	size_t n;
	int x;

	for (;;) {
		while (r->nplain == 0) {
			if (r->result.state != READER_READING)
				return 1;
			if ((x = next_frame(r)) != 0)
				return x;
		}
		n = event_get(r->plain, r->nplain, &h);
		r->now_us += h.delta_us;
		e->type = h.type;
		e->time_ns = r->now_us * 1000;
		e->p = r->plain + n;
		e->n = (size_t)h.len;
		r->plain += n + h.len;
		r->nplain -= n + (size_t)h.len;
		if (event_is_known(h.type)) {
			r->result.events++;
			r->result.last_ns = e->time_ns;
			return 0;
		}
		r->result.skipped++;
	}
}

int
reader_each(struct reader *r,
    int (*on_event)(void *arg, const struct reader_event *e), void *arg)
{
	struct reader_event e;
	int x;

	while ((x = reader_next(r, &e)) == 0)
		if ((x = on_event(arg, &e)) != 0)
			return x;
	return x == 1 ? 0 : x;
}
