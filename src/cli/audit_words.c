/* audit_words.c - entries of the ledger, its signed head, and proofs anybody can check. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/table.h"
#include "cli/words.h"

#define LOG_PAGE	50	/* entries of one answer */

/* All of an entry that has no column of its own, as JSON. */
static void
rest_cell(struct table *t, const json_t *entry)
{
	json_t *rest = json_copy((json_t *)(uintptr_t)entry);
	char *text = NULL;

	(void)json_object_del(rest, "at");
	(void)json_object_del(rest, "at_ns");
	(void)json_object_del(rest, "what");
	(void)json_object_del(rest, "who");
	table_cell(t, json_canonical(rest, &text, NULL) == 0 ? text : NULL);
	str_wipe(text);
	json_decref(rest);
}

static int
entry_table(struct cli *c, const json_t *entries)
{
	static const char *const heads[] = { "INDEX", "AT", "WHAT", "WHO",
		"MORE", NULL };
	struct table *t = table_new(heads);
	char nr[24], time[CLOCK_TEXT];
	size_t i;
	int r = -1;

	if (json_array_size(entries) == 0) {
		table_free(t);
		out_text(c->out, "no entries\n");
		return 0;
	}
	for (i = 0; t != NULL && i < json_array_size(entries); i++) {
		const json_t *row = json_array_get(entries, i);
		const json_t *e = json_object_get(row, "entry");
		int64_t at = field_time(e, "at");

		snprintf(nr, sizeof(nr), "%" PRId64, field_int(row, "index"));
		table_cell(t, nr);
		table_cell(t, at == 0 ? field_str(e, "at") :
		    clock_iso(time, at));
		table_cell(t, field_str(e, "what"));
		table_cell(t, field_str(e, "who"));
		rest_cell(t, e);
	}
	if (t != NULL)
		r = table_print(t, c);
	table_free(t);
	return r == 0 ? 0 : cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
	    "the list does not fit into memory");
}

/* Which page: forwards from "after", or backwards from the end or "before".  NULL: "why" says what is wrong. */
static json_t *
log_question(const char *after, const char *before, const char *last,
    char why[OPTS_WHY])
{
	int64_t nr = 0, limit = LOG_PAGE;

	if (after != NULL && (before != NULL || last != NULL))
		snprintf(why, OPTS_WHY, "--after goes up, --before and --last "
		    "go down: take one");
	else if (after != NULL && num_parse(after, 0, INT64_MAX / 2, &nr) != 0)
		snprintf(why, OPTS_WHY, "--after takes a number");
	else if (before != NULL && num_parse(before, 0, INT64_MAX / 2,
	    &nr) != 0)
		snprintf(why, OPTS_WHY, "--before takes a number");
	else if (last != NULL && num_parse(last, 1, LOG_PAGE, &limit) != 0)
		snprintf(why, OPTS_WHY, "--last takes a number from 1 to %d",
		    LOG_PAGE);
	else if (before == NULL && last == NULL)
		return json_pack("{s:I}", "after", (json_int_t)nr);
	else
		return json_pack("{s:I, s:I}", "before", before != NULL ?
		    (json_int_t)nr : (json_int_t)INT64_MAX, "limit",
		    (json_int_t)limit);
	return NULL;
}

int
word_audit_log(struct cli *c, char *const *argv)
{
	char *after = NULL, *before = NULL, *last = NULL, why[OPTS_WHY] = "";
	int json = 0, status;
	const struct opt table[] = {
		{ "--after", OPT_ONE, &after }, { "--before", OPT_ONE, &before },
		{ "--last", OPT_ONE, &last }, { "--json", OPT_FLAG, &json },
		{ NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	json_t *question = NULL;
	struct args args;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "audit", "log", why);
	else if (args.words != NULL || args.rest != NULL)
		status = words_usage(c, "audit", "log", "takes options only");
	else if ((question = log_question(after, before, last, why)) == NULL &&
	    why[0] != '\0')
		status = words_usage(c, "audit", "log", why);
	else
		status = ledger_call(c, "audit-log", question, &reply);
	if (status == 0 && json)
		out_json(c->out, reply.text, reply.n);
	else if (status == 0) {
		status = entry_table(c, field_array(reply.v, "entries"));
		if (reply.more)
			out_printf(c->out, "next: audit log %s %" PRId64 "\n",
			    before == NULL && last == NULL ? "--after" :
			    "--before", field_int(reply.v, "next"));
	}
	reply_free(&reply);
	args_free(&args);
	str_wipe(after);
	str_wipe(before);
	str_wipe(last);
	return status;
}

/* One text of the newest head's answer as it is: what a file keeps is what sekisho-verify reads. */
static int
print_text(struct cli *c, char *const *argv, const char *sub, const char *key)
{
	int json = 0, status;
	const struct opt table[] = {
		{ "--json", OPT_FLAG, &json }, { NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	char why[OPTS_WHY] = "";
	struct args args;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "audit", sub, why);
	else if (args.words != NULL || args.rest != NULL)
		status = words_usage(c, "audit", sub, "takes options only");
	else
		status = ledger_call(c, "audit-head", json_object(), &reply);
	if (status == 0 && json)
		out_json(c->out, reply.text, reply.n);
	else if (status == 0)
		out_text(c->out, field_str(reply.v, key));
	reply_free(&reply);
	args_free(&args);
	return status;
}

int
word_audit_head(struct cli *c, char *const *argv)
{
	return print_text(c, argv, "head", "note");
}

int
word_audit_key(struct cli *c, char *const *argv)
{
	return print_text(c, argv, "key", "vkeys");
}

/* C2SP tlog-proof: index, hashes from the leaf to the root, empty line, head. */
static void
put_proof(struct cli *c, const json_t *v)
{
	const json_t *list = field_array(v, "hashes");
	int is_inclusion = strcmp(field_str(v, "kind"), "inclusion") == 0;
	size_t i;

	if (is_inclusion)
		out_printf(c->out, "c2sp.org/tlog-proof@v1\nindex %" PRId64
		    "\n", field_int(v, "index"));
	else
		out_printf(c->out, "old %" PRId64 "\n", field_int(v, "old"));
	for (i = 0; i < json_array_size(list); i++)
		out_printf(c->out, "%s\n",
		    json_string_value(json_array_get(list, i)));
	out_text(c->out, "\n");
	out_text(c->out, field_str(v, "note"));
}

int
word_audit_proof(struct cli *c, char *const *argv)
{
	char *old = NULL, why[OPTS_WHY] = "";
	int json = 0, status;
	const struct opt table[] = {
		{ "--old", OPT_ONE, &old }, { "--json", OPT_FLAG, &json },
		{ NULL, OPT_FLAG, NULL }
	};
	struct reply reply = { .fd = -1 };
	const char *number;
	struct args args;
	int64_t nr = 0;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "audit", "proof", why);
	else {
		number = old != NULL ? old : args.words != NULL ?
		    args.words[0] : "";
		if (args.rest != NULL || (args.words != NULL &&
		    (old != NULL || args.words[1] != NULL)) ||
		    num_parse(number, 0, INT64_MAX / 2, &nr) != 0)
			status = words_usage(c, "audit", "proof",
			    "takes the number of one entry, or --old SIZE");
		else
			status = ledger_call(c, "audit-proof",
			    json_pack("{s:I}", old != NULL ? "old" : "index",
			    (json_int_t)nr), &reply);
	}
	if (status == 0 && json)
		out_json(c->out, reply.text, reply.n);
	else if (status == 0)
		put_proof(c, reply.v);
	reply_free(&reply);
	args_free(&args);
	str_wipe(old);
	return status;
}
