/* status_words.c - how the gate is: for people what needs attention first, for programs as JSON or for Prometheus. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/opts.h"
#include "cli/out.h"
#include "cli/status.h"
#include "cli/words.h"

#define EXIT_ATTENTION	1	/* something needs attention: for scripts, and for who has no eyes on it */
#define LABEL		12
#define SPAN_TEXT	40

static const json_t *
part(const json_t *v, const char *key)
{
	return json_object_get(v, key);
}

static int
is_known(const json_t *o, const char *key)
{
	return json_is_integer(json_object_get(o, key));
}

/* "3 d 4 h", "5 min", "12 s" */
static const char *
span(char out[SPAN_TEXT], int64_t s)
{
	if (s >= 86400)
		snprintf(out, SPAN_TEXT, "%" PRId64 " d %" PRId64 " h",
		    s / 86400, s % 86400 / 3600);
	else if (s >= 3600)
		snprintf(out, SPAN_TEXT, "%" PRId64 " h %" PRId64 " min",
		    s / 3600, s % 3600 / 60);
	else if (s >= 60)
		snprintf(out, SPAN_TEXT, "%" PRId64 " min", s / 60);
	else
		snprintf(out, SPAN_TEXT, "%" PRId64 " s", s);
	return out;
}

/* "81.2 GB": powers of ten, as disks are sold. */
static const char *
size(char out[SPAN_TEXT], int64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	int64_t tenths = bytes * 10 < bytes ? bytes : bytes * 10;
	size_t i;

	for (i = 0; tenths >= 10000 && i < 5; i++)
		tenths /= 1000;
	if (i == 0)
		snprintf(out, SPAN_TEXT, "%" PRId64 " B", bytes);
	else
		snprintf(out, SPAN_TEXT, "%" PRId64 ".%" PRId64 " %s",
		    tenths / 10, tenths % 10, units[i]);
	return out;
}

static void
label(struct cli *c, const char *name)
{
	out_printf(c->out, "%-*s ", LABEL, name);
}

static void
attention(struct cli *c, const json_t *v)
{
	const json_t *list = field_array(v, "attention");
	const char *next;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);

		out_text(c->out, "! ");
		out_foreign(c->out, field_str(o, "text"), 400);
		if (*(next = field_str(o, "next")) != '\0') {
			out_text(c->out, " (");
			out_foreign(c->out, next, 200);
			out_text(c->out, ")");
		}
		out_text(c->out, "\n");
	}
}

static void
gate_lines(struct cli *c, const json_t *v)
{
	const json_t *o = part(v, "connections");
	char text[SPAN_TEXT];

	label(c, "gate");
	out_foreign(c->out, field_str(v, "gate"), 80);
	if (is_known(v, "uptime_s"))
		out_printf(c->out, ", open for %s", span(text,
		    field_int(v, "uptime_s")));
	out_printf(c->out, "%s\n", json_is_true(json_object_get(v,
	    "draining")) ? ", draining" : "");
	label(c, "connections");
	if (!json_is_object(o)) {
		out_text(c->out, "unknown\n");
		return;
	}
	out_printf(c->out, "%" PRId64 " open, %" PRId64 " before login; %"
	    PRId64 " taken, %" PRId64 " refused\n", field_int(o, "open"),
	    field_int(o, "unauthenticated"), field_int(o, "taken"),
	    field_int(o, "refused"));
	label(c, "");
	out_printf(c->out, "%" PRId64 " failed logins, %" PRId64
	    " sources penalised, %" PRId64 " turned away for it\n",
	    field_int(o, "login_failed"), field_int(o, "penalised_sources"),
	    field_int(o, "penalty_refused"));
	label(c, "");
	out_printf(c->out, "%" PRId64 " kits at work; warm: %" PRId64
	    " pairs, %" PRId64 " kits\n", field_int(o, "kits"),
	    field_int(o, "warm_pairs"), field_int(o, "warm_kits"));
}

static void
work_lines(struct cli *c, const json_t *v)
{
	const json_t *o = part(v, "sessions");
	char text[SPAN_TEXT];

	label(c, "sessions");
	out_printf(c->out, "%" PRId64 " running", field_int(o, "running"));
	if (is_known(o, "oldest_s"))
		out_printf(c->out, ", the oldest for %s", span(text,
		    field_int(o, "oldest_s")));
	out_text(c->out, "\n");
	o = part(v, "reviews");
	label(c, "reviews");
	out_printf(c->out, "%" PRId64 "%s queued", field_int(o, "queued"),
	    json_is_true(json_object_get(o, "queued_is_all")) ? "" :
	    " or more");
	if (is_known(o, "oldest_s")) {
		out_text(c->out, ", the oldest is ");
		out_foreign(c->out, field_str(o, "oldest"), 24);
		out_printf(c->out, " for %s", span(text,
		    field_int(o, "oldest_s")));
	}
	out_text(c->out, "\n");
	label(c, "requests");
	out_printf(c->out, "%" PRId64 " wait for a decision\n",
	    field_int(part(v, "requests"), "waiting"));
}

static void
disk_line(struct cli *c, const json_t *v)
{
	const json_t *o = part(v, "disk");
	char text[SPAN_TEXT];

	label(c, "disk");
	out_foreign(c->out, field_str(o, "level"), 16);
	out_printf(c->out, ", %s free", size(text, field_int(o, "free")));
	if (is_known(o, "growth_per_day"))
		out_printf(c->out, ", %s more a day", size(text,
		    field_int(o, "growth_per_day")));
	if (is_known(o, "days_left"))
		out_printf(c->out, ": enough for %" PRId64 " days",
		    field_int(o, "days_left"));
	out_text(c->out, "\n");
}

static void
ledger_lines(struct cli *c, const json_t *v)
{
	const json_t *o = part(v, "ledger"), *head = part(v, "head");
	char text[SPAN_TEXT], life[SPAN_TEXT];

	label(c, "ledger");
	out_printf(c->out, "%" PRId64 " entries, %s\n",
	    field_int(o, "entries"), size(text, field_int(o, "bytes")));
	label(c, "head");
	if (is_known(head, "age_s"))
		out_printf(c->out, "of %" PRId64 " entries, signed %s ago, %"
		    PRId64 " not covered\n", field_int(head, "size"),
		    span(text, field_int(head, "age_s")),
		    field_int(head, "uncovered"));
	else
		out_text(c->out, "none since the ledger's start\n");
	o = part(v, "epoch");
	label(c, "epoch");
	if (is_known(o, "nr"))
		out_printf(c->out, "e%" PRId64 ", %s of %s\n",
		    field_int(o, "nr"), span(text, field_int(o, "age_s")),
		    span(life, field_int(o, "life_s")));
	else
		out_text(c->out, "none yet\n");
	o = part(v, "clock");
	label(c, "clock");
	if (is_known(o, "keyd_ahead_ms"))
		out_printf(c->out, "the keys' is %" PRId64 " ms ahead, ",
		    field_int(o, "keyd_ahead_ms"));
	out_printf(c->out, "set %" PRId64 " times since the ledger's start\n",
	    field_int(o, "steps"));
}

static void
refusal_line(struct cli *c, const json_t *v, const char *key, const char *name)
{
	const char *code;
	json_t *n;
	int any = 0;

	label(c, name);
	json_object_foreach((json_t *)(uintptr_t)json_object_get(part(v,
	    "refusals"), key), code, n) {
		if (json_integer_value(n) == 0)
			continue;
		out_printf(c->out, "%s%" JSON_INTEGER_FORMAT " ", any ? ", " :
		    "", json_integer_value(n));
		out_foreign(c->out, code, 24);
		any = 1;
	}
	out_text(c->out, any ? "\n" : "none\n");
}

static void
for_people(struct cli *c, const json_t *v)
{
	attention(c, v);
	gate_lines(c, v);
	work_lines(c, v);
	disk_line(c, v);
	ledger_lines(c, v);
	refusal_line(c, v, "last_day", "refused, 24h");
	refusal_line(c, v, "since_start", "since start");
}

int
word_status(struct cli *c, char *const *argv)
{
	int json = 0, prometheus = 0, status;
	const struct opt table[] = {
		{ "--json", OPT_FLAG, &json },
		{ "--prometheus", OPT_FLAG, &prometheus },
		{ NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	char why[OPTS_WHY] = "";
	struct args args;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "status", NULL, why);
	else if (args.words != NULL || args.rest != NULL)
		status = words_usage(c, "status", NULL, "takes options only");
	else if (json && prometheus)
		status = words_usage(c, "status", NULL,
		    "takes one of --json and --prometheus");
	else
		status = ledger_call(c, "status", json_object(), &reply);
	args_free(&args);
	if (status != 0)
		return status;
	if (json)
		out_json(c->out, reply.text, reply.n);
	else if (prometheus)
		status_prometheus(c, reply.v);
	else
		for_people(c, reply.v);
	/* a scraper takes what it is given only when all is well with the program */
	if (!prometheus && json_array_size(field_array(reply.v,
	    "attention")) > 0)
		status = EXIT_ATTENTION;
	reply_free(&reply);
	return status;
}
