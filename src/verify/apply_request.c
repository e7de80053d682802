/* apply_request.c - requests, their operators, decisions, near misses. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/sha256.h"
#include "verify/model.h"

#define NS	1000000000LL

/* A member of the canonical form as text; "" when it is none. */
static const char *
member(const json_t *canon, const char *key)
{
	const char *s = json_string_value(json_object_get(canon, key));

	return s == NULL ? "" : s;
}

static int
add_operators(struct play *p, int64_t nr, const json_t *canon)
{
	const json_t *list = json_object_get(canon, "operators");
	const char *name;
	struct row *row;
	size_t i;
	int r;

	for (i = 0; i < json_array_size(list); i++) {
		name = json_string_value(json_array_get(list, i));
		if (name == NULL) {
			apply_wrong(p, "canon names an operator that is no text");
			continue;
		}
		if ((row = row_new(OP_COLUMNS)) == NULL)
			return ERR_NOMEM;
		row_int(row, OP_REQUEST, nr);
		if (row_text(row, OP_NAME, name) != 0) {
			row_free(row);
			return ERR_NOMEM;
		}
		r = map_add(p->m->map[TABLE_OPERATOR], row, NULL);
		if (r == ERR_NOMEM)
			return r;
		if (r != 0)
			apply_wrong(p, "canon names operator %s twice", name);
	}
	if (json_array_size(list) == 0)
		apply_wrong(p, "canon names no operators");
	return 0;
}

/* Everything that an approval binds to (src/request/README.md), and nothing else. */
static int
is_canon(const json_t *canon)
{
	static const char *const keys[] = { "cwd", "form", "from", "input",
		"max_run", "on_disconnect", "operators", "profile",
		"profile_digest", "requester", "run_as", "span", "steps",
		"target", "until", "uses", NULL };
	static const char *const step_keys[] = { "argv", "exe", "exe_digest",
		"script_digest", NULL };
	const json_t *list = json_object_get(canon, "operators"), *steps, *v;
	const char *unknown, *name, *last = "";
	size_t i;

	if (json_object_size(canon) != 16 ||
	    json_only_keys(canon, keys, &unknown) != 0 ||
	    json_integer_value(json_object_get(canon, "form")) != 1 ||
	    !json_is_array(list))
		return 0;
	for (i = 0; i < json_array_size(list); i++) {
		name = json_string_value(json_array_get(list, i));
		if (name == NULL || strcmp(last, name) >= 0)
			return 0;
		last = name;
	}
	steps = json_object_get(canon, "steps");
	for (i = 0; i < json_array_size(steps); i++) {
		v = json_array_get(steps, i);
		if (!json_is_object(v) || json_object_size(v) != 4 ||
		    json_only_keys(v, step_keys, &unknown) != 0)
			return 0;
	}
	return json_is_array(steps) && i > 0;
}

/* canon, digest and script: bytes made again from what the entry says. */
static int
put_canon(struct play *p, struct row *row, const json_t *canon)
{
	uint8_t digest[SHA256_LEN], said[SHA256_LEN], script[SHA256_LEN];
	const json_t *step;
	char *text = NULL;
	size_t n = 0;
	int r;

	if (json_canonical(canon, &text, &n) != 0)
		return ERR_NOMEM;
	if ((r = sha256_mem(text, n, digest)) == 0)
		r = row_bytes(row, RQ_CANON, CELL_BLOB, text, n);
	str_wipe(text);
	if (r != 0)
		return r;
	(void)apply_digest(p, "digest", said);
	if (memcmp(said, digest, SHA256_LEN) != 0)
		apply_wrong(p, "digest is not that of canon");
	if ((r = row_bytes(row, RQ_DIGEST, CELL_BLOB, said,
	    SHA256_LEN)) != 0)
		return r;
	step = json_array_get(json_object_get(canon, "steps"), 0);
	if (strcmp(member(step, "script_digest"),
	    apply_str(p, "script_digest")) != 0)
		apply_wrong(p, "script_digest is not that of canon");
	if (*apply_str(p, "script_digest") == '\0')
		return 0;
	(void)apply_digest(p, "script_digest", script);
	return row_bytes(row, RQ_SCRIPT, CELL_SHA, script, SHA256_LEN);
}

static int
put_texts(struct play *p, struct row *row, const json_t *canon)
{
	char *warnings = NULL;
	size_t n = 0;
	int r;

	if (json_canonical(json_object_get(p->e, "warnings"), &warnings,
	    &n) != 0)
		return ERR_NOMEM;
	r = row_text(row, RQ_WARNINGS, warnings);
	str_wipe(warnings);
	if (r != 0 || (r = row_text(row, RQ_STATE, "submitted")) != 0 ||
	    (r = row_text(row, RQ_REQUESTER, p->who)) != 0 ||
	    (r = row_text(row, RQ_PROFILE, member(canon, "profile"))) != 0 ||
	    (r = row_text(row, RQ_REASON, apply_str(p, "reason"))) != 0 ||
	    (r = row_text(row, RQ_TICKET, apply_str(p, "ticket"))) != 0)
		return r;
	return row_text(row, RQ_LABEL, apply_str(p, "label"));
}

int
apply_request(struct play *p)
{
	const json_t *canon = json_object_get(p->e, "canon");
	struct row *row = row_new(RQ_COLUMNS);
	int64_t nr = apply_nr(p, "request");
	int r;

	if (row == NULL)
		return ERR_NOMEM;
	row_int(row, RQ_NR, nr);
	row_int(row, RQ_REVISION, apply_int(p, "revision"));
	row_int(row, RQ_USES, apply_int(p, "uses"));
	row_int(row, RQ_USED, 0);
	row_int(row, RQ_FILED_AT, apply_int(p, "filed_at"));
	row_int(row, RQ_PENDING_UNTIL, apply_int(p, "pending_until"));
	if (!is_canon(canon))
		apply_wrong(p, "canon is not all that an approval binds to, "
		    "or more");
	if (strcmp(member(canon, "requester"), p->who) != 0)
		apply_wrong(p, "canon names another requester than who filed");
	if (json_integer_value(json_object_get(canon, "uses")) !=
	    apply_int(p, "uses"))
		apply_wrong(p, "canon says another number of uses");
	if ((r = put_canon(p, row, canon)) != 0 ||
	    (r = put_texts(p, row, canon)) != 0) {
		row_free(row);
		return r;
	}
	r = map_add(p->m->map[TABLE_REQUEST], row, NULL);
	if (r == ERR_CONFLICT) {
		apply_illegal(p, "R%" PRId64 " is filed a second time", nr);
		return 0;
	}
	return r != 0 ? r : add_operators(p, nr, canon);
}

struct row *
apply_find_request(struct play *p, const char *key)
{
	int64_t nr = apply_nr(p, key);
	struct item *i = map_find_nr(p->m->map[TABLE_REQUEST], nr);

	if (i != NULL)
		return i->row;
	apply_illegal(p, "there is no R%" PRId64 " at that moment", nr);
	return NULL;
}

json_t *
apply_canon(const struct row *request)
{
	const struct cell *c = &request->c[RQ_CANON];
	json_t *v = NULL;

	return json_read(c->p, c->n, &v) == 0 ? v : NULL;
}

int
apply_is_operator(const struct play *p, int64_t request, const char *who)
{
	struct cell key[] = { cell_nr(request),
		cell_bytes(CELL_TEXT, who, strlen(who)) };

	return map_find(p->m->map[TABLE_OPERATOR], key) != NULL;
}

int
apply_has_approved(const struct play *p, int64_t request, int64_t revision,
    const char *who)
{
	struct cell key[] = { cell_nr(request), cell_nr(revision),
		cell_bytes(CELL_TEXT, who, strlen(who)) };
	const struct item *i = map_find(p->m->map[TABLE_DECISION], key);

	return i != NULL &&
	    strcmp(cell_str(&i->row->c[DC_WHAT]), "approve") == 0;
}

/* What each decision may be about, and what may come of it. */
static void
judge(struct play *p, const struct row *q, const char *what, const char *state)
{
	const char *was = cell_str(&q->c[RQ_STATE]);
	int is_open = strcmp(was, "submitted") == 0, is_ok;

	if (strcmp(what, "approve") == 0) {
		if (strcmp(p->who, cell_str(&q->c[RQ_REQUESTER])) == 0)
			apply_illegal(p, "%s approves a request of their own",
			    p->who);
		if (apply_is_operator(p, cell_number(&q->c[RQ_NR]), p->who))
			apply_illegal(p, "%s approves what they are to run",
			    p->who);
		is_ok = strcmp(state, "approved") == 0 ||
		    strcmp(state, "submitted") == 0;
	} else {
		/* an approved request may still be taken back */
		is_open = is_open || strcmp(was, "approved") == 0;
		is_ok = strcmp(state, strcmp(what, "reject") == 0 ?
		    "rejected" : "withdrawn") == 0;
	}
	if (!is_open)
		apply_illegal(p, "%s of a request that is %s", what, was);
	if (!is_ok)
		apply_illegal(p, "%s makes a request %s", what, state);
}

static int
add_decision(struct play *p)
{
	struct row *row = row_new(DC_COLUMNS);
	uint8_t digest[SHA256_LEN];
	int r;

	if (row == NULL)
		return ERR_NOMEM;
	(void)apply_digest(p, "digest", digest);
	row_int(row, DC_REQUEST, apply_nr(p, "request"));
	row_int(row, DC_REVISION, apply_int(p, "revision"));
	row_int(row, DC_AT, apply_int(p, "decided_at"));
	if ((r = row_text(row, DC_WHO, p->who)) != 0 ||
	    (r = row_text(row, DC_WHAT, apply_str(p, "decision"))) != 0 ||
	    (r = row_text(row, DC_MESSAGE, apply_str(p, "message"))) != 0 ||
	    (r = row_bytes(row, DC_DIGEST, CELL_BLOB, digest,
	    SHA256_LEN)) != 0) {
		row_free(row);
		return r;
	}
	r = map_add(p->m->map[TABLE_DECISION], row, NULL);
	if (r == ERR_CONFLICT)
		apply_illegal(p, "%s has decided about this before", p->who);
	return r == ERR_CONFLICT ? 0 : r;
}

int
apply_decision(struct play *p)
{
	struct row *q = apply_find_request(p, "request");
	const char *state = apply_str(p, "state");
	uint8_t digest[SHA256_LEN];
	int r;

	if ((r = add_decision(p)) != 0 || q == NULL)
		return r;
	(void)apply_digest(p, "digest", digest);
	if (apply_int(p, "revision") != cell_number(&q->c[RQ_REVISION]) ||
	    memcmp(digest, q->c[RQ_DIGEST].p, SHA256_LEN) != 0)
		apply_illegal(p, "it was given for another text of the request");
	judge(p, q, apply_str(p, "decision"), state);
	if (strcmp(state, "approved") == 0 &&
	    strcmp(apply_str(p, "decision"), "approve") == 0) {
		if (!apply_has(p, "start_at") || !apply_has(p, "end_at"))
			apply_wrong(p, "an approval without its window");
		row_int(q, RQ_START_AT, apply_int(p, "start_at"));
		row_int(q, RQ_END_AT, apply_int(p, "end_at"));
	}
	return row_text(q, RQ_STATE, state);
}

int
apply_near_miss(struct play *p)
{
	int64_t nr = apply_nr(p, "request"), ns = apply_int(p, "at_ns");
	struct row *row;
	int r;

	if (!apply_has(p, "request"))
		return 0;
	if (apply_find_request(p, "request") == NULL)
		return 0;
	if ((row = row_new(NM_COLUMNS)) == NULL)
		return ERR_NOMEM;
	row_int(row, NM_IX, (int64_t)p->ix);
	row_int(row, NM_REQUEST, nr);
	row_int(row, NM_AT, ns / NS);
	if ((r = row_text(row, NM_OPERATOR, p->who)) != 0) {
		row_free(row);
		return r;
	}
	return map_add(p->m->map[TABLE_NEAR_MISS], row, NULL);
}
