/* call_verdict.c - the verdict on a job: judged and written in one transaction, once. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/call.h"
#include "ledgerd/job.h"

#define SEEN_LISTED	300	/* sessions in a verdict, which is a part of the sheet ever after; the summary counts all */

static int
on_seen(void *arg, const struct store_row *row)
{
	char id[32];

	(void)snprintf(id, sizeof(id), "S%lld", (long long)store_int(row, 0));
	return json_array_append_new(arg, json_pack("{s:s, s:I}", "session",
	    id, "percent", (json_int_t)store_int(row, 1))) == 0 ? 0 :
	    ERR_NOMEM;
}

/* "all", "N percent" or "sheet": how much of the job's sessions somebody saw. */
static void
summary(char *out, size_t n, int64_t sum, uint64_t sessions)
{
	int64_t all = (int64_t)sessions * 100, percent;

	if (sum <= 0) {
		(void)snprintf(out, n, "sheet");
		return;
	}
	if (sum >= all) {
		(void)snprintf(out, n, "all");
		return;
	}
	percent = sum * 100 / all;
	(void)snprintf(out, n, "%lld percent",
	    (long long)(percent < 1 ? 1 : percent));
}

/* What this person had seen of the job when judging it. */
static int
seen_json(struct call *c, const struct job *j, json_t **out)
{
	struct store_arg of[] = { store_i((int64_t)j->nr), store_s(c->who),
		store_i(SEEN_LISTED) };
	json_t *list = json_array();
	int64_t sum = 0;
	char text[40];
	int r;

	if (list == NULL)
		return ERR_NOMEM;
	if ((r = store_query(c->ld->store, STORE_SEEN_OF, of, 3, on_seen,
	    list)) != 0 || (r = store_number(c->ld->store, STORE_SEEN_SUM, of,
	    2, 0, &sum)) != 0) {
		json_decref(list);
		return r;
	}
	summary(text, sizeof(text), sum, j->sessions);
	*out = json_pack("{s:b, s:o, s:s}", "sheet", 1, "sessions", list,
	    "summary", text);
	return *out == NULL ? ERR_NOMEM : 0;
}

struct verdict {
	uint64_t	 nr;
	const char	*verdict, *message;
};

static int
read_verdict(struct call *c, struct verdict *v)
{
	static const char *const keys[] = { "id", "verdict", "message", NULL };
	int r;

	if ((r = call_keys(c, keys)) != 0 || (r = call_id(c, &v->nr)) != 0)
		return r;
	if (json_want_str(c->body, "verdict", "", &v->verdict) != 0)
		return call_bad(c, "verdict");
	if (json_want_str(c->body, "message", "", &v->message) != 0 ||
	    strlen(v->message) > REQ_TEXT_MAX)
		return call_bad(c, "message");
	return 0;
}

static json_t *
verdict_entry(const struct call *c, const struct verdict *v, int64_t now,
    json_t *seen)
{
	json_t *e = book_entry("verdict", c->who);

	if (entry_text(e, "source", c->client->source) != 0 ||
	    entry_id(e, "job", 'J', v->nr) != 0 ||
	    entry_text(e, "verdict", v->verdict) != 0 ||
	    entry_text(e, "message", v->message) != 0 ||
	    entry_int(e, "decided_at", now) != 0 ||
	    entry_json(e, "seen", json_incref(seen)) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

/* Row and entry. */
static int
write_verdict(struct call *c, const struct job *j, const struct verdict *v,
    int64_t now)
{
	json_t *seen = NULL;
	char *text = NULL;
	size_t n;
	int r;

	if ((r = seen_json(c, j, &seen)) != 0)
		return r;
	if ((r = json_canonical(seen, &text, &n)) == 0 &&
	    (r = store_run(c->ld->store, STORE_VERDICT_ADD, STORE_ARGS(
	    store_i((int64_t)j->nr), store_s(c->who), store_s(v->verdict),
	    store_s(v->message), store_i(now), store_s(text)))) == 0)
		r = book_add(c->ld, verdict_entry(c, v, now, seen));
	str_wipe(text);
	json_decref(seen);
	return r;
}

/* One transaction: read, judge whether this verdict may be given, write it. */
static int
judge_now(struct call *c, const struct verdict *v, int64_t now)
{
	struct store *s = c->ld->store;
	struct request *r = NULL;
	struct judge_job q;
	struct job *j = NULL;
	int64_t sheet;
	int err;

	if ((err = call_job(c, v->nr, &j)) != 0 ||
	    (err = db_request(s, j->request, &r)) != 0 ||
	    (err = job_seen(s, j->nr, JOB_SHEET, c->who, &sheet)) != 0)
		goto out;
	q = job_judged(j, r);
	if ((err = judge_verdict(&q, c->ld->snap, c->who, now, sheet == 100,
	    v->verdict, v->message, &c->why)) == 0)
		err = write_verdict(c, j, v, now);
out:
	req_free(r);
	job_free(j);
	return err;
}

static int
reply_job(struct call *c, uint64_t nr, int64_t now)
{
	struct request *r = NULL;
	struct job *j = NULL;
	int err;

	if ((err = call_job(c, nr, &j)) == 0 &&
	    (err = db_request(c->ld->store, j->request, &r)) == 0 &&
	    (c->reply = job_json(j, r, c->ld->snap, c->who, now)) == NULL)
		err = ERR_NOMEM;
	req_free(r);
	job_free(j);
	return err;
}

int
call_review_verdict(struct call *c)
{
	struct verdict v = { 0 };
	int64_t now = clock_unix();
	int r;

	if ((r = read_verdict(c, &v)) != 0 ||
	    (r = judge_see(c->ld->snap, c->who, &c->why)) != 0 ||
	    (r = store_begin(c->ld->store)) != 0)
		return r;
	if ((r = store_end(c->ld->store, judge_now(c, &v, now))) != 0)
		return r;
	log_info("job judged job=J%llu user=%s verdict=%s",
	    (unsigned long long)v.nr, c->who, v.verdict);
	return reply_job(c, v.nr, now);
}
