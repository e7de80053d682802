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

int
job_owns(const struct client *p, uint64_t session)
{
	const struct running *x;

	for (x = p->running; x != NULL; x = x->next)
		if (x->session == session)
			return 1;
	return 0;
}

void
run_disown(struct client *p, uint64_t session)
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
	/* its number and id were given by an earlier life, and nothing came of it */
	if (r == ERR_NOTFOUND && b->how == JOB_NOT_RUN)
		return 0;
	if (r != 0)
		return r;
	state = b->how == JOB_NOT_RUN ? "not run" : "ended";
	if (strcmp(s->operator, p->user) != 0 ||
	    job_is_owned(p->ld, b->session))
		r = ERR_DENIED;
	else if (strcmp(s->state, "running") == 0 ||
	    strcmp(s->state, "interrupted") == 0)
		/* an interrupted one's row keeps what was said first; the ledger holds both */
		r = job_end(p, b, NULL, state);
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
	    b.how < JOB_RAN || b.how > JOB_IDLE) {
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
		run_disown(p, b.session);
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
