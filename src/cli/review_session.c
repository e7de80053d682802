/* review_session.c - one session of a sheet: what ran, how it ended, what was refused. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "cli/out.h"
#include "cli/request_text.h"
#include "cli/review_lines.h"

/* name: call(0x1, "/etc/x"), as the recording has it */
static void
refused_calls(const struct marks *s, const json_t *found)
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
		    out_whole(s->c->out, args), field_int(d, "at_ms"));
		str_wipe(args);
	}
	if (field_int(found, "refused_total") > (int64_t)i)
		out_printf(s->c->out, "!   and %" PRId64 " more: see the recording\n",
		    field_int(found, "refused_total") - (int64_t)i);
	if (strcmp(field_str(found, "looked"), "part") == 0)
		out_text(s->c->out, "!   looked for in the recording's first part only\n");
}

/* What the recording's own head says ran. */
static void
what_ran(const struct marks *s, const json_t *found)
{
	if (!json_is_object(found) || *field_str(found, "problem") != '\0')
		return;
	mark_safe(s, "argv", "ran", argv_text(field_array(found, "argv")));
	mark_line(s, "exe", "file", field_str(found, "exe"));
	mark_line(s, "exe_digest", "sha256", field_str(found, "exe_digest"));
	mark_line(s, "run_as", "as", field_str(found, "run_as"));
	mark_line(s, "target", "on", field_str(found, "target"));
	mark_line(s, "profile", "profile", field_str(found, "profile"));
	mark_line(s, "profile_digest", "sha256",
	    field_str(found, "profile_digest"));
	/* only when they are not what they must be */
	if (mark_is(s, "operator"))
		mark_line(s, "operator", "operator", field_str(found, "operator"));
	if (mark_is(s, "request"))
		mark_line(s, "request", "request", field_str(found, "request"));
	if (mark_is(s, "session"))
		mark_line(s, "session", "session", field_str(found, "session"));
	if (mark_is(s, "uuid"))
		mark_line(s, "uuid", "uuid", field_str(found, "uuid"));
	if (mark_is(s, "revision"))
		mark_number(s, "revision", "revision", field_int(found, "revision"),
		    "");
}

/* What attention says of this one, so that its lines need not look through all. */
static json_t *
of_session(const json_t *attention, const char *id)
{
	json_t *list = json_array(), *a;
	size_t i;

	for (i = 0; i < json_array_size(attention); i++) {
		a = json_array_get(attention, i);
		if (strcmp(field_str(a, "session"), id) == 0)
			(void)json_array_append(list, a);
	}
	return list;
}

/* Here it was not read: the ledger was told of its end, and that is all that is known. */
static void
recording(const struct marks *s, const json_t *x)
{
	const char *word = field_str(x, "record");

	if (strcmp(word, "complete") != 0) {
		mark_line(s, "record", "recording", word);
		return;
	}
	mark_begin(s, "record", "recording");
	out_text(s->c->out, "complete, says the ledger; to check it: verify ");
	out_foreign(s->c->out, s->session, 64);
	out_text(s->c->out, "\n");
}

static void
facts(const struct marks *s, const json_t *x)
{
	const json_t *found = json_object_get(x, "found");
	const json_t *status = json_object_get(x, "status");

	out_text(s->c->out, "\nsession ");
	out_foreign(s->c->out, s->session, 64);
	out_printf(s->c->out, ", use %" PRId64 "\n", field_int(x, "use"));
	what_ran(s, found);
	mark_line(s, "state", "state", field_str(x, "state"));
	mark_time(s, "started", "started", x, "started");
	mark_time(s, NULL, "ended", x, "ended");
	mark_number(s, "took", "took", field_int(x, "duration_ms"), " ms");
	mark_line(s, "how", "how", field_str(x, "how"));
	mark_line(s, "how", "reason", field_str(x, "reason"));
	if (json_is_integer(status))
		mark_number(s, "status", "status", json_integer_value(status), "");
	mark_line(s, "signal", "signal", field_str(x, "signal"));
	mark_number(s, "input", "input", field_int(x, "in"), " bytes");
	mark_number(s, NULL, "output", field_int(x, "out") + field_int(x, "err"),
	    " bytes");
	mark_number(s, "refusals", "refusals", field_int(x, "refusals"), "");
	refused_calls(s, found);
	recording(s, x);
	mark_line(s, NULL, "from", field_str(x, "source"));
	mark_seen(s, field_array(x, "seen"));
}

void
review_session(struct cli *c, const json_t *attention, const json_t *session)
{
	const char *id = field_str(session, "id");
	json_t *own = of_session(attention, id);
	struct marks s = { .c = c, .session = id, .attention = own };

	facts(&s, session);
	json_decref(own);
}
