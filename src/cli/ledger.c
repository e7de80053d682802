/* ledger.c - asking the ledger over the channel that speaks for this person. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/out.h"
#include "wire/chan.h"

/* seal_grace's default: longer than that, the ledger counts as away. */
#define ANSWER_MS	30000
#define ASKED_MAX	2048	/* of the words typed, in the entry of a refusal */

/* What can be done when whoever refused has nothing better to say. */
static void
default_next(struct cli *c, const char *code, char out[NEXT_MAX + 1])
{
	const char *word = c->argv == NULL ? NULL : c->argv[0];

	if (strcmp(code, sekisho_code_word(SEKISHO_CODE_REVOKED)) == 0)
		word = "whoami";
	else if (strcmp(code, sekisho_code_word(SEKISHO_CODE_STOPPING)) == 0)
		word = "the same command again when the gate is back";
	else if (word == NULL || strcmp(word, "shell") == 0)
		word = "help";
	else {
		(void)snprintf(out, NEXT_MAX + 1, "help %s", word);
		return;
	}
	(void)snprintf(out, NEXT_MAX + 1, "%s", word);
}

/* The answer of a program that asked for JSON. */
static void
refused_json(struct cli *c, const char *code, const char *reason,
    const char *next)
{
	json_t *o = json_pack("{s:o, s:o, s:o}", "code", json_text(code),
	    "next", json_text(next), "reason", json_text(reason));
	char *text = NULL;
	size_t n = 0;

	if (o != NULL && json_canonical(o, &text, &n) == 0)
		out_json(c->out, text, n);
	else
		(void)out_whole(c->out, NULL);
	str_wipe(text);
	json_decref(o);
}

static void
refused_text(struct cli *c, const char *code, const char *reason,
    const char *next)
{
	char other[NEXT_MAX + 1];

	if (next == NULL || *next == '\0') {
		default_next(c, code, other);
		next = other;
	}
	if (c->wants_json)
		refused_json(c, code, reason, next);
	out_text(c->err, "sekisho: refused [");
	out_foreign(c->err, code, CODE_MAX);
	out_text(c->err, "] ");
	out_foreign(c->err, reason, REASON_MAX);
	out_text(c->err, "\nnext: ");
	out_foreign(c->err, next, NEXT_MAX);
	out_text(c->err, "\n");
}

static int
send_call(struct cli *c, const char *verb, json_t *body)
{
	struct msg_call call = { .verb = strdup(verb) };
	char *text = NULL;
	int r;

	if (call.verb == NULL || body == NULL)
		r = ERR_NOMEM;
	else if ((r = json_canonical(body, &text, &call.body.n)) == 0) {
		call.body.p = (uint8_t *)text;
		r = chan_put_call(c->ledger, ++c->calls, &call, NULL, 0);
	}
	str_wipe(call.verb);
	str_wipe(text);
	json_decref(body);
	return r;
}

/* Waits for the answer to the last call. */
static int
wait_reply(struct cli *c, struct msg *m)
{
	int r;

	if ((r = chan_wait(c->ledger, m, ANSWER_MS)) != 0)
		return r;
	if (m->type == MSG_REPLY && m->id == c->calls)
		return 0;
	log_error("answer does not fit msg=%s id=%u", msg_name(m->type), m->id);
	msg_done(m);
	return ERR_FORMAT;
}

/* The entry of a refusal that the ledger did not make itself. */
static void
write_down(struct cli *c, const char *code, const char *reason)
{
	char *asked = escape_argv(c->argv, ASKED_MAX);
	struct msg m;
	int r;

	r = send_call(c, "refused", json_pack("{s:s, s:o, s:o}", "code", code,
	    "asked", json_text(asked == NULL ? "?" : asked), "reason",
	    json_text(reason)));
	str_wipe(asked);
	if (r == 0 && (r = wait_reply(c, &m)) == 0)
		msg_done(&m);
	if (r != 0)
		log_error("refusal without entry code=%s error=%s", code,
		    err_name(r));
}

int
cli_refuse(struct cli *c, enum sekisho_code code, const char *next,
    const char *fmt, ...)
{
	const char *word = sekisho_code_word(code);
	char reason[REASON_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	if (c->ledger != NULL && code != SEKISHO_CODE_UNAVAILABLE)
		write_down(c, word, reason);
	refused_text(c, word, reason, next);
	return sekisho_code_status(word);
}

static int
unavailable(struct cli *c, const char *why)
{
	return cli_refuse(c, SEKISHO_CODE_UNAVAILABLE,
	    "the same command again in a few seconds", "%s", why);
}

/* The answer no: prints it and returns its status. */
static int
refused(struct cli *c, const char *code, const json_t *v)
{
	if (!c->is_quiet)
		refused_text(c, code, field_str(v, "reason"),
		    field_str(v, "next"));
	return sekisho_code_status(code);
}

/* Takes the message apart; 0, or a status after printing why. */
static int
take_reply(struct cli *c, struct msg *m, struct reply *out)
{
	struct msg_reply reply = { 0 };
	int status = 0;

	if (msg_reply_get(m->body, &reply) != 0 ||
	    json_read(reply.body.p, reply.body.n, &out->v) != 0 ||
	    !json_is_object(out->v)) {
		log_error("answer is no JSON object");
		status = unavailable(c, "the ledger's answer cannot be read");
	} else if (strcmp(reply.code, SEKISHO_CODE_OK) != 0)
		status = refused(c, reply.code, out->v);
	if (status == 0) {
		out->text = (char *)reply.body.p;
		out->n = reply.body.n;
		out->more = reply.more;
		out->fd = msg_take_fd(m, 0);
		reply.body.p = NULL;
		reply.body.n = 0;
	}
	msg_reply_free(&reply);
	return status;
}

int
ledger_call(struct cli *c, const char *verb, json_t *body, struct reply *out)
{
	struct msg m;
	int r, status;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	r = send_call(c, verb, body);
	if (r == ERR_LIMIT || r == ERR_FORMAT)
		return cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
		    "what was typed is longer than one message to the ledger");
	if (r != 0 || (r = wait_reply(c, &m)) != 0) {
		log_error("ledger does not answer verb=%s error=%s", verb,
		    err_name(r));
		return unavailable(c, r == ERR_TIMEOUT ?
		    "the ledger did not answer in time" :
		    "the ledger cannot be reached");
	}
	status = take_reply(c, &m, out);
	msg_done(&m);
	if (status != 0)
		reply_free(out);
	return status;
}

void
reply_free(struct reply *r)
{
	json_decref(r->v);
	mem_wipe(r->text, r->n);
	fd_close(&r->fd);
	r->v = NULL;
	r->text = NULL;
	r->n = 0;
}

const char *
field_str(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

int64_t
field_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

const json_t *
field_array(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_array(v) ? v : NULL;
}

int64_t
field_time(const json_t *o, const char *key)
{
	const char *s = field_str(o, key);
	int64_t t;

	/* a time of day or "+2h" is no answer */
	return strlen(s) < 16 || clock_parse(s, 0, &t) != 0 ? 0 : t;
}
