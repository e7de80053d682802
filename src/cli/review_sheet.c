/* review_sheet.c - the sheet an auditor reads: first what deserves attention, then plan and sessions in full. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/out.h"
#include "cli/request_text.h"
#include "cli/review.h"
#include "cli/table.h"

#define VALUE_MAX	655360	/* of one line: an escaped command line of any length */

/* "! " before what stands under attention, "  " before all else. */
struct sheet {
	struct cli	*c;
	const json_t	*attention;
	const char	*session;
};

static int
is_marked(const struct sheet *s, const char *what)
{
	const json_t *a;
	size_t i;

	for (i = 0; what != NULL && i < json_array_size(s->attention); i++) {
		a = json_array_get(s->attention, i);
		if (strcmp(field_str(a, "session"), s->session) == 0 &&
		    strcmp(field_str(a, "what"), what) == 0)
			return 1;
	}
	return 0;
}

static void
begin(const struct sheet *s, const char *what, const char *label)
{
	out_printf(s->c->out, "%s%-12s ", is_marked(s, what) ? "! " : "  ",
	    label);
}

/* "what": under which name attention speaks of it; NULL: never. */
static void
line(const struct sheet *s, const char *what, const char *label,
    const char *value)
{
	if (*value == '\0' && !is_marked(s, what))
		return;
	begin(s, what, label);
	out_foreign(s->c->out, value, VALUE_MAX);
	out_text(s->c->out, "\n");
}

static void
number(const struct sheet *s, const char *what, const char *label, int64_t v,
    const char *unit)
{
	begin(s, what, label);
	out_printf(s->c->out, "%" PRId64 "%s\n", v, unit);
}

/* Text that is escaped already. */
static void
safe_line(const struct sheet *s, const char *what, const char *label,
    char *text)
{
	begin(s, what, label);
	out_printf(s->c->out, "%s\n", text == NULL ? "?" : text);
	str_wipe(text);
}

static void
time_line(const struct sheet *s, const char *what, const char *label,
    const json_t *o, const char *key)
{
	int64_t t = field_time(o, key);
	char text[CLOCK_TEXT];

	if (t != 0)
		line(s, what, label, clock_human(text, t));
}

static void
attention(const struct sheet *s)
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
decisions(const struct sheet *s, const json_t *plan)
{
	const json_t *list = field_array(plan, "decisions"), *d;
	char text[CLOCK_TEXT];
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		d = json_array_get(list, i);
		begin(s, NULL, "decision");
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
plan_steps(const struct sheet *s, const json_t *plan)
{
	const json_t *list = field_array(plan, "steps"), *step;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		step = json_array_get(list, i);
		safe_line(s, NULL, "runs", argv_text(field_array(step,
		    "argv")));
		line(s, NULL, "file", field_str(step, "exe"));
		line(s, NULL, "sha256", field_str(step, "exe_digest"));
		line(s, NULL, "script sha256",
		    field_str(step, "script_digest"));
	}
}

static void
plan(const struct sheet *s, const json_t *p)
{
	const json_t *warnings = field_array(p, "warnings");
	char window[WINDOW_TEXT], span[24];
	size_t i;

	out_text(s->c->out, "\nplan: ");
	out_foreign(s->c->out, field_str(p, "id"), 64);
	out_printf(s->c->out, ", revision %" PRId64 "\n",
	    field_int(p, "revision"));
	plan_steps(s, p);
	line(s, NULL, "as", field_str(p, "run_as"));
	line(s, NULL, "on", field_str(p, "target"));
	line(s, NULL, "profile", field_str(p, "profile"));
	line(s, NULL, "sha256", field_str(p, "profile_digest"));
	line(s, NULL, "input", field_str(p, "input"));
	line(s, NULL, "window", window_text(window, p));
	begin(s, NULL, "uses");
	out_printf(s->c->out, "%" PRId64 " of %" PRId64 " used\n",
	    field_int(p, "used"), field_int(p, "uses"));
	if (field_int(p, "max_run") > 0)
		line(s, NULL, "longest run",
		    span_text(span, field_int(p, "max_run")));
	safe_line(s, NULL, "operators",
	    names_text(field_array(p, "operators")));
	line(s, NULL, "requester", field_str(p, "requester"));
	line(s, NULL, "reason", field_str(p, "reason"));
	line(s, NULL, "ticket", field_str(p, "ticket"));
	line(s, NULL, "label", field_str(p, "label"));
	time_line(s, NULL, "filed", p, "filed");
	decisions(s, p);
	for (i = 0; i < json_array_size(warnings); i++)
		line(s, NULL, "warning",
		    json_string_value(json_array_get(warnings, i)) == NULL ?
		    "?" : json_string_value(json_array_get(warnings, i)));
	line(s, NULL, "digest", field_str(p, "digest"));
}

/* name: call(0x1, "/etc/x"), as the recording has it */
static void
refused_calls(const struct sheet *s, const json_t *found)
{
	const json_t *list = field_array(found, "refused"), *d;
	char *args;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		d = json_array_get(list, i);
		args = names_text(field_array(d, "args"));
		out_text(s->c->out, "!   ");
		out_foreign(s->c->out, field_str(d, "comm"), 256);
		out_text(s->c->out, ": ");
		out_foreign(s->c->out, field_str(d, "call"), 256);
		out_printf(s->c->out, "(%s) at %" PRId64 " ms\n",
		    args == NULL ? "?" : args, field_int(d, "at_ms"));
		str_wipe(args);
	}
	if (field_int(found, "refused_total") > (int64_t)i)
		out_printf(s->c->out, "!   and %" PRId64 " more: see the recording\n",
		    field_int(found, "refused_total") - (int64_t)i);
	if (strcmp(field_str(found, "looked"), "part") == 0)
		out_text(s->c->out, "!   looked for in the recording's first part only\n");
}

/* Who has looked at it, and how much of it. */
static void
seen(const struct sheet *s, const json_t *list)
{
	const json_t *v;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	begin(s, NULL, "seen by");
	for (i = 0; i < json_array_size(list); i++) {
		v = json_array_get(list, i);
		out_text(s->c->out, i == 0 ? "" : ", ");
		out_foreign(s->c->out, field_str(v, "by"), 256);
		out_printf(s->c->out, " %" PRId64 " percent",
		    field_int(v, "percent"));
	}
	out_text(s->c->out, "\n");
}

/* What the recording's own head says ran. */
static void
what_ran(const struct sheet *s, const json_t *found)
{
	if (!json_is_object(found) || *field_str(found, "problem") != '\0')
		return;
	safe_line(s, "argv", "ran", argv_text(field_array(found, "argv")));
	line(s, "exe", "file", field_str(found, "exe"));
	line(s, "exe_digest", "sha256", field_str(found, "exe_digest"));
	line(s, "run_as", "as", field_str(found, "run_as"));
	line(s, "target", "on", field_str(found, "target"));
	line(s, "profile", "profile", field_str(found, "profile"));
	line(s, "profile_digest", "sha256",
	    field_str(found, "profile_digest"));
	/* only when they are not what they must be */
	if (is_marked(s, "operator"))
		line(s, "operator", "operator", field_str(found, "operator"));
	if (is_marked(s, "request"))
		line(s, "request", "request", field_str(found, "request"));
	if (is_marked(s, "session"))
		line(s, "session", "session", field_str(found, "session"));
	if (is_marked(s, "uuid"))
		line(s, "uuid", "uuid", field_str(found, "uuid"));
	if (is_marked(s, "revision"))
		number(s, "revision", "revision", field_int(found, "revision"),
		    "");
}

static void
session(struct sheet *s, const json_t *x)
{
	const json_t *found = json_object_get(x, "found");
	const json_t *status = json_object_get(x, "status");

	s->session = field_str(x, "id");
	out_text(s->c->out, "\nsession ");
	out_foreign(s->c->out, s->session, 64);
	out_printf(s->c->out, ", use %" PRId64 "\n", field_int(x, "use"));
	what_ran(s, found);
	line(s, "state", "state", field_str(x, "state"));
	time_line(s, "started", "started", x, "started");
	time_line(s, NULL, "ended", x, "ended");
	number(s, "took", "took", field_int(x, "duration_ms"), " ms");
	line(s, "how", "how", field_str(x, "how"));
	line(s, "how", "reason", field_str(x, "reason"));
	if (json_is_integer(status))
		number(s, "status", "status", json_integer_value(status), "");
	line(s, "signal", "signal", field_str(x, "signal"));
	number(s, "input", "input", field_int(x, "in"), " bytes");
	number(s, NULL, "output", field_int(x, "out") + field_int(x, "err"),
	    " bytes");
	number(s, "refusals", "refusals", field_int(x, "refusals"), "");
	refused_calls(s, found);
	line(s, "record", "recording", field_str(x, "record"));
	line(s, NULL, "from", field_str(x, "source"));
	seen(s, field_array(x, "seen"));
}

static void
near_misses(const struct sheet *s, const json_t *sheet)
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
verdict(const struct sheet *s, const json_t *sheet)
{
	const json_t *v = json_object_get(sheet, "verdict");

	out_text(s->c->out, "\n");
	if (json_is_object(v)) {
		line(s, NULL, "verdict", field_str(v, "verdict"));
		line(s, NULL, "by", field_str(v, "by"));
		time_line(s, NULL, "at", v, "at");
		line(s, NULL, "words", field_str(v, "message"));
		line(s, NULL, "had seen", field_str(json_object_get(v,
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

void
review_sheet(struct cli *c, const json_t *sheet)
{
	struct sheet s = { .c = c, .session = "",
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
		session(&s, json_array_get(list, i));
	s.session = "";
	near_misses(&s, sheet);
	seen(&s, field_array(sheet, "seen"));
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
