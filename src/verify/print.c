/* print.c - the report as lines, with the verdict last, or as one JSON object. */
#include "verify/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"

#define NS	1000000000LL

int
print_status(const struct verify *v, const struct print *p)
{
	if (report_faults(v->report) > 0)
		return STATUS_FAULT;
	if (p->error != 0)
		return v->subject != NULL && v->subject->is_live ?
		    STATUS_AWAY : STATUS_UNREAD;
	return v->outside.is_given || v->own.is_given ? STATUS_GOOD :
	    STATUS_NO_HEAD;
}

static void
put_faults(const struct verify *v, FILE *f)
{
	const struct finding *x;
	int code = -1, c;
	uint64_t n;
	size_t i;

	for (i = 0; (x = report_fault_at(v->report, i)) != NULL; i++) {
		if (x->code != code)
			fprintf(f, "FAULT [%s] %s:\n", fault_word(x->code),
			    fault_meaning(x->code));
		code = x->code;
		fprintf(f, "  %s: %s\n", x->place, x->text);
	}
	for (c = 0; c < FAULT_CODES; c++)
		if ((n = report_count(v->report, (enum fault_code)c)) >
		    REPORT_EACH)
			fprintf(f, "  and %" PRIu64 " more [%s]\n",
			    n - REPORT_EACH, fault_word(c));
}

static void
put_told(const struct verify *v, FILE *f)
{
	const struct finding *x;
	uint64_t n;
	size_t i;
	int c;

	for (i = 0; (x = report_told_at(v->report, i)) != NULL; i++)
		fprintf(f, "note [%s] %s: %s\n", told_word(x->code),
		    x->place, x->text);
	for (c = 0; c < TOLD_CODES; c++)
		if ((n = report_told(v->report, (enum told_code)c)) >
		    REPORT_EACH)
			fprintf(f, "note: and %" PRIu64 " more [%s]\n",
			    n - REPORT_EACH, told_word(c));
}

/* What was compared from outside: "head 1234 of 2026-11-24T..." */
static void
put_matched(const struct verify *v, FILE *f)
{
	char text[CLOCK_TEXT];

	if (v->outside.is_given)
		fprintf(f, "head %" PRIu64 " of %s matches",
		    v->outside.note.size, clock_iso(text,
		    v->outside.note.time_ns / NS));
	else
		fprintf(f, "the last check's head %" PRIu64 " matches",
		    v->own.note.size);
}

/* Of one session: the whole ledger, and this one recording. */
static void
put_good(const struct verify *v, FILE *f)
{
	fprintf(f, "OK: %" PRIu64 " entries, ", v->edge.size);
	if (v->only != 0)
		fprintf(f, "of the recordings only that of S%" PRId64 ", ",
		    v->only);
	else
		fprintf(f, "%" PRIu64 " sessions, ",
		    (uint64_t)map_count(v->model.map[TABLE_SESSION]));
	put_matched(v, f);
}

static void
put_last(const struct verify *v, const struct print *p)
{
	const struct finding *first = report_fault_at(v->report, 0);
	uint64_t n = report_faults(v->report);
	FILE *f = p->out;

	fprintf(f, "%s: ", p->name);
	if (n > 0) {
		if (first != NULL)
			fprintf(f, "FAULT: %s: %s", first->place, first->text);
		else
			fprintf(f, "FAULT");
		if (n > 1)
			fprintf(f, " (and %" PRIu64 " more)", n - 1);
		if (p->error != 0)
			fprintf(f, "; not checked to the end");
	} else if (p->error != 0)
		fprintf(f, "not checked to the end: %s (%s)",
		    v->subject != NULL && v->subject->is_live ?
		    "the gate does not answer" : "something cannot be read",
		    err_name(p->error));
	else {
		if (print_status(v, p) == STATUS_GOOD)
			put_good(v, f);
		else
			fprintf(f, "consistent, but cannot exclude roll-back: "
			    "no head from outside was given (%s)", p->head);
	}
	fprintf(f, "\n");
}

static json_t *
findings(const struct report *r, int is_fault)
{
	const struct finding *x;
	json_t *list = json_array();
	size_t i;

	for (i = 0; (x = is_fault ? report_fault_at(r, i) :
	    report_told_at(r, i)) != NULL; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}",
		    "code", is_fault ? fault_word(x->code) :
		    told_word(x->code), "place", x->place, "text", x->text));
	return list;
}

static json_t *
counts(const struct report *r)
{
	json_t *o = json_object();
	uint64_t n;
	int c;

	for (c = 0; c < FAULT_CODES; c++)
		if ((n = report_count(r, (enum fault_code)c)) > 0)
			json_object_set_new(o, fault_word(c),
			    json_integer((json_int_t)n));
	return o;
}

static const char *
verdict(const struct verify *v, const struct print *p)
{
	switch (print_status(v, p)) {
	case STATUS_GOOD:
		return "ok";
	case STATUS_FAULT:
		return "fault";
	case STATUS_NO_HEAD:
		return "no-head";
	default:
		return "unread";
	}
}

static void
put_json(const struct verify *v, const struct print *p)
{
	char *text = NULL;
	json_t *o;

	o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:b, "
	    "s:o}", "verdict", verdict(v, p), "entries",
	    (json_int_t)v->edge.size, "sessions",
	    (json_int_t)(v->model.map[TABLE_SESSION] == NULL ? 0 :
	    map_count(v->model.map[TABLE_SESSION])), "recordings",
	    (json_int_t)v->recordings, "known", (json_int_t)v->skipped,
	    "bytes", (json_int_t)v->bytes, "faults", findings(v->report, 1),
	    "notes", findings(v->report, 0), "counts", counts(v->report),
	    "is_whole", p->error == 0, "head", v->outside.is_given ?
	    json_integer((json_int_t)v->outside.note.size) : json_null());
	if (o != NULL && json_canonical(o, &text, NULL) == 0)
		fprintf(p->out, "%s\n", text);
	free(text);
	json_decref(o);
}

void
print_report(const struct verify *v, const struct print *p)
{
	if (p->is_json) {
		put_json(v, p);
		return;
	}
	put_faults(v, p->out);
	if (!p->is_quiet)
		put_told(v, p->out);
	if (!p->is_quiet || print_status(v, p) != STATUS_GOOD)
		put_last(v, p);
}
