/* review_attention.c - what in a job differs from its plan or deserves a second look.  Pure: JSON in, JSON out. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/review.h"

#define TEXT	600
#define OBEYS	"the program obeys its input"	/* begins that warning of src/request/warn.c */

struct look {
	const json_t	*sheet, *plan;
	json_t		*list;
	const char	*session;	/* "" : the job */
};

static void say(struct look *l, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
say(struct look *l, const char *what, const char *fmt, ...)
{
	char text[TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* json_text: a text that was cut within a character is escaped */
	(void)json_array_append_new(l->list, json_pack("{s:s, s:s, s:o}",
	    "session", l->session, "what", what, "text", json_text(text)));
}

/* Everybody's words for enum job_end, as the ledger writes it. */
static const struct {
	const char *how, *text;
} ends[] = {
	{ "not run", "it took a use and did not run" },
	{ "disconnect", "ended because the operator's line was lost" },
	{ "timeout", "ended by its longest run time" },
	{ "revoked", "ended because the right to it was revoked" },
	{ "record", "ended because the recording failed" },
	{ "ledger", "ended because the ledger or the keys were away" },
	{ "lost", "broken off: a process of the gate was lost" },
	{ "stopping", "ended because the gate stopped" },
	{ "refusals", "ended after too many refusals by the sandbox" },
};

static void
how_it_ended(struct look *l, const json_t *s)
{
	const char *how = field_str(s, "how"), *text = how;
	const char *reason = field_str(s, "reason");
	const json_t *status = json_object_get(s, "status");
	size_t i;

	if (strcmp(field_str(s, "state"), "running") == 0) {
		say(l, "state", "still runs");
		return;
	}
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(ends[i].how, how) == 0)
			text = ends[i].text;
	if (strcmp(how, "ran") != 0)
		say(l, "how", "%s%s%s", text, *reason == '\0' ? "" : ": ",
		    reason);
	if (*field_str(s, "signal") != '\0')
		say(l, "signal", "ended by signal %s", field_str(s, "signal"));
	else if (json_is_integer(status) && json_integer_value(status) != 0)
		say(l, "status", "ended with status %" JSON_INTEGER_FORMAT,
		    json_integer_value(status));
}

static int
obeys_input(const json_t *plan)
{
	const json_t *list = field_array(plan, "warnings");
	const char *s;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		s = json_string_value(json_array_get(list, i));
		if (s != NULL && strncmp(s, OBEYS, strlen(OBEYS)) == 0)
			return 1;
	}
	return 0;
}

static void
input_given(struct look *l, const json_t *s)
{
	int64_t n = field_int(s, "in");

	if (n == 0)
		return;
	if (strcmp(field_str(l->plan, "input"), "none") == 0)
		say(l, "input", "got %" PRId64 " bytes of input, and none was approved", n);
	else if (obeys_input(l->plan))
		say(l, "input", "got %" PRId64 " bytes of input, and the program obeys its input", n);
}

/* Window and longest run against what was. */
static void
times(struct look *l, const json_t *s)
{
	int64_t at = field_time(s, "started"), from, until, longest;

	from = field_time(l->plan, "from");
	until = field_time(l->plan, "until");
	if (at != 0 && ((from != 0 && at < from) || (until != 0 &&
	    at >= until)))
		say(l, "started", "started outside the approved window");
	longest = field_int(l->plan, "max_run");
	/* the end itself may take its ten seconds */
	if (longest > 0 && field_int(s, "duration_ms") / 1000 > longest + 15)
		say(l, "took", "ran longer than the approved %" PRId64 " s",
		    longest);
}

static void
refusals(struct look *l, const json_t *s, const json_t *found)
{
	int64_t n = field_int(s, "refusals");

	if (field_int(found, "refused_total") > n)
		n = field_int(found, "refused_total");
	if (n > 0)
		say(l, "refusals", "%" PRId64 " call%s refused by the sandbox",
		    n, n == 1 ? " was" : "s were");
}

static void
record(struct look *l, const json_t *s, const json_t *found)
{
	const char *word = field_str(s, "record");

	if (strcmp(word, "complete") != 0 && strcmp(word, "running") != 0)
		say(l, "record", "its recording is %s", word);
	if (*field_str(found, "problem") != '\0')
		say(l, "record", "its recording: %s",
		    field_str(found, "problem"));
	else if (!json_is_object(found))
		say(l, "record", "its recording was not looked into");
}

/* One field of the recording's head that the plan or the ledger has too. */
static void
compare(struct look *l, const json_t *found, const char *key,
    const json_t *want, const char *name)
{
	if (!json_equal(json_object_get(found, key), want))
		say(l, key, "the recording names another %s than the plan",
		    name);
}

static void
plan_and_record(struct look *l, const json_t *s, const json_t *found)
{
	static const struct {
		const char *key, *name;
	} same[] = {
		{ "run_as", "account" }, { "target", "target" },
		{ "profile", "profile" },
		{ "profile_digest", "content of the profile" },
		{ "input", "rule of input" }, { "revision", "revision" },
	};
	const json_t *steps = field_array(l->plan, "steps"), *step;
	size_t i;

	if (!json_is_object(found) || *field_str(found, "problem") != '\0')
		return;
	step = json_array_get(steps, 0);
	compare(l, found, "argv", json_object_get(step, "argv"), "command");
	compare(l, found, "exe", json_object_get(step, "exe"), "executable");
	compare(l, found, "exe_digest", json_object_get(step, "exe_digest"),
	    "content of the executable");
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		compare(l, found, same[i].key, json_object_get(l->plan,
		    same[i].key), same[i].name);
	compare(l, found, "request", json_object_get(l->sheet, "request"),
	    "request");
	compare(l, found, "operator", json_object_get(l->sheet, "operator"),
	    "operator");
	compare(l, found, "session", json_object_get(s, "id"), "session");
	compare(l, found, "uuid", json_object_get(s, "uuid"), "id");
}

static void
one_session(struct look *l, const json_t *s)
{
	const json_t *found = json_object_get(s, "found");

	l->session = field_str(s, "id");
	how_it_ended(l, s);
	times(l, s);
	refusals(l, s, found);
	input_given(l, s);
	record(l, s, found);
	plan_and_record(l, s, found);
}

json_t *
attention_of(const json_t *sheet)
{
	struct look l = { .sheet = sheet, .list = json_array(),
		.plan = json_object_get(sheet, "plan"), .session = "" };
	const json_t *list = field_array(sheet, "sessions");
	int64_t near = field_int(sheet, "near_total");
	size_t i;

	if (l.list == NULL)
		return NULL;
	if (near > 0)
		say(&l, "near misses", "%" PRId64 " time%s %s was refused something close to this request",
		    near, near == 1 ? "" : "s", field_str(sheet, "operator"));
	for (i = 0; i < json_array_size(list); i++)
		one_session(&l, json_array_get(list, i));
	return l.list;
}
