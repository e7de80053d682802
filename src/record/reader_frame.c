/* reader_frame.c - what each type of frame says, checked against what came before it. */
#include <string.h>

#include "base/err.h"
#include "record/event.h"
#include "record/le.h"
#include "record/reader_state.h"

/* No session lasts a hundred years; keeps sums of times far from overflow. */
#define TIME_MAX_US	(UINT64_C(100) * 366 * 86400 * 1000000)

static int
on_segment(struct reader *r, const struct view *v)
{
	uint64_t nr, boot_ns, us;

	if (v->f.len != SKR_SEG_LEN)
		return reader_damaged(r, "length of SEG");
	nr = le_get64(v->payload);
	boot_ns = le_get64(v->payload + 8);
	if (nr != (r->has_segment ? r->segment + 1 : 0) ||
	    v->f.segment != (uint16_t)nr)
		return reader_damaged(r, "order of segments");
	if (boot_ns < r->head.start_boot_ns)
		return reader_damaged(r, "time of a segment");
	us = (boot_ns - r->head.start_boot_ns) / 1000;
	if (us < r->checked_us || us > TIME_MAX_US)
		return reader_damaged(r, "time of a segment");
	r->has_segment = 1;
	r->segment = nr;
	r->raw = 0;
	r->checked_us = r->now_us = us;
	return unpack_reset(r->unpack);
}

static void
count(struct reader_result *x, uint8_t type, size_t n)
{
	if (type == 'x')
		x->has_exit = 1;
	if (type == 'i' || type == '0')
		x->in_bytes += n;
	else if (type == 'o' || type == '1')
		x->out_bytes += n;
	else if (type == '2')
		x->err_bytes += n;
}

/* The time of the first event that no seal vouches for. */
static void
first_behind(struct reader *r)
{
	struct reader_result *x = &r->result;

	if (!r->has_behind_ckpt) {
		r->has_behind_ckpt = 1;
		r->behind_ckpt_ns = r->checked_us * 1000;
	}
	if (!x->has_unsealed) {
		x->has_unsealed = 1;
		x->unsealed_ns = r->checked_us * 1000;
	}
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
			return reader_damaged(r, "an event is cut or too long");
		if (e.delta_us > TIME_MAX_US - r->checked_us)
			return reader_damaged(r, "time of an event");
		r->checked_us += e.delta_us;
		count(&r->result, e.type, (size_t)e.len);
		first_behind(r);
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
		return reader_damaged(r, "data before a segment");
	if ((v->f.flags & ~SKR_STORED) != 0)
		return reader_damaged(r, "unknown flags of data");
	e = unpack_piece(r->unpack, (v->f.flags & SKR_STORED) != 0,
	    v->payload, v->f.len, &plain, &n);
	if (e != 0)
		return reader_damaged(r, "compressed data");
	if (r->raw + n > (uint64_t)SKR_SEGMENT_MAX + SKR_PIECE_MAX)
		return reader_damaged(r, "too much in one segment");
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
		return reader_damaged(r, "length of CKPT");
	if (le_get64(p) != r->segment ||
	    le_get64(p + 8) != r->result.good_bytes ||
	    le_get32(p + 16) != r->seq)
		return reader_damaged(r, "a checkpoint is in the wrong place");
	if (!sha256_equal(p + 28, r->result.chain))
		return reader_damaged(r, "the hash chain does not fit");
	if (r->has_ckpt)
		return reader_damaged(r, "the checkpoint before it has no seal");
	r->has_ckpt = 1;
	r->ckpt_seq = r->seq;
	r->ckpt_at = r->result.good_bytes;
	r->has_behind_ckpt = 0;
	return sha256_mem(p, SKR_CKPT_LEN, r->ckpt_digest);
}

static int
on_seal(struct reader *r, const struct view *v)
{
	struct reader_seal s = { .kind = SKR_SEAL_CKPT,
		.covers = r->ckpt_at };
	struct reader_result *x = &r->result;
	int e;

	if (v->f.len != SKR_SEAL_LEN)
		return reader_damaged(r, "length of SEAL");
	if (!r->has_ckpt || le_get32(v->payload) != r->ckpt_seq)
		return reader_damaged(r, "a seal of no checkpoint");
	if (seal_get(v->payload + 4, &s.seal) != 0)
		return reader_damaged(r, "a seal is not one");
	memcpy(s.digest, r->ckpt_digest, SKR_DIGEST);
	if ((e = reader_seal(r, &s)) != 0)
		return e;
	r->has_ckpt = 0;
	x->sealed_bytes = r->ckpt_at;
	x->has_unsealed = r->has_behind_ckpt;
	x->unsealed_ns = r->behind_ckpt_ns;
	return 0;
}

/* The seal of END, unless the keys were away. */
static int
check_end_seal(struct reader *r, const struct view *v)
{
	size_t n = v->f.len - SEAL_LEN;
	struct reader_seal s = { .kind = SKR_SEAL_END,
		.covers = r->result.good_bytes + SKR_HEAD + v->f.len };
	int e;

	if (seal_get(v->payload + n, &s.seal) != 0)
		return reader_damaged(r, "a seal is not one");
	if (s.seal.epoch == 0)
		return 0;
	if ((e = sha256_mem(v->payload, n, s.digest)) != 0 ||
	    (e = reader_seal(r, &s)) != 0)
		return e;
	r->result.end.is_sealed = 1;
	r->result.sealed_bytes = s.covers;
	r->result.has_unsealed = 0;
	return 0;
}

static int
on_end(struct reader *r, const struct view *v)
{
	struct reader_result *x = &r->result;
	struct reader_end *e = &x->end;
	const uint8_t *p = v->payload;
	size_t nsignal, nreason;
	int bad;

	if (v->f.len < SKR_END_FIXED)
		return reader_damaged(r, "length of END");
	nsignal = le_get16(p + 52);
	nreason = le_get16(p + 54);
	if (nsignal > SKR_SIGNAL_MAX || nreason > SKR_REASON_MAX ||
	    v->f.len != SKR_END_FIXED + nsignal + nreason + SEAL_LEN)
		return reader_damaged(r, "length of END");
	if (!sha256_equal(p + 60, x->chain))
		return reader_damaged(r, "the hash chain does not fit");
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
		return reader_damaged(r, "the totals do not fit");
	if ((bad = check_end_seal(r, v)) != 0)
		return bad;
	x->has_end = 1;
	return 0;
}

/* Only where reading ends anyway: reader_mark() looks at it from there. */
static int
on_recovered(struct reader *r, const struct view *v)
{
	(void)v;
	return reader_damaged(r, "a mark of recovery that does not fit");
}

static const struct {
	uint8_t	 type;
	int	(*handler)(struct reader *, const struct view *);
} handlers[] = {
	{ SKR_SEG,	on_segment },
	{ SKR_DATA,	on_data },
	{ SKR_CKPT,	on_checkpoint },
	{ SKR_END,	on_end },
	{ SKR_RECOVERED, on_recovered },
	{ SKR_SEAL,	on_seal },
};

int
reader_frame(struct reader *r, const struct view *v)
{
	size_t i;

	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == v->f.type)
			break;
	if (i < sizeof(handlers) / sizeof(handlers[0])) {
		/* behind END no chain vouches for them */
		if (v->f.flags != 0 && v->f.type != SKR_DATA)
			return reader_damaged(r, "flags of a frame without");
		return handlers[i].handler(r, v);
	}
	r->result.skipped++;
	return 0;
}
