/* request_new.c - filing: options become the ledger's fields, and the echo shows what was understood. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/strv.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/request_text.h"
#include "cli/words.h"
#include "crypt/base64.h"
#include "request/request.h"

#define SPAN_MAX	(366 * 86400)	/* the gate's own limits are lower */
#define USES_TYPED_MAX	1000000000	/* the same */

struct filing {
	char	*target, *run_as, *profile, *input, *from, *until, *uses;
	char	*label, *ticket, *reason, *script, *max_run, *on_disconnect;
	char	**operators;
	int	 json;
	struct args args;
};

static void
filing_free(struct filing *f)
{
	char *const one[] = { f->target, f->run_as, f->profile, f->input,
		f->from, f->until, f->uses, f->label, f->ticket, f->reason,
		f->script, f->max_run, f->on_disconnect };
	size_t i;

	for (i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		str_wipe(one[i]);
	strv_free(f->operators);
	args_free(&f->args);
}

static int
filing_parse(struct filing *f, char *const *argv, char why[OPTS_WHY])
{
	const struct opt table[] = {
		{ "--target", OPT_ONE, &f->target },
		{ "--as", OPT_ONE, &f->run_as },
		{ "--profile", OPT_ONE, &f->profile },
		{ "--input", OPT_ONE, &f->input },
		{ "--from", OPT_ONE, &f->from },
		{ "--until", OPT_ONE, &f->until },
		{ "--uses", OPT_ONE, &f->uses },
		{ "--operator", OPT_MANY, &f->operators },
		{ "--label", OPT_ONE, &f->label },
		{ "--ticket", OPT_ONE, &f->ticket },
		{ "--reason", OPT_TEXT, &f->reason },
		{ "--script", OPT_ONE, &f->script },
		{ "--max-run", OPT_ONE, &f->max_run },
		{ "--on-disconnect", OPT_ONE, &f->on_disconnect },
		{ "--json", OPT_FLAG, &f->json },
		{ NULL, OPT_FLAG, NULL }
	};

	return opts_parse(argv, table, &f->args, why);
}

static int
bad_value(struct cli *c, const char *name, const char *value,
    const char *wanted)
{
	char safe[120];

	return cli_refuse(c, SEKISHO_CODE_DATA, "help request new",
	    "%s: \"%s\" is not %s", name,
	    escape_to(safe, sizeof(safe), value, strlen(value)), wanted);
}

/* Adds a string unless it was not given.  0 or a status. */
static int
put_str(struct cli *c, json_t *body, const char *key, const char *value)
{
	if (value == NULL || json_object_set_new(body, key,
	    json_string(value)) == 0)
		return 0;
	return cli_refuse(c, SEKISHO_CODE_DATA, "help request new",
	    "%s is not UTF-8 text", key);
}

static void
put_int(json_t *body, const char *key, int64_t value)
{
	(void)json_object_set_new(body, key, json_integer(value));
}

/* --from, --until, --max-run, --uses. */
static int
put_numbers(struct cli *c, json_t *body, const struct filing *f)
{
	int64_t now = clock_unix(), v;

	if (f->from != NULL) {
		if (clock_parse(f->from, now, &v) != 0)
			return bad_value(c, "--from", f->from, "a time");
		put_int(body, "from", v);
	}
	if (f->until != NULL && *f->until == '+') {
		if (num_parse_span(f->until + 1, 1, SPAN_MAX, &v) != 0)
			return bad_value(c, "--until", f->until,
			    "a span such as +2h");
		put_int(body, "until_span", v);
	} else if (f->until != NULL) {
		if (clock_parse(f->until, now, &v) != 0)
			return bad_value(c, "--until", f->until, "a time");
		put_int(body, "until", v);
	}
	if (f->max_run != NULL) {
		if (num_parse_span(f->max_run, 1, SPAN_MAX, &v) != 0)
			return bad_value(c, "--max-run", f->max_run,
			    "a span such as 30m");
		put_int(body, "max_run", v);
	}
	if (f->uses != NULL) {
		if (num_parse(f->uses, 1, USES_TYPED_MAX, &v) != 0)
			return bad_value(c, "--uses", f->uses,
			    "a number from 1");
		put_int(body, "uses", v);
	}
	return 0;
}

/* Standard input, bounded.  0 or a status; the caller frees *p. */
static int
read_stdin(struct cli *c, const char *what, size_t max, uint8_t **p,
    size_t *n)
{
	int r;

	if (c->pty)
		return cli_refuse(c, SEKISHO_CODE_USAGE, "help request new",
		    "%s - reads a pipe or file, not a terminal (ssh without -t)",
		    what);
	if ((r = fd_read_all(c->in_fd, max, p, n)) == 0)
		return 0;
	if (r == ERR_LIMIT)
		return cli_refuse(c, SEKISHO_CODE_LIMIT, "help request new",
		    "%s: more than %zu bytes came on standard input", what, max);
	return cli_refuse(c, SEKISHO_CODE_DATA, NULL,
	    "%s: standard input cannot be read", what);
}

/* A reason is one line: line ends at its end go, others become blanks. */
static void
one_line(uint8_t *p, size_t *n)
{
	size_t i;

	while (*n > 0 && (p[*n - 1] == '\n' || p[*n - 1] == '\r'))
		p[--*n] = '\0';
	for (i = 0; i < *n; i++)
		if (p[i] == '\n' || p[i] == '\r')
			p[i] = ' ';
}

static int
put_reason(struct cli *c, json_t *body, const struct filing *f)
{
	uint8_t *p = NULL;
	size_t n = 0;
	int status;

	if (f->reason == NULL || strcmp(f->reason, "-") != 0)
		return put_str(c, body, "reason", f->reason);
	if (f->script != NULL)
		return words_usage(c, "request", "new",
		    "--reason - and --script - cannot both read standard input");
	status = read_stdin(c, "--reason", REQ_TEXT_MAX, &p, &n);
	if (status == 0 && p != NULL) {
		one_line(p, &n);
		if (memchr(p, '\0', n) != NULL)
			status = bad_value(c, "--reason", "-", "text");
		else
			status = put_str(c, body, "reason", (char *)p);
	}
	mem_wipe(p, n);
	return status;
}

static int
put_script(struct cli *c, json_t *body, const struct filing *f)
{
	uint8_t *p = NULL;
	char *text = NULL;
	size_t n = 0;
	int status;

	if (f->script == NULL)
		return 0;
	if (strcmp(f->script, "-") != 0)
		return bad_value(c, "--script", f->script,
		    "- (a script comes on standard input)");
	status = read_stdin(c, "--script", SCRIPT_MAX, &p, &n);
	if (status == 0 && n == 0)
		status = cli_refuse(c, SEKISHO_CODE_DATA, "help request new",
		    "--script: nothing came on standard input");
	if (status == 0) {
		text = base64_encode(p, n);
		status = put_str(c, body, "script", text);
	}
	str_wipe(text);
	mem_wipe(p, n);
	return status;
}

/* All fields that were given.  0 or a status. */
static int
build(struct cli *c, json_t *body, const struct filing *f)
{
	json_t *argv = json_from_strv(f->args.rest);
	int s;

	if (argv == NULL)
		return cli_refuse(c, SEKISHO_CODE_DATA, "help request new",
		    "the command is not UTF-8 text");
	(void)json_object_set_new(body, "argv", argv);
	if (f->operators != NULL)
		(void)json_object_set_new(body, "operators",
		    json_from_strv(f->operators));
	if ((s = put_str(c, body, "target", f->target)) != 0 ||
	    (s = put_str(c, body, "run_as", f->run_as)) != 0 ||
	    (s = put_str(c, body, "profile", f->profile)) != 0 ||
	    (s = put_str(c, body, "input", f->input)) != 0 ||
	    (s = put_str(c, body, "label", f->label)) != 0 ||
	    (s = put_str(c, body, "ticket", f->ticket)) != 0 ||
	    (s = put_str(c, body, "on_disconnect", f->on_disconnect)) != 0 ||
	    (s = put_numbers(c, body, f)) != 0 ||
	    (s = put_reason(c, body, f)) != 0)
		return s;
	return put_script(c, body, f);
}

static void
filed(struct cli *c, const json_t *q)
{
	request_echo(c, q);
	request_warnings(c, q);
	out_text(c->out, "state: ");
	out_foreign(c->out, field_str(q, "view"), 64);
	out_text(c->out, ", another person must approve it\nnext: request show ");
	out_foreign(c->out, field_str(q, "id"), 64);
	out_text(c->out, "\n");
}

int
word_request_new(struct cli *c, char *const *argv)
{
	struct filing f = { 0 };
	struct reply reply = { .fd = -1 };
	char why[OPTS_WHY] = "the line is too long";
	json_t *body = json_object();
	int status;

	if (filing_parse(&f, argv, why) != 0)
		status = words_usage(c, "request", "new", why);
	else if (f.args.words != NULL)
		status = words_usage(c, "request", "new",
		    "the command stands behind --");
	else if (strv_len(f.args.rest) == 0)
		status = words_usage(c, "request", "new",
		    "the command is missing: it stands behind --");
	else if ((status = build(c, body, &f)) == 0) {
		status = ledger_call(c, "request-new", body, &reply);
		body = NULL;
	}
	if (status == 0 && f.json)
		out_json(c->out, reply.text, reply.n);
	else if (status == 0)
		filed(c, reply.v);
	json_decref(body);
	reply_free(&reply);
	filing_free(&f);
	return status;
}
