/* db_request.c - requests between the database and memory. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strv.h"
#include "crypt/sha256.h"
#include "json/json.h"
#include "ledgerd/db.h"
#include "request/canon.h"

static int
dup_text(char **out, const struct store_row *row, int column)
{
	return (*out = strdup(store_text(row, column))) == NULL ?
	    ERR_NOMEM : 0;
}

static int
on_decision(void *arg, const struct store_row *row)
{
	struct req_decision *d = req_add_decision(arg);
	const uint8_t *digest;
	size_t n;

	if (d == NULL)
		return 1;
	d->at = store_int(row, 2);
	d->revision = (uint32_t)store_int(row, 4);
	digest = store_blob(row, 5, &n);
	if (n != DIGEST_LEN)
		return ERR_FORMAT;
	memcpy(d->digest, digest, DIGEST_LEN);
	if (dup_text(&d->who, row, 0) != 0 || dup_text(&d->what, row, 1) != 0 ||
	    dup_text(&d->message, row, 3) != 0)
		return ERR_NOMEM;
	return 0;
}

static int
on_session_id(void *arg, const struct store_row *row)
{
	struct request *r = arg;
	uint64_t *more;

	more = reallocarray(r->sessions, r->nsessions + 1, sizeof(*more));
	if (more == NULL)
		return ERR_NOMEM;
	r->sessions = more;
	more[r->nsessions++] = (uint64_t)store_int(row, 0);
	return 0;
}

static int
take_script(struct request *r, const struct store_row *row)
{
	static const uint8_t none[DIGEST_LEN];
	struct req_step *step = &r->steps[0];
	uint8_t digest[DIGEST_LEN];
	const uint8_t *p;
	size_t n;
	int err;

	if (store_is_null(row, 5))
		return memcmp(step->script_digest, none, DIGEST_LEN) == 0 ?
		    0 : ERR_CRYPTO;
	p = store_blob(row, 5, &n);
	if ((err = sha256_mem(p, n, digest)) != 0)
		return err;
	if (n == 0 || !sha256_equal(digest, step->script_digest))
		return ERR_CRYPTO;
	if ((step->script = malloc(n)) == NULL)
		return ERR_NOMEM;
	memcpy(step->script, p, n);
	step->script_len = n;
	return 0;
}

static int
take_warnings(struct request *r, const char *text)
{
	json_t *o = NULL, *box;
	int err;

	if ((err = json_read(text, strlen(text), &o)) != 0)
		return err;
	if ((box = json_pack("{s:o}", "w", o)) == NULL)
		return ERR_NOMEM;
	err = json_want_strv(box, "w", &r->warnings);
	json_decref(box);
	return err;
}

static int64_t
moment(const struct store_row *row, int column)
{
	return store_is_null(row, column) ? REQ_NONE : store_int(row, column);
}

/* Columns as in REQUEST_COLUMNS of sql.def. */
static int
take_row(struct request *r, const struct store_row *row)
{
	const uint8_t *canon, *digest;
	size_t n, dn;
	int err;

	r->nr = (uint64_t)store_int(row, 0);
	r->revision = (uint32_t)store_int(row, 1);
	canon = store_blob(row, 3, &n);
	digest = store_blob(row, 4, &dn);
	if (dn != DIGEST_LEN)
		return ERR_FORMAT;
	if ((err = req_state_parse(store_text(row, 2), &r->state)) != 0 ||
	    (err = canon_read(canon, n, digest, r)) != 0 ||
	    (err = take_script(r, row)) != 0)
		return err;
	if (store_int(row, 6) != r->uses)
		return ERR_CRYPTO;
	r->used = (uint32_t)store_int(row, 7);
	r->filed_at = store_int(row, 12);
	r->pending_until = store_int(row, 13);
	r->start_at = moment(row, 14);
	r->end_at = moment(row, 15);
	if ((err = dup_text(&r->reason, row, 8)) != 0 ||
	    (err = dup_text(&r->ticket, row, 9)) != 0 ||
	    (err = dup_text(&r->label, row, 10)) != 0)
		return err;
	return take_warnings(r, store_text(row, 11));
}

struct each {
	struct store	*store;
	db_request_fn	*fn;
	void		*arg;
};

static int
on_request(void *arg, const struct store_row *row)
{
	struct each *e = arg;
	struct request *r = req_new();
	struct store_arg nr;
	int err;

	if (r == NULL)
		return ERR_NOMEM;
	err = take_row(r, row);
	nr = store_i((int64_t)r->nr);
	if (err == 0 && (err = store_query(e->store, STORE_DECISION_LIST, &nr,
	    1, on_decision, r)) == 0)
		err = store_query(e->store, STORE_SESSION_IDS, &nr, 1,
		    on_session_id, r);
	if (err != 0) {
		log_error("stored request is not sound request=R%llu error=%s",
		    (unsigned long long)r->nr, err_name(err));
		req_free(r);
		return err;
	}
	return e->fn(e->arg, r);
}

int
db_requests(struct store *s, enum store_sql sql, const struct store_arg *args,
    size_t n, db_request_fn *fn, void *arg)
{
	struct each e = { s, fn, arg };

	return store_query(s, sql, args, n, on_request, &e);
}

static int
keep_one(void *arg, struct request *r)
{
	*(struct request **)arg = r;
	return 1;
}

static int
on_number(void *arg, const struct store_row *row)
{
	const struct store_arg nr = store_i(store_int(row, 0));
	struct each *e = arg;
	struct request *r = NULL;
	int err;

	if ((err = db_requests(e->store, STORE_REQUEST_GET, &nr, 1, keep_one,
	    &r)) != 0)
		return err;
	return r == NULL ? ERR_FORMAT : e->fn(e->arg, r);
}

int
db_requests_of(struct store *s, enum store_sql sql,
    const struct store_arg *args, size_t n, db_request_fn *fn, void *arg)
{
	struct each e = { s, fn, arg };

	return store_query(s, sql, args, n, on_number, &e);
}

int
db_request(struct store *s, uint64_t nr, struct request **out)
{
	int r;

	*out = NULL;
	if (nr == 0 || nr > INT64_MAX)
		return ERR_NOTFOUND;
	r = db_requests(s, STORE_REQUEST_GET,
	    STORE_ARGS(store_i((int64_t)nr)), keep_one, out);
	return r != 0 ? r : *out == NULL ? ERR_NOTFOUND : 0;
}

int
db_list_add(void *list, struct request *r)
{
	struct db_list *l = list;
	struct request **more;

	if (l->n >= l->max) {
		req_free(r);
		return 1;
	}
	if ((more = reallocarray(l->v, l->n + 1, sizeof(*more))) == NULL) {
		req_free(r);
		return ERR_NOMEM;
	}
	l->v = more;
	l->v[l->n++] = r;
	return 0;
}

int
db_list(struct store *s, enum store_sql sql, const struct store_arg *args,
    size_t n, size_t max, struct db_list *out)
{
	int r;

	memset(out, 0, sizeof(*out));
	out->max = max;
	if ((r = db_requests(s, sql, args, n, db_list_add, out)) != 0)
		db_list_free(out);
	return r;
}

void
db_list_free(struct db_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		req_free(l->v[i]);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

int
db_request_next(struct store *s, uint64_t *nr)
{
	int64_t v;
	int r;

	if ((r = store_number(s, STORE_REQUEST_NEXT, NULL, 0, 1, &v)) == 0)
		*nr = (uint64_t)v;
	return r;
}

int
db_request_add(struct store *s, const struct request *r, const char *canon,
    size_t n)
{
	const struct req_step *step = &r->steps[0];
	json_t *list = json_from_strv(r->warnings);
	char *warnings = NULL;
	size_t len, i;
	int err;

	if (list == NULL || json_canonical(list, &warnings, &len) != 0) {
		json_decref(list);
		return ERR_NOMEM;
	}
	json_decref(list);
	err = store_run(s, STORE_REQUEST_ADD, STORE_ARGS(
	    store_i((int64_t)r->nr), store_i(r->revision),
	    store_s(r->requester), store_s(r->profile), store_b(canon, n),
	    store_b(r->digest, DIGEST_LEN), step->script == NULL ?
	    store_null() : store_b(step->script, step->script_len),
	    store_i(r->uses), store_s(r->reason), store_s(r->ticket),
	    store_s(r->label), store_s(warnings), store_i(r->filed_at),
	    store_i(r->pending_until)));
	str_wipe(warnings);
	for (i = 0; err == 0 && r->operators[i] != NULL; i++)
		err = store_run(s, STORE_OPERATOR_ADD, STORE_ARGS(
		    store_i((int64_t)r->nr), store_s(r->operators[i])));
	return err;
}

int
db_decision_add(struct store *s, const struct request *r,
    const struct req_decision *d)
{
	return store_run(s, STORE_DECISION_ADD, STORE_ARGS(
	    store_i((int64_t)r->nr), store_i(d->revision), store_s(d->who),
	    store_s(d->what), store_i(d->at), store_s(d->message),
	    store_b(d->digest, DIGEST_LEN)));
}
