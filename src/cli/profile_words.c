/* profile_words.c - sandbox profiles: list, what one allows, what deserves a second look. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/strv.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/request_text.h"
#include "cli/table.h"
#include "cli/words.h"

/* Options and at most one name (owned by args).  0 or a status. */
static int
parse(struct cli *c, char *const *argv, const char *sub, int *json,
    struct args *args)
{
	const struct opt table[] = {
		{ "--json", OPT_FLAG, json }, { NULL, OPT_FLAG, NULL }
	};
	char why[OPTS_WHY] = "";

	if (opts_parse(argv, table, args, why) != 0)
		return words_usage(c, "profile", sub, why);
	if (strv_len(args->words) > 1 || args->rest != NULL)
		return words_usage(c, "profile", sub, "takes one name at most");
	return 0;
}

int
word_profile_list(struct cli *c, char *const *argv)
{
	static const char *const heads[] = { "NAME", "SUMMARY", "SHA256",
		NULL };
	struct reply reply = { .fd = -1 };
	const json_t *list;
	struct table *t = NULL;
	struct args args;
	int json = 0, status;
	size_t i;

	if ((status = parse(c, argv, "list", &json, &args)) == 0 &&
	    args.words != NULL)
		status = words_usage(c, "profile", "list", "takes no name");
	if (status == 0)
		status = ledger_call(c, "profile-list", json_object(), &reply);
	list = field_array(reply.v, "profiles");
	if (status == 0 && json)
		out_json(c->out, reply.text, reply.n);
	else if (status == 0 && (t = table_new(heads)) != NULL) {
		for (i = 0; i < json_array_size(list); i++) {
			const json_t *p = json_array_get(list, i);

			table_cell(t, field_str(p, "name"));
			table_cell(t, field_str(p, "summary"));
			table_cell(t, field_str(p, "digest"));
		}
		if (table_print(t, c) != 0)
			status = cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
			    "the list does not fit into memory");
	}
	table_free(t);
	reply_free(&reply);
	args_free(&args);
	return status;
}

/* "files.read   /usr, /etc": a value in one line. */
static void
value_line(struct cli *c, const char *name, const json_t *v)
{
	char *text = NULL;
	size_t i, strings = 0;

	for (i = 0; i < json_array_size(v); i++)
		strings += (size_t)json_is_string(json_array_get(v, i));
	if (json_is_array(v) && strings == json_array_size(v))
		text = names_text(v);
	else if (!json_is_string(v) && json_canonical(v, &text, NULL) != 0)
		text = NULL;
	out_printf(c->out, "  ");
	out_foreign(c->out, name, 200);
	out_printf(c->out, "%*s", strlen(name) < 24 ?
	    (int)(24 - strlen(name)) : 1, "");
	if (json_is_string(v))
		out_foreign(c->out, json_string_value(v), 8192);
	else
		out_text(c->out, text != NULL && *text == '\0' ? "(none)" :
		    out_whole(c->out, text));
	out_text(c->out, "\n");
	str_wipe(text);
}

/* Calls "each" for every value of a profile, groups as "group.name". */
static void
walk(struct cli *c, const json_t *profile,
    void (*each)(struct cli *, const char *, const json_t *))
{
	json_t *group, *v, *o = (json_t *)(uintptr_t)profile;
	const char *name, *key;
	char full[200];

	json_object_foreach(o, name, group) {
		if (!json_is_object(group)) {
			each(c, name, group);
			continue;
		}
		json_object_foreach(group, key, v) {
			snprintf(full, sizeof(full), "%s.%s", name, key);
			each(c, full, v);
		}
	}
}

int
word_profile_show(struct cli *c, char *const *argv)
{
	struct reply reply = { .fd = -1 };
	struct args args;
	int json = 0, status;

	if ((status = parse(c, argv, "show", &json, &args)) == 0)
		status = args.words == NULL ?
		    words_usage(c, "profile", "show", "takes a name") :
		    ledger_call(c, "profile-show", json_pack("{s:o}", "name",
		    json_text(args.words[0])), &reply);
	if (status == 0 && json)
		out_json(c->out, reply.text, reply.n);
	else if (status == 0) {
		sheet_line(c, "profile", field_str(reply.v, "name"));
		sheet_line(c, "sha256", field_str(reply.v, "digest"));
		walk(c, json_object_get(reply.v, "profile"), value_line);
		if (json_object_size(json_object_get(reply.v, "rule")) > 0)
			out_text(c->out, "rule\n");
		walk(c, json_object_get(reply.v, "rule"), value_line);
	}
	reply_free(&reply);
	args_free(&args);
	return status;
}

/* Values that widen a sandbox: the key's last part, the word that does it (NULL: anything but empty). */
static const struct {
	const char *key, *word, *why;
} attention[] = {
	{ "capabilities", NULL, "rights beyond those of the account" },
	{ "write", NULL, "paths the command may change" },
	{ "write_exec", NULL, "what is written here can be executed" },
	{ "sockets", NULL, "daemons of the host can be asked for more" },
	{ "connect", NULL, "other hosts can be reached" },
	{ "bind", NULL, "the command may serve others" },
	{ "namespace", "host", "the host's network" },
	{ "tmp", "host", "/tmp is shared with everybody" },
	{ "home", "host", "the account's own files" },
	{ "proc", "host", "the host's processes are visible" },
	{ "degraded", "allow", "runs with less where the kernel has less" }
};

static void
attention_line(struct cli *c, const char *name, const json_t *v)
{
	const char *last = strrchr(name, '.');
	size_t i;

	last = last == NULL ? name : last + 1;
	for (i = 0; i < sizeof(attention) / sizeof(attention[0]); i++) {
		if (strcmp(attention[i].key, last) != 0 ||
		    (attention[i].word == NULL && json_array_size(v) == 0) ||
		    (attention[i].word != NULL && (!json_is_string(v) ||
		    strcmp(json_string_value(v), attention[i].word) != 0)))
			continue;
		value_line(c, name, v);
		out_printf(c->out, "  %24s^ %s\n", "", attention[i].why);
	}
}

/* One profile; a status. */
static int
check_one(struct cli *c, const char *name)
{
	struct reply reply;
	const json_t *rule;
	int status;

	if ((status = ledger_call(c, "profile-show", json_pack("{s:o}",
	    "name", json_text(name)), &reply)) != 0)
		return status;
	sheet_line(c, "profile", field_str(reply.v, "name"));
	sheet_line(c, "sha256", field_str(reply.v, "digest"));
	walk(c, json_object_get(reply.v, "profile"), attention_line);
	rule = json_object_get(reply.v, "rule");
	if (json_object_size(rule) == 0 ||
	    json_array_size(field_array(rule, "approvers")) == 0)
		out_text(c->out,
		    "  nobody may approve requests with this profile\n");
	reply_free(&reply);
	return 0;
}

/* What is in force was checked when it was loaded; this says what people should look at. */
int
word_profile_check(struct cli *c, char *const *argv)
{
	struct reply reply = { .fd = -1 };
	const json_t *list;
	struct args args;
	int json = 0, status;
	size_t i;

	if ((status = parse(c, argv, "check", &json, &args)) == 0 && json)
		status = words_usage(c, "profile", "check",
		    "--json is not offered here");
	if (status == 0 && args.words != NULL)
		status = check_one(c, args.words[0]);
	else if (status == 0 && (status = ledger_call(c, "profile-list",
	    json_object(), &reply)) == 0) {
		list = field_array(reply.v, "profiles");
		for (i = 0; i < json_array_size(list) && status == 0; i++)
			status = check_one(c,
			    field_str(json_array_get(list, i), "name"));
	}
	reply_free(&reply);
	args_free(&args);
	return status;
}
