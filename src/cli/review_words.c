/* review_words.c - review list, next, show, verdict. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/strv.h"
#include "cli/ids.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/review.h"
#include "cli/words.h"

#define PAGES_MAX	1000	/* of one sheet or one search: every page has at least one object */

static int
print_list(struct cli *c, const struct reply *reply, const char *state,
    int json)
{
	const json_t *list = field_array(reply->v, "jobs");
	int status = 0;

	if (json) {
		out_json(c->out, reply->text, reply->n);
		return 0;
	}
	if (json_array_size(list) == 0)
		out_text(c->out, reply->more ? "no jobs on this page\n" :
		    strcmp(state, "queued") == 0 ?
		    "no job waits for a verdict\n" : "no jobs\n");
	else
		status = review_table(c, list);
	if (reply->more)
		out_printf(c->out, "next: review list%s%s --after %" PRId64
		    "\n", strcmp(state, "queued") == 0 ? "" : " --",
		    strcmp(state, "queued") == 0 ? "" : state,
		    field_int(reply->v, "next"));
	return status;
}

int
word_review_list(struct cli *c, char *const *argv)
{
	int json = 0, open = 0, judged = 0, all = 0, status;
	char *after = NULL, why[OPTS_WHY] = "";
	const struct opt table[] = {
		{ "--open", OPT_FLAG, &open }, { "--judged", OPT_FLAG, &judged },
		{ "--all", OPT_FLAG, &all }, { "--after", OPT_ONE, &after },
		{ "--json", OPT_FLAG, &json }, { NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	const char *state;
	struct args args;
	int64_t nr = 0;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "review", "list", why);
	else if (args.words != NULL || args.rest != NULL)
		status = words_usage(c, "review", "list", "takes options only");
	else if (open + judged + all > 1)
		status = words_usage(c, "review", "list",
		    "--open, --judged and --all exclude each other");
	else if (after != NULL && num_parse(after, 1, INT64_MAX / 2, &nr) != 0)
		status = words_usage(c, "review", "list",
		    "--after takes a number from 1");
	else {
		state = all ? "all" : judged ? "judged" : open ? "open" :
		    "queued";
		status = ledger_call(c, "review-list", json_pack("{s:s, s:I}",
		    "state", state, "after", (json_int_t)nr), &reply);
		if (status == 0)
			status = print_list(c, &reply, state, json);
	}
	reply_free(&reply);
	args_free(&args);
	str_wipe(after);
	return status;
}

/* All pages as one document: the first with the sessions of the others.  0 or a status. */
static int
fetch(struct cli *c, int64_t nr, json_t **sheet)
{
	struct reply reply;
	int64_t after = 0;
	int status, more = 1, pages;

	*sheet = NULL;
	for (pages = 0; more && pages < PAGES_MAX; pages++) {
		status = ledger_call(c, "review-show", json_pack("{s:I, s:I}",
		    "id", (json_int_t)nr, "after", (json_int_t)after), &reply);
		if (status != 0)
			return status;
		if (*sheet == NULL)
			*sheet = json_incref(reply.v);
		else
			(void)json_array_extend(json_object_get(*sheet,
			    "sessions"), json_object_get(reply.v, "sessions"));
		more = reply.more;
		after = field_int(reply.v, "next");
		reply_free(&reply);
	}
	return more ? cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
	    "the sheet of J%" PRId64 " has more than %d pages", nr, PAGES_MAX) :
	    0;
}

/* What the recording itself says; the ledger writes that it was opened. */
static json_t *
look_into(struct cli *c, const json_t *session)
{
	struct reply reply;
	json_t *found;
	int status, look;

	if (strcmp(field_str(session, "record"), "missing") == 0)
		return json_pack("{s:s}", "problem", "it is not there");
	c->is_quiet = 1;
	status = ledger_call(c, "session-open", json_pack("{s:I, s:s}", "id",
	    (json_int_t)field_int(session, "nr"), "how", "sheet"), &reply);
	c->is_quiet = 0;
	if (status != 0)
		return json_pack("{s:s}", "problem", "it cannot be opened");
	/* the ledger has no count of what broke off */
	look = field_int(session, "refusals") > 0 ||
	    strcmp(field_str(session, "state"), "interrupted") == 0;
	found = reply.fd < 0 ? json_pack("{s:s}", "problem",
	    "it cannot be opened") : facts_of(reply.fd, look);
	reply_free(&reply);
	return found;
}

static int
add_found(struct cli *c, json_t *sheet)
{
	json_t *list = json_object_get(sheet, "sessions"), *x, *attention;
	size_t i;

	for (i = 0; i < json_array_size(list) && i < FACTS_RECORDS; i++) {
		x = json_array_get(list, i);
		if (json_is_object(x))
			(void)json_object_set_new(x, "found", look_into(c, x));
	}
	(void)json_object_del(sheet, "next");
	(void)json_object_del(sheet, "more");
	if ((attention = attention_of(sheet)) == NULL ||
	    json_object_set_new(sheet, "attention", attention) != 0)
		return cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
		    "the sheet does not fit into memory");
	return 0;
}

static int
print_json(struct cli *c, const json_t *v)
{
	char *text = NULL;
	size_t n;

	if (json_canonical(v, &text, &n) != 0)
		return cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
		    "the sheet does not fit into memory");
	out_json(c->out, text, n);
	str_wipe(text);
	return 0;
}

static int
show(struct cli *c, int64_t nr, int json)
{
	json_t *sheet = NULL;
	int status;

	if ((status = fetch(c, nr, &sheet)) == 0 &&
	    (status = add_found(c, sheet)) == 0) {
		if (json)
			status = print_json(c, sheet);
		else
			review_sheet(c, sheet);
	}
	json_decref(sheet);
	return status;
}

/* The number of the oldest job this person may judge; 0: none. */
static int
find_next(struct cli *c, int64_t *nr)
{
	struct reply reply;
	int64_t after = 0;
	int status, more = 1, pages;

	*nr = 0;
	for (pages = 0; more && *nr == 0 && pages < PAGES_MAX; pages++) {
		status = ledger_call(c, "review-next", json_pack("{s:I}",
		    "after", (json_int_t)after), &reply);
		if (status != 0)
			return status;
		*nr = field_int(json_object_get(reply.v, "job"), "nr");
		after = field_int(reply.v, "next");
		more = reply.more;
		reply_free(&reply);
	}
	return 0;
}

int
word_review_next(struct cli *c, char *const *argv)
{
	char why[OPTS_WHY] = "";
	int json = 0, status;
	const struct opt table[] = {
		{ "--json", OPT_FLAG, &json }, { NULL, OPT_FLAG, NULL }
	};
	struct args args;
	int64_t nr = 0;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "review", "next", why);
	else if (args.words != NULL || args.rest != NULL)
		status = words_usage(c, "review", "next", "takes options only");
	else if ((status = find_next(c, &nr)) == 0) {
		if (nr != 0)
			status = show(c, nr, json);
		else
			out_text(c->out, json ? "{\"job\":null}\n" :
			    "no job waits for your verdict\n");
	}
	args_free(&args);
	return status;
}

int
word_review_show(struct cli *c, char *const *argv)
{
	char why[OPTS_WHY] = "";
	int json = 0, status;
	const struct opt table[] = {
		{ "--json", OPT_FLAG, &json }, { NULL, OPT_FLAG, NULL }
	};
	struct args args;
	int64_t nr = 0;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "review", "show", why);
	else if (strv_len(args.words) != 1 || args.rest != NULL)
		status = words_usage(c, "review", "show", "takes one job");
	else if (id_job(args.words[0], &nr) != 0)
		status = words_usage(c, "review", "show",
		    "a job is named like J7");
	else
		status = show(c, nr, json);
	args_free(&args);
	return status;
}

static int
judge(struct cli *c, int64_t nr, const char *verdict, const char *message,
    int json)
{
	json_t *body = json_pack("{s:I}", "id", (json_int_t)nr);
	const json_t *v;
	struct reply reply;
	int status;

	if (json_object_set_new(body, "verdict", json_string(verdict)) != 0 ||
	    json_object_set_new(body, "message", json_string(
	    message == NULL ? "" : message)) != 0) {
		json_decref(body);
		return cli_refuse(c, SEKISHO_CODE_DATA, NULL,
		    "the verdict is not UTF-8 text");
	}
	if ((status = ledger_call(c, "review-verdict", body, &reply)) != 0)
		return status;
	v = json_object_get(reply.v, "verdict");
	if (json)
		out_json(c->out, reply.text, reply.n);
	else {
		out_printf(c->out, "J%" PRId64 " judged ", nr);
		out_foreign(c->out, field_str(v, "verdict"), 64);
		out_text(c->out, " by you; seen of its recordings: ");
		v = json_object_get(v, "seen");
		out_foreign(c->out, strcmp(field_str(v, "summary"), "sheet") ==
		    0 ? "nothing, the sheet only" : field_str(v, "summary"),
		    64);
		out_text(c->out, "\n");
	}
	reply_free(&reply);
	return 0;
}

int
word_review_verdict(struct cli *c, char *const *argv)
{
	char *message = NULL, why[OPTS_WHY] = "";
	int json = 0, status;
	const struct opt table[] = {
		{ "-m", OPT_TEXT, &message }, { "--json", OPT_FLAG, &json },
		{ NULL, OPT_FLAG, NULL }
	};
	struct args args;
	int64_t nr = 0;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "review", "verdict", why);
	else if (strv_len(args.words) != 2 || args.rest != NULL)
		status = words_usage(c, "review", "verdict",
		    "takes one job and a verdict");
	else if (id_job(args.words[0], &nr) != 0)
		status = words_usage(c, "review", "verdict",
		    "a job is named like J7");
	else
		status = judge(c, nr, args.words[1], message, json);
	args_free(&args);
	str_wipe(message);
	return status;
}
