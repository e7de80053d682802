/* reader.c - frame after frame: checked first, handed out then. */
#include "record/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/event.h"
#include "record/header.h"
#include "record/reader_state.h"

int
reader_stop(struct reader *r, enum reader_state state, const char *why)
{
	static const char *const words[] = {
		[READER_TORN] = "torn", [READER_DAMAGED] = "damaged"
	};
	struct reader_result *x = &r->result;

	x->state = state;
	if (state == READER_COMPLETE)
		snprintf(x->text, sizeof(x->text), "complete");
	else if (state == READER_UNFINISHED)
		snprintf(x->text, sizeof(x->text),
		    "no end: running or interrupted");
	else
		snprintf(x->text, sizeof(x->text), "%s at offset %llu%s%s",
		    words[state], (unsigned long long)x->good_bytes,
		    why[0] == '\0' ? "" : ": ", why);
	return 1;
}

int
reader_damaged(struct reader *r, const char *why)
{
	return reader_stop(r, READER_DAMAGED, why);
}

int
reader_seal_goes_back(const struct reader *r, const struct seal *s)
{
	return s->epoch == 0 || s->epoch < r->seal_epoch ||
	    (r->result.seals > 0 && s->time_ns < r->seal_ns);
}

int
reader_seal(struct reader *r, const struct reader_seal *s)
{
	struct reader_seal shown = *s;

	if (reader_seal_goes_back(r, &s->seal))
		return reader_damaged(r, "time or epoch of a seal goes back");
	shown.uuid = r->head.uuid;
	if (r->on_seal != NULL && r->on_seal(r->on_seal_arg, &shown) != 0)
		return reader_damaged(r, "a seal is not right");
	r->seal_epoch = s->seal.epoch;
	r->seal_ns = s->seal.time_ns;
	r->result.seals++;
	return 0;
}

/* The header's is shown when there is somebody to look, and before any frame. */
static int
first_seal(struct reader *r)
{
	uint64_t good = r->result.good_bytes;

	if (r->has_shown_first)
		return 0;
	r->has_shown_first = 1;
	r->result.good_bytes = 0;	/* where it is damaged, if it is */
	if (reader_seal(r, &r->first) != 0) {
		r->result.sealed_bytes = 0;
		return 1;
	}
	r->result.good_bytes = good;
	return 0;
}

void
reader_on_seal(struct reader *r,
    int (*fn)(void *arg, const struct reader_seal *s), void *arg)
{
	r->on_seal = fn;
	r->on_seal_arg = arg;
}

static void
take_header(struct reader *r, const struct header *h, size_t len)
{
	struct reader_head *d = &r->head;

	memcpy(d->uuid, h->uuid, SKR_UUID);
	d->meta = r->meta;
	d->meta_len = h->meta_len;
	d->start_unix_ns = h->clock.unix_ns;
	d->start_boot_ns = h->clock.boot_ns;
	memcpy(d->boot_id, h->clock.boot_id, sizeof(d->boot_id));
	d->is_synced = h->clock.is_synced == 1;
	d->epoch = h->epoch.nr;
	d->epoch_start_ns = h->epoch.start_ns;
	memcpy(d->epoch_key, h->epoch.key, SKR_DIGEST);
	d->header_bytes = len;
	r->first.kind = SKR_SEAL_HEAD;
	r->first.seal = h->seal;
	r->first.covers = len;
	memcpy(r->first.digest, h->sealed_digest, SKR_DIGEST);
	r->result.good_bytes = r->result.sealed_bytes = len;
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
	take_header(r, &h, len);
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
	if (have == 0)
		return reader_stop(r, r->result.has_end ? READER_COMPLETE :
		    READER_UNFINISHED, "");
	if (r->result.has_end)
		return reader_damaged(r, "bytes after END");
	if (have < SKR_HEAD)
		return reader_stop(r, READER_TORN, "");
	frame_get(v->head, &v->f);
	if (v->f.len > SKR_PAYLOAD_MAX)
		return reader_damaged(r, "length of a frame");
	if ((e = source_view(&r->source, r->result.good_bytes,
	    SKR_HEAD + v->f.len, &v->head, &have)) != 0)
		return e;
	if (have < SKR_HEAD + v->f.len)
		return reader_stop(r, READER_TORN, "");
	v->payload = v->head + SKR_HEAD;
	payload.iov_base = (void *)(uintptr_t)v->payload;
	payload.iov_len = v->f.len;
	if (frame_crc(&r->crc, v->head, &payload, 1) != v->f.crc)
		return reader_damaged(r, "crc");
	if (v->f.seq != r->seq)
		return reader_damaged(r, "order of frames");
	if (v->f.type != SKR_SEG && v->f.segment != (uint16_t)r->segment)
		return reader_damaged(r, "frame of another segment");
	return 0;
}

/* A frame that does not count has said nothing. */
static void
take_back(struct reader *r, const struct reader_result *before)
{
	struct reader_result *x = &r->result;
	enum reader_state state = x->state;
	char text[sizeof(x->text)];

	snprintf(text, sizeof(text), "%s", x->text);
	*x = *before;
	x->state = state;
	memcpy(x->text, text, sizeof(x->text));
}

/* The next frame, checked and taken in; 1: no more. */
static int
next_frame(struct reader *r)
{
	struct reader_result before = r->result;
	struct iovec payload;
	struct view v;
	int e;

	if ((e = check_frame(r, &v)) != 0)
		return e;
	if ((e = reader_frame(r, &v)) != 0) {
		take_back(r, &before);
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

/* Frames until one has events; 1: no more, and the result is final. */
static int
more(struct reader *r)
{
	int e;

	if (r->result.state != READER_READING || first_seal(r) != 0)
		return 1;
	if ((e = next_frame(r)) != 1)
		return e;
	if ((e = source_size(&r->source, &r->result.size_bytes)) != 0)
		return e;
	return r->result.has_end ? 1 : reader_mark(r);
}

int
reader_next(struct reader *r, struct reader_event *e)
{
	struct event_head h;
	size_t n;
	int x;

	for (;;) {
		while (r->nplain == 0) {
			if ((x = more(r)) != 0)
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
