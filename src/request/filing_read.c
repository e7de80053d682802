/* filing_read.c - the body of request-new: types, lengths and characters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/strv.h"
#include "crypt/base64.h"
#include "crypt/sha256.h"
#include "request/filing.h"
#include "request/split.h"

#define HELP	"help request"

static const char *const keys[] = {
	"argv", "target", "run_as", "profile", "input", "from", "until",
	"until_span", "uses", "operators", "reason", "ticket", "label",
	"script", "on_disconnect", "max_run", NULL
};

int
filing_text(const char *s, size_t max, const char *what,
    struct req_refusal *why)
{
	size_t n = strlen(s), at = 0, len;
	unsigned int cp;

	if (n > max)
		return req_refuse(why, SEKISHO_CODE_LIMIT, HELP,
		    "%s is %zu bytes long, at most %zu are allowed", what, n,
		    max);
	while (at < n) {
		len = escape_utf8(s + at, n - at, &cp);
		if (len == 0)
			return req_refuse(why, SEKISHO_CODE_SYNTAX, HELP,
			    "%s is not UTF-8 at byte %zu", what, at + 1);
		if (!escape_is_plain(cp))
			return req_refuse(why, SEKISHO_CODE_SYNTAX, HELP,
			    "%s holds the control or invisible character "
			    "U+%04X at byte %zu", what, cp, at + 1);
		at += len;
	}
	return 0;
}

static int
bad(struct req_refusal *why, const char *key)
{
	return req_refuse(why, SEKISHO_CODE_DATA, HELP,
	    "\"%s\" is not of the right kind or out of range", key);
}

/* A name of ours: letters, digits, and . _ - @ behind the first. */
static int
take_name(const json_t *o, const char *key, size_t max, char **out,
    struct req_refusal *why)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:";
	const char *s;

	if (json_want_str(o, key, NULL, &s) != 0)
		return bad(why, key);
	if (s == NULL)
		return 0;
	if (s[0] == '\0' || strlen(s) > max || s[0] == '-' ||
	    strspn(s, plain) != strlen(s))
		return req_refuse(why, SEKISHO_CODE_DATA, HELP,
		    "\"%s\" is not a name of at most %zu letters", key, max);
	return (*out = strdup(s)) == NULL ? ERR_NOMEM : 0;
}

static int
take_text(const json_t *o, const char *key, size_t max, char **out,
    struct req_refusal *why)
{
	const char *s;
	int r;

	if (json_want_str(o, key, "", &s) != 0)
		return bad(why, key);
	if ((r = filing_text(s, max, key, why)) != 0)
		return r;
	return (*out = strdup(s)) == NULL ? ERR_NOMEM : 0;
}

static int
take_words(const json_t *o, struct req_step *step, struct req_refusal *why)
{
	size_t i, n, total = 0;
	char what[32];
	int r;

	if (json_want_strv(o, "argv", &step->argv) != 0)
		return bad(why, "argv");
	if ((n = strv_len(step->argv)) == 0 || step->argv[0][0] == '\0')
		return req_refuse(why, SEKISHO_CODE_USAGE, HELP,
		    "no command was given behind --");
	if (n > ARGV_WORDS_MAX)
		return req_refuse(why, SEKISHO_CODE_LIMIT, HELP,
		    "the command has %zu words, at most %d are allowed", n,
		    ARGV_WORDS_MAX);
	for (i = 0; i < n; i++) {
		total += strlen(step->argv[i]) + 1;
		(void)snprintf(what, sizeof(what), "word %zu", i + 1);
		if ((r = filing_text(step->argv[i], ARGV_BYTES_MAX, what,
		    why)) != 0)
			return r;
	}
	if (total > ARGV_BYTES_MAX)
		return req_refuse(why, SEKISHO_CODE_LIMIT, HELP,
		    "the command is %zu bytes long, at most %d are allowed",
		    total, ARGV_BYTES_MAX);
	if (split_is_gateway_word(step->argv[0]))
		return req_refuse(why, SEKISHO_CODE_SYNTAX, HELP,
		    "%s is a gateway word: give a command of that name by "
		    "its path", step->argv[0]);
	return 0;
}

static int
take_script(const json_t *o, struct req_step *step, struct req_refusal *why)
{
	const char *s;
	int r;

	if (json_want_str(o, "script", NULL, &s) != 0)
		return bad(why, "script");
	if (s == NULL)
		return 0;
	r = base64_decode(s, SCRIPT_MAX, &step->script, &step->script_len);
	if (r == ERR_LIMIT)
		return req_refuse(why, SEKISHO_CODE_LIMIT, HELP,
		    "the script is longer than %d bytes", SCRIPT_MAX);
	if (r == ERR_FORMAT || (r == 0 && step->script_len == 0))
		return bad(why, "script");
	if (r != 0)
		return r;
	return sha256_mem(step->script, step->script_len,
	    step->script_digest);
}

static int
is_input(const char *s)
{
	static const char *const plain[] = { "none", "tty", "pipe", "any" };
	uint8_t digest[SHA256_LEN];
	char hex[SHA256_HEX];
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(s, plain[i]) == 0)
			return 1;
	return strncmp(s, "sha256:", 7) == 0 &&
	    sha256_parse(s + 7, digest) == 0 &&
	    strcmp(sha256_hex(hex, digest), s + 7) == 0;
}

static int
take_choices(const json_t *o, struct request *r, struct req_refusal *why)
{
	const char *input, *end;

	if (json_want_str(o, "input", "none", &input) != 0 ||
	    !is_input(input))
		return req_refuse(why, SEKISHO_CODE_DATA, HELP,
		    "input is none, tty, pipe, any, or sha256: and 64 "
		    "lower-case hex digits");
	if (json_want_str(o, "on_disconnect", "kill", &end) != 0 ||
	    (strcmp(end, "kill") != 0 && strcmp(end, "continue") != 0))
		return req_refuse(why, SEKISHO_CODE_DATA, HELP,
		    "on-disconnect is kill or continue");
	if ((r->input = strdup(input)) == NULL ||
	    (r->on_disconnect = strdup(end)) == NULL)
		return ERR_NOMEM;
	return 0;
}

static int
take_numbers(const json_t *o, struct request *r, struct req_refusal *why)
{
	int64_t uses;

	if (json_want_int(o, "from", REQ_NONE, 0, INT64_MAX / 4,
	    &r->from) != 0)
		return bad(why, "from");
	if (json_want_int(o, "until", REQ_NONE, 0, INT64_MAX / 4,
	    &r->until) != 0)
		return bad(why, "until");
	if (json_want_int(o, "until_span", 0, 1, INT32_MAX, &r->span) != 0)
		return bad(why, "until_span");
	if (json_want_int(o, "max_run", 0, 1, INT32_MAX, &r->max_run) != 0)
		return bad(why, "max_run");
	if (json_want_int(o, "uses", 1, 1, INT32_MAX, &uses) != 0)
		return bad(why, "uses");
	r->uses = (uint32_t)uses;
	if (r->until != REQ_NONE && r->span != 0)
		return req_refuse(why, SEKISHO_CODE_DATA, HELP,
		    "until and until_span cannot both be given");
	return 0;
}

int
filing_read(const json_t *body, struct request **out, struct req_refusal *why)
{
	const char *unknown = NULL;
	struct request *r = NULL;
	int err;

	if (!json_is_object(body))
		return bad(why, "body");
	if (json_only_keys(body, keys, &unknown) != 0)
		return req_refuse(why, SEKISHO_CODE_DATA, HELP,
		    "a request has no such field");
	if ((r = req_new()) == NULL ||
	    (r->steps = calloc(1, sizeof(*r->steps))) == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	r->nsteps = 1;
	if ((err = take_words(body, &r->steps[0], why)) != 0 ||
	    (err = take_script(body, &r->steps[0], why)) != 0 ||
	    (err = take_name(body, "target", NAME_MAX_LEN, &r->target,
	    why)) != 0 ||
	    (err = take_name(body, "run_as", USER_MAX, &r->run_as,
	    why)) != 0 ||
	    (err = take_name(body, "profile", NAME_MAX_LEN, &r->profile,
	    why)) != 0 ||
	    (err = take_choices(body, r, why)) != 0 ||
	    (err = take_numbers(body, r, why)) != 0 ||
	    (err = take_text(body, "reason", REQ_TEXT_MAX, &r->reason,
	    why)) != 0 ||
	    (err = take_text(body, "ticket", NAME_MAX_LEN, &r->ticket,
	    why)) != 0 ||
	    (err = take_text(body, "label", NAME_MAX_LEN, &r->label,
	    why)) != 0)
		goto out;
	if (json_want_strv(body, "operators", &r->operators) != 0) {
		err = bad(why, "operators");
		goto out;
	}
	*out = r;
	r = NULL;
out:
	req_free(r);
	return err;
}
