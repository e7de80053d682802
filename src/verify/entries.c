/* entries.c - entries front to back: form, hashes, epochs, model (section 7, points 1 to 3). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"
#include "ledger/entry.h"
#include "verify/fields.h"
#include "verify/verify.h"

#define GAP_MAX		(1 << 20)	/* entries in a row that are missing */

/* The node that the entries give, beside the one that is stored. */
static int
on_node(void *arg, unsigned int level, uint64_t ix,
    const uint8_t hash[TREE_HASH])
{
	struct verify *v = arg;
	uint8_t stored[TREE_HASH];
	char place[REPORT_PLACE];
	int r;

	if (level == 0)		/* looked at before it was added */
		return 0;
	(void)snprintf(place, sizeof(place), "node %u %" PRIu64, level, ix);
	r = v->subject->ops->node(v->subject, level, ix, stored);
	if (r == ERR_NOTFOUND)
		report_fault(v->report, FAULT_TREE, place, "it is missing");
	else if (r != 0)
		return r;
	else if (memcmp(hash, stored, TREE_HASH) != 0 && !v->has_alt)
		report_fault(v->report, FAULT_TREE, place,
		    "it is not the hash of the entries below it");
	return 0;
}

/* The same for the tree of the stored leaves: what differs there differs for a reason of its own. */
static int
on_alt(void *arg, unsigned int level, uint64_t ix,
    const uint8_t hash[TREE_HASH])
{
	struct verify *v = arg;
	uint8_t stored[TREE_HASH];
	char place[REPORT_PLACE];

	if (level == 0 || v->subject->ops->node(v->subject, level, ix,
	    stored) != 0 || memcmp(hash, stored, TREE_HASH) == 0)
		return 0;
	(void)snprintf(place, sizeof(place), "node %u %" PRIu64, level, ix);
	report_fault(v->report, FAULT_TREE, place,
	    "it is not the hash of the nodes below it");
	return 0;
}

/* From here on there are two trees. */
static void
diverge(struct verify *v)
{
	if (v->has_alt)
		return;
	v->alt = v->edge;
	v->alt.on_node = on_alt;
	v->has_alt = 1;
}

/* "leaf" NULL: the entry is not there, the stored leaf stands for it. */
static int
hash(struct verify *v, const uint8_t *leaf)
{
	static const uint8_t nothing[TREE_HASH];
	uint8_t stored[TREE_HASH];
	char place[REPORT_PLACE];
	int r, has_stored;

	r = v->subject->ops->node(v->subject, 0, v->edge.size, stored);
	if (r != 0 && r != ERR_NOTFOUND)
		return r;
	has_stored = r == 0;
	(void)snprintf(place, sizeof(place), "entry %" PRIu64, v->edge.size);
	if (!has_stored) {
		report_fault(v->report, FAULT_TREE, place,
		    "its leaf is missing from the tree");
		memcpy(stored, leaf == NULL ? nothing : leaf, TREE_HASH);
	} else if (leaf != NULL && memcmp(leaf, stored, TREE_HASH) != 0) {
		report_fault(v->report, FAULT_TREE, place,
		    "it is not the entry that is hashed in the tree");
		diverge(v);
	}
	if (v->has_alt && (r = edge_add(&v->alt, stored)) != 0)
		return r;
	if (leaf == NULL)
		leaf = stored;
	if ((r = edge_add(&v->edge, leaf)) != 0)
		return r;
	return trail_add(&v->trail, &v->edge, leaf);
}

/* *out NULL after saying why: nothing can be concluded from it.  ERR_NOMEM. */
static int
parse(struct verify *v, uint64_t ix, const uint8_t *body, size_t n,
    json_t **out)
{
	char place[REPORT_PLACE], why[FIELDS_WHY], *again = NULL;
	json_t *e = NULL;
	size_t len = 0;

	(void)snprintf(place, sizeof(place), "entry %" PRIu64, ix);
	if (n < 2 || n > ENTRY_MAX || json_read(body, n, &e) != 0) {
		report_fault(v->report, FAULT_ENTRY, place,
		    "it is no JSON of 2 to %d bytes", ENTRY_MAX);
		return 0;
	}
	if (json_canonical(e, &again, &len) != 0) {
		json_decref(e);
		return ERR_NOMEM;
	}
	if (len != n || memcmp(again, body, n) != 0)
		report_fault(v->report, FAULT_ENTRY, place,
		    "it is not in canonical form");
	str_wipe(again);
	if (!fields_are_good(e, why)) {
		report_fault(v->report, FAULT_ENTRY, place, "%s", why);
		json_decref(e);
		return 0;
	}
	*out = e;
	return 0;
}

static int
play(struct verify *v, uint64_t ix, const uint8_t *body, size_t n)
{
	json_t *e = NULL;
	int r;

	if ((r = parse(v, ix, body, n, &e)) != 0 || e == NULL)
		return r;
	if (strcmp(json_string_value(json_object_get(e, "what")),
	    "epoch") == 0)
		r = epochs_play(&v->epochs, v->report, v->has_alt ? NULL :
		    &v->trail, ix, e);
	if (r == 0)
		r = model_play(&v->model, ix, e);
	json_decref(e);
	return r;
}

/* Stored leaves stand for entries that are not there, so that what follows can still be compared. */
static int
skip_to(struct verify *v, uint64_t ix)
{
	char place[REPORT_PLACE];
	uint64_t missing = ix - v->edge.size;
	int r;

	(void)snprintf(place, sizeof(place), "entry %" PRIu64, v->edge.size);
	if (missing == 1)
		report_fault(v->report, FAULT_ENTRY, place, "it is missing");
	else
		report_fault(v->report, FAULT_ENTRY, place,
		    "it is missing, and %" PRIu64 " more up to entry %"
		    PRIu64, missing - 1, ix);
	/* a number out of this world is no reason to count up to it */
	if (missing > GAP_MAX)
		return 1;
	while (v->edge.size < ix)
		if ((r = hash(v, NULL)) != 0 || (r = heads_at(v)) != 0)
			return r;
	return 0;
}

static int
on_entry(void *arg, uint64_t ix, const uint8_t *body, size_t n)
{
	uint8_t leaf[TREE_HASH];
	struct verify *v = arg;
	int r;

	if (ix > v->edge.size && (r = skip_to(v, ix)) != 0)
		return r;
	if (ix != v->edge.size) {
		report_fault(v->report, FAULT_ENTRY, "the ledger",
		    "entry %" PRIu64 " comes twice", ix);
		return 0;
	}
	if ((r = tree_leaf(body, n, leaf)) != 0 || (r = hash(v, leaf)) != 0 ||
	    (r = play(v, ix, body, n)) != 0)
		return r;
	if ((ix & 1023) == 0)
		progress_entries(v->progress, ix);
	return heads_at(v);
}

void
entries_begin(struct verify *v)
{
	v->edge.on_node = on_node;
	v->edge.arg = v;
}

int
verify_play(struct verify *v, uint64_t size)
{
	if (v->edge.size >= size)
		return 0;
	return v->subject->ops->entries(v->subject, v->edge.size, size,
	    on_entry, v);
}

int
verify_is_root(const struct verify *v, const uint8_t root[TREE_HASH],
    int *is_alt)
{
	uint8_t is[TREE_HASH];

	*is_alt = 0;
	if (edge_root(&v->edge, is) == 0 && memcmp(is, root, TREE_HASH) == 0)
		return 1;
	*is_alt = v->has_alt && edge_root(&v->alt, is) == 0 &&
	    memcmp(is, root, TREE_HASH) == 0;
	return *is_alt;
}
