/* writer.c - segments, events, checkpoints and their timers. */
#include "record/writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "record/event.h"
#include "record/le.h"
#include "record/writer_state.h"

#define SECOND_NS	INT64_C(1000000000)
#define CKPT_AFTER_NS	(8 * SECOND_NS / 10)	/* after the first byte not yet covered */
#define CKPT_IDLE_NS	(60 * SECOND_NS)
#define PAUSE_NS	(10 * SECOND_NS)	/* activity after this: new segment */

uint64_t
writer_since_start_us(const struct writer *w, int64_t now_ns)
{
	return now_ns <= (int64_t)w->clock.boot_ns ? 0 :
	    ((uint64_t)now_ns - w->clock.boot_ns) / 1000;
}

int
writer_append(struct writer *w, int64_t now_ns, uint8_t type, const void *p,
    size_t n)
{
	struct iovec v = { (void *)(uintptr_t)p, n };
	int r;

	r = append_frame(&w->file, type, 0, w->segment, &v, 1);
	if (r == 0 && w->unsynced_ns == 0)
		w->unsynced_ns = now_ns;
	return r;
}

int
writer_sync(struct writer *w)
{
	w->unsynced_ns = 0;
	return append_sync(&w->file);
}

int
writer_put_segment(struct writer *w, int64_t now_ns)
{
	uint8_t p[SKR_SEG_LEN] = { 0 };
	int r;

	le_put64(p, w->segment);
	le_put64(p + 8, (uint64_t)now_ns);
	le_put64(p + 16, (uint64_t)clock_unix_ns());
	p[28] = w->clock.is_synced;
	if ((r = writer_append(w, now_ns, SKR_SEG, p, sizeof(p))) != 0 ||
	    (r = piece_reset(w->piece, w->is_hasty)) != 0)
		return r;
	w->is_resting = 0;
	w->raw = 0;
	w->last_us = writer_since_start_us(w, now_ns);
	w->last_ns = w->ckpt_ns = now_ns;
	return 0;
}

/* From here on its seal is wanted. */
static int
put_checkpoint(struct writer *w, int64_t now_ns)
{
	uint8_t p[SKR_CKPT_LEN] = { 0 };
	uint32_t seq = w->file.seq;
	int r;

	le_put64(p, w->segment);
	le_put64(p + 8, w->file.offset);
	le_put32(p + 16, seq);
	le_put64(p + 20, (uint64_t)clock_unix_ns());
	memcpy(p + 28, w->file.chain, SKR_DIGEST);
	if ((r = sha256_mem(p, sizeof(p), w->wanted_digest)) != 0 ||
	    (r = writer_append(w, now_ns, SKR_CKPT, p, sizeof(p))) != 0)
		return r;
	w->wanted = SKR_SEAL_CKPT;
	w->ckpt_seq = seq;
	w->ckpt_ns = now_ns;
	w->uncovered_ns = 0;
	return 0;
}

struct writer *
writer_new(int fd, uint32_t sync_ms)
{
	struct writer *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return NULL;
	if (append_init(&w->file, fd) != 0 ||
	    (w->piece = piece_new()) == NULL) {
		writer_free(w);
		return NULL;
	}
	w->sync_ns = (int64_t)sync_ms * (SECOND_NS / 1000);
	return w;
}

void
writer_free(struct writer *w)
{
	if (w == NULL)
		return;
	append_close(&w->file);
	piece_free(w->piece);
	free(w->head);
	free(w);
}

/* Begin a new segment when the present one is old or full. */
static int
turn_segment(struct writer *w, int64_t now_ns)
{
	int r;

	if (!w->is_resting && now_ns - w->last_ns <= PAUSE_NS &&
	    w->raw < SKR_SEGMENT_MAX)
		return 0;
	w->segment++;
	if ((r = writer_put_segment(w, now_ns)) != 0)
		w->segment--;
	return r;
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

/* It is in the file: what that changes. */
static void
took_event(struct writer *w, int64_t now_ns, uint64_t delta_us, size_t n)
{
	if (w->uncovered_ns == 0)
		w->uncovered_ns = now_ns;
	if (w->unsynced_ns == 0)
		w->unsynced_ns = now_ns;
	w->last_ns = now_ns;
	w->last_us += delta_us;
	w->raw += n;
}

int
writer_put_event(struct writer *w, int64_t now_ns, uint8_t type, const void *p,
    size_t n)
{
	struct event_head e = { .type = type, .len = n };
	uint8_t head[EVENT_HEAD_MAX];
	struct iovec event[2], made[2];
	size_t nmade;
	int stored, r;

	if (w->file.error != 0)
		return w->file.error;
	if (now_ns < w->last_ns)
		now_ns = w->last_ns;
	if ((r = turn_segment(w, now_ns)) != 0)
		goto fail;
	e.delta_us = writer_since_start_us(w, now_ns) - w->last_us;
	event[0].iov_base = head;
	event[0].iov_len = event_put(head, &e);
	event[1].iov_base = (void *)(uintptr_t)p;
	event[1].iov_len = n;
	if ((r = piece_make(w->piece, event, made, &nmade, &stored)) != 0 ||
	    (r = append_frame(&w->file, SKR_DATA, stored ? SKR_STORED : 0,
	    w->segment, made, nmade)) != 0)
		goto fail;
	took_event(w, now_ns, e.delta_us, event[0].iov_len + n);
	count(w, type, n);
	if (w->sync_ns != 0 || (r = writer_sync(w)) == 0)
		return 0;
fail:
	if (w->file.is_full)
		piece_store_all(w->piece);	/* the stream has lost this one */
	else
		w->file.error = r;
	return r;
}

int
writer_event(struct writer *w, int64_t now_ns, uint8_t type, const void *p,
    size_t n)
{
	if (w->file.error != 0)
		return w->file.error;
	if (!w->is_open || w->is_ended || w->nend > 0)
		return ERR_STATE;
	if (w->file.is_full || n > SKR_EVENT_MAX)
		return ERR_LIMIT;
	return writer_put_event(w, now_ns, type, p, n);
}

void
writer_hasten(struct writer *w, int is_hasty)
{
	w->is_hasty = is_hasty;
}

int
writer_is_full(const struct writer *w)
{
	return w->file.is_full;
}

int
writer_last_note(struct writer *w, int64_t now_ns, const char *text)
{
	if (!w->is_open || w->is_ended || w->nend > 0)
		return ERR_STATE;
	return writer_put_event(w, now_ns, 'n', text,
	    strnlen(text, SKR_REASON_MAX));
}

/* INT64_MAX: not before the seal of the last one has come. */
static int64_t
checkpoint_due(const struct writer *w)
{
	int64_t idle = w->ckpt_ns + CKPT_IDLE_NS;

	if (w->wanted != 0)
		return INT64_MAX;
	if (w->uncovered_ns == 0)
		return idle;
	return w->uncovered_ns + CKPT_AFTER_NS < idle ?
	    w->uncovered_ns + CKPT_AFTER_NS : idle;
}

/* Neither before the first SEG nor behind the last event. */
static int
is_running(const struct writer *w)
{
	return w->file.error == 0 && w->is_open && !w->is_ended &&
	    w->nend == 0 && !w->file.is_full;
}

int
writer_tick(struct writer *w, int64_t now_ns)
{
	int r;

	if (w->file.error != 0 || !is_running(w))
		return w->file.error;
	if (!w->is_resting && now_ns > w->last_ns + PAUSE_NS) {
		w->is_resting = 1;
		piece_rest(w->piece);
	}
	if (now_ns >= checkpoint_due(w) &&
	    (r = put_checkpoint(w, now_ns)) != 0)
		return r;
	if (w->unsynced_ns != 0 && now_ns >= w->unsynced_ns + w->sync_ns)
		return writer_sync(w);
	return 0;
}

int
writer_due_ms(const struct writer *w, int64_t now_ns)
{
	int64_t due = checkpoint_due(w);

	if (!is_running(w))
		return INT32_MAX;
	if (w->unsynced_ns != 0 && w->unsynced_ns + w->sync_ns < due)
		due = w->unsynced_ns + w->sync_ns;
	if (!w->is_resting && w->last_ns + PAUSE_NS + 1 < due)
		due = w->last_ns + PAUSE_NS + 1;
	if (due == INT64_MAX)
		return INT32_MAX;
	if (due <= now_ns)
		return 0;
	return (int)((due - now_ns + 999999) / 1000000);
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
	if (w->file.error == 0 && !w->file.is_full)
		return "";
	return w->file.why[0] != '\0' ? w->file.why :
	    err_name(w->file.error);
}
