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

static void
show_value(void *c, const char *name, const json_t *v)
{
	value_line(c, name, v);
}

/* Calls "each" for every value of a profile, groups as "group.name". */
static void
walk(const json_t *profile, void (*each)(void *, const char *, const json_t *),
    void *arg)
{
	json_t *group, *v, *o = (json_t *)(uintptr_t)profile;
	const char *name, *key;
	char full[200];

	json_object_foreach(o, name, group) {
		if (!json_is_object(group)) {
			each(arg, name, group);
			continue;
		}
		json_object_foreach(group, key, v) {
			snprintf(full, sizeof(full), "%s.%s", name, key);
			each(arg, full, v);
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
		walk(json_object_get(reply.v, "profile"), show_value, c);
		if (json_object_size(json_object_get(reply.v, "rule")) > 0)
			out_text(c->out, "rule\n");
		walk(json_object_get(reply.v, "rule"), show_value, c);
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

/* Adds {"key", "value", "why"} to the list "arg" if this value widens the sandbox. */
static void
add_attention(void *arg, const char *name, const json_t *v)
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
		(void)json_array_append_new(arg, json_pack("{s:s, s:O, s:s}",
		    "key", name, "value", v, "why", attention[i].why));
	}
}

/* One profile as an object of "profile check --json", NULL: "*status" says why. */
static json_t *
check_one(struct cli *c, const char *name, int *status)
{
	struct reply reply;
	const json_t *rule;
	json_t *out, *list = json_array();
	int is_approvable;

	if ((*status = ledger_call(c, "profile-show", json_pack("{s:o}",
	    "name", json_text(name)), &reply)) != 0) {
		json_decref(list);
		return NULL;
	}
	walk(json_object_get(reply.v, "profile"), add_attention, list);
	rule = json_object_get(reply.v, "rule");
	is_approvable = json_object_size(rule) > 0 &&
	    json_array_size(field_array(rule, "approvers")) > 0;
	out = json_pack("{s:O, s:O, s:o, s:b}",
	    "name", json_object_get(reply.v, "name"),
	    "digest", json_object_get(reply.v, "digest"),
	    "attention", list, "approvable", is_approvable);
	reply_free(&reply);
	if (out == NULL)
		*status = cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
		    "the answer does not fit into memory");
	return out;
}

static void
print_check(struct cli *c, const json_t *p)
{
	const json_t *list = field_array(p, "attention"), *each;
	size_t i;

	sheet_line(c, "profile", field_str(p, "name"));
	sheet_line(c, "sha256", field_str(p, "digest"));
	for (i = 0; i < json_array_size(list); i++) {
		each = json_array_get(list, i);
		value_line(c, field_str(each, "key"),
		    json_object_get(each, "value"));
		out_printf(c->out, "  %24s^ %s\n", "", field_str(each, "why"));
	}
	if (!json_is_true(json_object_get(p, "approvable")))
		out_text(c->out,
		    "  nobody may approve requests with this profile\n");
}

static int
print_checks(struct cli *c, const json_t *all, int json)
{
	json_t *v;
	char *text = NULL;
	size_t i, n;
	int r;

	for (i = 0; !json && i < json_array_size(all); i++)
		print_check(c, json_array_get(all, i));
	if (!json)
		return 0;
	v = json_pack("{s:O}", "profiles", all);
	if ((r = json_canonical(v, &text, &n)) == 0)
		out_json(c->out, text, n);
	str_wipe(text);
	json_decref(v);
	return r == 0 ? 0 : cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
	    "the answer does not fit into memory");
}

/* What is in force was checked when it was loaded; this says what people should look at. */
int
word_profile_check(struct cli *c, char *const *argv)
{
	struct reply reply = { .fd = -1 };
	json_t *all = json_array(), *one;
	const json_t *list;
	struct args args;
	int json = 0, status;
	size_t i;

	status = parse(c, argv, "check", &json, &args);
	if (status == 0 && args.words == NULL)
		status = ledger_call(c, "profile-list", json_object(), &reply);
	else if (status == 0 && (one = check_one(c, args.words[0],
	    &status)) != NULL)
		(void)json_array_append_new(all, one);
	list = field_array(reply.v, "profiles");
	for (i = 0; i < json_array_size(list) && status == 0; i++)
		if ((one = check_one(c, field_str(json_array_get(list, i),
		    "name"), &status)) != NULL)
			(void)json_array_append_new(all, one);
	if (status == 0)
		status = print_checks(c, all, json);
	json_decref(all);
	reply_free(&reply);
	args_free(&args);
	return status;
}
