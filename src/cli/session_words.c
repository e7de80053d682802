/* session_words.c - session list, show, replay, text, export. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/strv.h"
#include "cli/export.h"
#include "cli/ids.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/play.h"
#include "cli/request_text.h"
#include "cli/table.h"
#include "cli/words.h"

static int
session_table(struct cli *c, const json_t *sessions)
{
	static const char *const heads[] = { "ID", "STATE", "BY", "AS", "ON",
		"REQUEST", "STARTED", "RAN", NULL };
	struct table *t = table_new(heads);
	char time[CLOCK_TEXT];
	size_t i;
	int r = -1;

	for (i = 0; t != NULL && i < json_array_size(sessions); i++) {
		const json_t *s = json_array_get(sessions, i);
		int64_t at = field_time(s, "started");

		table_cell(t, field_str(s, "id"));
		table_cell(t, field_str(s, "state"));
		table_cell(t, field_str(s, "operator"));
		table_cell(t, field_str(s, "run_as"));
		table_cell(t, field_str(s, "target"));
		table_cell(t, field_str(s, "request"));
		table_cell(t, at == 0 ? "" : clock_human(time, at));
		table_argv(t, field_array(s, "argv"));
	}
	if (t != NULL)
		r = table_print(t, c);
	table_free(t);
	return r == 0 ? 0 : cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
	    "the list does not fit into memory");
}

static int
print_list(struct cli *c, const struct reply *reply, int json)
{
	const json_t *list = field_array(reply->v, "sessions");
	int status = 0;

	if (json) {
		out_json(c->out, reply->text, reply->n);
		return 0;
	}
	if (json_array_size(list) == 0)
		out_text(c->out, reply->more ? "no sessions on this page\n" :
		    "no sessions\n");
	else
		status = session_table(c, list);
	if (reply->more)
		out_printf(c->out, "next: session list --after %" PRId64 "\n",
		    field_int(reply->v, "next"));
	return status;
}

int
word_session_list(struct cli *c, char *const *argv)
{
	char *user = NULL, *request = NULL, *after = NULL, why[OPTS_WHY] = "";
	int json = 0, status;
	const struct opt table[] = {
		{ "--user", OPT_ONE, &user }, { "--request", OPT_ONE, &request },
		{ "--after", OPT_ONE, &after }, { "--json", OPT_FLAG, &json },
		{ NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	struct request_id id = { 0 };
	json_t *body = json_object();
	struct args args;
	int64_t nr = 0;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "session", "list", why);
	else if (args.words != NULL || args.rest != NULL)
		status = words_usage(c, "session", "list", "takes options only");
	else if (request != NULL && id_request(request, &id) != 0)
		status = words_usage(c, "session", "list",
		    "--request takes a request like R12");
	else if (after != NULL && num_parse(after, 1, INT64_MAX / 2, &nr) != 0)
		status = words_usage(c, "session", "list",
		    "--after takes a number from 1");
	else {
		(void)json_object_set_new(body, "after", json_integer(nr));
		if (user != NULL)
			(void)json_object_set_new(body, "user",
			    json_text(user));
		if (request != NULL)
			(void)json_object_set_new(body, "request",
			    json_integer(id.nr));
		status = ledger_call(c, "session-list", body, &reply);
		body = NULL;
	}
	if (status == 0)
		status = print_list(c, &reply, json);
	json_decref(body);
	reply_free(&reply);
	args_free(&args);
	str_wipe(user);
	str_wipe(request);
	str_wipe(after);
	return status;
}

/* One session and options.  0 or a status. */
static int
parse_one(struct cli *c, char *const *argv, const char *sub,
    const struct opt *table, int64_t *nr)
{
	char why[OPTS_WHY] = "";
	struct args args;
	int status = 0;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "session", sub, why);
	else if (strv_len(args.words) != 1 || args.rest != NULL)
		status = words_usage(c, "session", sub, "takes one session");
	else if (id_session(args.words[0], nr) != 0)
		status = words_usage(c, "session", sub,
		    "a session is named like S345");
	args_free(&args);
	return status;
}

static void
number_line(struct cli *c, const char *label, int64_t v, const char *unit)
{
	out_printf(c->out, "%-12s %" PRId64 "%s\n", label, v, unit);
}

static void
session_sheet(struct cli *c, const json_t *s)
{
	static const char *const facts[] = { "state", "how", "signal",
		"reason", "operator", "source", "run_as", "target", "profile",
		"request", NULL };
	char time[CLOCK_TEXT], *argv = argv_text(field_array(s, "argv"));
	size_t i;

	sheet_line(c, "session", field_str(s, "id"));
	out_printf(c->out, "%-12s %s\n", "ran", out_whole(c->out, argv));
	str_wipe(argv);
	for (i = 0; facts[i] != NULL; i++)
		sheet_line(c, strcmp(facts[i], "run_as") == 0 ? "as" :
		    strcmp(facts[i], "target") == 0 ? "on" : facts[i],
		    field_str(s, facts[i]));
	if (json_is_integer(json_object_get(s, "status")))
		number_line(c, "status", field_int(s, "status"), "");
	if (field_time(s, "started") != 0)
		sheet_line(c, "started",
		    clock_human(time, field_time(s, "started")));
	if (field_time(s, "ended") != 0)
		sheet_line(c, "ended",
		    clock_human(time, field_time(s, "ended")));
	number_line(c, "took", field_int(s, "duration_ms"), " ms");
	number_line(c, "input", field_int(s, "in"), " bytes");
	number_line(c, "output", field_int(s, "out"), " bytes");
	number_line(c, "errors", field_int(s, "err"), " bytes");
	number_line(c, "refusals", field_int(s, "refusals"), "");
	sheet_line(c, "recording", field_str(s, "recording"));
	sheet_line(c, "uuid", field_str(s, "uuid"));
}

int
word_session_show(struct cli *c, char *const *argv)
{
	int json = 0, status;
	const struct opt table[] = {
		{ "--json", OPT_FLAG, &json }, { NULL, OPT_FLAG, NULL }
	};
	struct reply reply;
	int64_t nr = 0;

	if ((status = parse_one(c, argv, "show", table, &nr)) != 0 ||
	    (status = ledger_call(c, "session-show",
	    json_pack("{s:I}", "id", (json_int_t)nr), &reply)) != 0)
		return status;
	if (json)
		out_json(c->out, reply.text, reply.n);
	else
		session_sheet(c, reply.v);
	reply_free(&reply);
	return 0;
}

/* The ledger writes who reads what, then hands out the recording. */
static int
open_recording(struct cli *c, int64_t nr, const char *how,
    struct reply *reply)
{
	int status;

	status = ledger_call(c, "session-open", json_pack("{s:I, s:s}", "id",
	    (json_int_t)nr, "how", how), reply);
	if (status == 0 && reply->fd < 0) {
		reply_free(reply);
		status = cli_refuse(c, SEKISHO_CODE_NOT_FOUND,
		    "session list", "S%" PRId64 " has no recording", nr);
	}
	return status;
}

/*
 * How much of it this person has now seen, for the review of its job.  The
 * status of the playing, or why it could not be kept.
 */
static int
tell_seen(struct cli *c, int64_t nr, int percent, int status)
{
	struct reply reply;
	int r;

	r = ledger_call(c, "review-seen", json_pack("{s:I, s:i}", "session",
	    (json_int_t)nr, "percent", percent), &reply);
	if (r == 0)
		reply_free(&reply);
	return status != 0 ? status : r;
}

int
word_session_replay(struct cli *c, char *const *argv)
{
	char *speed = NULL;
	const struct opt table[] = {
		{ "--speed", OPT_ONE, &speed }, { NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	int64_t nr = 0, times = 1;
	int status, percent;

	status = parse_one(c, argv, "replay", table, &nr);
	if (status == 0 && speed != NULL &&
	    num_parse(speed, 1, SPEED_MAX, &times) != 0)
		status = words_usage(c, "session", "replay",
		    "--speed takes a number from 1 to 100");
	if (status == 0 &&
	    (status = open_recording(c, nr, "replay", &reply)) == 0) {
		status = play_replay(c, reply.fd, nr, times, &percent);
		status = tell_seen(c, nr, percent, status);
	}
	reply_free(&reply);
	str_wipe(speed);
	return status;
}

/* PLAY_ALL for NULL; -1: no stream is called that. */
static int
stream_named(const char *name)
{
	static const char *const names[] = { "out", "err", "in" };
	int i;

	if (name == NULL)
		return PLAY_ALL;
	for (i = 0; i < 3; i++)
		if (strcmp(names[i], name) == 0)
			return PLAY_OUT + i;
	return -1;
}

int
word_session_text(struct cli *c, char *const *argv)
{
	char *name = NULL;
	const struct opt table[] = {
		{ "--stream", OPT_ONE, &name }, { NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	int64_t nr = 0;
	int status, percent, only = PLAY_ALL;

	status = parse_one(c, argv, "text", table, &nr);
	if (status == 0 && (only = stream_named(name)) < 0)
		status = words_usage(c, "session", "text",
		    "--stream takes out, err or in");
	if (status == 0 &&
	    (status = open_recording(c, nr, "text", &reply)) == 0) {
		status = play_text(c, reply.fd, nr, (enum play_stream)only,
		    &percent);
		status = tell_seen(c, nr, percent, status);
	}
	reply_free(&reply);
	str_wipe(name);
	return status;
}

/* Handing it out is not looking at it: nothing is kept for the review. */
int
word_session_export(struct cli *c, char *const *argv)
{
	char *format = NULL;
	int has_input = 0, status, is_text = 0, percent;
	const struct opt table[] = {
		{ "--format", OPT_ONE, &format },
		{ "--input", OPT_FLAG, &has_input }, { NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	int64_t nr = 0;

	status = parse_one(c, argv, "export", table, &nr);
	if (status == 0 && format != NULL) {
		is_text = strcmp(format, "text") == 0;
		if (!is_text && strcmp(format, "asciicast") != 0)
			status = words_usage(c, "session", "export",
			    "--format takes asciicast or text");
	}
	if (status == 0 && (status = open_recording(c, nr, has_input ?
	    "export-input" : "export", &reply)) == 0)
		status = is_text ? play_text(c, reply.fd, nr, has_input ?
		    PLAY_ALL : PLAY_NO_INPUT, &percent) :
		    export_cast(c, reply.fd, nr, has_input);
	reply_free(&reply);
	str_wipe(format);
	return status;
}
