/* record.c - a recording against the gate's keys. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "crypt/ed25519.h"
#include "crypt/random.h"
#include "verify/records.h"

/* An epoch whose entry is still to come: its seals do not count, the ledger's chain does. */
static int
is_late(const struct verify *v, uint32_t epoch)
{
	return epoch == v->epochs.n + 1 && v->epochs.n > 0;
}

static const char *
judge(const struct record *x, const struct reader_seal *s)
{
	const struct epochs *all = &x->v->epochs;
	const struct epoch *e = epochs_get(all, s->seal.epoch);
	uint8_t text[SEAL_TEXT_MAX];
	size_t n;

	if (e == NULL)
		return "its epoch is not one of this ledger";
	if (!epochs_covers(all, s->seal.epoch, s->seal.time_ns))
		return "its epoch was not in force at its time";
	n = seal_text(text, s->kind, s->uuid, s->seal.epoch, s->seal.time_ns,
	    s->digest);
	if (n == 0 || ed25519_verify(e->key, text, n, s->seal.signature) != 0)
		return "it was not made by the key of its epoch";
	if (s->kind == SKR_SEAL_HEAD &&
	    (x->head->epoch_start_ns != e->start_ns ||
	    memcmp(x->head->epoch_key, e->key, 32) != 0))
		return "the header tells of another key of its epoch";
	return NULL;
}

static int
on_seal(void *arg, const struct reader_seal *s)
{
	static const char *const kinds[] = { "seal", "header", "checkpoint",
		"end", "mark of recovery" };
	struct record *x = arg;
	const char *why;

	if (is_late(x->v, s->seal.epoch)) {
		x->has_late = 1;
		return 0;
	}
	if ((why = judge(x, s)) == NULL) {
		if (s->kind == SKR_SEAL_HEAD)
			x->is_head_sealed = 1;
		return 0;
	}
	(void)snprintf(x->why, sizeof(x->why), "the seal of its %s%s is not "
	    "good: %s", kinds[s->kind <= 4 ? s->kind : 0],
	    s->kind == SKR_SEAL_CKPT ? "s" : "", why);
	return 1;
}

int
record_read(struct record *x, struct verify *v, int fd)
{
	struct reader_event e;
	int r;

	memset(x, 0, sizeof(*x));
	x->v = v;
	if ((r = reader_open(fd, &x->reader)) != 0)
		return r == ERR_DENIED ? ERR_FORMAT : r;
	x->head = reader_head(x->reader);
	reader_on_seal(x->reader, on_seal, x);
	while ((r = reader_next(x->reader, &e)) == 0)
		progress_recording(v->progress, v->recordings, v->bytes +
		    reader_result(x->reader)->good_bytes);
	if (r < 0)
		return r;
	x->result = *reader_result(x->reader);
	v->bytes += x->result.size_bytes;
	v->recordings++;
	return 0;
}

void
record_end(struct record *x)
{
	reader_free(x->reader);
	x->reader = NULL;
}

int
record_is_of(const struct record *x, int64_t nr, const uint8_t *uuid)
{
	char id[32], text[UUID_TEXT];
	json_t *meta = NULL;
	const char *s = NULL, *u = NULL;
	int is;

	if (memcmp(x->head->uuid, uuid, SKR_UUID) != 0 ||
	    json_read(x->head->meta, x->head->meta_len, &meta) != 0)
		return 0;
	(void)snprintf(id, sizeof(id), "S%" PRId64, nr);
	(void)uuid_text(text, uuid);
	is = json_want_str(meta, "session", NULL, &s) == 0 && s != NULL &&
	    strcmp(s, id) == 0 && json_want_str(meta, "uuid", NULL, &u) == 0 &&
	    (u == NULL || strcmp(u, text) == 0);
	json_decref(meta);
	return is;
}
