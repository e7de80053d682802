/* form.c - a request as JSON. */
#include "request/form.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypt/base64.h"
#include "request/canon.h"

#define ID	32

json_t *
form_time(int64_t t)
{
	char text[CLOCK_TEXT];

	return t == REQ_NONE ? json_null() : json_string(clock_iso(text, t));
}

static json_t *
form_steps(const struct request *r)
{
	json_t *list = json_array(), *o;
	const struct req_step *s;
	char *script;
	size_t i;

	for (i = 0; i < r->nsteps; i++) {
		s = &r->steps[i];
		o = json_pack("{s:o, s:s, s:o}", "argv",
		    json_from_strv(s->argv), "exe", s->exe, "exe_digest",
		    canon_hex(s->exe_digest));
		if (s->script != NULL &&
		    (script = base64_encode(s->script, s->script_len)) !=
		    NULL) {
			json_object_set_new(o, "script", json_string(script));
			json_object_set_new(o, "script_digest",
			    canon_hex(s->script_digest));
			str_wipe(script);
		}
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
form_decisions(const struct request *r)
{
	json_t *list = json_array();
	const struct req_decision *d;
	size_t i;

	for (i = 0; i < r->ndecisions; i++) {
		d = &r->decisions[i];
		json_array_append_new(list, json_pack(
		    "{s:s, s:s, s:o, s:s, s:I}", "by", d->who, "what",
		    d->what, "at", form_time(d->at), "message", d->message,
		    "revision", (json_int_t)d->revision));
	}
	return list;
}

static json_t *
form_sessions(const struct request *r)
{
	json_t *list = json_array();
	char id[ID];
	size_t i;

	for (i = 0; i < r->nsessions; i++) {
		(void)snprintf(id, sizeof(id), "S%llu",
		    (unsigned long long)r->sessions[i]);
		json_array_append_new(list, json_string(id));
	}
	return list;
}

/* What the digest covers, beside "steps": enough to make the canonical form again. */
static int
add_bound(json_t *o, const struct request *r)
{
	return json_object_update_new(o, json_pack("{s:s, s:o, s:s, s:s, s:s,"
	    " s:o, s:o, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:s, s:o}",
	    "requester", r->requester,
	    "operators", json_from_strv(r->operators),
	    "target", r->target, "run_as", r->run_as, "profile", r->profile,
	    "profile_digest", canon_hex(r->profile_digest),
	    "steps", form_steps(r), "input", r->input,
	    "on_disconnect", r->on_disconnect,
	    "max_run", (json_int_t)r->max_run, "uses", (json_int_t)r->uses,
	    "bound_span", (json_int_t)r->span,
	    "bound_from", canon_moment(r->from),
	    "bound_until", canon_moment(r->until), "cwd", "/",
	    "digest", canon_hex(r->digest)));
}

static int
add_rest(json_t *o, const struct request *r, int64_t now)
{
	enum req_view view = req_view(r, now);
	char id[ID], code[REQ_CODE];

	(void)snprintf(id, sizeof(id), "R%llu", (unsigned long long)r->nr);
	return json_object_update_new(o, json_pack("{s:s, s:I, s:I, s:s, s:s,"
	    " s:s, s:o, s:o, s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
	    "id", id, "nr", (json_int_t)r->nr,
	    "revision", (json_int_t)r->revision, "code", canon_code(code, r),
	    "state", view == VIEW_EXPIRED ? "expired" :
	    req_state_name(r->state), "view", req_view_name(view),
	    "from", form_time(r->start_at != REQ_NONE ? r->start_at : r->from),
	    "until", form_time(r->end_at != REQ_NONE ? r->end_at : r->until),
	    "used", (json_int_t)r->used, "reason", r->reason,
	    "ticket", r->ticket, "label", r->label,
	    "filed", form_time(r->filed_at),
	    "pending_until", form_time(r->pending_until),
	    "decisions", form_decisions(r),
	    "warnings", json_from_strv(r->warnings),
	    "sessions", form_sessions(r)));
}

json_t *
form_request(const struct request *r, int64_t now)
{
	json_t *o = json_object();

	if (o == NULL || add_bound(o, r) != 0 || add_rest(o, r, now) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

json_t *
form_refusal(const struct req_refusal *why)
{
	return json_pack("{s:s, s:o, s:s}", "code",
	    sekisho_code_word(why->code), "reason", json_text(why->reason),
	    "next", why->next);
}
