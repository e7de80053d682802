/* call_review.c - the review queue: which jobs wait, and who saw what of them. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "ledgerd/call.h"
#include "ledgerd/job.h"

#define RUNNING_PERCENT	99	/* of what is still growing nobody has seen all */

enum wanted { QUEUED, OPEN, JUDGED, ALL, MINE };

/* A page of jobs that is being filled, or the first of them. */
struct filter {
	struct ledgerd	*ld;
	const char	*who;
	enum wanted	 wanted;
	int64_t		 now;
	size_t		 max;
	struct page	 page;
	int64_t		 count;
};

static int
is_wanted(const struct filter *f, const struct job *j, const struct request *r)
{
	struct judge_job q = job_judged(j, r);
	struct req_refusal why;

	switch (f->wanted) {
	case QUEUED:
		return judge_view(&q, f->now) == JUDGE_QUEUED;
	case OPEN:
		return judge_view(&q, f->now) == JUDGE_OPEN;
	case MINE:
		return judge_may(&q, f->ld->snap, f->who, f->now, &why) == 0;
	case JUDGED:
	case ALL:
	default:
		return 1;
	}
}

static int
on_one(void *arg, struct job *j)
{
	struct filter *f = arg;
	struct request *r = NULL;
	int stop = 0;

	if (f->page.scanned++ >= PAGE_SCAN || (f->page.list != NULL &&
	    json_array_size(f->page.list) >= f->max)) {
		f->page.is_full = 1;
		stop = 1;
	} else if ((stop = db_request(f->ld->store, j->request, &r)) == 0 &&
	    is_wanted(f, j, r)) {
		f->count++;
		if (f->page.list != NULL)
			stop = page_add(&f->page, job_json(j, r, f->ld->snap,
			    f->who, f->now));
	}
	if (stop == 0)
		f->page.next = j->nr;
	req_free(r);
	job_free(j);
	return stop;
}

static int
collect(struct filter *f, uint64_t above)
{
	f->now = clock_unix();
	if (f->wanted != ALL && f->wanted != JUDGED)
		return unjudged_each(f->ld, above, on_one, f);
	return job_each(f->ld->store, f->wanted == ALL ? STORE_JOB_ALL :
	    STORE_JOB_JUDGED, above, on_one, f);
}

int
job_waiting(struct ledgerd *ld, const char *who, int64_t *n)
{
	struct filter f = { .ld = ld, .who = who, .wanted = MINE };
	int r = collect(&f, 0);

	*n = f.count;
	return r;
}

/* The page of "wanted" behind "after". */
static int
get_page(struct call *c, enum wanted wanted, size_t max, struct filter *f)
{
	int64_t after;
	int r;

	*f = (struct filter){ .ld = c->ld, .who = c->who, .wanted = wanted,
		.max = max };
	if (json_want_int(c->body, "after", 0, 0, INT64_MAX, &after) != 0)
		return call_bad(c, "after");
	if ((f->page.list = json_array()) == NULL)
		return ERR_NOMEM;
	f->page.next = (uint64_t)after;
	if ((r = collect(f, (uint64_t)after)) != 0) {
		json_decref(f->page.list);
		return r;
	}
	c->more = f->page.is_full;
	return 0;
}

int
call_review_list(struct call *c)
{
	static const char *const keys[] = { "state", "after", NULL };
	static const char *const states[] = {
		"queued", "open", "judged", "all", NULL
	};
	struct filter f;
	const char *state;
	int i, r;

	if ((r = call_keys(c, keys)) != 0 ||
	    (r = judge_see(c->ld->snap, c->who, &c->why)) != 0)
		return r;
	if (json_want_str(c->body, "state", "queued", &state) != 0)
		return call_bad(c, "state");
	for (i = 0; states[i] != NULL && strcmp(states[i], state) != 0; i++)
		continue;
	if (states[i] == NULL)
		return call_bad(c, "state");
	if ((r = get_page(c, (enum wanted)i, PAGE, &f)) != 0)
		return r;
	c->reply = json_pack("{s:o, s:I}", "jobs", f.page.list, "next",
	    (json_int_t)f.page.next);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

/* The oldest job that this person may judge; "more": none among so many, ask again. */
int
call_review_next(struct call *c)
{
	static const char *const keys[] = { "after", NULL };
	struct filter f;
	json_t *job;
	int r;

	if ((r = call_keys(c, keys)) != 0 ||
	    (r = judge_see(c->ld->snap, c->who, &c->why)) != 0 ||
	    (r = get_page(c, MINE, 1, &f)) != 0)
		return r;
	job = json_incref(json_array_get(f.page.list, 0));
	if (job != NULL)
		c->more = 0;
	json_decref(f.page.list);
	c->reply = json_pack("{s:o, s:I}", "job", job == NULL ? json_null() :
	    job, "next", (json_int_t)f.page.next);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

int
call_job(struct call *c, uint64_t nr, struct job **out)
{
	int r = job_get(c->ld->store, nr, out);

	if (r != ERR_NOTFOUND)
		return r;
	return req_refuse(&c->why, SEKISHO_CODE_NOT_FOUND, "review list",
	    "there is no job J%llu", (unsigned long long)nr);
}

/* What the gate's own program has played to this person: it opened it, so it counts. */
int
call_review_seen(struct call *c)
{
	static const char *const keys[] = { "session", "percent", NULL };
	int64_t nr, percent;
	struct session *x = NULL;
	uint64_t job = 0;
	int r;

	if ((r = call_keys(c, keys)) != 0 ||
	    (r = judge_see(c->ld->snap, c->who, &c->why)) != 0)
		return r;
	if (json_want_int(c->body, "session", 0, 1, INT64_MAX, &nr) != 0 ||
	    nr == 0)
		return call_bad(c, "session");
	if (json_want_int(c->body, "percent", -1, 0, 100, &percent) != 0 ||
	    percent < 0)
		return call_bad(c, "percent");
	if (c->client->opened != (uint64_t)nr)
		return req_refuse(&c->why, SEKISHO_CODE_STATE, "session replay",
		    "S%lld was not opened here", (long long)nr);
	if ((r = db_session(c->ld->store, (uint64_t)nr, &x)) != 0)
		return r;
	if (strcmp(x->state, "running") == 0 && percent > RUNNING_PERCENT)
		percent = RUNNING_PERCENT;
	session_free(x);
	r = job_of_session(c->ld->store, (uint64_t)nr, &job);
	if (r == 0)
		r = job_saw(c->client, job, (uint64_t)nr, &percent);
	else if (r == ERR_NOTFOUND)
		r = 0;		/* it took no use: nothing to judge */
	if (r == 0 && (c->reply = json_pack("{s:I, s:I, s:I}", "job",
	    (json_int_t)job, "session", (json_int_t)nr, "percent",
	    (json_int_t)percent)) == NULL)
		r = ERR_NOMEM;
	return r;
}
