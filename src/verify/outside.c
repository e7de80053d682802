/* outside.c - heads that were kept outside of the gate, and what they say of this ledger. */
#include <inttypes.h>
#include <string.h>

#include "crypt/ed25519.h"
#include "verify/verify.h"

/* Size and root, for a head that is known to be good. */
static void
compare(struct verify *v, const struct outside *o)
{
	if (o->note.size > v->edge.size)
		report_fault(v->report, FAULT_ROLLED_BACK, o->place,
		    "it has seen %" PRIu64 " entries, and the ledger has %"
		    PRIu64, o->note.size, v->edge.size);
	else if (!o->is_reached || !o->is_same)
		report_fault(v->report, FAULT_REWRITTEN, o->place,
		    "the ledger's first %" PRIu64 " entries are not those "
		    "that it has seen", o->note.size);
}

/* What is wrong with it, or NULL.  *is_ours: the log key signed it, so that its size counts even so. */
static const char *
judge(const struct verify *v, const struct note *n, const char *text,
    size_t len, int *is_ours)
{
	const struct epoch *e = epochs_get(&v->epochs, n->epoch);
	char signed_text[NOTE_TEXT_MAX];
	struct note again;
	size_t signed_len;

	*is_ours = 0;
	if (strcmp(n->origin, v->epochs.origin) != 0)
		return "it is of another gate";
	if ((signed_len = note_text(signed_text, n)) == 0 ||
	    ed25519_verify(v->epochs.log_key, signed_text, signed_len,
	    n->log_signature) != 0)
		return "it was not signed by this gate's log key";
	*is_ours = 1;
	if (e == NULL)
		return "its epoch is not one of this ledger";
	if (note_parse(text, len, &again, v->epochs.log_key, e->key) != 0 ||
	    note_check(n, v->epochs.log_key, e->key) != 0)
		return "it was not signed by the key of its epoch";
	if (!epochs_covers(&v->epochs, n->epoch, n->time_ns))
		return "its epoch was not in force at its time";
	return NULL;
}

void
outside_check(struct verify *v, const char *text, size_t len)
{
	struct outside *o = &v->outside;
	const char *why;
	int is_ours;

	if (v->own.is_given)
		compare(v, &v->own);
	if (!o->is_given)
		return;
	why = judge(v, &o->note, text, len, &is_ours);
	if (is_ours)
		compare(v, o);
	/* a ledger that was cut lacks epochs too: that was told */
	if (why != NULL && (!is_ours || (o->note.size <= v->edge.size &&
	    o->is_same)))
		report_fault(v->report, FAULT_OUTSIDE, o->place, "%s", why);
}
