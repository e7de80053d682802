/*
 * ledger_fill.c - a ledger of many requests, for measuring: ledger_fill NUMBER FILE
 *
 * links: ledgerd wire crypt confine json request store ledger
 *
 * Rows and entries are made by the ledger's own code, so sekisho-verify is
 * content with the result; only the syncs of each are left out.  Three years
 * of it by 100 operators (op0 ... op99): most were approved and are over, half
 * of those were prepared once and never ran; some were refused, withdrawn, or
 * expired.  Each 500th is approved with 100 uses and can be used for a day.
 * Nothing ran: then there would have to be recordings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/strv.h"
#include "crypt/random.h"
#include "ledger/entry.h"
#include "ledgerd/db.h"
#include "ledgerd/inside.h"
#include "request/canon.h"

#define CONST(s)	((char *)(uintptr_t)(s))
#define YEARS		(3 * 365 * 86400LL)
#define DAY		86400
#define OPERATORS	100
#define USABLE_EACH	500
#define USES		100
#define TOGETHER	2000	/* requests in one commit */

static int
set(char **to, const char *text)
{
	return (*to = strdup(text)) == NULL ? ERR_NOMEM : 0;
}

static int
describe(struct request *r, unsigned long i, int64_t now)
{
	char who[16], word[40];
	struct req_step *step = calloc(1, sizeof(*step));
	int usable = i % USABLE_EACH == 0;

	(void)snprintf(who, sizeof(who), "op%lu", i / USABLE_EACH % OPERATORS);
	if (!usable)
		(void)snprintf(who, sizeof(who), "op%lu", i % OPERATORS);
	(void)snprintf(word, sizeof(word), "s/a%lu/b/", i);
	if ((r->steps = step) == NULL)
		return ERR_NOMEM;
	r->nsteps = 1;
	r->profile_digest[0] = 1;
	step->exe_digest[0] = 7;
	r->from = r->until = REQ_NONE;
	r->span = usable ? DAY : 28800;
	r->max_run = 14400;
	r->uses = usable ? USES : 1;
	r->revision = 1;
	r->filed_at = now;
	r->pending_until = now + 7 * DAY;
	r->start_at = r->end_at = REQ_NONE;
	if (set(&r->requester, who) != 0 || strv_add(&r->operators, who) != 0 ||
	    set(&r->target, "local") != 0 || set(&r->run_as, "root") != 0 ||
	    set(&r->profile, "files") != 0 || set(&r->input, "none") != 0 ||
	    set(&r->on_disconnect, "kill") != 0 ||
	    set(&step->exe, "/usr/bin/sed") != 0 ||
	    strv_add(&step->argv, "sed") != 0 ||
	    strv_add(&step->argv, "-i") != 0 ||
	    strv_add(&step->argv, word) != 0 ||
	    strv_add(&step->argv, "/etc/some/file.conf") != 0 ||
	    set(&r->reason, "the value changed with the last release") != 0 ||
	    set(&r->ticket, "OPS-4711") != 0 || set(&r->label, "") != 0)
		return ERR_NOMEM;
	return 0;
}

static int
file(struct ledgerd *ld, struct request *r)
{
	json_t *e = book_entry("request", r->requester), *form = NULL;
	char *canon = NULL;
	size_t n;
	int err;

	if ((err = canon_make(r, &canon, &n)) != 0 ||
	    (err = db_request_next(ld->store, &r->nr)) != 0 ||
	    (err = db_request_add(ld->store, r, canon, n)) != 0 ||
	    (err = json_read(canon, n, &form)) != 0 ||
	    (err = entry_json(e, "canon", form)) != 0 ||
	    (err = entry_json(e, "warnings", json_array())) != 0 ||
	    (err = entry_int(e, "uses", r->uses)) != 0 ||
	    (err = entry_int(e, "filed_at", r->filed_at)) != 0 ||
	    (err = entry_int(e, "pending_until", r->pending_until)) != 0 ||
	    (err = entry_text(e, "script_digest", "")) != 0 ||
	    (err = entry_text(e, "source", "192.0.2.7:4711")) != 0 ||
	    (err = entry_id(e, "request", 'R', r->nr)) != 0 ||
	    (err = entry_int(e, "revision", 1)) != 0 ||
	    (err = entry_digest(e, "digest", r->digest)) != 0 ||
	    (err = entry_text(e, "reason", r->reason)) != 0 ||
	    (err = entry_text(e, "ticket", r->ticket)) != 0 ||
	    (err = entry_text(e, "label", r->label)) != 0)
		json_decref(e);
	else
		err = book_add(ld, e);
	str_wipe(canon);
	return err;
}

static int
decide(struct ledgerd *ld, struct request *r, const char *what, int64_t now)
{
	int is_approval = strcmp(what, "approve") == 0;
	const char *who = strcmp(what, "withdraw") == 0 ? r->requester : "ann";
	struct req_decision d = { .who = CONST(who), .what = CONST(what),
		.message = CONST("fine"), .at = now, .revision = 1 };
	json_t *e = book_entry("decision", who);
	const char *state = is_approval ? "approved" :
	    strcmp(what, "reject") == 0 ? "rejected" : "withdrawn";
	int err;

	memcpy(d.digest, r->digest, DIGEST_LEN);
	if (is_approval) {
		req_window(r, now, &r->start_at, &r->end_at);
		(void)entry_int(e, "start_at", r->start_at);
		(void)entry_int(e, "end_at", r->end_at);
	}
	if ((err = db_decision_add(ld->store, r, &d)) != 0 ||
	    (err = store_run(ld->store, STORE_REQUEST_STATE, STORE_ARGS(
	    store_i((int64_t)r->nr), store_s(state), is_approval ?
	    store_i(r->start_at) : store_null(), is_approval ?
	    store_i(r->end_at) : store_null()))) != 0 ||
	    (err = entry_int(e, "decided_at", now)) != 0 ||
	    (err = entry_text(e, "source", "192.0.2.8:4711")) != 0 ||
	    (err = entry_text(e, "decision", what)) != 0 ||
	    (err = entry_id(e, "request", 'R', r->nr)) != 0 ||
	    (err = entry_int(e, "revision", 1)) != 0 ||
	    (err = entry_digest(e, "digest", r->digest)) != 0 ||
	    (err = entry_text(e, "state", state)) != 0 ||
	    (err = entry_text(e, "message", "fine")) != 0) {
		json_decref(e);
		return err;
	}
	return book_add(ld, e);
}

/* A session that was prepared, and whose client went away before it began. */
static int
never_ran(struct ledgerd *ld, const struct request *r)
{
	struct client p = { .ld = ld };
	struct pending x = { .request = r->nr, .revision = 1, .step = 1 };
	struct msg_job_ended b = { .how = JOB_NOT_RUN, .signal = CONST(""),
		.reason = CONST("the connection ended before the start") };
	int err;

	(void)snprintf(p.user, sizeof(p.user), "%s", r->requester);
	(void)snprintf(p.source, sizeof(p.source), "192.0.2.7:4711");
	if ((err = random_uuid7(x.uuid, clock_unix_ns())) != 0 ||
	    (err = book_session(ld, &x.session)) != 0)
		return err;
	b.session = x.session;
	return job_end(&p, &b, &x, "not run");
}

static int
one(struct ledgerd *ld, unsigned long i, int64_t now)
{
	struct request *r = req_new();
	unsigned long kind = i % USABLE_EACH == 0 ? 99 : i % 100;
	int err;

	if (r == NULL)
		return ERR_NOMEM;
	clock_set_test(now);
	if ((err = store_begin(ld->store)) == 0 &&
	    (err = describe(r, i, now)) == 0 && (err = file(ld, r)) == 0 &&
	    kind >= 5) {
		clock_set_test(now + 60);
		err = decide(ld, r, kind < 10 ? "reject" : kind < 15 ?
		    "withdraw" : "approve", now + 60);
	}
	err = store_end(ld->store, err);
	if (err == 0 && kind >= 50 && kind < 99) {
		clock_set_test(now + 120);
		err = never_ran(ld, r);
	}
	req_free(r);
	return err;
}

int
main(int argc, char **argv)
{
	struct ledgerd ld = { .recordings = -1 };
	int64_t now = clock_unix(), at, n = 0, i;
	int r;

	log_init("ledger_fill", LOG_WARN);
	if (argc != 3 || num_parse(argv[1], 1, 10000000, &n) != 0) {
		fprintf(stderr, "usage: ledger_fill NUMBER FILE\n");
		return 64;
	}
	clock_set_test(now - YEARS - DAY);
	if ((r = store_open(argv[2], &ld.store)) != 0 ||
	    (ld.refused = refused_new(1)) == NULL ||
	    (r = book_start(&ld, "gate")) != 0)
		return 74;
	store_group(ld.store);
	for (i = 0; i < n && r == 0; i++) {
		/* what can be used was filed within this hour */
		at = i % USABLE_EACH == 0 ? now - 3600 :
		    now - YEARS - DAY + i * YEARS / n;
		r = one(&ld, (unsigned long)i, at);
		if (r == 0 && i % TOGETHER == TOGETHER - 1 &&
		    (r = store_commit(ld.store)) == 0)
			store_group(ld.store);
	}
	if (r == 0 && (r = store_commit(ld.store)) == 0) {
		clock_set_test(now);
		ld.is_draining = 1;
		r = book_stop(&ld);
	}
	if (r == 0)
		r = store_shut(ld.store);
	if (r != 0)
		fprintf(stderr, "ledger_fill: %s\n", err_name(r));
	return r == 0 ? 0 : 74;
}
