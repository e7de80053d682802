/* call_file.c - the verbs that change a request: new, approve, reject, withdraw. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/call.h"
#include "ledgerd/disk.h"
#include "ledgerd/hash.h"
#include "ledgerd/live.h"
#include "request/canon.h"
#include "request/decide.h"
#include "request/exe.h"
#include "request/filing.h"
#include "request/form.h"

#define FILED_MAX	200	/* requests of one person that wait for a decision */
#define FORM_MAX	(JSON_MAX - 32000)	/* a request must fit its own page, with the decisions and sessions that come */

static int
no_such(struct call *c, uint64_t nr)
{
	return req_refuse(&c->why, SEKISHO_CODE_NOT_FOUND, "request list",
	    "there is no request R%llu", (unsigned long long)nr);
}

static json_t *
filing_entry(const struct call *c, const struct request *r, const char *canon,
    size_t n)
{
	json_t *e = book_entry("request", c->who), *form = NULL;
	const struct req_step *step = &r->steps[0];

	if (json_read(canon, n, &form) != 0 ||
	    entry_json(e, "canon", form) != 0 ||
	    entry_json(e, "warnings", json_from_strv(r->warnings)) != 0 ||
	    entry_int(e, "uses", r->uses) != 0 ||
	    entry_int(e, "filed_at", r->filed_at) != 0 ||
	    entry_int(e, "pending_until", r->pending_until) != 0 ||
	    (step->script == NULL ? entry_text(e, "script_digest", "") :
	    entry_digest(e, "script_digest", step->script_digest)) != 0 ||
	    entry_text(e, "source", c->client->source) != 0 ||
	    entry_id(e, "request", 'R', r->nr) != 0 ||
	    entry_int(e, "revision", r->revision) != 0 ||
	    entry_digest(e, "digest", r->digest) != 0 ||
	    entry_text(e, "reason", r->reason) != 0 ||
	    entry_text(e, "ticket", r->ticket) != 0 ||
	    entry_text(e, "label", r->label) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

static int
store_filing(struct call *c, struct request *r, const char *canon, size_t n)
{
	struct store *s = c->ld->store;
	int err;

	if ((err = store_begin(s)) != 0)
		return err;
	if ((err = db_request_next(s, &r->nr)) == 0 &&
	    (err = db_request_add(s, r, canon, n)) == 0 &&
	    (err = live_add(c->ld, r)) == 0)
		err = book_add(c->ld, filing_entry(c, r, canon, n));
	return store_end(s, err);
}

/* One person must not fill the queue of all approvers. */
static int
may_file_more(struct call *c, int64_t now)
{
	int64_t n;
	int err;

	if ((err = store_number(c->ld->store, STORE_REQUEST_COUNT, STORE_ARGS(
	    store_s(c->who), store_i(now)), 0, &n)) != 0)
		return err;
	if (n >= FILED_MAX)
		return req_refuse(&c->why, SEKISHO_CODE_LIMIT, "request list",
		    "%lld requests of %s wait already, at most %d may",
		    (long long)n, c->who, FILED_MAX);
	return 0;
}

int
call_request_new(struct call *c)
{
	struct request *r = NULL;
	char *canon = NULL;
	size_t n = 0;
	int64_t now = clock_unix();
	int err;

	if (c->ld->is_draining)
		return req_refuse(&c->why, SEKISHO_CODE_STOPPING, "",
		    "the gate is stopping");
	if ((err = disk_may_start(c->ld, &c->why)) != 0 ||
	    (err = keys_may_file(c->ld, &c->why)) != 0 ||
	    (err = may_file_more(c, now)) != 0)
		return err;
	if ((err = filing_read(c->body, &r, &c->why)) != 0 ||
	    (err = filing_check(r, c->ld->snap, c->who, now, &c->why)) != 0 ||
	    (err = exe_find_with(r->steps[0].argv[0], c->ld->command_dirs,
	    &r->steps[0].exe, r->steps[0].exe_digest, &c->why, hash_exe,
	    c->client)) != 0 ||
	    (err = filing_warn(r)) != 0)
		goto out;
	err = canon_make(r, &canon, &n);
	if (err == 0 && (c->reply = form_request(r, now)) == NULL)
		err = ERR_NOMEM;
	if (err == ERR_LIMIT || (err == 0 && json_dumpb(c->reply, NULL, 0,
	    JSON_COMPACT) > FORM_MAX)) {
		err = req_refuse(&c->why, SEKISHO_CODE_LIMIT, "help request",
		    "the request is too long: command and script together "
		    "are more than the gate can show at once");
		goto out;
	}
	if (err != 0 || (err = store_filing(c, r, canon, n)) != 0)
		goto out;
	json_decref(c->reply);
	if ((c->reply = form_request(r, now)) == NULL)	/* now it has its number */
		err = ERR_NOMEM;
	log_info("request filed request=R%llu user=%s run_as=%s profile=%s",
	    (unsigned long long)r->nr, c->who, r->run_as, r->profile);
out:
	str_wipe(canon);
	req_free(r);
	return err;
}

/* What approve, reject and withdraw have in common. */
struct decision {
	const char	*what;
	uint64_t	 nr;
	int64_t		 revision;	/* 0: not given */
	const char	*code, *message;
};

static int
read_decision(struct call *c, const char *what, struct decision *d)
{
	static const char *const keys[] = {
		"id", "revision", "code", "message", NULL
	};
	int r;

	d->what = what;
	if ((r = call_keys(c, keys)) != 0 || (r = call_id(c, &d->nr)) != 0)
		return r;
	if (json_want_int(c->body, "revision", 0, 1, INT32_MAX,
	    &d->revision) != 0)
		return call_bad(c, "revision");
	if (json_want_str(c->body, "code", NULL, &d->code) != 0)
		return call_bad(c, "code");
	if (json_want_str(c->body, "message", "", &d->message) != 0)
		return call_bad(c, "message");
	return filing_text(d->message, REQ_TEXT_MAX, "the message", &c->why);
}

static int
may(struct call *c, const struct decision *d, const struct request *r,
    int64_t now)
{
	int err;

	if (!decide_see(r, c->ld->snap, c->who))
		return no_such(c, d->nr);
	if (strcmp(d->what, "approve") == 0) {
		err = decide_approve(r, c->ld->snap, c->who, now, &c->why);
		return err != 0 ? err :
		    decide_code(r, d->revision, d->code, &c->why);
	}
	err = strcmp(d->what, "reject") == 0 ?
	    decide_reject(r, c->ld->snap, c->who, now, &c->why) :
	    decide_withdraw(r, c->who, now, &c->why);
	if (err == 0 && d->revision != 0 && d->revision != r->revision)
		err = decide_code(r, d->revision, NULL, &c->why);
	return err;
}

/* The new state, if the decision makes one. */
static int
apply(struct call *c, const struct decision *d, struct request *r, int64_t now)
{
	struct store *s = c->ld->store;
	struct store_arg nr = store_i((int64_t)r->nr);
	uint32_t have, need;
	int err = 0;

	if (strcmp(d->what, "approve") == 0) {
		decide_count(r, c->ld->snap, &have, &need);
		if (have < need)
			return 0;
		r->state = REQ_APPROVED;
		req_window(r, now, &r->start_at, &r->end_at);
		err = store_run(s, STORE_REQUEST_STATE, STORE_ARGS(nr,
		    store_s("approved"), store_i(r->start_at),
		    store_i(r->end_at)));
	} else {
		r->state = strcmp(d->what, "reject") == 0 ? REQ_REJECTED :
		    REQ_WITHDRAWN;
		err = store_run(s, STORE_REQUEST_CLOSE, STORE_ARGS(nr,
		    store_s(req_state_name(r->state))));
	}
	return err != 0 ? err : store_changed(s) == 1 ? 0 : ERR_CONFLICT;
}

static json_t *
decision_entry(const struct call *c, const struct decision *d,
    const struct request *r, int64_t now)
{
	json_t *e = book_entry("decision", c->who);

	/* the window is part of what approval gives */
	if (strcmp(d->what, "approve") == 0 && r->state == REQ_APPROVED &&
	    (entry_int(e, "start_at", r->start_at) != 0 ||
	    entry_int(e, "end_at", r->end_at) != 0)) {
		json_decref(e);
		return NULL;
	}
	if (entry_int(e, "decided_at", now) != 0 || entry_text(e, "source", c->client->source) != 0 ||
	    entry_text(e, "decision", d->what) != 0 ||
	    entry_id(e, "request", 'R', r->nr) != 0 ||
	    entry_int(e, "revision", r->revision) != 0 ||
	    entry_digest(e, "digest", r->digest) != 0 ||
	    entry_text(e, "state", req_state_name(r->state)) != 0 ||
	    entry_text(e, "message", d->message) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

/* One transaction: read, judge, write the decision, the state, the entry. */
static int
decide_now(struct call *c, const struct decision *d, struct request **out)
{
	struct store *s = c->ld->store;
	int64_t now = clock_unix();
	struct req_decision *x;
	struct request *r;
	int err;

	err = db_request(s, d->nr, out);
	if (err == ERR_NOTFOUND)
		return no_such(c, d->nr);
	if (err != 0)
		return err;
	r = *out;
	if ((err = may(c, d, r, now)) != 0)
		return err;
	if ((x = req_add_decision(r)) == NULL)
		return req_refuse(&c->why, SEKISHO_CODE_LIMIT, "",
		    "no more decisions can be kept for R%llu",
		    (unsigned long long)r->nr);
	x->who = strdup(c->who);
	x->what = strdup(d->what);
	x->message = strdup(d->message);
	x->at = now;
	x->revision = r->revision;
	memcpy(x->digest, r->digest, DIGEST_LEN);
	if (x->who == NULL || x->what == NULL || x->message == NULL)
		return ERR_NOMEM;
	if ((err = db_decision_add(s, r, x)) != 0 ||
	    (err = apply(c, d, r, now)) != 0)
		return err;
	return book_add(c->ld, decision_entry(c, d, r, now));
}

static void
tell_log(const struct call *c, const char *what, const struct request *r)
{
	log_info("request decided request=R%llu user=%s decision=%s state=%s",
	    (unsigned long long)r->nr, c->who, what, req_state_name(r->state));
}

static int
decide_what(struct call *c, const char *what)
{
	struct decision d = { 0 };
	struct request *r = NULL;
	int err;

	if ((err = read_decision(c, what, &d)) != 0 ||
	    (strcmp(what, "approve") == 0 &&
	    ((err = disk_may_start(c->ld, &c->why)) != 0 ||
	    (err = keys_may_file(c->ld, &c->why)) != 0)) ||
	    (err = store_begin(c->ld->store)) != 0)
		return err;
	err = store_end(c->ld->store, decide_now(c, &d, &r));
	if (err == 0)
		tell_log(c, what, r);
	if (err == 0 && (c->reply = form_request(r, clock_unix())) == NULL)
		err = ERR_NOMEM;
	req_free(r);
	return err;
}

int
call_request_approve(struct call *c)
{
	return decide_what(c, "approve");
}

int
call_request_reject(struct call *c)
{
	return decide_what(c, "reject");
}

int
call_request_withdraw(struct call *c)
{
	return decide_what(c, "withdraw");
}
