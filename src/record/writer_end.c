/* writer_end.c - what is sealed: the header, checkpoints, END. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "record/le.h"
#include "record/writer_state.h"

int
writer_header(struct writer *w, const struct header *h)
{
	uint8_t *bytes = NULL;
	size_t n;
	int r;

	if (w->is_open || w->file.error != 0)
		return ERR_STATE;
	if ((r = header_make(h, &bytes, &n)) != 0)
		return r;
	if ((r = header_digest(bytes, n, w->wanted_digest)) != 0) {
		free(bytes);
		return r;
	}
	free(w->head);
	w->head = bytes;
	w->nhead = n;
	w->clock = h->clock;
	w->clock.source = NULL;		/* the caller's */
	w->epoch = h->epoch;
	w->wanted = SKR_SEAL_HEAD;
	return 0;
}

int
writer_is_open(const struct writer *w)
{
	return w->is_open;
}

int
writer_is_ended(const struct writer *w)
{
	return w->is_ended;
}

int
writer_wants_seal(const struct writer *w, unsigned int *kind,
    uint8_t digest[SKR_DIGEST])
{
	if (w->wanted == 0 || w->file.error != 0)
		return 0;
	*kind = w->wanted;
	memcpy(digest, w->wanted_digest, SKR_DIGEST);
	return 1;
}

static int
put_header(struct writer *w, const struct seal *s)
{
	int r;

	if (header_seal_fits(&w->epoch, s) != 0)
		return ERR_DENIED;
	header_seal(w->head, w->nhead, s);
	if ((r = sha256_mem(w->head, w->nhead,
	    w->total.header_digest)) != 0 ||
	    (r = append_header(&w->file, w->head, w->nhead)) != 0 ||
	    (r = writer_put_segment(w, (int64_t)w->clock.boot_ns)) != 0 ||
	    (r = writer_sync(w)) != 0) {
		w->file.error = r;
		return r;
	}
	free(w->head);
	w->head = NULL;
	w->is_open = 1;
	return 0;
}

static int
put_seal(struct writer *w, int64_t now_ns, const struct seal *s)
{
	uint8_t p[SKR_SEAL_LEN];

	if (w->file.is_full)
		return 0;		/* what room there is belongs to END */
	le_put32(p, w->ckpt_seq);
	seal_put(p + 4, s);
	return writer_append(w, now_ns, SKR_SEAL, p, sizeof(p));
}

/* "s" of epoch 0: without. */
static int
put_end(struct writer *w, int64_t now_ns, const struct seal *s)
{
	int r;

	seal_put(w->end + w->nend, s);
	if ((r = writer_append(w, now_ns, SKR_END, w->end,
	    w->nend + SEAL_LEN)) != 0 || (r = writer_sync(w)) != 0)
		return r;
	w->total.is_sealed = s->epoch != 0;
	w->is_ended = 1;
	return 0;
}

/* May a seal say this after the last one? */
static int
goes_back(const struct writer *w, const struct seal *s)
{
	return s->epoch == 0 || s->epoch < w->seal_epoch ||
	    (w->is_open && s->time_ns < w->seal_ns);
}

int
writer_sealed(struct writer *w, int64_t now_ns, const struct seal *s)
{
	unsigned int kind = w->wanted;
	int r;

	if (w->file.error != 0)
		return w->file.error;
	if (kind == 0)
		return ERR_STATE;
	if (goes_back(w, s))
		return ERR_DENIED;
	if (kind == SKR_SEAL_HEAD)
		r = put_header(w, s);
	else if (kind == SKR_SEAL_CKPT)
		r = put_seal(w, now_ns, s);
	else
		r = put_end(w, now_ns, s);
	if (r == ERR_DENIED)
		return r;
	w->wanted = 0;
	w->seal_epoch = s->epoch;
	w->seal_ns = s->time_ns;
	return r;
}

/* Event x: "0".."255" or "SIGKILL"; none when nothing is known. */
static int
put_exit(struct writer *w, int64_t now_ns, const struct writer_end *e)
{
	char text[SKR_SIGNAL_MAX + 4];
	int n;

	if (e->is_unknown)
		return w->file.error;
	if (e->signal[0] != '\0')
		n = snprintf(text, sizeof(text), "SIG%s", e->signal);
	else if (e->how == SKR_HOW_NOT_RUN || e->how == SKR_HOW_LOST)
		return w->file.error;
	else
		n = snprintf(text, sizeof(text), "%u", e->status);
	return writer_put_event(w, now_ns, 'x', text, (size_t)n);
}

static void
make_end(struct writer *w, int64_t now_ns, const struct writer_end *e)
{
	size_t nsignal = strlen(e->signal), nreason = strlen(e->reason);
	uint8_t *p = w->end;

	w->total.duration_ns = now_ns <= (int64_t)w->clock.boot_ns ? 0 :
	    (uint64_t)now_ns - w->clock.boot_ns;
	memset(p, 0, sizeof(w->end));
	p[0] = e->how;
	le_put32(p + 4, e->status);
	le_put64(p + 8, w->total.in_bytes);
	le_put64(p + 16, w->total.out_bytes);
	le_put64(p + 24, w->total.err_bytes);
	le_put64(p + 32, w->total.duration_ns);
	le_put64(p + 40, (uint64_t)clock_unix_ns());
	le_put16(p + 52, (uint16_t)nsignal);
	le_put16(p + 54, (uint16_t)nreason);
	memcpy(p + 60, w->file.chain, SKR_DIGEST);
	memcpy(p + SKR_END_FIXED, e->signal, nsignal);
	memcpy(p + SKR_END_FIXED + nsignal, e->reason, nreason);
	w->nend = SKR_END_FIXED + nsignal + nreason;
}

int
writer_end(struct writer *w, int64_t now_ns, const struct writer_end *e)
{
	int r;

	if (w->file.error != 0)
		return w->file.error;
	if (!w->is_open || w->is_ended || w->nend > 0)
		return ERR_STATE;
	if (strlen(e->signal) > SKR_SIGNAL_MAX ||
	    strlen(e->reason) > SKR_REASON_MAX)
		return ERR_LIMIT;
	w->file.is_last = 1;		/* the room for this was kept */
	if ((r = put_exit(w, now_ns, e)) != 0)
		return r;
	make_end(w, now_ns, e);
	w->wanted = SKR_SEAL_END;
	r = sha256_mem(w->end, w->nend, w->wanted_digest);
	if (r != 0)
		w->file.error = r;
	return r;
}

int
writer_end_unsealed(struct writer *w, int64_t now_ns)
{
	const struct seal none = { .epoch = 0 };
	int r;

	if (w->file.error != 0)
		return w->file.error;
	if (w->nend == 0 || w->is_ended)
		return ERR_STATE;
	if ((r = put_end(w, now_ns, &none)) == 0)
		w->wanted = 0;
	return r;
}
