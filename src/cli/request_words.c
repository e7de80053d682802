/* request_words.c - list, show, approve, reject, withdraw. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/strv.h"
#include "cli/ids.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/request_text.h"
#include "cli/words.h"

/* The line that asks for the page below. */
static void
more(struct cli *c, const struct reply *r, const char *word)
{
	if (r->more)
		out_printf(c->out, "next: %s --after %" PRId64 "\n", word,
		    field_int(r->v, "next"));
}

/* Who was shown nothing is told what else there is to ask for. */
static const char *
nothing(const char *which, int more)
{
	if (more)
		return "no requests on this page\n";
	if (strcmp(which, "mine") == 0)
		return "no requests of yours\n"
		    "next: request list --waiting for those you may decide, "
		    "--all for every one\n";
	return strcmp(which, "waiting") == 0 ?
	    "no requests that you may decide\n" : "no requests\n";
}

static int
list(struct cli *c, const char *which, const char *state, int64_t after,
    int json)
{
	struct reply reply;
	json_t *body = json_pack("{s:s, s:I}", "which", which, "after",
	    (json_int_t)after);
	char word[60];
	int status;

	if (state != NULL && body != NULL &&
	    json_object_set_new(body, "state", json_string(state)) != 0) {
		json_decref(body);
		return words_usage(c, "request", "list", "--state is not text");
	}
	if ((status = ledger_call(c, "request-list", body, &reply)) != 0)
		return status;
	snprintf(word, sizeof(word), "request list --%s", which);
	if (json)
		out_json(c->out, reply.text, reply.n);
	else if (json_array_size(field_array(reply.v, "requests")) == 0)
		out_text(c->out, nothing(which, reply.more));
	else
		status = request_table(c, field_array(reply.v, "requests"));
	if (!json)
		more(c, &reply, word);
	reply_free(&reply);
	return status;
}

int
word_request_list(struct cli *c, char *const *argv)
{
	int json = 0, mine = 0, waiting = 0, all = 0, status;
	char *state = NULL, *after = NULL, why[OPTS_WHY] = "";
	const struct opt table[] = {
		{ "--mine", OPT_FLAG, &mine }, { "--waiting", OPT_FLAG, &waiting },
		{ "--all", OPT_FLAG, &all }, { "--state", OPT_ONE, &state },
		{ "--after", OPT_ONE, &after }, { "--json", OPT_FLAG, &json },
		{ NULL, OPT_FLAG, NULL }
	};
	struct args args;
	int64_t nr = 0;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "request", "list", why);
	else if (args.words != NULL || args.rest != NULL)
		status = words_usage(c, "request", "list", "takes options only");
	else if (mine + waiting + all > 1)
		status = words_usage(c, "request", "list",
		    "--mine, --waiting and --all exclude each other");
	else if (after != NULL && num_parse(after, 1, INT64_MAX / 2, &nr) != 0)
		status = words_usage(c, "request", "list",
		    "--after takes a number from 1");
	else
		status = list(c, all ? "all" : waiting ? "waiting" : "mine",
		    state, nr, json);
	args_free(&args);
	str_wipe(state);
	str_wipe(after);
	return status;
}

/* What the words about one request share. */
struct about {
	struct request_id	 id;
	char			*message;
	int			 json;
};

/* ID and options.  0 or a status; the caller frees a->message. */
static int
parse_about(struct cli *c, char *const *argv, const char *sub,
    int takes_message, struct about *a)
{
	const struct opt table[] = {
		{ "--json", OPT_FLAG, &a->json },
		{ takes_message ? "-m" : NULL, OPT_TEXT, &a->message },
		{ NULL, OPT_FLAG, NULL }
	};
	char why[OPTS_WHY] = "";
	struct args args;
	int status = 0;

	memset(a, 0, sizeof(*a));
	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "request", sub, why);
	else if (strv_len(args.words) != 1 || args.rest != NULL)
		status = words_usage(c, "request", sub, "takes one request");
	else if (id_request(args.words[0], &a->id) != 0)
		status = words_usage(c, "request", sub,
		    "a request is named like R12, R12/1 or R12/1-k7qd");
	args_free(&args);
	return status;
}

static int
fetch(struct cli *c, int64_t nr, struct reply *reply)
{
	return ledger_call(c, "request-show",
	    json_pack("{s:I}", "id", (json_int_t)nr), reply);
}

int
word_request_show(struct cli *c, char *const *argv)
{
	struct reply reply = { .fd = -1 };
	char next[40];
	struct about a;
	int status;

	if ((status = parse_about(c, argv, "show", 0, &a)) != 0 ||
	    (status = fetch(c, a.id.nr, &reply)) != 0)
		return status;
	(void)snprintf(next, sizeof(next), "request show R%" PRId64, a.id.nr);
	if (a.id.revision != 0 &&
	    a.id.revision != field_int(reply.v, "revision"))
		status = cli_refuse(c, SEKISHO_CODE_CHANGED, next,
		    "R%" PRId64 " is at revision %" PRId64 " now", a.id.nr,
		    field_int(reply.v, "revision"));
	else if (a.json)
		out_json(c->out, reply.text, reply.n);
	else
		request_sheet(c, reply.v);
	reply_free(&reply);
	return status;
}

/* Sends a decision and prints what became of the request. */
static int
decide(struct cli *c, const char *verb, const struct about *a,
    const char *done)
{
	struct reply reply;
	json_t *body = json_pack("{s:I}", "id", (json_int_t)a->id.nr);
	int status;

	if (body != NULL && a->id.revision != 0)
		(void)json_object_set_new(body, "revision",
		    json_integer(a->id.revision));
	if (body != NULL && a->id.code[0] != '\0')
		(void)json_object_set_new(body, "code",
		    json_string(a->id.code));
	if (body != NULL && json_object_set_new(body, "message",
	    json_string(a->message == NULL ? "" : a->message)) != 0) {
		json_decref(body);
		return cli_refuse(c, SEKISHO_CODE_DATA, NULL,
		    "the message is not UTF-8 text");
	}
	if ((status = ledger_call(c, verb, body, &reply)) != 0)
		return status;
	if (a->json)
		out_json(c->out, reply.text, reply.n);
	else {
		out_printf(c->out, "R%" PRId64 " revision %" PRId64
		    " %s by you, now ", a->id.nr,
		    field_int(reply.v, "revision"), done);
		out_foreign(c->out, field_str(reply.v, "view"), 64);
		out_text(c->out, "\n");
		request_echo(c, reply.v);
	}
	reply_free(&reply);
	return 0;
}

int
word_request_approve(struct cli *c, char *const *argv)
{
	struct about a;
	char next[40];
	int status;

	if ((status = parse_about(c, argv, "approve", 1, &a)) == 0) {
		snprintf(next, sizeof(next), "request show R%" PRId64, a.id.nr);
		status = a.id.code[0] != '\0' ?
		    decide(c, "request-approve", &a, "approved") :
		    cli_refuse(c, SEKISHO_CODE_USAGE, next,
		    "approve takes the revision and the code that `request show` prints, as in R12/1-k7qd");
	}
	str_wipe(a.message);
	return status;
}

int
word_request_reject(struct cli *c, char *const *argv)
{
	struct reply reply;
	struct about a;
	int status;

	status = parse_about(c, argv, "reject", 1, &a);
	/* a no is safe for whatever revision is there now */
	if (status == 0 && a.id.revision == 0 &&
	    (status = fetch(c, a.id.nr, &reply)) == 0) {
		a.id.revision = field_int(reply.v, "revision");
		reply_free(&reply);
	}
	a.id.code[0] = '\0';
	if (status == 0)
		status = decide(c, "request-reject", &a, "rejected");
	str_wipe(a.message);
	return status;
}

int
word_request_withdraw(struct cli *c, char *const *argv)
{
	struct about a;
	int status;

	if ((status = parse_about(c, argv, "withdraw", 1, &a)) == 0) {
		a.id.revision = 0;
		a.id.code[0] = '\0';
		status = decide(c, "request-withdraw", &a, "withdrawn");
	}
	str_wipe(a.message);
	return status;
}
