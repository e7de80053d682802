/* call_session.c - the verbs about sessions and the ledger. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/call.h"
#include "request/decide.h"

struct filter {
	struct call	*c;
	const char	*user;		/* NULL: anybody's */
	int64_t		 request;	/* 0: any */
	struct page	 page;
};

static int
on_one(void *arg, struct session *x)
{
	struct filter *f = arg;
	int stop = 0;

	if (f->page.scanned++ >= PAGE_SCAN) {
		f->page.is_full = 1;
		stop = 1;
	} else if ((f->user == NULL || strcmp(f->user, x->operator) == 0) &&
	    (f->request == 0 || (uint64_t)f->request == x->request) &&
	    decide_see_session(x->operator, f->c->ld->snap, f->c->who))
		stop = page_add(&f->page, session_json(x));
	if (stop == 0)
		f->page.next = x->nr;
	session_free(x);
	return stop;
}

int
call_session_list(struct call *c)
{
	static const char *const keys[] = { "user", "request", "after", NULL };
	struct filter f = { .c = c };
	int64_t after;
	int r;

	if ((r = call_keys(c, keys)) != 0)
		return r;
	if (json_want_str(c->body, "user", NULL, &f.user) != 0)
		return call_bad(c, "user");
	if (json_want_int(c->body, "request", 0, 0, INT64_MAX,
	    &f.request) != 0)
		return call_bad(c, "request");
	if (json_want_int(c->body, "after", INT64_MAX, 0, INT64_MAX,
	    &after) != 0)
		return call_bad(c, "after");
	if (after == 0)
		after = INT64_MAX;
	if ((f.page.list = json_array()) == NULL)
		return ERR_NOMEM;
	if (decide_has_role(c->ld->snap, c->who, CALL_READERS))
		r = db_sessions(c->ld->store, STORE_SESSION_ALL,
		    STORE_ARGS(store_i(after)), on_one, &f);
	else
		r = db_sessions(c->ld->store, STORE_SESSION_OF, STORE_ARGS(
		    store_i(after), store_s(c->who)), on_one, &f);
	if (r != 0) {
		json_decref(f.page.list);
		return r;
	}
	c->more = f.page.is_full;
	c->reply = json_pack("{s:o, s:I}", "sessions", f.page.list, "next",
	    (json_int_t)f.page.next);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

/* The session under "id", if this person may know of it. */
static int
get(struct call *c, struct session **out)
{
	uint64_t nr;
	int r;

	if ((r = call_id(c, &nr)) != 0)
		return r;
	r = db_session(c->ld->store, nr, out);
	if (r == ERR_NOTFOUND || (r == 0 && !decide_see_session(
	    (*out)->operator, c->ld->snap, c->who)))
		return req_refuse(&c->why, SEKISHO_CODE_NOT_FOUND,
		    "session list", "there is no session S%llu",
		    (unsigned long long)nr);
	return r;
}

int
call_session_show(struct call *c)
{
	static const char *const keys[] = { "id", NULL };
	struct session *x = NULL;
	int r;

	if ((r = call_keys(c, keys)) == 0 && (r = get(c, &x)) == 0 &&
	    (c->reply = session_json(x)) == NULL)
		r = ERR_NOMEM;
	session_free(x);
	return r;
}

static int
open_recording(struct call *c, const struct session *x)
{
	if ((c->fd = recording_open(c->ld, x->uuid, x->nr)) >= 0)
		return 0;
	log_errno("recording cannot be opened session=S%llu",
	    (unsigned long long)x->nr);
	return req_refuse(&c->why, SEKISHO_CODE_NOT_FOUND, "session show",
	    "the recording of S%llu is not there", (unsigned long long)x->nr);
}

/* Who read what is written down before it can be read. */
static int
write_replay(struct call *c, const struct session *x, const char *how)
{
	json_t *e = book_entry("replay", c->who);
	int r;

	if ((r = entry_text(e, "source", c->client->source)) != 0 ||
	    (r = entry_id(e, "session", 'S', x->nr)) != 0 ||
	    (r = entry_text(e, "how", how)) != 0 ||
	    (r = entry_text(e, "operator", x->operator)) != 0) {
		json_decref(e);
		return r;
	}
	return book_alone(c->ld, e);
}

static int
is_way(const char *how)
{
	static const char *const ways[] = { "replay", "text", "sheet",
		"export", "export-input" };
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i], how) == 0)
			return 1;
	return 0;
}

int
call_session_open(struct call *c)
{
	static const char *const keys[] = { "id", "how", NULL };
	struct session *x = NULL;
	const char *how;
	int r;

	if ((r = call_keys(c, keys)) != 0)
		return r;
	if (json_want_str(c->body, "how", "replay", &how) != 0 ||
	    !is_way(how))
		return call_bad(c, "how");
	if ((r = get(c, &x)) != 0)
		goto out;
	if (!decide_has_role(c->ld->snap, c->who, CALL_READERS)) {
		r = req_refuse(&c->why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "recordings are read by auditors, and %s is none", c->who);
		goto out;
	}
	if ((r = open_recording(c, x)) != 0 ||
	    (r = write_replay(c, x, how)) != 0)
		goto out;
	/* a sheet takes facts out of it: that is not looking at it */
	if (strcmp(how, "sheet") != 0)
		c->client->opened = x->nr;
	if ((c->reply = session_json(x)) == NULL)
		r = ERR_NOMEM;
out:
	session_free(x);
	return r;
}

struct log_page {
	struct page	 page;
	int64_t		 next;
};

static int
on_entry(void *arg, const struct store_row *row)
{
	struct log_page *l = arg;
	const uint8_t *body;
	json_t *entry = NULL;
	size_t n;
	int r;

	body = store_blob(row, 1, &n);
	if ((r = json_read(body, n, &entry)) != 0)
		return r;
	r = page_add(&l->page, json_pack("{s:I, s:o}", "index",
	    (json_int_t)store_int(row, 0), "entry", entry));
	if (r == 0)
		l->next = store_int(row, 0) + 1;
	return r;
}

/* The page that ends below "before": its "next" is the "before" of the one below it. */
static int
log_before(struct call *c, int64_t before, int64_t limit)
{
	struct log_page l = { 0 };
	uint64_t size;
	int64_t first;
	int r;

	if ((r = book_size(c->ld, &size)) != 0)
		return r;
	if ((uint64_t)before > size)
		before = (int64_t)size;
	first = before > limit ? before - limit : 0;
	if ((l.page.list = json_array()) == NULL)
		return ERR_NOMEM;
	if ((r = store_query(c->ld->store, STORE_ENTRY_LIST, STORE_ARGS(
	    store_i(first), store_i(before - first)), on_entry, &l)) != 0) {
		json_decref(l.page.list);
		return r;
	}
	c->more = first > 0;
	c->reply = json_pack("{s:o, s:I}", "entries", l.page.list, "next",
	    (json_int_t)first);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

int
call_audit_log(struct call *c)
{
	static const char *const keys[] = { "after", "before", "limit", NULL };
	struct log_page l = { 0 };
	int64_t limit, before;
	int r;

	if ((r = call_keys(c, keys)) != 0)
		return r;
	if (!decide_has_role(c->ld->snap, c->who, CALL_READERS))
		return req_refuse(&c->why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "the ledger is read by auditors and administrators, and "
		    "%s is none", c->who);
	if (json_want_int(c->body, "after", 0, 0, INT64_MAX, &l.next) != 0)
		return call_bad(c, "after");
	if (json_want_int(c->body, "limit", PAGE, 1, PAGE, &limit) != 0)
		return call_bad(c, "limit");
	if (json_want_int(c->body, "before", -1, 0, INT64_MAX, &before) != 0 ||
	    (before >= 0 && json_object_get(c->body, "after") != NULL))
		return call_bad(c, "before");
	if (before >= 0)
		return log_before(c, before, limit);
	if ((l.page.list = json_array()) == NULL)
		return ERR_NOMEM;
	r = store_query(c->ld->store, STORE_ENTRY_LIST, STORE_ARGS(
	    store_i(l.next), store_i(limit + 1)), on_entry, &l);
	if (r != 0) {
		json_decref(l.page.list);
		return r;
	}
	/* one more than asked for tells that there is more */
	if (json_array_size(l.page.list) > (size_t)limit) {
		json_array_remove(l.page.list, (size_t)limit);
		l.page.is_full = 1;
		l.next--;
	}
	c->more = l.page.is_full;
	c->reply = json_pack("{s:o, s:I}", "entries", l.page.list, "next",
	    (json_int_t)l.next);
	return c->reply == NULL ? ERR_NOMEM : 0;
}
