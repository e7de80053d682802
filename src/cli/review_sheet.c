/* review_sheet.c - the sheet an auditor reads: first what deserves attention, then plan and sessions in full. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/out.h"
#include "cli/request_text.h"
#include "cli/review.h"
#include "cli/review_lines.h"
#include "cli/table.h"

static void
attention(const struct marks *s)
{
	const json_t *a;
	size_t i;

	for (i = 0; i < json_array_size(s->attention); i++) {
		a = json_array_get(s->attention, i);
		out_text(s->c->out, "! ");
		out_foreign(s->c->out, *field_str(a, "session") == '\0' ?
		    "the job" : field_str(a, "session"), 64);
		out_text(s->c->out, " ");
		out_foreign(s->c->out, field_str(a, "text"), 4096);
		out_text(s->c->out, "\n");
	}
	if (i == 0)
		out_text(s->c->out,
		    "  nothing: all of it ran as it was approved, with status 0\n");
}

static void
decisions(const struct marks *s, const json_t *plan)
{
	const json_t *list = field_array(plan, "decisions"), *d;
	char text[CLOCK_TEXT];
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		d = json_array_get(list, i);
		mark_begin(s, NULL, "decision");
		out_foreign(s->c->out, field_str(d, "what"), 64);
		out_text(s->c->out, " by ");
		out_foreign(s->c->out, field_str(d, "by"), 256);
		out_printf(s->c->out, ", %s",
		    clock_human(text, field_time(d, "at")));
		if (*field_str(d, "message") != '\0') {
			out_text(s->c->out, ": ");
			out_foreign(s->c->out, field_str(d, "message"), 40960);
		}
		out_text(s->c->out, "\n");
	}
}

static void
plan_steps(const struct marks *s, const json_t *plan)
{
	const json_t *list = field_array(plan, "steps"), *step;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		step = json_array_get(list, i);
		mark_safe(s, NULL, "runs", argv_text(field_array(step,
		    "argv")));
		mark_line(s, NULL, "file", field_str(step, "exe"));
		mark_line(s, NULL, "sha256", field_str(step, "exe_digest"));
		mark_line(s, NULL, "script sha256",
		    field_str(step, "script_digest"));
	}
}

static void
plan(const struct marks *s, const json_t *p)
{
	const json_t *warnings = field_array(p, "warnings");
	char window[WINDOW_TEXT], span[24];
	size_t i;

	out_text(s->c->out, "\nplan: ");
	out_foreign(s->c->out, field_str(p, "id"), 64);
	out_printf(s->c->out, ", revision %" PRId64 "\n",
	    field_int(p, "revision"));
	plan_steps(s, p);
	mark_line(s, NULL, "as", field_str(p, "run_as"));
	mark_line(s, NULL, "on", field_str(p, "target"));
	mark_line(s, NULL, "profile", field_str(p, "profile"));
	mark_line(s, NULL, "sha256", field_str(p, "profile_digest"));
	mark_line(s, NULL, "input", field_str(p, "input"));
	mark_line(s, NULL, "window", window_text(window, p));
	mark_begin(s, NULL, "uses");
	out_printf(s->c->out, "%" PRId64 " of %" PRId64 " used\n",
	    field_int(p, "used"), field_int(p, "uses"));
	if (field_int(p, "max_run") > 0)
		mark_line(s, NULL, "longest run",
		    span_text(span, field_int(p, "max_run")));
	mark_safe(s, NULL, "operators",
	    names_text(field_array(p, "operators")));
	mark_line(s, NULL, "requester", field_str(p, "requester"));
	mark_line(s, NULL, "reason", field_str(p, "reason"));
	mark_line(s, NULL, "ticket", field_str(p, "ticket"));
	mark_line(s, NULL, "label", field_str(p, "label"));
	mark_time(s, NULL, "filed", p, "filed");
	decisions(s, p);
	for (i = 0; i < json_array_size(warnings); i++)
		mark_line(s, NULL, "warning",
		    json_string_value(json_array_get(warnings, i)) == NULL ?
		    "?" : json_string_value(json_array_get(warnings, i)));
	mark_line(s, NULL, "digest", field_str(p, "digest"));
}

static void
near_misses(const struct marks *s, const json_t *sheet)
{
	const json_t *list = field_array(sheet, "near_misses"), *n;
	int64_t total = field_int(sheet, "near_total");
	char text[CLOCK_TEXT];
	size_t i;

	if (total == 0)
		return;
	out_text(s->c->out, "\nnear misses of ");
	out_foreign(s->c->out, field_str(sheet, "operator"), 256);
	out_text(s->c->out, "\n");
	for (i = 0; i < json_array_size(list); i++) {
		n = json_array_get(list, i);
		out_printf(s->c->out, "! %s  [",
		    clock_human(text, field_time(n, "at")));
		out_foreign(s->c->out, field_str(n, "code"), 64);
		out_text(s->c->out, "] ");
		out_foreign(s->c->out, field_str(n, "asked"), 4096);
		out_text(s->c->out, ": ");
		out_foreign(s->c->out, field_str(n, "reason"), 4096);
		out_printf(s->c->out, " (entry %" PRId64 ")\n",
		    field_int(n, "index"));
	}
	if (total > (int64_t)i)
		out_printf(s->c->out, "! and %" PRId64 " more: see audit log\n",
		    total - (int64_t)i);
}

static void
verdict(const struct marks *s, const json_t *sheet)
{
	const json_t *v = json_object_get(sheet, "verdict");

	out_text(s->c->out, "\n");
	if (json_is_object(v)) {
		mark_line(s, NULL, "verdict", field_str(v, "verdict"));
		mark_line(s, NULL, "by", field_str(v, "by"));
		mark_time(s, NULL, "at", v, "at");
		mark_line(s, NULL, "words", field_str(v, "message"));
		mark_line(s, NULL, "had seen", field_str(json_object_get(v,
		    "seen"), "summary"));
		return;
	}
	if (json_is_true(json_object_get(sheet, "may_judge"))) {
		out_text(s->c->out, "To look at a session: session replay ");
		out_foreign(s->c->out, field_str(json_array_get(
		    field_array(sheet, "sessions"), 0), "id"), 64);
		out_text(s->c->out, "\nTo judge it:          review verdict ");
		out_foreign(s->c->out, field_str(sheet, "id"), 64);
		out_text(s->c->out,
		    " adequate|remarks|inadequate|cannot-judge -m WORDS\n");
		return;
	}
	out_text(s->c->out, "Not for you to judge now: ");
	out_foreign(s->c->out, field_str(sheet, "why_not"), 4096);
	out_text(s->c->out, "\n");
}

/* Who has read this sheet, which is not who has looked at a recording. */
static void
readers(struct cli *c, const json_t *list)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		out_text(c->out, i == 0 ? "\nsheet read by " : ", ");
		out_foreign(c->out, field_str(json_array_get(list, i), "by"),
		    256);
	}
	if (i > 0)
		out_text(c->out, "\n");
}

void
review_sheet(struct cli *c, const json_t *sheet)
{
	struct marks s = { .c = c, .session = "",
		.attention = field_array(sheet, "attention") };
	const json_t *list = field_array(sheet, "sessions");
	size_t i;

	out_text(c->out, "job ");
	out_foreign(c->out, field_str(sheet, "id"), 64);
	out_text(c->out, ", ");
	out_foreign(c->out, field_str(sheet, "view"), 64);
	out_text(c->out, ": what ");
	out_foreign(c->out, field_str(sheet, "operator"), 256);
	out_text(c->out, " did with ");
	out_foreign(c->out, field_str(sheet, "request"), 64);
	out_text(c->out, "\n\nattention\n");
	attention(&s);
	plan(&s, json_object_get(sheet, "plan"));
	for (i = 0; i < json_array_size(list); i++)
		review_session(c, s.attention, json_array_get(list, i));
	near_misses(&s, sheet);
	readers(c, field_array(sheet, "seen"));
	verdict(&s, sheet);
}

/* "remarks by carol", or the view. */
static void
state_cell(struct table *t, const json_t *job)
{
	const json_t *v = json_object_get(job, "verdict");
	char text[400];

	if (!json_is_object(v)) {
		table_cell(t, field_str(job, "view"));
		return;
	}
	(void)snprintf(text, sizeof(text), "%.40s by %.300s",
	    field_str(v, "verdict"), field_str(v, "by"));
	table_cell(t, text);
}

int
review_table(struct cli *c, const json_t *jobs)
{
	static const char *const heads[] = { "ID", "STATE", "BY", "AS", "ON",
		"REQUEST", "SESSIONS", "RAN", NULL };
	struct table *t = table_new(heads);
	char text[64];
	size_t i;
	int r = -1;

	for (i = 0; t != NULL && i < json_array_size(jobs); i++) {
		const json_t *j = json_array_get(jobs, i);

		table_cell(t, field_str(j, "id"));
		state_cell(t, j);
		table_cell(t, field_str(j, "operator"));
		table_cell(t, field_str(j, "run_as"));
		table_cell(t, field_str(j, "target"));
		table_cell(t, field_str(j, "request"));
		if (field_int(j, "notable") > 0)
			(void)snprintf(text, sizeof(text), "%" PRId64 ", %"
			    PRId64 " !", field_int(j, "ran"),
			    field_int(j, "notable"));
		else
			(void)snprintf(text, sizeof(text), "%" PRId64,
			    field_int(j, "ran"));
		table_cell(t, text);
		table_argv(t, field_array(j, "argv"));
	}
	if (t != NULL)
		r = table_print(t, c);
	table_free(t);
	return r == 0 ? 0 : cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
	    "the list does not fit into memory");
}
