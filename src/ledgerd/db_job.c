/* db_job.c - jobs between the database and memory; who saw what; near misses. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "ledger/entry.h"
#include "ledgerd/disk.h"
#include "ledgerd/job.h"

#define NS	1000000000LL

int
job_for_use(struct ledgerd *ld, const struct request *r,
    const char *operator, int64_t started, uint64_t *job)
{
	struct store_arg who[] = { store_i((int64_t)r->nr),
		store_i(r->revision), store_s(operator) };
	int64_t nr;
	int err;

	if ((err = store_number(ld->store, STORE_JOB_FIND, who, 3, 0,
	    &nr)) != 0)
		return err;
	if (nr == 0 && ((err = store_number(ld->store, STORE_JOB_NEXT, NULL, 0,
	    1, &nr)) != 0 || (err = store_run(ld->store, STORE_JOB_ADD,
	    STORE_ARGS(store_i(nr), who[0], who[1], who[2],
	    store_i(started)))) != 0 ||
	    (err = unjudged_add(ld, (uint64_t)nr)) != 0))
		return err;
	*job = (uint64_t)nr;
	return 0;
}

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	str_wipe(j->operator);
	str_wipe(j->judged_by);
	str_wipe(j->verdict);
	str_wipe(j->message);
	str_wipe(j->seen);
	free(j);
}

static int
take(char **out, const struct store_row *row, int column)
{
	if (store_is_null(row, column))
		return 0;
	return (*out = strdup(store_text(row, column))) == NULL ?
	    ERR_NOMEM : 0;
}

/* Columns as in JOB_SELECT of review.def. */
static int
take_row(struct job *j, const struct store_row *row)
{
	j->nr = (uint64_t)store_int(row, 0);
	j->request = (uint64_t)store_int(row, 1);
	j->revision = (uint32_t)store_int(row, 2);
	j->opened = store_int(row, 4);
	j->judged_at = store_int(row, 8);
	j->sessions = (uint64_t)store_int(row, 10);
	j->running = (uint64_t)store_int(row, 11);
	j->notable = (uint64_t)store_int(row, 12);
	if (take(&j->operator, row, 3) != 0 ||
	    take(&j->judged_by, row, 5) != 0 ||
	    take(&j->verdict, row, 6) != 0 ||
	    take(&j->message, row, 7) != 0 || take(&j->seen, row, 9) != 0)
		return ERR_NOMEM;
	return 0;
}

struct each {
	job_fn	*fn;
	void	*arg;
};

static int
on_job(void *arg, const struct store_row *row)
{
	struct each *e = arg;
	struct job *j = calloc(1, sizeof(*j));
	int r;

	if (j == NULL)
		return ERR_NOMEM;
	if ((r = take_row(j, row)) != 0) {
		job_free(j);
		return r;
	}
	return e->fn(e->arg, j);
}

int
job_each(struct store *s, enum store_sql sql, uint64_t above, job_fn *fn,
    void *arg)
{
	struct each e = { fn, arg };

	return store_query(s, sql, STORE_ARGS(store_i((int64_t)above)), on_job,
	    &e);
}

static int
keep_one(void *arg, struct job *j)
{
	*(struct job **)arg = j;
	return 1;
}

int
job_get(struct store *s, uint64_t nr, struct job **out)
{
	int r;

	*out = NULL;
	if (nr == 0 || nr > INT64_MAX)
		return ERR_NOTFOUND;
	r = job_each(s, STORE_JOB_GET, nr, keep_one, out);
	return r != 0 ? r : *out == NULL ? ERR_NOTFOUND : 0;
}

int
job_of_session(struct store *s, uint64_t session, uint64_t *job)
{
	int64_t nr;
	int r;

	if ((r = store_number(s, STORE_JOB_OF_SESSION, STORE_ARGS(
	    store_i((int64_t)session)), 0, &nr)) != 0)
		return r;
	*job = (uint64_t)nr;
	return nr == 0 ? ERR_NOTFOUND : 0;
}

struct judge_job
job_judged(const struct job *j, const struct request *r)
{
	return (struct judge_job){ .nr = j->nr, .r = r,
		.revision = j->revision, .operator = j->operator,
		.running = j->running, .judged_by = j->judged_by,
		.verdict = j->verdict };
}

int
job_seen(struct store *s, uint64_t job, uint64_t session, const char *who,
    int64_t *percent)
{
	return store_number(s, STORE_SEEN_GET, STORE_ARGS(
	    store_i((int64_t)job), store_i((int64_t)session), store_s(who)),
	    -1, percent);
}

static json_t *
seen_entry(const struct client *p, uint64_t job, uint64_t session,
    int64_t percent)
{
	json_t *e = book_entry("seen", p->user);

	if (entry_text(e, "source", p->source) != 0 ||
	    entry_id(e, "job", 'J', job) != 0 || (session == JOB_SHEET ?
	    entry_text(e, "session", "") :
	    entry_id(e, "session", 'S', session)) != 0 ||
	    entry_int(e, "percent", percent) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

static int
saw(struct client *p, uint64_t job, uint64_t session, int64_t *percent)
{
	struct store *s = p->ld->store;
	int64_t before;
	int r;

	if ((r = job_seen(s, job, session, p->user, &before)) != 0)
		return r;
	if (*percent <= before) {
		*percent = before;
		return 0;
	}
	if ((r = store_run(s, STORE_SEEN_SET, STORE_ARGS(
	    store_i((int64_t)job), store_i((int64_t)session),
	    store_s(p->user), store_i(*percent)))) != 0)
		return r;
	return book_add(p->ld, seen_entry(p, job, session, *percent));
}

int
job_saw(struct client *p, uint64_t job, uint64_t session, int64_t *percent)
{
	int64_t wanted = *percent;
	int r;

	do {
		*percent = wanted;
		if ((r = store_begin(p->ld->store)) == 0)
			r = store_end(p->ld->store, saw(p, job, session,
			    percent));
	} while (r == ERR_FULL && disk_make_room(p->ld, DISK_FOR_ANY));
	return r;
}

/* Both in the transaction that is open: the row names the entry by its index. */
static int
add_near(struct client *p, json_t *e, uint64_t near)
{
	struct store *s = p->ld->store;
	int64_t at = json_integer_value(json_object_get(e, "at_ns")) / NS;
	int64_t next;
	int r;

	if ((r = book_add(p->ld, e)) != 0 || near == 0)
		return r;
	if ((r = store_number(s, STORE_ENTRY_NEXT, NULL, 0, 0, &next)) != 0)
		return r;
	return store_run(s, STORE_NEAR_ADD, STORE_ARGS(store_i(next - 1),
	    store_i((int64_t)near), store_s(p->user), store_i(at)));
}

int
job_refusal(struct client *p, json_t *e, uint64_t near)
{
	int r;

	if (near != 0 && (r = entry_id(e, "request", 'R', near)) != 0) {
		json_decref(e);
		return r;
	}
	if ((r = store_begin(p->ld->store)) != 0) {
		json_decref(e);
		return r;
	}
	return store_end(p->ld->store, add_near(p, e, near));
}
