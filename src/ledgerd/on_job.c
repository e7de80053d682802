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
#include "ledgerd/inside.h"
#include "request/decide.h"

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

static int
owns(const struct client *p, uint64_t session)
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
	if (!owns(p, b.session))
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

/* A row for what was prepared and never got its use. */
static int
add_not_run(struct client *p, const struct pending *x)
{
	struct request *r = NULL;
	struct session s = { 0 };
	char path[RECORDING_PATH], running[] = "running";
	json_t *argv = NULL;
	size_t n;
	int err;

	if ((err = db_request(p->ld->store, x->request, &r)) != 0)
		return err;
	if ((argv = json_from_strv(r->steps[x->step - 1].argv)) == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	if ((err = json_canonical(argv, &s.argv, &n)) != 0)
		goto out;
	s.nr = x->session;
	memcpy(s.uuid, x->uuid, UUID_LEN);
	s.request = x->request;
	s.revision = x->revision;
	s.step = x->step;
	s.operator = p->user;
	s.source = p->source;
	s.run_as = r->run_as;
	s.target = r->target;
	s.profile = r->profile;
	s.state = running;		/* the update that follows ends it */
	s.started = REQ_NONE;
	s.recording = session_path(path, x->uuid, x->session, 0);
	err = db_session_add(p->ld->store, &s);
out:
	str_wipe(s.argv);
	json_decref(argv);
	req_free(r);
	return err;
}

/* Session row and entry in one transaction. */
static int
end_session(struct client *p, const struct msg_job_ended *b,
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
	if (x != NULL && b.how != JOB_NOT_RUN)
		r = ERR_DENIED;		/* it cannot have run without a use */
	else if (x != NULL)
		r = end_session(p, &b, x, "not run");
	else if (owns(p, b.session))
		r = end_session(p, &b, NULL, b.how == JOB_NOT_RUN ?
		    "not run" : "ended");
	else if (b.how == JOB_NOT_RUN)
		/* prepared before a restart of ours: only an entry is left to write */
		r = book_alone(p->ld, end_entry(p, &b, "not run"));
	else
		r = ERR_DENIED;
	if (r == 0) {
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
	if ((r = book_alone(p->ld, e)) == 0)
		r = client_ack(p, m->id);
out:
	msg_refusal_free(&b);
	return r;
}

/* Each session must be running and this person's own. */
static int
claim(struct client *p, const char *user, const struct blob *list,
    struct req_refusal *why)
{
	struct session *s = NULL;
	uint64_t nr;
	size_t i, j;
	int r;

	for (i = 0; i + 8 <= list->n; i += 8) {
		for (nr = 0, j = 0; j < 8; j++)
			nr = nr << 8 | list->p[i + j];
		r = db_session(p->ld->store, nr, &s);
		if (r == ERR_NOTFOUND || (r == 0 &&
		    (strcmp(s->operator, user) != 0 ||
		    strcmp(s->state, "running") != 0)))
			r = req_refuse(why, SEKISHO_CODE_STATE, "",
			    "session S%llu is not running any more",
			    (unsigned long long)nr);
		session_free(s);
		s = NULL;
		if (r != 0 || (r = run_own(p, nr)) != 0)
			return r;
	}
	return 0;
}

int
on_resume(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_resume b = { 0 };
	struct req_refusal why;
	int r;

	if ((r = msg_resume_get(m->body, &b)) != 0)
		return r;
	if (b.sessions.n % 8 != 0) {
		r = ERR_FORMAT;
		goto out;
	}
	if (p->ld->snap == NULL || !decide_has_role(p->ld->snap, b.user, ~0U))
		r = req_refuse(&why, SEKISHO_CODE_REVOKED, "",
		    "this account holds no role any more");
	else
		r = claim(p, b.user, &b.sessions, &why);
	if (r == 0) {
		memcpy(p->user, b.user, strlen(b.user) + 1);
		memcpy(p->source, b.source, strlen(b.source) + 1);
		p->state = PS_IN;
		r = client_ack(p, m->id);
	} else if (r == ERR_DENIED)
		r = client_refuse(p, m->id, &why);
out:
	msg_resume_free(&b);
	return r;
}

static int
interrupt(struct ledgerd *ld, uint64_t session, const char *reason)
{
	json_t *e;
	int r;

	if ((r = store_begin(ld->store)) != 0)
		return r;
	r = store_run(ld->store, STORE_SESSION_INTERRUPT, STORE_ARGS(
	    store_i((int64_t)session), store_i(clock_unix()),
	    store_s(reason)));
	if (r == 0 && store_changed(ld->store) == 1) {
		e = book_entry("end", NULL);
		if ((r = entry_id(e, "session", 'S', session)) != 0 ||
		    (r = entry_text(e, "state", "interrupted")) != 0 ||
		    (r = entry_text(e, "reason", reason)) != 0)
			json_decref(e);
		else
			r = book_add(ld, e);
	}
	return store_end(ld->store, r);
}

int
job_monitor_gone(struct client *p)
{
	struct msg_job_ended b = { .how = JOB_NOT_RUN };
	char none[] = "", reason[] = "the connection ended before the start";
	struct pending *x;
	struct running *run;
	int r = 0;

	b.signal = none;
	b.reason = reason;
	for (x = p->pending; x != NULL && r == 0; x = x->next) {
		b.session = x->session;
		r = end_session(p, &b, x, "not run");
	}
	for (run = p->running; run != NULL && r == 0; run = run->next) {
		log_warn("session interrupted session=S%llu user=%s",
		    (unsigned long long)run->session, p->user);
		r = interrupt(p->ld, run->session,
		    "its connection's processes are gone");
	}
	return r;
}

struct numbers {
	uint64_t v[MONITORS_MAX];
	size_t	 n;
};

static int
on_running(void *arg, const struct store_row *row)
{
	struct numbers *list = arg;

	list->v[list->n++] = (uint64_t)store_int(row, 0);
	return list->n == MONITORS_MAX;
}

static int
is_owned(const struct ledgerd *ld, uint64_t session)
{
	const struct client *p;

	for (p = ld->clients; p != NULL; p = p->next)
		if (p->monitor == NULL && owns(p, session))
			return 1;
	return 0;
}

int
job_orphans(struct ledgerd *ld, const char *reason)
{
	struct numbers *list = calloc(1, sizeof(*list));
	size_t i;
	int r;

	if (list == NULL)
		return ERR_NOMEM;
	r = store_query(ld->store, STORE_SESSION_RUNNING, NULL, 0, on_running,
	    list);
	for (i = 0; i < list->n && r == 0; i++)
		if (!is_owned(ld, list->v[i]))
			r = interrupt(ld, list->v[i], reason);
	free(list);
	return r;
}
