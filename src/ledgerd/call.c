/* call.c - questions of people: the table of verbs, and their answers. */
#include "ledgerd/call.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/disk.h"
#include "ledgerd/hash.h"
#include "ledgerd/local.h"
#include "request/decide.h"
#include "request/form.h"

static const struct verb {
	const char	*name;
	call_fn		*fn;
	int		 decides;	/* not at the local door, unless local_decisions */
	int		 is_page;	/* of a whole ledger: as many as it needs, once "verify-begin" was written down */
	int		 for_root;	/* uid 0 of this host may ask it too, who is nobody here */
} verbs[] = {
	{ "whoami",		call_whoami, 0, 0, 0 },
	{ "waiting",		call_waiting, 0, 0, 0 },
	{ "request-new",	call_request_new, 1, 0, 0 },
	{ "request-list",	call_request_list, 0, 0, 0 },
	{ "request-show",	call_request_show, 0, 0, 0 },
	{ "request-approve",	call_request_approve, 1, 0, 0 },
	{ "request-reject",	call_request_reject, 1, 0, 0 },
	{ "request-withdraw",	call_request_withdraw, 1, 0, 0 },
	{ "session-list",	call_session_list, 0, 0, 0 },
	{ "session-show",	call_session_show, 0, 0, 0 },
	{ "session-open",	call_session_open, 0, 0, 0 },
	{ "audit-log",		call_audit_log, 0, 0, 0 },
	{ "review-list",	call_review_list, 0, 0, 0 },
	{ "review-next",	call_review_next, 0, 0, 0 },
	{ "review-show",	call_review_show, 0, 0, 0 },
	{ "review-seen",	call_review_seen, 0, 0, 0 },
	{ "review-verdict",	call_review_verdict, 1, 0, 0 },
	{ "audit-head",		call_audit_head, 0, 0, 0 },
	{ "audit-proof",	call_audit_proof, 0, 0, 0 },
	{ "verify-begin",	call_verify_begin, 0, 0, 0 },
	{ "verify-entries",	call_verify_entries, 0, 1, 0 },
	{ "verify-rows",	call_verify_rows, 0, 1, 0 },
	{ "verify-heads",	call_verify_heads, 0, 1, 0 },
	{ "verify-open",	call_verify_open, 0, 1, 0 },
	{ "verify-files",	call_verify_files, 0, 1, 0 },
	{ "profile-list",	call_profile_list, 0, 0, 0 },
	{ "profile-show",	call_profile_show, 0, 0, 0 },
	{ "status",		call_status, 0, 0, 1 },
	{ "refused",		call_refused, 0, 0, 0 },
};

int
call_bad(struct call *c, const char *field)
{
	return req_refuse(&c->why, SEKISHO_CODE_DATA, "help",
	    "\"%s\" is missing, of the wrong kind or out of range", field);
}

int
call_keys(struct call *c, const char *const *keys)
{
	const char *unknown = NULL;

	if (json_is_object(c->body) &&
	    json_only_keys(c->body, keys, &unknown) == 0)
		return 0;
	return req_refuse(&c->why, SEKISHO_CODE_DATA, "help",
	    "the question has a field that is not known");
}

int
call_id(struct call *c, uint64_t *nr)
{
	int64_t v = 0;

	if (json_want_int(c->body, "id", 0, 1, INT64_MAX, &v) != 0 || v == 0)
		return call_bad(c, "id");
	*nr = (uint64_t)v;
	return 0;
}

int
page_add(struct page *p, json_t *v)
{
	size_t n;

	if (v == NULL)
		return ERR_NOMEM;
	n = json_dumpb(v, NULL, 0, JSON_COMPACT) + 1;
	if (json_array_size(p->list) >= PAGE || (p->bytes > 0 &&
	    n > PAGE_BYTES - p->bytes)) {
		p->is_full = 1;
		json_decref(v);
		return 1;
	}
	p->bytes = n > PAGE_BYTES - p->bytes ? PAGE_BYTES : p->bytes + n;
	return json_array_append_new(p->list, v) == 0 ? 0 : ERR_NOMEM;
}

static const struct verb *
find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int
is_for_root(const char *name)
{
	const struct verb *v = find_verb(name);

	return v != NULL && v->for_root;
}

/*
 * Who holds a recording reads what a stranger wrote: should it take the word
 * over, the word still decides nothing.
 */
static int
may_ask(struct call *c, const struct verb *v)
{
	if (v->decides && local_is(c->client) &&
	    !c->ld->snap->head.local_decisions)
		return req_refuse(&c->why, SEKISHO_CODE_NOT_ALLOWED, "",
		    "on the host itself people only read: do this over ssh");
	if (v->decides && c->client->has_recording)
		return req_refuse(&c->why, SEKISHO_CODE_NOT_ALLOWED, "",
		    "a word that was given a recording decides nothing: do "
		    "this with a word of its own");
	if (v->is_page && !c->client->is_checking)
		return req_refuse(&c->why, SEKISHO_CODE_STATE, "verify",
		    "that the ledger is checked was not written down yet");
	return 0;
}

/* Is this person still somebody, and does the verb exist? */
static int
run(struct call *c, const char *name, const struct blob *body, json_t **parsed)
{
	const struct verb *v = find_verb(name);
	int r;

	if (!c->client->is_root && (c->ld->snap == NULL ||
	    !decide_has_role(c->ld->snap, c->who, ~0U)))
		return req_refuse(&c->why, SEKISHO_CODE_REVOKED, "",
		    "this account holds no role any more");
	if (v == NULL)
		return req_refuse(&c->why, SEKISHO_CODE_USAGE, "help",
		    "there is no such question");
	if ((r = may_ask(c, v)) != 0)
		return r;
	if (json_read(body->p, body->n, parsed) != 0 ||
	    !json_is_object(*parsed))
		return req_refuse(&c->why, SEKISHO_CODE_DATA, "help",
		    "the question is not a JSON object");
	c->body = *parsed;
	if ((r = v->fn(c)) != 0)
		return r;
	/* a list tells who reads the JSON alone whether it goes on */
	if (!v->is_page && json_object_get(c->reply, "next") != NULL &&
	    json_object_set_new(c->reply, "more", json_boolean(c->more)) != 0)
		return ERR_NOMEM;
	if (v->fn == call_verify_begin)
		c->client->is_checking = 1;
	if (c->fd >= 0)
		c->client->has_recording = 1;
	return 0;
}

static int
answer(struct call *c, uint32_t id, const char *code, const json_t *v)
{
	struct msg_reply m = { 0 };
	char *text = NULL;
	size_t n;
	int r;

	if ((r = json_canonical(v, &text, &n)) != 0)
		return r;
	m.code = (char *)(uintptr_t)code;
	m.body = (struct blob){ (uint8_t *)text, n };
	m.more = (uint8_t)(c->more != 0);
	r = chan_put_reply(c->client->chan, id, &m, &c->fd,
	    c->fd < 0 ? 0 : 1);
	str_wipe(text);
	return r;
}

/* The entry of a refusal that a person reads. */
static int
write_refusal(const struct call *c, const char *code, const char *asked,
    const char *reason)
{
	json_t *e = book_refusal(c->client, code, asked, reason);
	int r;

	if ((r = entry_text(e, "what", "word-refused")) != 0) {
		json_decref(e);
		return r;
	}
	return book_alone(c->ld, e);
}

static int
is_code(const char *word)
{
	unsigned int i;

	for (i = 0; i < SEKISHO_CODES; i++)
		if (strcmp(sekisho_code_word((enum sekisho_code)i), word) == 0)
			return 1;
	return 0;
}

/* What the gate's own program refused before it came to a question. */
int
call_refused(struct call *c)
{
	static const char *const keys[] = { "code", "asked", "reason", NULL };
	const char *code, *asked, *reason;
	int r;

	if ((r = call_keys(c, keys)) != 0)
		return r;
	if (json_want_str(c->body, "code", "", &code) != 0 || !is_code(code))
		return call_bad(c, "code");
	if (json_want_str(c->body, "asked", "", &asked) != 0 ||
	    strlen(asked) > REASON_MAX)
		return call_bad(c, "asked");
	if (json_want_str(c->body, "reason", "", &reason) != 0 ||
	    strlen(reason) > REASON_MAX)
		return call_bad(c, "reason");
	if ((r = write_refusal(c, code, asked, reason)) != 0)
		return r;
	return (c->reply = json_object()) == NULL ? ERR_NOMEM : 0;
}

static int
answer_no(struct call *c, uint32_t id, const char *verb)
{
	const char *code = sekisho_code_word(c->why.code);
	json_t *v;
	int r;

	r = write_refusal(c, code, verb, c->why.reason);
	/* no room for an entry about it is no reason to say nothing */
	if (r != 0 && r != ERR_FULL)
		return r;
	if ((v = form_refusal(&c->why)) == NULL)
		return ERR_NOMEM;
	c->more = 0;
	fd_close(&c->fd);		/* opened before its entry failed */
	r = answer(c, id, code, v);
	json_decref(v);
	return r;
}

/* 1: put aside until an executable is hashed. */
static int
ask(struct client *p, uint32_t id, struct msg_call *b)
{
	struct call c = { .client = p, .ld = p->ld, .who = p->user, .fd = -1 };
	struct msg no = { .type = MSG_CALL, .id = id };
	json_t *parsed = NULL;
	int r;

	r = p->is_root && !is_for_root(b->verb) ? ERR_DENIED :
	    run(&c, b->verb, &b->body, &parsed);
	if (r == 0)
		r = answer(&c, id, SEKISHO_CODE_OK, c.reply);
	if (r == 0 && find_verb(b->verb)->is_page)
		p->ncalls--;
	if (r == ERR_FULL)
		r = disk_is_full(&c.why);
	if (r == ERR_LIMIT)
		r = req_refuse(&c.why, SEKISHO_CODE_LIMIT, "",
		    "the answer is longer than %d bytes", JSON_MAX);
	if (r == ERR_DENIED)
		r = p->is_root ? local_turn_away(p, &no) : answer_no(&c, id,
		    find_verb(b->verb) == NULL ? "?" : b->verb);
	fd_close(&c.fd);
	json_decref(c.reply);
	json_decref(parsed);
	return r;
}

int
on_call(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_call b = { 0 };
	int r;

	if (m->type != MSG_CALL || ++p->ncalls > CALLS_MAX)
		return ERR_DENIED;
	if ((r = msg_call_get(m->body, &b)) != 0)
		return r;
	r = ask(p, m->id, &b);
	if (r == 1) {
		p->later = b;
		p->later_id = m->id;
		return 0;
	}
	msg_call_free(&b);
	return r;
}

int
call_go_on(struct client *p)
{
	int r;

	if (hash_step(p) == 0)
		return 0;
	r = ask(p, p->later_id, &p->later);
	msg_call_free(&p->later);
	memset(&p->later, 0, sizeof(p->later));
	hash_free(p);		/* it was refused before it came to that */
	return r == 1 ? ERR_INTERNAL : r;
}
