/* writer.c - segments, events, checkpoints and their timers. */
#include "record/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "record/append.h"
#include "record/event.h"
#include "record/le.h"
#include "record/piece.h"

#define SECOND_NS	INT64_C(1000000000)
#define CKPT_AFTER_NS	SECOND_NS	/* after the first byte not yet covered */
#define CKPT_IDLE_NS	(60 * SECOND_NS)
#define PAUSE_NS	(10 * SECOND_NS)	/* activity after this: new segment */

struct writer {
	struct append	 file;
	struct piece	*piece;
	struct header_clock clock;
	int64_t		 sync_ns;
	uint64_t	 segment;
	uint64_t	 raw;		/* plain bytes in this segment */
	uint64_t	 last_us;	/* time of the last event, since the header */
	int64_t		 last_ns;	/* last event or SEG */
	int64_t		 ckpt_ns;	/* last CKPT or SEG */
	int64_t		 uncovered_ns;	/* first event since the last CKPT; 0: none */
	int64_t		 unsynced_ns;	/* first append since the last sync; 0: none */
	int		 is_ended;
	struct writer_total total;
};

static uint64_t
since_start_us(const struct writer *w, int64_t now_ns)
{
	return now_ns <= (int64_t)w->clock.boot_ns ? 0 :
	    ((uint64_t)now_ns - w->clock.boot_ns) / 1000;
}

static int
append(struct writer *w, int64_t now_ns, uint8_t type, const void *p,
    size_t n)
{
	struct iovec v = { (void *)(uintptr_t)p, n };

	if (w->unsynced_ns == 0)
		w->unsynced_ns = now_ns;
	return append_frame(&w->file, type, 0, w->segment, &v, 1);
}

static int
sync_file(struct writer *w)
{
	w->unsynced_ns = 0;
	return append_sync(&w->file);
}

static int
put_segment(struct writer *w, int64_t now_ns)
{
	uint8_t p[SKR_SEG_LEN] = { 0 };
	int r;

	if ((r = piece_reset(w->piece)) != 0)
		return r;
	le_put64(p, w->segment);
	le_put64(p + 8, (uint64_t)now_ns);
	le_put64(p + 16, (uint64_t)clock_unix_ns());
	p[28] = w->clock.is_synced;
	w->raw = 0;
	w->last_us = since_start_us(w, now_ns);
	w->last_ns = w->ckpt_ns = now_ns;
	return append(w, now_ns, SKR_SEG, p, sizeof(p));
}

static int
put_checkpoint(struct writer *w, int64_t now_ns)
{
	uint8_t p[SKR_CKPT_LEN] = { 0 };

	le_put64(p, w->segment);
	le_put64(p + 8, w->file.offset);
	le_put32(p + 16, w->file.seq);
	le_put64(p + 20, (uint64_t)clock_unix_ns());
	memcpy(p + 28, w->file.chain, SKR_DIGEST);
	w->ckpt_ns = now_ns;
	w->uncovered_ns = 0;
	return append(w, now_ns, SKR_CKPT, p, sizeof(p));
}

int
writer_open(int fd, const struct header *h, uint32_t sync_ms,
    struct writer **out)
{
	struct writer *w;
	uint8_t *bytes = NULL;
	size_t n;
	int r;

	*out = NULL;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ERR_NOMEM;
	if (append_init(&w->file, fd) != 0 ||
	    (w->piece = piece_new()) == NULL) {
		writer_free(w);
		return ERR_NOMEM;
	}
	w->clock = h->clock;
	w->sync_ns = (int64_t)sync_ms * (SECOND_NS / 1000);
	if ((r = header_make(h, &bytes, &n)) != 0 ||
	    (r = sha256_mem(bytes, n, w->total.header_digest)) != 0 ||
	    (r = append_header(&w->file, bytes, n)) != 0 ||
	    (r = put_segment(w, (int64_t)h->clock.boot_ns)) != 0 ||
	    (r = sync_file(w)) != 0)
		w->file.error = r;
	free(bytes);
	*out = w;
	return r;
}

void
writer_free(struct writer *w)
{
	if (w == NULL)
		return;
	append_close(&w->file);
	piece_free(w->piece);
	free(w);
}

/* Begin a new segment when the present one is old or full. */
static int
turn_segment(struct writer *w, int64_t now_ns)
{
	int r;

	if (now_ns - w->last_ns <= PAUSE_NS && w->raw < SKR_SEGMENT_MAX)
		return 0;
	if (w->uncovered_ns != 0 &&
	    (r = put_checkpoint(w, now_ns)) != 0)
		return r;
	w->segment++;
	return put_segment(w, now_ns);
}

static void
count(struct writer *w, uint8_t type, size_t n)
{
	if (type == 'i' || type == '0')
		w->total.in_bytes += n;
	else if (type == 'o' || type == '1')
		w->total.out_bytes += n;
	else if (type == '2')
		w->total.err_bytes += n;
}

int
writer_event(struct writer *w, int64_t now_ns, uint8_t type, const void *p,
    size_t n)
{
	struct event_head e = { .type = type, .len = n };
	uint8_t head[EVENT_HEAD_MAX];
	struct iovec event[2], made[2];
	size_t nmade;
	int stored, r;

	if (w->file.error != 0)
		return w->file.error;
	if (w->is_ended)
		return ERR_STATE;
	if (n > SKR_EVENT_MAX)
		return ERR_LIMIT;
	if (now_ns < w->last_ns)
		now_ns = w->last_ns;
	if ((r = turn_segment(w, now_ns)) != 0)
		goto fail;
	e.delta_us = since_start_us(w, now_ns) - w->last_us;
	event[0].iov_base = head;
	event[0].iov_len = event_put(head, &e);
	event[1].iov_base = (void *)(uintptr_t)p;
	event[1].iov_len = n;
	if ((r = piece_make(w->piece, event, made, &nmade, &stored)) != 0)
		goto fail;
	if (w->uncovered_ns == 0)
		w->uncovered_ns = now_ns;
	if (w->unsynced_ns == 0)
		w->unsynced_ns = now_ns;
	w->last_ns = now_ns;
	w->last_us += e.delta_us;
	w->raw += event[0].iov_len + n;
	if ((r = append_frame(&w->file, SKR_DATA, stored ? SKR_STORED : 0,
	    w->segment, made, nmade)) != 0 ||
	    (w->sync_ns == 0 && (r = sync_file(w)) != 0))
		goto fail;
	count(w, type, n);
	return 0;
fail:
	w->file.error = r;
	return r;
}

static int64_t
checkpoint_due(const struct writer *w)
{
	int64_t idle = w->ckpt_ns + CKPT_IDLE_NS;

	if (w->uncovered_ns == 0)
		return idle;
	return w->uncovered_ns + CKPT_AFTER_NS < idle ?
	    w->uncovered_ns + CKPT_AFTER_NS : idle;
}

int
writer_tick(struct writer *w, int64_t now_ns)
{
	int r;

	if (w->file.error != 0 || w->is_ended)
		return w->file.error;
	if (now_ns >= checkpoint_due(w) &&
	    (r = put_checkpoint(w, now_ns)) != 0)
		return r;
	if (w->unsynced_ns != 0 && now_ns >= w->unsynced_ns + w->sync_ns)
		return sync_file(w);
	return 0;
}

int
writer_due_ms(const struct writer *w, int64_t now_ns)
{
	int64_t due = checkpoint_due(w);

	if (w->file.error != 0 || w->is_ended)
		return INT32_MAX;
	if (w->unsynced_ns != 0 && w->unsynced_ns + w->sync_ns < due)
		due = w->unsynced_ns + w->sync_ns;
	if (due <= now_ns)
		return 0;
	return (int)((due - now_ns + 999999) / 1000000);
}

/* Event x: "0".."255" or "SIGKILL"; none when nothing is known. */
static int
put_exit(struct writer *w, int64_t now_ns, const struct writer_end *e)
{
	char text[SKR_SIGNAL_MAX + 4];
	int n;

	if (e->signal[0] != '\0')
		n = snprintf(text, sizeof(text), "SIG%s", e->signal);
	else if (e->how == SKR_HOW_NOT_RUN || e->how == SKR_HOW_LOST)
		return w->file.error;
	else
		n = snprintf(text, sizeof(text), "%u", e->status);
	return writer_event(w, now_ns, 'x', text, (size_t)n);
}

int
writer_end(struct writer *w, int64_t now_ns, const struct writer_end *e)
{
	uint8_t p[SKR_END_FIXED + SKR_SIGNAL_MAX + SKR_REASON_MAX +
	    SKR_SIGNATURE] = { 0 };
	size_t nsignal = strlen(e->signal), nreason = strlen(e->reason);
	int r;

	if (nsignal > SKR_SIGNAL_MAX || nreason > SKR_REASON_MAX)
		return ERR_LIMIT;
	if ((r = put_exit(w, now_ns, e)) != 0)
		return r;
	w->total.duration_ns = now_ns <= (int64_t)w->clock.boot_ns ? 0 :
	    (uint64_t)now_ns - w->clock.boot_ns;
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
	if ((r = append(w, now_ns, SKR_END, p, SKR_END_FIXED + nsignal +
	    nreason + SKR_SIGNATURE)) != 0 || (r = sync_file(w)) != 0)
		return r;
	w->is_ended = 1;
	return 0;
}

void
writer_total(const struct writer *w, struct writer_total *t)
{
	*t = w->total;
	t->file_bytes = w->file.offset;
	memcpy(t->chain, w->file.chain, SKR_DIGEST);
}

const char *
writer_why(const struct writer *w)
{
	if (w == NULL)
		return "no memory";
	if (w->file.error == 0)
		return "";
	return w->file.why[0] != '\0' ? w->file.why :
	    err_name(w->file.error);
}
