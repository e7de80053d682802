/* request_sheet.c - the sheet an approver reads: everything that will run, nothing cut, nothing hidden. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/out.h"
#include "cli/request_text.h"
#include "crypt/base64.h"

static const struct {
	const char *input, *means;
} inputs[] = {
	{ "none", "none: nothing, standard input is empty" },
	{ "tty", "tty: what the operator types. A program that obeys its input can do anything" },
	{ "pipe", "pipe: what the operator sends. A program that obeys its input can do anything" },
	{ "any", "any: what the operator types or sends. A program that obeys its input can do anything" }
};

/* "label  Tue 2026-11-24 01:00 JST" */
static void
time_line(struct cli *c, const char *label, const json_t *o, const char *key)
{
	int64_t t = field_time(o, key);
	char text[CLOCK_TEXT];

	if (t != 0)
		sheet_line(c, label, clock_human(text, t));
}

static void
list_line(struct cli *c, const char *label, const json_t *names)
{
	char *text;

	if (json_array_size(names) == 0)
		return;
	text = names_text(names);
	out_printf(c->out, "%-12s %s\n", label, out_whole(c->out, text));
	str_wipe(text);
}

/* The lines of a script, each behind a bar, so that none can look like a line of the sheet. */
static void
script_lines(struct cli *c, const char *base64)
{
	uint8_t *p = NULL;
	size_t n = 0, at, len;
	char *line;

	if (*base64 == '\0')
		return;
	if (base64_decode(base64, SCRIPT_MAX, &p, &n) != 0) {
		sheet_line(c, "script", "(cannot be read)");
		return;
	}
	out_printf(c->out, "%-12s %zu bytes:\n", "script", n);
	for (at = 0; at < n; at += len + 1) {
		const uint8_t *end = memchr(p + at, '\n', n - at);

		len = end == NULL ? n - at : (size_t)(end - (p + at));
		line = escape_dup(p + at, len, 10 * len + 4);
		out_printf(c->out, "%-12s | %s\n", "", out_whole(c->out, line));
		str_wipe(line);
	}
	if (n > 0 && p[n - 1] != '\n')
		out_printf(c->out, "%-12s (no newline at the end)\n", "");
	mem_wipe(p, n);
}

static void
steps(struct cli *c, const json_t *q)
{
	const json_t *list = field_array(q, "steps"), *step;
	size_t n = json_array_size(list), i;
	char label[24], *argv;

	for (i = 0; i < n; i++) {
		step = json_array_get(list, i);
		snprintf(label, sizeof(label), n > 1 ? "runs %zu of %zu" : "runs",
		    i + 1, n);
		argv = argv_text(field_array(step, "argv"));
		out_printf(c->out, "%-12s %s\n", label, out_whole(c->out, argv));
		str_wipe(argv);
		sheet_line(c, "  file", field_str(step, "exe"));
		sheet_line(c, "  sha256", field_str(step, "exe_digest"));
		script_lines(c, field_str(step, "script"));
		sheet_line(c, "  sha256", field_str(step, "script_digest"));
	}
}

static void
input_line(struct cli *c, const char *input)
{
	size_t i;

	for (i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
		if (strcmp(inputs[i].input, input) == 0) {
			sheet_line(c, "input", inputs[i].means);
			return;
		}
	out_printf(c->out, "%-12s ", "input");
	out_foreign(c->out, input, 256);
	out_text(c->out, ": exactly the bytes with this digest\n");
}

static void
limits(struct cli *c, const json_t *q)
{
	char window[WINDOW_TEXT], span[24];
	const char *lost = field_str(q, "on_disconnect");

	sheet_line(c, "window", window_text(window, q));
	out_printf(c->out, "%-12s %" PRId64 " of %" PRId64 " used\n", "uses",
	    field_int(q, "used"), field_int(q, "uses"));
	if (field_int(q, "max_run") > 0)
		out_printf(c->out, "%-12s %s, then the job is ended\n",
		    "longest run", span_text(span, field_int(q, "max_run")));
	if (strcmp(lost, "continue") == 0)
		sheet_line(c, "line lost", "continue: the job goes on without its operator");
	else
		sheet_line(c, "line lost", lost);
}

static void
decisions(struct cli *c, const json_t *q)
{
	const json_t *list = field_array(q, "decisions"), *d;
	char text[CLOCK_TEXT];
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		d = json_array_get(list, i);
		out_printf(c->out, "%-12s ", "decision");
		out_foreign(c->out, field_str(d, "what"), 64);
		out_text(c->out, " by ");
		out_foreign(c->out, field_str(d, "by"), 256);
		out_printf(c->out, ", revision %" PRId64 ", %s",
		    field_int(d, "revision"),
		    clock_human(text, field_time(d, "at")));
		if (*field_str(d, "message") != '\0') {
			out_text(c->out, ": ");
			out_foreign(c->out, field_str(d, "message"), 40960);
		}
		out_text(c->out, "\n");
	}
}

/* The line to type, for whom it is. */
static void
how_to_decide(struct cli *c, const json_t *q)
{
	const char *id = field_str(q, "id"), *code = field_str(q, "code");
	int own = strcmp(field_str(q, "requester"), c->user) == 0;
	int64_t revision = field_int(q, "revision");

	if (strcmp(field_str(q, "state"), "submitted") != 0)
		return;
	out_text(c->out, own ?
	    "\nAnother person approves exactly this with\n  request approve " :
	    "\nTo approve exactly this: request approve ");
	out_foreign(c->out, id, 64);
	out_printf(c->out, "/%" PRId64 "-", revision);
	out_foreign(c->out, code, 64);
	out_text(c->out, own ? "\nTo take it back: request withdraw " :
	    "\nTo say no:               request reject ");
	out_foreign(c->out, id, 64);
	if (!own)
		out_printf(c->out, "/%" PRId64 " -m WHY", revision);
	out_text(c->out, "\n");
}

void
request_sheet(struct cli *c, const json_t *q)
{
	out_printf(c->out, "%-12s ", "request");
	out_foreign(c->out, field_str(q, "id"), 64);
	out_printf(c->out, ", revision %" PRId64 ", code ",
	    field_int(q, "revision"));
	out_foreign(c->out, field_str(q, "code"), 64);
	out_text(c->out, "\n");
	sheet_line(c, "state", field_str(q, "view"));
	steps(c, q);
	sheet_line(c, "as", field_str(q, "run_as"));
	sheet_line(c, "on", field_str(q, "target"));
	sheet_line(c, "in", field_str(q, "cwd"));
	sheet_line(c, "profile", field_str(q, "profile"));
	sheet_line(c, "  sha256", field_str(q, "profile_digest"));
	input_line(c, field_str(q, "input"));
	limits(c, q);
	list_line(c, "operators", field_array(q, "operators"));
	sheet_line(c, "requester", field_str(q, "requester"));
	sheet_line(c, "reason", field_str(q, "reason"));
	sheet_line(c, "ticket", field_str(q, "ticket"));
	sheet_line(c, "label", field_str(q, "label"));
	time_line(c, "filed", q, "filed");
	if (strcmp(field_str(q, "state"), "submitted") == 0)
		time_line(c, "decide by", q, "pending_until");
	decisions(c, q);
	list_line(c, "sessions", field_array(q, "sessions"));
	request_warnings(c, q);
	sheet_line(c, "digest", field_str(q, "digest"));
	how_to_decide(c, q);
}
