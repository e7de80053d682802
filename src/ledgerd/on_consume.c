/* on_consume.c - CONSUME: everything is judged once more, and one use is taken, in one synced transaction. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "crypt/random.h"
#include "crypt/sha256.h"
#include "ledger/entry.h"
#include "ledgerd/db.h"
#include "ledgerd/disk.h"
#include "ledgerd/inside.h"
#include "ledgerd/pick.h"
#include "request/decide.h"

/* Is it still what the order said, and does everything still hold? */
static int
check_again(struct client *p, const struct pending *x,
    const struct msg_consume *b, const struct request *r, int64_t now,
    struct req_refusal *why)
{
	uint8_t account[DIGEST_LEN];
	char next[64];
	int err;

	(void)snprintf(next, sizeof(next), "request show R%llu",
	    (unsigned long long)r->nr);
	if (b->order_digest.n != DIGEST_LEN ||
	    !sha256_equal(b->order_digest.p, x->order_digest))
		return req_refuse(why, SEKISHO_CODE_CHANGED, next,
		    "the order is not the one that was given");
	if (r->revision != x->revision ||
	    !sha256_equal(r->digest, x->request_digest))
		return req_refuse(why, SEKISHO_CODE_CHANGED, next,
		    "R%llu was changed meanwhile", (unsigned long long)r->nr);
	if (b->exe_digest.n != DIGEST_LEN || !sha256_equal(b->exe_digest.p,
	    r->steps[x->step - 1].exe_digest))
		return req_refuse(why, SEKISHO_CODE_CHANGED, next,
		    "the executable %s is no longer the one that was approved",
		    r->steps[x->step - 1].exe);
	if ((err = decide_run(r, p->ld->snap, p->user, now, why)) != 0 ||
	    (err = run_account(p->ld->snap, r->run_as, account)) != 0)
		return err;
	/* the launcher has been told the numbers of then */
	if (sha256_equal(account, x->account))
		return 0;
	(void)snprintf(next, sizeof(next), "run R%llu",
	    (unsigned long long)r->nr);
	return req_refuse(why, SEKISHO_CODE_CHANGED, next,
	    "account %s was changed while the command was prepared", r->run_as);
}

int
run_write_session(struct client *p, const struct pending *x,
    const struct request *r, uint32_t use, int64_t started)
{
	const struct req_step *step = &r->steps[x->step - 1];
	json_t *argv = json_from_strv(step->argv);
	char path[RECORDING_PATH], running[] = "running";
	struct session s = { 0 };
	size_t n;
	int err;

	if (argv == NULL)
		return ERR_NOMEM;
	if ((err = json_canonical(argv, &s.argv, &n)) == 0) {
		s.nr = x->session;
		memcpy(s.uuid, x->uuid, UUID_LEN);
		s.request = r->nr;
		s.revision = r->revision;
		s.step = x->step;
		s.use = use;
		s.operator = p->user;
		s.source = p->source;
		s.run_as = r->run_as;
		s.target = r->target;
		s.profile = r->profile;
		s.state = running;
		s.started = started;
		s.recording = session_path(path, x->uuid, x->session);
		err = db_session_add(p->ld->store, &s);
	}
	str_wipe(s.argv);
	json_decref(argv);
	return err;
}

static json_t *
use_entry(const struct client *p, const struct pending *x,
    const struct msg_consume *b, const struct request *r, uint64_t job,
    int64_t now)
{
	json_t *e = book_entry("use", p->user);
	char uuid[UUID_TEXT];

	if (entry_text(e, "source", p->source) != 0 ||
	    entry_id(e, "request", 'R', r->nr) != 0 ||
	    entry_int(e, "revision", r->revision) != 0 ||
	    entry_int(e, "step", x->step) != 0 ||
	    entry_int(e, "use", r->used + 1) != 0 ||
	    entry_int(e, "uses", r->uses) != 0 ||
	    entry_id(e, "session", 'S', x->session) != 0 ||
	    entry_text(e, "uuid", uuid_text(uuid, x->uuid)) != 0 ||
	    entry_digest(e, "digest", r->digest) != 0 ||
	    entry_digest(e, "order", x->order_digest) != 0 ||
	    entry_digest(e, "exe", b->exe_digest.p) != 0 ||
	    entry_digest(e, "header", b->header_digest.p) != 0 ||
	    entry_text(e, "features", b->features) != 0 ||
	    entry_id(e, "job", 'J', job) != 0 ||
	    entry_int(e, "started_at", now) != 0 ||
	    entry_int(e, "snapshot", (int64_t)p->ld->snap->serial) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

/* Within one transaction: everything again, the use, the session, the entry. */
static int
take_use(struct client *p, const struct pending *x, const struct msg_consume *b,
    struct msg_consumed *out, struct req_refusal *why)
{
	struct store *s = p->ld->store;
	struct request *r = NULL;
	int64_t now = clock_unix();
	uint64_t job;
	int err;

	if ((err = db_request(s, x->request, &r)) != 0 ||
	    (err = check_again(p, x, b, r, now, why)) != 0 ||
	    (err = store_run(s, STORE_REQUEST_USE, STORE_ARGS(
	    store_i((int64_t)r->nr), store_i(r->revision),
	    store_i(now)))) != 0)
		goto out;
	if (store_changed(s) != 1) {
		err = ERR_CONFLICT;	/* decide_run() would have said so */
		goto out;
	}
	if ((err = run_write_session(p, x, r, r->used + 1, now)) != 0 ||
	    (err = job_for_use(p->ld, r, p->user, now, &job)) != 0 ||
	    (err = book_add(p->ld, use_entry(p, x, b, r, job, now))) != 0)
		goto out;
	out->use = r->used + 1;
	out->uses = r->uses;
	out->at = now;
out:
	req_free(r);
	return err;
}

/* Was it only too late for this one, so that another request may do? */
static int
is_late(enum sekisho_code code)
{
	return code == SEKISHO_CODE_USED_UP ||
	    code == SEKISHO_CODE_OUTSIDE_WINDOW ||
	    code == SEKISHO_CODE_REVOKED || code == SEKISHO_CODE_NOT_APPROVED;
}

/*
 * No use for "x" (NULL: nothing was prepared).  When its request was picked here and another one fits, the
 * monitor asks again; nobody was refused anything then, and the entry `end` of
 * this session says why it did not run.
 */
static int
say_no(struct client *p, uint32_t id, uint64_t session, struct pending *x,
    struct req_refusal *why)
{
	struct msg_look_again m = { 0 };
	char asked[64];
	int r = 0;

	(void)snprintf(asked, sizeof(asked), "start S%llu",
	    (unsigned long long)session);
	if (x != NULL) {
		x->was_refused = 1;
		if (why->near == x->request && is_late(why->code))
			r = pick_other(p, x);
	}
	if (r == 0)
		return client_no(p, id, why, asked);
	m.code = (char *)(uintptr_t)sekisho_code_word(why->code);
	m.reason = why->reason;
	m.next = why->next;
	return r < 0 ? r : chan_put_look_again(p->chan, id, &m, NULL, 0);
}

int
on_consume(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_consume b = { 0 };
	struct msg_consumed done = { 0 };
	struct req_refusal why;
	struct pending *x;
	int r;

	if ((r = msg_consume_get(m->body, &b)) != 0)
		return r;
	if (b.header_digest.n != DIGEST_LEN) {
		msg_consume_free(&b);
		return ERR_FORMAT;
	}
	x = run_find(p, b.session);
	if (x == NULL || x->was_refused)
		r = req_refuse(&why, SEKISHO_CODE_STATE, "",
		    "session S%llu was not prepared: type the command again",
		    (unsigned long long)b.session);
	else if (p->ld->is_draining)
		r = req_refuse(&why, SEKISHO_CODE_STOPPING, "",
		    "the gate is stopping");
	else if ((r = disk_may_start(p->ld, &why)) == 0 &&
	    (r = keys_may_start(p->ld, &why)) == 0 &&
	    (r = run_own(p, b.session)) == 0) {
		/* owned first: behind the commit nothing may be left to fail */
		if ((r = store_begin(p->ld->store)) == 0 &&
		    (r = store_end(p->ld->store, take_use(p, x, &b, &done,
		    &why))) == ERR_DENIED)
			why.near = x->request;
		if (r != 0)
			run_disown(p, b.session);
	}
	if (r == ERR_FULL)
		r = disk_is_full(&why);
	if (r == 0 && x != NULL) {
		log_info("use taken session=S%llu request=R%llu user=%s "
		    "use=%u uses=%u", (unsigned long long)b.session,
		    (unsigned long long)x->request, p->user, done.use,
		    done.uses);
		run_forget(p, b.session);
		r = chan_put_consumed(p->chan, m->id, &done, NULL, 0);
	} else if (r == ERR_DENIED)
		r = say_no(p, m->id, b.session, x, &why);
	msg_consume_free(&b);
	return r;
}
