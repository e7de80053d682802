/* verify.c - the order of the checks, and whose keys they are made with. */
#include "verify/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"

/* Given, else of the last check, else of the store itself: then that is said. */
static int
take_keys(struct verify *v, const struct verify_args *a)
{
	char *text = NULL;
	int r, is_there;

	if (a->vkeys != NULL)
		return epochs_keys(&v->epochs, a->vkeys);
	if ((r = v->subject->ops->vkeys(v->subject, &text)) != 0)
		return r;
	is_there = *text != '\0';
	if (is_there && epochs_keys(&v->epochs, text) != 0)
		report_fault(v->report, FAULT_KEY, "heads/gate.vkeys",
		    "it is not the two keys that it should be");
	free(text);
	if (v->state == NULL || v->state->origin[0] == '\0') {
		if (is_there)
			report_tell(v->report, TOLD_OWN_KEY,
			    "heads/gate.vkeys", "the key that everything was "
			    "checked with came from the store itself (--key "
			    "FILE of sekisho-verify)");
		return 0;
	}
	if (v->epochs.is_given && (strcmp(v->state->origin,
	    v->epochs.origin) != 0 || memcmp(v->state->log_key,
	    v->epochs.log_key, 32) != 0))
		report_fault(v->report, FAULT_KEY, "heads/gate.vkeys",
		    "these are not the keys of the last check");
	return 0;
}

static int
take_outside(struct verify *v, const struct verify_args *a)
{
	if (a->head != NULL) {
		v->outside.is_given = 1;
		v->outside.place = "--head";
		if (note_parse(a->head, a->head_len, &v->outside.note, NULL,
		    NULL) != 0)
			return ERR_FORMAT;
	}
	if (v->state != NULL && v->state->origin[0] != '\0') {
		v->own.is_given = 1;
		v->own.place = "the state file";
		v->own.note.size = v->state->size;
		memcpy(v->own.note.root, v->state->root, 32);
	}
	return 0;
}

/* A store whose entries told of epochs, and nobody has the key of the first. */
static void
check_keys(struct verify *v)
{
	if (!v->epochs.is_given && v->epochs.n > 0)
		report_fault(v->report, FAULT_KEY, "heads/gate.vkeys",
		    "it is missing, and no key was given");
	else if (v->epochs.is_given && v->epochs.n == 0 && v->edge.size > 0)
		report_tell(v->report, TOLD_BEHIND, "epochs",
		    "the ledger has no entry of an epoch yet");
}

static int
begin(struct verify *v, const struct verify_args *a, struct report *report)
{
	int r;

	memset(v, 0, sizeof(*v));
	v->heads.walk.fd = -1;
	v->subject = a->subject;
	v->report = report;
	v->state = a->state;
	v->progress = a->progress;
	v->only = a->only;
	entries_begin(v);
	if ((r = model_init(&v->model, report)) != 0 ||
	    (r = take_outside(v, a)) != 0)
		return r;
	return take_keys(v, a);
}

/* The ledger: points 1 to 6. */
static int
ledger(struct verify *v, const struct verify_args *a)
{
	uint64_t size;
	int r, is_damaged = 0;

	if ((r = v->subject->ops->size(v->subject, &size)) != 0 ||
	    (r = heads_begin(v)) != 0)
		return r;
	if (v->progress != NULL)
		v->progress->entries = size;
	if ((r = verify_play(v, size)) == ERR_FORMAT) {
		report_fault(v->report, FAULT_DATABASE, "entries",
		    "the database is damaged behind entry %llu",
		    (unsigned long long)v->edge.size);
		is_damaged = 1;
	} else if (r != 0)
		return r;
	if (!is_damaged && v->edge.size < size)
		report_fault(v->report, FAULT_ENTRY, "the ledger",
		    "%llu entries could be read, and there are %llu",
		    (unsigned long long)v->edge.size,
		    (unsigned long long)size);
	if ((r = verify_tables(v)) != 0 || (r = heads_finish(v)) != 0 ||
	    (r = heads_check(v)) != 0)
		return r;
	check_keys(v);
	outside_check(v, a->head, a->head_len);
	return 0;
}

/* A row that was not found for want of memory must not become a yes. */
static int
had_memory(const struct verify *v)
{
	size_t i;

	for (i = 0; i < TABLES; i++)
		if (map_is_short(v->model.map[i]))
			return ERR_NOMEM;
	return 0;
}

int
verify_run(struct verify *v, const struct verify_args *a,
    struct report *report)
{
	int r;

	if ((r = begin(v, a, report)) != 0 || (r = ledger(v, a)) != 0)
		return r;
	if (v->progress != NULL)
		v->progress->sessions =
		    map_count(v->model.map[TABLE_SESSION]);
	if ((r = verify_records(v)) != 0)
		return r;
	if (v->only == 0 && (r = verify_extra(v)) != 0)
		return r;
	return had_memory(v);
}

void
verify_free(struct verify *v)
{
	model_free(&v->model);
	epochs_free(&v->epochs);
	heads_free(&v->heads);
	trail_free(&v->trail);
}
