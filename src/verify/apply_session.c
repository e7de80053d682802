/* apply_session.c - uses, ends, recoveries: the rows of sessions and jobs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/sha256.h"
#include "verify/model.h"

/* Columns that come from the step of the canonical form. */
static int
put_step(struct play *p, struct row *row, const struct row *request,
    const char *exe)
{
	json_t *canon = apply_canon(request), *step;
	int64_t nr = apply_int(p, "step");
	char *argv = NULL;
	const char *s;
	size_t n = 0;
	int r;

	step = nr < 1 ? NULL : json_array_get(json_object_get(canon, "steps"),
	    (size_t)nr - 1);
	if (!json_is_array(json_object_get(step, "argv"))) {
		apply_illegal(p, "the request has no step %" PRId64, nr);
		json_decref(canon);
		return 0;
	}
	if (json_canonical(json_object_get(step, "argv"), &argv, &n) != 0) {
		json_decref(canon);
		return ERR_NOMEM;
	}
	s = json_string_value(json_object_get(step, "exe_digest"));
	if (exe != NULL && (s == NULL || strcmp(s, exe) != 0))
		apply_illegal(p, "another executable than was approved");
#define CANON(key)	(json_is_string(json_object_get(canon, key)) ?	\
	    json_string_value(json_object_get(canon, key)) : "")
	if ((r = row_text(row, SE_ARGV, argv)) == 0 &&
	    (r = row_text(row, SE_RUN_AS, CANON("run_as"))) == 0 &&
	    (r = row_text(row, SE_TARGET, CANON("target"))) == 0)
		r = row_text(row, SE_PROFILE, CANON("profile"));
#undef CANON
	str_wipe(argv);
	json_decref(canon);
	return r;
}

/* What `use` and an `end` without one have in common.  *out is in the map; NULL: there was one of this number. */
static int
add_session(struct play *p, const char *operator, const char *exe,
    struct item **out)
{
	struct item *q;
	char name[RECORDING_NAME];
	struct row *row;
	uint8_t uuid[16] = { 0 };
	int64_t nr = apply_nr(p, "session");
	size_t i;
	int r;

	*out = NULL;
	if ((row = row_new(SE_COLUMNS)) == NULL)
		return ERR_NOMEM;
	(void)uuid_parse(apply_str(p, "uuid"), uuid);
	row_int(row, SE_NR, nr);
	row_int(row, SE_REQUEST, apply_nr(p, "request"));
	row_int(row, SE_REVISION, apply_int(p, "revision"));
	row_int(row, SE_STEP, apply_int(p, "step"));
	for (i = SE_IN; i <= SE_DURATION_MS; i++)
		row_int(row, i, 0);
	if ((r = row_bytes(row, SE_UUID, CELL_BLOB, uuid, sizeof(uuid))) != 0 ||
	    (r = row_text(row, SE_OPERATOR, operator)) != 0 ||
	    (r = row_text(row, SE_SOURCE, apply_str(p, "source"))) != 0 ||
	    (r = row_text(row, SE_STATE, "running")) != 0 ||
	    (r = row_text(row, SE_HOW, "")) != 0 ||
	    (r = row_text(row, SE_SIGNAL, "")) != 0 ||
	    (r = row_text(row, SE_REASON, "")) != 0 ||
	    (r = row_text(row, SE_RECOVERED, "")) != 0 ||
	    (r = row_text(row, SE_RECORDING, recording_name(name, uuid,
	    nr))) != 0)
		goto out;
	q = map_find_nr(p->m->map[TABLE_REQUEST], apply_nr(p, "request"));
	if (q != NULL && (r = put_step(p, row, q->row, exe)) != 0)
		goto out;
	r = map_add(p->m->map[TABLE_SESSION], row, out);
	row = NULL;
	if (r == 0 && ((*out)->extra = calloc(1,
	    sizeof(struct session_extra))) == NULL)
		r = ERR_NOMEM;
out:
	row_free(row);
	return r;
}

static void
judge_use(struct play *p, const struct row *q)
{
	int64_t at = apply_int(p, "started_at"), nr = cell_number(&q->c[RQ_NR]);
	int64_t used = cell_number(&q->c[RQ_USED]);
	uint8_t digest[SHA256_LEN];

	(void)apply_digest(p, "digest", digest);
	if (apply_int(p, "revision") != cell_number(&q->c[RQ_REVISION]) ||
	    memcmp(digest, q->c[RQ_DIGEST].p, SHA256_LEN) != 0)
		apply_illegal(p, "use of another text of the request");
	if (strcmp(cell_str(&q->c[RQ_STATE]), "approved") != 0)
		apply_illegal(p, "use of a request that is %s",
		    cell_str(&q->c[RQ_STATE]));
	else if (at < cell_number(&q->c[RQ_START_AT]) ||
	    at >= cell_number(&q->c[RQ_END_AT]))
		apply_illegal(p, "use outside of the window");
	if (!apply_is_operator(p, nr, p->who))
		apply_illegal(p, "use by %s, who is no operator", p->who);
	if (apply_int(p, "uses") != cell_number(&q->c[RQ_USES]))
		apply_wrong(p, "another number of uses than was approved");
	if (used >= cell_number(&q->c[RQ_USES]))
		apply_illegal(p, "use beyond those that were approved");
	if (apply_int(p, "use") != used + 1)
		apply_illegal(p, "use %" PRId64 " follows use %" PRId64,
		    apply_int(p, "use"), used);
}

/* The job of this use, made when it is new. */
static int
enter_job(struct play *p)
{
	int64_t nr = apply_nr(p, "job");
	struct item *i = map_find_nr(p->m->map[TABLE_JOB], nr);
	struct row *row;
	int r;

	if (i != NULL) {
		if (cell_number(&i->row->c[JB_REQUEST]) !=
		    apply_nr(p, "request") ||
		    cell_number(&i->row->c[JB_REVISION]) !=
		    apply_int(p, "revision") ||
		    strcmp(cell_str(&i->row->c[JB_OPERATOR]), p->who) != 0)
			apply_illegal(p, "J%" PRId64 " is the job of others",
			    nr);
		((struct job_extra *)i->extra)->running++;
		return 0;
	}
	if ((row = row_new(JB_COLUMNS)) == NULL)
		return ERR_NOMEM;
	row_int(row, JB_NR, nr);
	row_int(row, JB_REQUEST, apply_nr(p, "request"));
	row_int(row, JB_REVISION, apply_int(p, "revision"));
	row_int(row, JB_OPENED, apply_int(p, "started_at"));
	if ((r = row_text(row, JB_OPERATOR, p->who)) != 0) {
		row_free(row);
		return r;
	}
	if ((r = map_add(p->m->map[TABLE_JOB], row, &i)) != 0)
		return r;
	if ((i->extra = calloc(1, sizeof(struct job_extra))) == NULL)
		return ERR_NOMEM;
	((struct job_extra *)i->extra)->running = 1;
	return 0;
}

int
apply_use(struct play *p)
{
	struct row *q = apply_find_request(p, "request");
	struct session_extra *x;
	struct item *i = NULL;
	int r;

	if (q != NULL) {
		judge_use(p, q);
		row_int(q, RQ_USED, cell_number(&q->c[RQ_USED]) + 1);
	}
	r = add_session(p, p->who, apply_str(p, "exe"), &i);
	if (r == ERR_CONFLICT) {
		apply_illegal(p, "S%" PRId64 " had its use before",
		    apply_nr(p, "session"));
		return 0;
	}
	if (r != 0)
		return r;
	row_int(i->row, SE_USE, apply_int(p, "use"));
	row_int(i->row, SE_STARTED_AT, apply_int(p, "started_at"));
	x = i->extra;
	x->has_use = 1;
	x->job = apply_nr(p, "job");
	(void)apply_digest(p, "header", x->header);
	return enter_job(p);
}

/* A session that never had a use enters with its end. */
static int
enter_unused(struct play *p, struct item **out)
{
	struct session_extra *x;
	int r;

	*out = NULL;
	if (!apply_has(p, "request") || !apply_has(p, "uuid") ||
	    !apply_has(p, "operator") || !apply_has(p, "step") ||
	    !apply_has(p, "revision")) {
		apply_illegal(p, "end of S%" PRId64 ", which never began",
		    apply_nr(p, "session"));
		return 0;
	}
	if (apply_find_request(p, "request") == NULL)
		return 0;
	if ((r = add_session(p, apply_str(p, "operator"), NULL, out)) != 0)
		return r;
	x = (*out)->extra;
	x->is_recorded = apply_int(p, "recorded") == 1;
	return 0;
}

static int
end_row(struct play *p, struct row *row)
{
	static const char *const counts[] = { "in", "out", "err", "refusals",
		"duration_ms" };
	const char *state = apply_str(p, "state"), *how = apply_str(p, "how");
	static const uint8_t zero[SHA256_LEN];
	uint8_t chain[SHA256_LEN];
	size_t i;
	int r;

	row_int(row, SE_ENDED_AT, apply_int(p, "ended_at"));
	for (i = 0; i < 5; i++)
		row_int(row, SE_IN + i, apply_int(p, counts[i]));
	row_null(row, SE_STATUS);
	if (strcmp(how, "not run") != 0 && *apply_str(p, "signal") == '\0' &&
	    strcmp(state, "interrupted") != 0)
		row_int(row, SE_STATUS, apply_int(p, "status"));
	if ((r = row_text(row, SE_STATE, state)) != 0 ||
	    (r = row_text(row, SE_HOW, how)) != 0 ||
	    (r = row_text(row, SE_SIGNAL, apply_str(p, "signal"))) != 0 ||
	    (r = row_text(row, SE_REASON, apply_str(p, "reason"))) != 0)
		return r;
	row_null(row, SE_CHAIN);
	(void)apply_digest(p, "chain", chain);
	return memcmp(chain, zero, sizeof(zero)) == 0 ? 0 :
	    row_bytes(row, SE_CHAIN, CELL_BLOB, chain, sizeof(chain));
}

int
apply_end(struct play *p)
{
	struct item *i = map_find_nr(p->m->map[TABLE_SESSION],
	    apply_nr(p, "session")), *job;
	struct session_extra *x;
	int r;

	if (i == NULL && ((r = enter_unused(p, &i)) != 0 || i == NULL))
		return r;
	/* what was said first stays */
	if (strcmp(cell_str(&i->row->c[SE_STATE]), "running") != 0)
		return 0;
	x = i->extra;
	x->has_end = 1;
	job = map_find_nr(p->m->map[TABLE_JOB], x->job);
	if (job != NULL)
		((struct job_extra *)job->extra)->running--;
	return end_row(p, i->row);
}

int
apply_recovered(struct play *p)
{
	struct item *i = map_find_nr(p->m->map[TABLE_SESSION],
	    apply_nr(p, "session"));
	const char *result = apply_str(p, "result");
	static const uint8_t zero[SHA256_LEN];
	uint8_t chain[SHA256_LEN];
	struct session_extra *x;
	int r, is_chained;

	if (i == NULL) {
		apply_illegal(p, "recovery of S%" PRId64 ", which never began",
		    apply_nr(p, "session"));
		return 0;
	}
	is_chained = apply_digest(p, "chain", chain) &&
	    memcmp(chain, zero, SHA256_LEN) != 0;
	if (strcmp(cell_str(&i->row->c[SE_STATE]), "running") == 0)
		apply_illegal(p, "recovery of a session that runs");
	if (i->row->c[SE_CHAIN].kind == CELL_BLOB && (!is_chained ||
	    memcmp(i->row->c[SE_CHAIN].p, chain, SHA256_LEN) != 0))
		apply_illegal(p, "recovery of a record that was whole before");
	x = i->extra;
	x->has_recovered = 1;
	x->good = apply_int(p, "good");
	x->found = apply_int(p, "found");
	x->sealed = apply_int(p, "sealed");
	if ((r = row_text(i->row, SE_RECOVERED, result)) != 0)
		return r;
	row_null(i->row, SE_CHAIN);
	return is_chained ? row_bytes(i->row, SE_CHAIN, CELL_BLOB, chain,
	    SHA256_LEN) : 0;
}
