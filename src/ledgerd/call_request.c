/* call_request.c - the verbs that read requests: list, show, waiting. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "ledgerd/call.h"
#include "ledgerd/job.h"
#include "ledgerd/live.h"
#include "request/decide.h"
#include "request/form.h"

#define GREETING	20	/* of each kind when somebody logs in without a word */

enum which { MINE, WAITING, ALL, DECIDABLE, RUNNABLE, OWN_WAITING };

/* A page of requests that is being filled. */
struct filter {
	struct call	*c;
	enum which	 which;
	const char	*state;		/* NULL: any */
	int64_t		 now;
	size_t		 max;
	struct page	 page;
};

static int
is_wanted(const struct filter *f, const struct request *r)
{
	const struct snapshot *s = f->c->ld->snap;
	const char *who = f->c->who;
	enum req_view view = req_view(r, f->now);
	struct req_refusal why;

	if (!decide_see(r, s, who))
		return 0;
	if (f->state != NULL && strcmp(f->state, req_view_name(view)) != 0 &&
	    strcmp(f->state, view == VIEW_EXPIRED ? "expired" :
	    req_state_name(r->state)) != 0)
		return 0;
	switch (f->which) {
	case WAITING:
	case DECIDABLE:
		return decide_approve(r, s, who, f->now, &why) == 0;
	case RUNNABLE:
		return decide_run(r, s, who, f->now, &why) == 0;
	case OWN_WAITING:
		return view == VIEW_WAITING;
	case MINE:
	case ALL:
	default:
		return 1;
	}
}

static int
on_one(void *arg, struct request *r)
{
	struct filter *f = arg;
	int stop = 0;

	if (json_array_size(f->page.list) >= f->max ||
	    f->page.scanned++ >= PAGE_SCAN) {
		f->page.is_full = 1;
		stop = 1;
	} else if (is_wanted(f, r))
		stop = page_add(&f->page, form_request(r, f->now));
	if (stop == 0)
		f->page.next = r->nr;
	req_free(r);
	return stop;
}

/* Fills f->page.list; the caller takes it. */
static int
collect(struct filter *f, int64_t before)
{
	struct store *s = f->c->ld->store;

	f->now = clock_unix();
	if ((f->page.list = json_array()) == NULL)
		return ERR_NOMEM;
	switch (f->which) {
	case MINE:
		return db_requests_of(s, STORE_REQUEST_MINE, STORE_ARGS(
		    store_i(before), store_s(f->c->who)), on_one, f);
	case OWN_WAITING:
		return db_requests_of(s, STORE_REQUEST_MINE_OPEN, STORE_ARGS(
		    store_s(f->c->who), store_i(f->now)), on_one, f);
	case WAITING:
	case DECIDABLE:
		return db_requests(s, STORE_REQUEST_OPEN, STORE_ARGS(
		    store_i(before), store_i(f->now)), on_one, f);
	case RUNNABLE:
		return live_each(f->c->ld, f->c->who, f->now, on_one, f);
	case ALL:
	default:
		return db_requests(s, STORE_REQUEST_ALL, STORE_ARGS(
		    store_i(before)), on_one, f);
	}
}

static int
is_state(const char *name)
{
	int i;

	for (i = 0; i < REQ_VIEWS; i++)
		if (strcmp(name, req_view_name((enum req_view)i)) == 0)
			return 1;
	for (i = 0; i < REQ_STATES; i++)
		if (strcmp(name, req_state_name((enum req_state)i)) == 0)
			return 1;
	return 0;
}

int
call_request_list(struct call *c)
{
	static const char *const keys[] = { "which", "state", "after", NULL };
	struct filter f = { .c = c, .max = PAGE };
	const char *which;
	int64_t after;
	int r;

	if ((r = call_keys(c, keys)) != 0)
		return r;
	if (json_want_str(c->body, "which", "mine", &which) != 0)
		return call_bad(c, "which");
	if (json_want_str(c->body, "state", NULL, &f.state) != 0)
		return call_bad(c, "state");
	/* an empty list would say that there are none */
	if (f.state != NULL && !is_state(f.state))
		return req_refuse(&c->why, SEKISHO_CODE_DATA, "request list",
		    "a state is waiting, scheduled, open, used up, over, "
		    "rejected, withdrawn, expired or revoked");
	if (json_want_int(c->body, "after", INT64_MAX, 0, INT64_MAX,
	    &after) != 0)
		return call_bad(c, "after");
	if (after == 0)
		after = INT64_MAX;
	if (strcmp(which, "mine") == 0)
		f.which = MINE;
	else if (strcmp(which, "waiting") == 0)
		f.which = WAITING;
	else if (strcmp(which, "all") == 0)
		f.which = ALL;
	else
		return call_bad(c, "which");
	if ((r = collect(&f, after)) != 0) {
		json_decref(f.page.list);
		return r;
	}
	c->more = f.page.is_full;
	c->reply = json_pack("{s:o, s:I}", "requests", f.page.list, "next",
	    (json_int_t)f.page.next);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

int
call_request_show(struct call *c)
{
	static const char *const keys[] = { "id", NULL };
	struct request *r = NULL;
	uint64_t nr;
	int err;

	if ((err = call_keys(c, keys)) != 0 || (err = call_id(c, &nr)) != 0)
		return err;
	err = db_request(c->ld->store, nr, &r);
	if (err == ERR_NOTFOUND ||
	    (err == 0 && !decide_see(r, c->ld->snap, c->who)))
		err = req_refuse(&c->why, SEKISHO_CODE_NOT_FOUND,
		    "request list", "there is no request R%llu",
		    (unsigned long long)nr);
	if (err == 0 && (c->reply = form_request(r, clock_unix())) == NULL)
		err = ERR_NOMEM;
	req_free(r);
	return err;
}

/* Most people approve nothing: then nothing need be read. */
static int
decides_something(const struct call *c)
{
	const struct snapshot *s = c->ld->snap;
	size_t i;

	for (i = 0; i < s->nrules; i++)
		if (decide_is_approver(s, &s->rules[i], c->who))
			return 1;
	return 0;
}

/* One list of the greeting, a third of a page's bytes. */
static int
add_list(struct call *c, json_t *o, const char *key, enum which which)
{
	struct filter f = { .c = c, .which = which, .max = GREETING };
	int r;

	if (which == DECIDABLE && !decides_something(c))
		return json_object_set_new(o, key, json_array()) == 0 ? 0 :
		    ERR_NOMEM;
	f.page.bytes = PAGE_BYTES - PAGE_BYTES / 3;
	r = collect(&f, INT64_MAX);
	if (r != 0) {
		json_decref(f.page.list);
		return r;
	}
	return json_object_set_new(o, key, f.page.list) == 0 ? 0 : ERR_NOMEM;
}

int
call_waiting(struct call *c)
{
	static const char *const keys[] = { NULL };
	int64_t jobs = 0;
	int r;

	if ((r = call_keys(c, keys)) != 0)
		return r;
	if (decide_has_role(c->ld->snap, c->who, PERSON_AUDITOR) &&
	    (r = job_waiting(c->ld, c->who, &jobs)) != 0)
		return r;
	if ((c->reply = json_pack("{s:I}", "judge", (json_int_t)jobs)) == NULL)
		return ERR_NOMEM;
	if ((r = add_list(c, c->reply, "approve", DECIDABLE)) != 0 ||
	    (r = add_list(c, c->reply, "mine", OWN_WAITING)) != 0)
		return r;
	return add_list(c, c->reply, "runnable", RUNNABLE);
}
