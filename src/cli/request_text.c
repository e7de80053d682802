/* request_text.c - windows, echoes and tables of requests. */
#include "cli/request_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/strv.h"
#include "cli/out.h"
#include "cli/table.h"

#define TEXT_MAX	(4 * ARGV_BYTES_MAX)	/* nothing an approver reads is cut below it */
#define DAY_LEN		14			/* "Tue 2026-11-24" */

char *
window_text(char out[WINDOW_TEXT], const json_t *request)
{
	int64_t from = field_time(request, "from");
	int64_t until = field_time(request, "until");
	int64_t span = field_int(request, "bound_span");
	char a[CLOCK_TEXT], b[CLOCK_TEXT], s[24];

	clock_human(a, from);
	clock_human(b, until);
	if (from != 0 && until != 0 && strlen(a) > DAY_LEN + 6 &&
	    strcmp(a + DAY_LEN + 6, b + DAY_LEN + 6) == 0) {
		a[DAY_LEN + 6] = '\0';	/* one zone name is enough */
		snprintf(out, WINDOW_TEXT, "%s to %s", a,
		    strncmp(a, b, DAY_LEN) == 0 ? b + DAY_LEN + 1 : b);
	} else if (from != 0 && until != 0)
		snprintf(out, WINDOW_TEXT, "%s to %s", a, b);
	else if (until != 0)
		snprintf(out, WINDOW_TEXT, "from its approval to %s", b);
	else if (span > 0)
		snprintf(out, WINDOW_TEXT, "%s%s for %s",
		    from != 0 ? "" : "from its approval", from != 0 ? a : "",
		    span_text(s, span));
	else if (from != 0)
		snprintf(out, WINDOW_TEXT, "from %s", a);
	else
		snprintf(out, WINDOW_TEXT, "from its approval");
	return out;
}

char *
span_text(char out[24], int64_t seconds)
{
	if (seconds % 86400 == 0 && seconds > 0)
		snprintf(out, 24, "%" PRId64 "d", seconds / 86400);
	else if (seconds % 3600 == 0 && seconds > 0)
		snprintf(out, 24, "%" PRId64 "h", seconds / 3600);
	else if (seconds % 60 == 0 && seconds > 0)
		snprintf(out, 24, "%" PRId64 "m", seconds / 60);
	else
		snprintf(out, 24, "%" PRId64 "s", seconds);
	return out;
}

char *
argv_text(const json_t *argv)
{
	size_t n = json_array_size(argv), i;
	char **words, *text = NULL;

	if ((words = calloc(n + 1, sizeof(*words))) == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		const char *s = json_string_value(json_array_get(argv, i));

		if ((words[i] = strdup(s == NULL ? "?" : s)) == NULL)
			goto out;
	}
	text = escape_argv(words, TEXT_MAX);
out:
	strv_free(words);
	return text;
}

char *
names_text(const json_t *names)
{
	size_t n = json_array_size(names), i;
	struct buf *b = buf_new(TEXT_MAX);
	char *text = NULL;
	int r = 0;

	for (i = 0; b != NULL && i < n && r == 0; i++) {
		const char *s = json_string_value(json_array_get(names, i));

		if (i > 0)
			r = buf_put(b, ", ", 2);
		if (r == 0 && s != NULL)
			r = buf_put(b, s, strlen(s));
	}
	if (b != NULL && r == 0)
		text = escape_dup(buf_data(b), buf_len(b), TEXT_MAX);
	buf_free(b);
	return text;
}

void
sheet_line(struct cli *c, const char *label, const char *value)
{
	if (*value == '\0')
		return;
	out_printf(c->out, "%-12s ", label);
	out_foreign(c->out, value, TEXT_MAX);
	out_text(c->out, "\n");
}

void
request_echo(struct cli *c, const json_t *request)
{
	const json_t *steps = field_array(request, "steps"), *step;
	size_t n = json_array_size(steps), i;
	char window[WINDOW_TEXT], *argv;

	for (i = 0; i < n; i++) {
		step = json_array_get(steps, i);
		argv = argv_text(field_array(step, "argv"));
		out_foreign(c->out, field_str(request, "id"), NAME_MAX_LEN);
		if (n > 1)
			out_printf(c->out, ".%zu", i + 1);
		out_printf(c->out, " runs: %s as ", out_whole(c->out, argv));
		out_foreign(c->out, field_str(request, "run_as"), 256);
		out_text(c->out, " on ");
		out_foreign(c->out, field_str(request, "target"), 256);
		out_printf(c->out, ", %s\n", window_text(window, request));
		str_wipe(argv);
	}
}

void
request_warnings(struct cli *c, const json_t *request)
{
	const json_t *list = field_array(request, "warnings");
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));

		sheet_line(c, "warning", s == NULL ? "?" : s);
	}
}

int
request_table(struct cli *c, const json_t *requests)
{
	static const char *const heads[] = { "ID", "STATE", "BY", "AS", "ON",
		"WINDOW", "RUNS", NULL };
	struct table *t = table_new(heads);
	char window[WINDOW_TEXT];
	size_t i;
	int r = -1;

	for (i = 0; t != NULL && i < json_array_size(requests); i++) {
		const json_t *q = json_array_get(requests, i);
		const json_t *steps = field_array(q, "steps");

		table_cell(t, field_str(q, "id"));
		table_cell(t, field_str(q, "view"));
		table_cell(t, field_str(q, "requester"));
		table_cell(t, field_str(q, "run_as"));
		table_cell(t, field_str(q, "target"));
		table_cell(t, window_text(window, q));
		table_argv(t, field_array(json_array_get(steps, 0), "argv"));
	}
	if (t != NULL)
		r = table_print(t, c);
	table_free(t);
	return r == 0 ? 0 : cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
	    "the list does not fit into memory");
}
