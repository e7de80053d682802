/* heads.c - the gate's own heads against tree and keys; the head from outside. */
#include "verify/heads.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/strv.h"
#include "crypt/ed25519.h"
#include "verify/heads_walk.h"
#include "verify/verify.h"

#define NS	1000000000LL
#define DAY_LEN	10	/* of 2026-11-24 */

static int
is_day_file(const char *name)
{
	static const char form[] = "dddd-dd-dd.heads";
	size_t i;

	if (strlen(name) != strlen(form))
		return 0;
	for (i = 0; form[i] != '\0'; i++)
		if (i < DAY_LEN && form[i] == 'd' ? name[i] < '0' || name[i] > '9' :
		    name[i] != form[i])
			return 0;
	return 1;
}

static int
on_name(void *arg, const char *name, int is_file)
{
	struct verify *v = arg;
	char place[REPORT_PLACE];

	if (is_file && is_day_file(name)) {
		v->heads.n++;
		return strv_add(&v->heads.names, name);
	}
	/* .new: the gate was killed while it wrote the other */
	if (is_file && (strcmp(name, "gate.vkeys") == 0 ||
	    strcmp(name, "gate.vkeys.new") == 0))
		return 0;
	(void)snprintf(place, sizeof(place), "heads/%s", name);
	report_fault(v->report, FAULT_STRANGER, place,
	    "there should be nothing of this name among the heads");
	return 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The next one that can be compared.  Damaged ones are told of in the second reading. */
static int
advance(struct verify *v)
{
	char text[NOTE_MAX + 1];
	struct heads *h = &v->heads;
	size_t len;
	int r;

	h->has_next = 0;
	do
		r = heads_walk_next(v, &h->walk, &h->next, h->place, text,
		    &len);
	while (r == HEAD_BAD || r == HEAD_TORN ||
	    (r == HEAD_GOOD && h->next.size < v->edge.size));
	if (r == HEAD_GOOD)
		h->has_next = 1;
	return r < 0 ? r : 0;
}

int
heads_begin(struct verify *v)
{
	struct heads *h = &v->heads;
	int r;

	h->walk.fd = -1;
	if ((r = v->subject->ops->heads(v->subject, on_name, v)) != 0)
		return r;
	if (h->n > 0)
		qsort(h->names, h->n, sizeof(h->names[0]), compare_names);
	if ((r = advance(v)) != 0)
		return r;
	return heads_at(v);
}

static void
reach(struct verify *v, struct outside *o)
{
	int is_alt;

	if (!o->is_given || o->note.size != v->edge.size)
		return;
	o->is_reached = 1;
	o->is_same = verify_is_root(v, o->note.root, &is_alt) && !is_alt;
}

int
heads_at(struct verify *v)
{
	struct heads *h = &v->heads;
	int r, is_alt;

	reach(v, &v->outside);
	reach(v, &v->own);
	while (h->has_next && h->next.size == v->edge.size) {
		/* a changed entry was told of; the heads are those of the one before the change */
		if (!verify_is_root(v, h->next.root, &is_alt))
			report_fault(v->report, FAULT_HEAD, h->place,
			    "the ledger's first %" PRIu64 " entries have "
			    "another root", h->next.size);
		if ((r = advance(v)) != 0)
			return r;
	}
	return 0;
}

int
heads_finish(struct verify *v)
{
	struct heads *h = &v->heads;
	uint64_t before;
	int r;

	while (h->has_next) {
		before = v->edge.size;
		if (v->subject->is_live && (r = verify_play(v,
		    h->next.size)) != 0)
			return r;
		if (v->edge.size > before)
			continue;
		report_fault(v->report, FAULT_HEAD, h->place, "it is of %"
		    PRIu64 " entries, and the ledger has %" PRIu64,
		    h->next.size, v->edge.size);
		if ((r = advance(v)) != 0)
			return r;
	}
	return 0;
}

/* One head: keys and times.  What is wrong, or NULL. */
static const char *
judge(const struct verify *v, const struct note *n, const char *text,
    size_t len)
{
	const struct epoch *e = epochs_get(&v->epochs, n->epoch);
	struct note again;

	if (strcmp(n->origin, v->epochs.origin) != 0)
		return "it is of another gate";
	if (e == NULL)
		return "its epoch is not one of this ledger";
	if (note_parse(text, len, &again, v->epochs.log_key, e->key) != 0)
		return "its signatures are by other keys";
	if (note_check(n, v->epochs.log_key, e->key) != 0)
		return "a signature is not right";
	if (!epochs_covers(&v->epochs, n->epoch, n->time_ns))
		return "its epoch was not in force at its time";
	return NULL;
}

/* By the epoch behind the last one, and truly by this gate. */
static int
is_late(const struct verify *v, const struct note *n)
{
	char text[NOTE_TEXT_MAX];
	size_t len = note_text(text, n);

	return v->epochs.n > 0 && n->epoch == v->epochs.n + 1 && len > 0 &&
	    strcmp(n->origin, v->epochs.origin) == 0 &&
	    ed25519_verify(v->epochs.log_key, text, len,
	    n->log_signature) == 0;
}

/* Does it lie in the file of its own day? */
static int
is_of_day(const struct note *n, const char *file)
{
	time_t t = (time_t)(n->time_ns / NS);
	char day[sizeof("2026-11-24")];
	struct tm tm;

	return gmtime_r(&t, &tm) != NULL &&
	    strftime(day, sizeof(day), "%Y-%m-%d", &tm) > 0 &&
	    strncmp(day, file, sizeof(day) - 1) == 0;
}

static void
check_one(struct verify *v, const struct note *n, const char *place,
    const char *text, size_t len)
{
	const char *why = judge(v, n, text, len);
	struct heads *h = &v->heads;

	if (why != NULL && is_late(v, n)) {
		report_tell(v->report, TOLD_LATE_EPOCH, place, "made by an "
		    "epoch whose entry is still to come: it does not count");
		return;
	}
	if (why != NULL) {
		report_fault(v->report, FAULT_HEAD, place, "%s", why);
		return;
	}
	v->epochs.v[n->epoch - 1].has_head = 1;
	if (!is_of_day(n, place + strlen("heads/")))
		report_fault(v->report, FAULT_HEAD, place,
		    "it is a head of another day");
	if (h->has_last && (n->size < h->last.size ||
	    n->time_ns < h->last.time_ns))
		report_fault(v->report, FAULT_HEAD, place,
		    "its size or time lies before the head before it");
	else {
		h->last = *n;
		h->has_last = 1;
	}
}

/* Each epoch begins with an entry, for which a head is asked. */
static void
check_each_epoch(struct verify *v)
{
	uint32_t i;

	for (i = 0; i + 1 < v->epochs.n; i++)
		if (!v->epochs.v[i].has_head)
			report_tell(v->report, TOLD_EPOCH_HEAD, "heads",
			    "no head of epoch %u is left", i + 1);
}

/* What nothing outside of the gate can vouch for. */
static void
check_newest(struct verify *v)
{
	const struct heads *h = &v->heads;
	uint64_t behind;

	if (!h->has_last) {
		if (v->epochs.n > 0)
			report_fault(v->report, FAULT_NO_HEAD, "heads",
			    "there is no good head, and the gate had keys");
		else if (v->edge.size > 0)
			report_tell(v->report, TOLD_BEHIND, "heads",
			    "no head yet: nothing vouches for %" PRIu64
			    " entries", v->edge.size);
		return;
	}
	if (h->last.size >= v->edge.size)
		return;
	behind = v->edge.size - h->last.size;
	report_tell(v->report, TOLD_BEHIND, "heads", "%" PRIu64
	    " %s behind the last head: nothing outside the gate "
	    "vouches for %s", behind, behind == 1 ? "entry" : "entries",
	    behind == 1 ? "it" : "them");
}

int
heads_check(struct verify *v)
{
	struct heads_walk w = { .fd = -1 };
	char text[NOTE_MAX + 1], place[REPORT_PLACE];
	struct note n;
	size_t len;
	int r;

	while ((r = heads_walk_next(v, &w, &n, place, text, &len)) >= 0 &&
	    r != HEAD_NONE) {
		if (r == HEAD_BAD)
			report_fault(v->report, FAULT_HEAD, place,
			    "it is no signed head");
		else if (r == HEAD_TORN)
			report_tell(v->report, TOLD_TORN_HEAD, place,
			    "a piece of a head: the gate was killed while it "
			    "wrote, nobody was told of this one");
		/* newer than the epochs that were read */
		else if (n.size <= v->edge.size)
			check_one(v, &n, place, text, len);
	}
	heads_walk_end(&w);
	if (r < 0)
		return r;
	check_each_epoch(v);
	check_newest(v);
	return 0;
}

void
heads_free(struct heads *h)
{
	heads_walk_end(&h->walk);
	strv_free(h->names);
	memset(h, 0, sizeof(*h));
	h->walk.fd = -1;
}
