/* ask.c - CALL and REPLY on a channel of a person. */
#include "verify/ask.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "sekisho/code.h"
#include "wire/chan.h"

/* A gate under load answers later, not never. */
#define ANSWER_MS	60000

static int
send_call(const struct ask *a, const char *verb, json_t *body)
{
	struct msg_call call = { .verb = (char *)(uintptr_t)verb };
	char *text = NULL;
	int r;

	if (body == NULL)
		return ERR_NOMEM;
	if ((r = json_canonical(body, &text, &call.body.n)) == 0) {
		call.body.p = (uint8_t *)text;
		r = chan_put_call(a->chan, ++*a->calls, &call, NULL, 0);
	}
	str_wipe(text);
	json_decref(body);
	return r;
}

static int
take(const struct ask *a, const char *verb, struct msg *m, struct answer *out)
{
	struct msg_reply reply = { 0 };
	const char *why;
	int r;

	if (m->type != MSG_REPLY || m->id != *a->calls ||
	    msg_reply_get(m->body, &reply) != 0)
		return ERR_FORMAT;
	r = json_read(reply.body.p, reply.body.n, &out->v);
	if (r == 0 && !json_is_object(out->v))
		r = ERR_FORMAT;
	if (r == 0 && strcmp(reply.code, SEKISHO_CODE_OK) != 0) {
		why = json_string_value(json_object_get(out->v, "reason"));
		log_error("refused verb=%s code=%s: %s", verb, reply.code,
		    why == NULL ? "" : why);
		r = ERR_DENIED;
	}
	if (r == 0) {
		out->more = reply.more;
		out->fd = msg_take_fd(m, 0);
	}
	msg_reply_free(&reply);
	return r;
}

int
ask(const struct ask *a, const char *verb, json_t *body, struct answer *out)
{
	struct msg m;
	int r;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	if ((r = send_call(a, verb, body)) == 0 &&
	    (r = chan_wait(a->chan, &m, ANSWER_MS)) == 0) {
		r = take(a, verb, &m, out);
		msg_done(&m);
	}
	if (r == 0)
		return 0;
	if (r != ERR_DENIED)
		log_error("the gate does not answer verb=%s error=%s", verb,
		    err_name(r));
	answer_free(out);
	return r;
}

void
answer_free(struct answer *a)
{
	json_decref(a->v);
	a->v = NULL;
	fd_close(&a->fd);
}
