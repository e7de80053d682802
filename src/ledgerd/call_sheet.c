/* call_sheet.c - a job as JSON, and its sheet: the plan beside what the ledger says that happened. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "ledgerd/call.h"
#include "ledgerd/job.h"
#include "request/form.h"

#define NEAR_SHOWN	20
#define NEAR_TEXT	400	/* bytes of one text of a near miss; the ledger has all of it */
#define SHEET_ROOM	2000	/* of the reply, for what is around its lists */

static json_t *
id(char letter, uint64_t nr)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%c%llu", letter,
	    (unsigned long long)nr);
	return json_string(text);
}

static json_t *
verdict_json(const struct job *j)
{
	json_t *seen = NULL;

	if (j->judged_by == NULL)
		return json_null();
	if (json_read(j->seen, strlen(j->seen), &seen) != 0)
		seen = json_null();
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "by", j->judged_by,
	    "verdict", j->verdict, "message", j->message, "at",
	    form_time(j->judged_at), "seen", seen);
}

json_t *
job_json(const struct job *j, const struct request *r,
    const struct snapshot *s, const char *who, int64_t now)
{
	struct judge_job q = job_judged(j, r);
	enum judge_view view = judge_view(&q, now);
	struct req_refusal why;
	int may = judge_may(&q, s, who, now, &why) == 0;

	return json_pack("{s:o, s:I, s:o, s:I, s:s, s:s, s:s, s:s, s:s, s:o,"
	    " s:s, s:o, s:o, s:I, s:I, s:I, s:b, s:o, s:o}",
	    "id", id('J', j->nr), "nr", (json_int_t)j->nr,
	    "request", id('R', j->request),
	    "revision", (json_int_t)j->revision, "operator", j->operator,
	    "requester", r->requester, "run_as", r->run_as,
	    "target", r->target, "profile", r->profile,
	    "argv", json_from_strv(r->steps[0].argv),
	    "view", judge_view_name(view), "opened", form_time(j->opened),
	    "open_until", form_time(view == JUDGE_OPEN &&
	    req_view(r, now) == VIEW_OPEN ? r->end_at : REQ_NONE),
	    "ran", (json_int_t)j->sessions, "running", (json_int_t)j->running,
	    "notable", (json_int_t)j->notable, "may_judge", may,
	    "why_not", json_text(may ? "" : why.reason),
	    "verdict", verdict_json(j));
}

static int
on_seen(void *arg, const struct store_row *row)
{
	return json_array_append_new(arg, json_pack("{s:s, s:I}", "by",
	    store_text(row, 0), "percent", (json_int_t)store_int(row, 1))) ==
	    0 ? 0 : ERR_NOMEM;
}

/* [{"by", "percent"}]: who has looked at it; takes no part of the transaction. */
static int
add_seen(struct store *s, json_t *o, uint64_t job, uint64_t session)
{
	json_t *list = json_array();

	if (json_object_set_new(o, "seen", list) != 0)
		return ERR_NOMEM;
	return store_query(s, STORE_SEEN_BY, STORE_ARGS(
	    store_i((int64_t)job), store_i((int64_t)session)), on_seen, list);
}

struct record {
	int	has_chain;
	char	recovered[16];
};

static int
on_record(void *arg, const struct store_row *row)
{
	struct record *r = arg;

	r->has_chain = store_int(row, 0) != 0;
	(void)snprintf(r->recovered, sizeof(r->recovered), "%s",
	    store_text(row, 1));
	return 1;
}

/* What the ledger knows of a session's recording, in one word. */
static const char *
record_word(const struct session *x, const struct record *r)
{
	if (strcmp(x->state, "running") == 0)
		return "running";
	if (strcmp(r->recovered, "missing") == 0)
		return "missing";
	if (r->recovered[0] != '\0' && strcmp(r->recovered, "end") != 0)
		return "recovered";
	return r->has_chain ? "complete" : "not recovered yet";
}

/* Sessions of one job, a page of them. */
struct sheet {
	struct call	*c;
	const struct job *j;
	struct page	 page;
};

static int
on_session(void *arg, struct session *x)
{
	struct sheet *s = arg;
	struct record rec = { 0 };
	json_t *o = session_json(x);
	int r = o == NULL ? ERR_NOMEM : 0;

	/* by the law of the ledger it is the plan's; once is enough */
	if (r == 0 && json_object_del(o, "argv") != 0)
		r = ERR_INTERNAL;
	if (r == 0 && (r = store_query(s->c->ld->store, STORE_SESSION_RECORD,
	    STORE_ARGS(store_i((int64_t)x->nr)), on_record, &rec)) == 0 &&
	    (r = add_seen(s->c->ld->store, o, s->j->nr, x->nr)) == 0 &&
	    json_object_set_new(o, "record",
	    json_string(record_word(x, &rec))) != 0)
		r = ERR_NOMEM;
	if (r != 0)
		json_decref(o);
	else if ((r = page_add(&s->page, o)) == 0)
		s->page.next = x->nr;
	session_free(x);
	return r;
}

/* As it stands in the entry, whole characters of it. */
static int
add_text(json_t *o, const char *key, const json_t *entry)
{
	const char *s = json_string_value(json_object_get(entry, key));
	char text[NEAR_TEXT + sizeof("...")];
	size_t n;

	if (s == NULL)
		s = "";
	if (strlen(s) > NEAR_TEXT) {
		for (n = NEAR_TEXT; n > 0 && (s[n] & 0xc0) == 0x80; n--)
			continue;
		(void)snprintf(text, sizeof(text), "%.*s...", (int)n, s);
		s = text;
	}
	return json_object_set_new(o, key, json_string(s)) == 0 ? 0 :
	    ERR_NOMEM;
}

static int
on_near(void *arg, const struct store_row *row)
{
	json_t *entry = NULL, *o;
	const uint8_t *body;
	size_t n;
	int r;

	body = store_blob(row, 2, &n);
	if ((r = json_read(body, n, &entry)) != 0)
		return r;
	o = json_pack("{s:I, s:o}", "index", (json_int_t)store_int(row, 0),
	    "at", form_time(store_int(row, 1)));
	if (o == NULL || add_text(o, "code", entry) != 0 ||
	    add_text(o, "asked", entry) != 0 ||
	    add_text(o, "reason", entry) != 0) {
		json_decref(o);
		r = ERR_NOMEM;
	} else if (json_array_append_new(arg, o) != 0)
		r = ERR_NOMEM;
	json_decref(entry);
	return r;
}

static int
add_near(struct store *s, json_t *o, const struct job *j)
{
	struct store_arg of[] = { store_i((int64_t)j->request),
		store_s(j->operator), store_i(NEAR_SHOWN) };
	json_t *list = json_array();
	int64_t total = 0;
	int r;

	if (json_object_set_new(o, "near_misses", list) != 0)
		return ERR_NOMEM;
	if ((r = store_query(s, STORE_NEAR_LIST, of, 3, on_near, list)) != 0 ||
	    (r = store_number(s, STORE_NEAR_COUNT, of, 2, 0, &total)) != 0)
		return r;
	return json_object_set_new(o, "near_total", json_integer(total)) == 0 ?
	    0 : ERR_NOMEM;
}

/* The request as approvers saw it; its script is named by its digest, `request show` has it. */
static json_t *
plan_json(const struct request *r, int64_t now)
{
	json_t *o = form_request(r, now), *step;
	size_t i;

	json_array_foreach(json_object_get(o, "steps"), i, step)
		(void)json_object_del(step, "script");
	(void)json_object_del(o, "sessions");
	return o;
}

/* All of the first page but the sessions. */
static int
first_page(struct call *c, const struct job *j, const struct request *r,
    int64_t now)
{
	json_t *o = job_json(j, r, c->ld->snap, c->who, now);
	int err;

	if ((c->reply = o) == NULL)
		return ERR_NOMEM;
	/* the plan has it */
	if (json_object_del(o, "argv") != 0 ||
	    json_object_set_new(o, "plan", plan_json(r, now)) != 0)
		return ERR_NOMEM;
	if ((err = add_near(c->ld->store, o, j)) != 0)
		return err;
	return add_seen(c->ld->store, o, j->nr, JOB_SHEET);
}

static int
add_sessions(struct call *c, const struct job *j, uint64_t above)
{
	size_t used = json_dumpb(c->reply, NULL, 0, JSON_COMPACT) + SHEET_ROOM;
	struct sheet s = { .c = c, .j = j };
	int r;

	if (used >= JSON_MAX)
		return ERR_LIMIT;
	if (JSON_MAX - used < PAGE_BYTES)
		s.page.bytes = PAGE_BYTES - (JSON_MAX - used);
	s.page.next = above;
	if ((s.page.list = json_array()) == NULL)
		return ERR_NOMEM;
	r = db_sessions(c->ld->store, STORE_JOB_SESSIONS, STORE_ARGS(
	    store_i((int64_t)j->request), store_i(j->revision),
	    store_s(j->operator), store_i((int64_t)above)), on_session, &s);
	if (json_object_set_new(c->reply, "sessions", s.page.list) != 0 ||
	    json_object_set_new(c->reply, "next",
	    json_integer((json_int_t)s.page.next)) != 0)
		return ERR_NOMEM;
	c->more = s.page.is_full;
	return r;
}

/*
 * The last page was handed out: now it is seen.  A job that is still open can
 * change, so what was read of it does not count for a verdict; nor does what a
 * word read that holds a recording (call.c).
 */
static int
write_seen(struct call *c, const struct job *j, const struct request *r,
    int64_t now)
{
	struct judge_job q = job_judged(j, r);
	int64_t percent = c->client->has_recording ||
	    judge_view(&q, now) == JUDGE_OPEN ? 0 : 100;

	return job_saw(c->client, j->nr, JOB_SHEET, &percent);
}

/* Later pages only behind the ones before, so that nobody has seen the end alone. */
static int
check_page(struct call *c, uint64_t nr, uint64_t above)
{
	const struct client *p = c->client;

	if (above == 0 || (p->sheet_job == nr && p->sheet_next == above))
		return 0;
	return req_refuse(&c->why, SEKISHO_CODE_STATE, "review show",
	    "this is not the page that comes next");
}

static int
show(struct call *c, const struct job *j, uint64_t above)
{
	int64_t now = clock_unix();
	struct request *r = NULL;
	int err;

	if ((err = db_request(c->ld->store, j->request, &r)) != 0)
		return err;
	if (above == 0)
		err = first_page(c, j, r, now);
	else if ((c->reply = json_pack("{s:o}", "id", id('J', j->nr))) == NULL)
		err = ERR_NOMEM;
	if (err == 0 && (err = add_sessions(c, j, above)) == 0 && !c->more)
		err = write_seen(c, j, r, now);
	if (err == 0) {
		c->client->sheet_job = c->more ? j->nr : 0;
		c->client->sheet_next = (uint64_t)json_integer_value(
		    json_object_get(c->reply, "next"));
	}
	req_free(r);
	return err;
}

int
call_review_show(struct call *c)
{
	static const char *const keys[] = { "id", "after", NULL };
	struct job *j = NULL;
	int64_t above;
	uint64_t nr;
	int r;

	if ((r = call_keys(c, keys)) != 0 || (r = call_id(c, &nr)) != 0)
		return r;
	if (json_want_int(c->body, "after", 0, 0, INT64_MAX, &above) != 0)
		return call_bad(c, "after");
	if ((r = judge_see(c->ld->snap, c->who, &c->why)) != 0 ||
	    (r = check_page(c, nr, (uint64_t)above)) != 0)
		return r;
	if ((r = call_job(c, nr, &j)) == 0)
		r = show(c, j, (uint64_t)above);
	job_free(j);
	return r;
}
