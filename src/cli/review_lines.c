/* review_lines.c - the lines of a sheet, each with or without its mark. */
#include "cli/review_lines.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/out.h"
#include "cli/request_text.h"

#define VALUE_MAX	655360	/* of one line: an escaped command line of any length */

int
mark_is(const struct marks *s, const char *what)
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

void
mark_begin(const struct marks *s, const char *what, const char *label)
{
	out_printf(s->c->out, "%s%-12s ", mark_is(s, what) ? "! " : "  ",
	    label);
}

void
mark_line(const struct marks *s, const char *what, const char *label,
    const char *value)
{
	if (*value == '\0' && !mark_is(s, what))
		return;
	mark_begin(s, what, label);
	out_foreign(s->c->out, value, VALUE_MAX);
	out_text(s->c->out, "\n");
}

void
mark_number(const struct marks *s, const char *what, const char *label, int64_t v,
    const char *unit)
{
	mark_begin(s, what, label);
	out_printf(s->c->out, "%" PRId64 "%s\n", v, unit);
}

void
mark_safe(const struct marks *s, const char *what, const char *label,
    char *text)
{
	mark_begin(s, what, label);
	out_printf(s->c->out, "%s\n", out_whole(s->c->out, text));
	str_wipe(text);
}

void
mark_time(const struct marks *s, const char *what, const char *label,
    const json_t *o, const char *key)
{
	int64_t t = field_time(o, key);
	char text[CLOCK_TEXT];

	if (t != 0)
		mark_line(s, what, label, clock_human(text, t));
}

void
mark_seen(const struct marks *s, const json_t *list)
{
	const json_t *v;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	mark_begin(s, NULL, "seen by");
	for (i = 0; i < json_array_size(list); i++) {
		v = json_array_get(list, i);
		out_text(s->c->out, i == 0 ? "" : ", ");
		out_foreign(s->c->out, field_str(v, "by"), 256);
		out_printf(s->c->out, " %" PRId64 " percent",
		    field_int(v, "percent"));
	}
	out_text(s->c->out, "\n");
}
