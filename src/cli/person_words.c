/* person_words.c - whoami, and what waits for this person. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/request_text.h"
#include "cli/words.h"

static void
names_line(struct cli *c, const char *label, const json_t *names)
{
	char *text = names_text(names);

	out_printf(c->out, "%-12s %s\n", label,
	    text != NULL && *text == '\0' ? "nothing" :
	    out_whole(c->out, text));
	str_wipe(text);
}

static void
may_run(struct cli *c, const json_t *list)
{
	char *accounts, *targets;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);

		accounts = names_text(field_array(o, "run_as"));
		targets = names_text(field_array(o, "targets"));
		out_printf(c->out, "%-12s profile ", "may ask for");
		out_foreign(c->out, field_str(o, "profile"), 256);
		out_printf(c->out, " as %s on %s\n",
		    out_whole(c->out, accounts), out_whole(c->out, targets));
		str_wipe(accounts);
		str_wipe(targets);
	}
}

int
word_whoami(struct cli *c, char *const *argv)
{
	int json = 0, status;
	const struct opt table[] = {
		{ "--json", OPT_FLAG, &json }, { NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	char why[OPTS_WHY] = "";
	struct args args;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "whoami", NULL, why);
	else if (args.words != NULL || args.rest != NULL)
		status = words_usage(c, "whoami", NULL, "takes options only");
	else
		status = ledger_call(c, "whoami", json_object(), &reply);
	args_free(&args);
	if (status != 0)
		return status;
	if (json)
		out_json(c->out, reply.text, reply.n);
	else {
		sheet_line(c, "name", field_str(reply.v, "name"));
		out_printf(c->out, "%-12s %" PRId64 "\n", "uid",
		    field_int(reply.v, "uid"));
		names_line(c, "roles", field_array(reply.v, "roles"));
		sheet_line(c, "source", field_str(reply.v, "source"));
		sheet_line(c, "gate", field_str(reply.v, "gate"));
		may_run(c, field_array(reply.v, "may_run"));
		names_line(c, "may approve",
		    field_array(reply.v, "may_approve"));
	}
	reply_free(&reply);
	return 0;
}

/* One part of what waits: a heading and a table, when there is any. */
static int
part(struct cli *c, const json_t *v, const char *key, const char *heading,
    int *shown)
{
	const json_t *list = field_array(v, key);
	int status;

	if (json_array_size(list) == 0)
		return 0;
	out_printf(c->out, "%s\n", heading);
	status = request_table(c, list);
	out_text(c->out, "\n");
	*shown = 1;
	return status;
}

/* `ssh gate` without a word: the help is there even when the ledger is not. */
int
word_shell(struct cli *c, char *const *argv)
{
	static char *const none[] = { NULL };
	struct reply reply = { .fd = -1 };
	int status, shown = 0;

	(void)argv;
	status = ledger_call(c, "waiting", json_object(), &reply);
	if (status == 0)
		status = part(c, reply.v, "approve",
		    "Waiting for your decision (request show ID):", &shown);
	if (status == 0)
		status = part(c, reply.v, "runnable",
		    "You may run now (type the command, or run ID):", &shown);
	if (status == 0)
		status = part(c, reply.v, "mine", "Your requests:", &shown);
	if (status == 0 && field_int(reply.v, "judge") > 0) {
		out_printf(c->out, "Jobs that wait for your verdict: %" PRId64
		    " (review next)\n\n", field_int(reply.v, "judge"));
		shown = 1;
	}
	if (status == 0 && !shown)
		out_text(c->out, "Nothing waits for you.\n\n");
	reply_free(&reply);
	(void)word_help(c, none);
	return status;
}
