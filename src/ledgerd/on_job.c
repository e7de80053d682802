/* on_job.c - how sessions end: reported, refused, resumed after a restart, or broken off. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/db.h"
#include "ledgerd/disk.h"
#include "ledgerd/inside.h"
#include "ledgerd/job.h"

/* Index: enum job_end. */
static const char *const ends[] = {
	"", "ran", "not run", "disconnect", "timeout", "revoked", "record",
	"ledger", "lost", "stopping", "refusals"
};

static const char *
end_name(uint8_t how)
{
	return how < sizeof(ends) / sizeof(ends[0]) ? ends[how] : "lost";
}

int
job_owns(const struct client *p, uint64_t session)
{
	const struct running *x;

	for (x = p->running; x != NULL; x = x->next)
		if (x->session == session)
			return 1;
	return 0;
}

static void
disown(struct client *p, uint64_t session)
{
	struct running **at, *x;

	for (at = &p->running; (x = *at) != NULL; at = &x->next) {
		if (x->session == session) {
			*at = x->next;
			free(x);
			return;
		}
	}
}

int
on_job_started(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_job_started b;
	json_t *e;
	int r;

	if ((r = msg_job_started_get(m->body, &b)) != 0)
		return r;
	if (!job_owns(p, b.session))
		return ERR_DENIED;
	e = book_entry("start", p->user);
	if ((r = entry_id(e, "session", 'S', b.session)) != 0) {
		json_decref(e);
		return r;
	}
	return book_alone(p->ld, e);
}

/* The entry `end`, also for what never ran. */
static json_t *
end_entry(const struct client *p, const struct msg_job_ended *b,
    const char *state)
{
	json_t *e = book_entry("end", p->user);
	static const uint8_t zero[DIGEST_LEN];

	if (entry_id(e, "session", 'S', b->session) != 0 ||
	    entry_text(e, "state", state) != 0 ||
	    entry_text(e, "how", end_name(b->how)) != 0 ||
	    entry_int(e, "status", b->status) != 0 ||
	    entry_text(e, "signal", b->signal) != 0 ||
	    entry_text(e, "reason", b->reason) != 0 ||
	    entry_int(e, "in", (int64_t)b->in_bytes) != 0 ||
	    entry_int(e, "out", (int64_t)b->out_bytes) != 0 ||
	    entry_int(e, "err", (int64_t)b->err_bytes) != 0 ||
	    entry_int(e, "refusals", b->refusals) != 0 ||
	    entry_int(e, "duration_ms", (int64_t)b->duration_ms) != 0 ||
	    entry_digest(e, "chain", b->chain.n == DIGEST_LEN ? b->chain.p :
	    zero) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

static int
update_row(struct ledgerd *ld, const struct msg_job_ended *b,
    const char *state)
{
	return store_run(ld->store, STORE_SESSION_END, STORE_ARGS(
	    store_i((int64_t)b->session), store_s(state),
	    store_s(end_name(b->how)), b->how == JOB_NOT_RUN ||
	    b->signal[0] != '\0' ? store_null() : store_i(b->status),
	    store_s(b->signal), store_i(clock_unix()),
	    store_i((int64_t)b->in_bytes), store_i((int64_t)b->out_bytes),
	    store_i((int64_t)b->err_bytes), store_i(b->refusals),
	    store_i((int64_t)b->duration_ms), store_s(b->reason),
	    b->chain.n == DIGEST_LEN ? store_b(b->chain.p, DIGEST_LEN) :
	    store_null()));
}

/* A row for what was prepared and never got its use; the update that follows ends it. */
static int
add_not_run(struct client *p, const struct pending *x)
{
	struct request *r = NULL;
	int err;

	if ((err = db_request(p->ld->store, x->request, &r)) == 0)
		err = run_write_session(p, x, r, 0, REQ_NONE);
	req_free(r);
	return err;
}

static int
end_once(struct client *p, const struct msg_job_ended *b,
    const struct pending *x, const char *state)
{
	struct ledgerd *ld = p->ld;
	int r;

	if ((r = store_begin(ld->store)) != 0)
		return r;
	if (x != NULL)
		r = add_not_run(p, x);
	if (r == 0)
		r = update_row(ld, b, state);
	if (r == 0 && store_changed(ld->store) != 1)
		log_warn("session had ended before session=S%llu",
		    (unsigned long long)b->session);
	if (r == 0)
		r = book_add(ld, end_entry(p, b, state));
	return store_end(ld->store, r);
}

/* Session row and entry in one transaction: for this the reserve is kept. */
int
job_end(struct client *p, const struct msg_job_ended *b,
    const struct pending *x, const char *state)
{
	int r = end_once(p, b, x, state);

	return r == ERR_FULL && disk_make_room(p->ld) ?
	    end_once(p, b, x, state) : r;
}

/*
 * A session that is neither prepared nor running under this channel: told
 * again after a restart of ours, because our answer was lost, or because the
 * monitor never heard that its use was taken.
 */
static int
end_late(struct client *p, const struct msg_job_ended *b)
{
	struct session *s = NULL;
	const char *state;
	int r;

	r = db_session(p->ld->store, b->session, &s);
	if (r == ERR_NOTFOUND && b->how == JOB_NOT_RUN)
		return book_alone(p->ld, end_entry(p, b, "not run"));
	if (r != 0)
		return r;
	state = b->how == JOB_NOT_RUN ? "not run" : "ended";
	if (strcmp(s->operator, p->user) != 0 ||
	    job_is_owned(p->ld, b->session))
		r = ERR_DENIED;
	else if (strcmp(s->state, "running") == 0)
		r = job_end(p, b, NULL, state);
	else if (strcmp(s->state, "interrupted") == 0)
		/* the row keeps what was said first; the ledger holds both */
		r = book_alone(p->ld, end_entry(p, b, state));
	session_free(s);
	return r;
}

int
on_job_ended(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_job_ended b = { 0 };
	struct pending *x;
	int r;

	if ((r = msg_job_ended_get(m->body, &b)) != 0)
		return r;
	if (b.in_bytes > INT64_MAX || b.out_bytes > INT64_MAX ||
	    b.err_bytes > INT64_MAX || b.duration_ms > INT64_MAX ||
	    b.how < JOB_RAN || b.how > JOB_REFUSALS) {
		r = ERR_FORMAT;
		goto out;
	}
	x = run_find(p, b.session);
	if (x != NULL)
		r = job_end(p, &b, x, "not run");
	else if (job_owns(p, b.session))
		r = job_end(p, &b, NULL, b.how == JOB_NOT_RUN ?
		    "not run" : "ended");
	else
		r = end_late(p, &b);
	if (r == 0) {
		log_info("session over session=S%llu user=%s how=%s status=%u",
		    (unsigned long long)b.session, p->user, end_name(b.how),
		    b.status);
		run_forget(p, b.session);
		disown(p, b.session);
		r = client_ack(p, m->id);
	}
out:
	msg_job_ended_free(&b);
	return r;
}

int
on_refusal(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_refusal b = { 0 };
	const struct pending *x;
	json_t *e;
	int r;

	if ((r = msg_refusal_get(m->body, &b)) != 0)
		return r;
	if (strcmp(b.user, p->user) != 0) {
		r = ERR_DENIED;
		goto out;
	}
	e = book_refusal(p, b.code, b.what, b.reason);
	if (e != NULL && b.session != 0 &&
	    (r = entry_id(e, "session", 'S', b.session)) != 0) {
		json_decref(e);
		goto out;
	}
	/* what was prepared and then refused here was almost a use */
	x = run_find(p, b.session);
	if ((r = job_refusal(p, e, x == NULL ? 0 : x->request)) == 0)
		r = client_ack(p, m->id);
out:
	msg_refusal_free(&b);
	return r;
}
