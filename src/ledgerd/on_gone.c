/* on_gone.c - monitors and sessions that broke off, and those that go on after a restart. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/db.h"
#include "ledgerd/disk.h"
#include "ledgerd/inside.h"
#include "request/decide.h"

/*
 * Each session must be this person's own and running, or have ended in order:
 * then our answer was lost, and the monitor says so once more.
 */
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
		    strcmp(s->state, "interrupted") == 0 ||
		    job_is_owned(p->ld, nr))))
			r = req_refuse(why, SEKISHO_CODE_STATE, "",
			    "session S%llu is not running any more",
			    (unsigned long long)nr);
		if (r == 0 && strcmp(s->state, "running") == 0)
			r = run_own(p, nr);
		session_free(s);
		s = NULL;
		if (r != 0)
			return r;
	}
	return 0;
}

/*
 * A session that runs shows whose monitor this is.  Without one there is its
 * word alone, as at the login: then it is written down like a login.
 */
static int
note_return(struct client *p, const char *user, struct req_refusal *why)
{
	json_t *e;
	int r;

	if (p->running != NULL)
		return 0;
	e = book_entry("login", user);
	if (entry_text(e, "source", p->source) != 0 ||
	    entry_text(e, "method", "resume") != 0) {
		json_decref(e);
		return ERR_NOMEM;
	}
	r = book_alone(p->ld, e);
	return r == ERR_FULL ? disk_is_full(why) : r;
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
	if (b.sessions.n % 8 != 0 || strcmp(b.source, p->source) != 0) {
		r = ERR_FORMAT;
		goto out;
	}
	if (p->ld->snap == NULL || !decide_has_role(p->ld->snap, b.user, ~0U))
		r = req_refuse(&why, SEKISHO_CODE_REVOKED, "",
		    "this account holds no role any more");
	else if ((r = claim(p, b.user, &b.sessions, &why)) == 0)
		r = note_return(p, b.user, &why);
	if (r == 0) {
		memcpy(p->user, b.user, strlen(b.user) + 1);
		p->state = PS_IN;
		if ((r = client_ack(p, m->id)) == 0)
			r = disk_tell(p);
	} else if (r == ERR_DENIED)
		r = client_refuse(p, m->id, &why);
out:
	msg_resume_free(&b);
	return r;
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
		r = job_end(p, &b, x, "not run");
	}
	for (run = p->running; run != NULL && r == 0; run = run->next) {
		log_warn("session interrupted session=S%llu user=%s",
		    (unsigned long long)run->session, p->user);
		r = job_interrupt(p->ld, run->session,
		    "its connection's processes are gone");
	}
	return r;
}

/* Numbers of sessions, some at a time: within a query no row may be changed. */
#define SOME	256

struct numbers {
	uint64_t v[SOME];
	size_t	 n;
};

static int
on_running(void *arg, const struct store_row *row)
{
	struct numbers *list = arg;

	list->v[list->n++] = (uint64_t)store_int(row, 0);
	return list->n == SOME;
}

int
job_is_owned(const struct ledgerd *ld, uint64_t session)
{
	const struct client *p;

	for (p = ld->clients; p != NULL; p = p->next)
		if (p->monitor == NULL && job_owns(p, session))
			return 1;
	return 0;
}

int
job_orphans(struct ledgerd *ld, const char *reason)
{
	struct numbers list = { .n = 0 };
	uint64_t last = 0;
	size_t i;
	int r;

	do {
		list.n = 0;
		r = store_query(ld->store, STORE_SESSION_RUNNING, STORE_ARGS(
		    store_i((int64_t)last), store_i(SOME)), on_running, &list);
		for (i = 0; i < list.n && r == 0; i++) {
			last = list.v[i];
			if (!job_is_owned(ld, last))
				r = job_interrupt(ld, last, reason);
		}
	} while (r == 0 && list.n == SOME);
	return r;
}
