/* apply_review.c - what auditors saw and said, and the small tables. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/sha256.h"
#include "verify/model.h"

int
apply_seen(struct play *p)
{
	struct cell key[] = { cell_nr(apply_nr(p, "job")),
		cell_nr(apply_nr(p, "session")),
		cell_bytes(CELL_TEXT, p->who, strlen(p->who)) };
	struct item *i = map_find(p->m->map[TABLE_SEEN], key);
	int64_t percent = apply_int(p, "percent");
	struct row *row;
	int r;

	if (map_find_nr(p->m->map[TABLE_JOB], apply_nr(p, "job")) == NULL) {
		apply_illegal(p, "there is no job %s at that moment",
		    apply_str(p, "job"));
		return 0;
	}
	if (i != NULL) {
		if (percent > cell_number(&i->row->c[SN_PERCENT]))
			row_int(i->row, SN_PERCENT, percent);
		return 0;
	}
	if ((row = row_new(SN_COLUMNS)) == NULL)
		return ERR_NOMEM;
	row_int(row, SN_JOB, key[0].i);
	row_int(row, SN_SESSION, key[1].i);
	row_int(row, SN_PERCENT, percent);
	if ((r = row_text(row, SN_WHO, p->who)) != 0) {
		row_free(row);
		return r;
	}
	return map_add(p->m->map[TABLE_SEEN], row, NULL);
}

/* Nobody judges what they asked for, ran or approved, or what still runs. */
static void
judge_verdict(struct play *p, const struct item *job)
{
	const struct row *row = job->row;
	int64_t nr = cell_number(&row->c[JB_REQUEST]);
	const struct item *q = map_find_nr(p->m->map[TABLE_REQUEST], nr);

	if (q != NULL && strcmp(p->who,
	    cell_str(&q->row->c[RQ_REQUESTER])) == 0)
		apply_illegal(p, "verdict by %s, who asked for it", p->who);
	if (strcmp(p->who, cell_str(&row->c[JB_OPERATOR])) == 0 ||
	    apply_is_operator(p, nr, p->who))
		apply_illegal(p, "verdict by %s, who was to run it", p->who);
	if (apply_has_approved(p, nr, cell_number(&row->c[JB_REVISION]),
	    p->who))
		apply_illegal(p, "verdict by %s, who approved it", p->who);
	if (((const struct job_extra *)job->extra)->running > 0)
		apply_illegal(p, "verdict while a session runs");
}

int
apply_verdict(struct play *p)
{
	struct item *job = map_find_nr(p->m->map[TABLE_JOB],
	    apply_nr(p, "job"));
	struct row *row;
	char *text = NULL;
	size_t n = 0;
	int r;

	if (job == NULL) {
		apply_illegal(p, "there is no job %s at that moment",
		    apply_str(p, "job"));
		return 0;
	}
	judge_verdict(p, job);
	if ((row = row_new(VD_COLUMNS)) == NULL)
		return ERR_NOMEM;
	if (json_canonical(json_object_get(p->e, "seen"), &text, &n) != 0) {
		row_free(row);
		return ERR_NOMEM;
	}
	row_int(row, VD_JOB, apply_nr(p, "job"));
	row_int(row, VD_AT, apply_int(p, "decided_at"));
	if ((r = row_text(row, VD_WHO, p->who)) != 0 ||
	    (r = row_text(row, VD_VERDICT, apply_str(p, "verdict"))) != 0 ||
	    (r = row_text(row, VD_MESSAGE, apply_str(p, "message"))) != 0 ||
	    (r = row_text(row, VD_SEEN, text)) != 0)
		row_free(row);
	else if ((r = map_add(p->m->map[TABLE_VERDICT], row, NULL)) ==
	    ERR_CONFLICT) {
		apply_illegal(p, "a second verdict on %s", apply_str(p, "job"));
		r = 0;
	}
	str_wipe(text);
	return r;
}

/* Only the commitment is known, and when; salt and name may be gone. */
int
apply_login_refused(struct play *p)
{
	const json_t *list = json_object_get(p->e, "unknown_users");
	uint8_t commitment[SHA256_LEN];
	const char *hex;
	struct row *row;
	size_t i;
	int r;

	for (i = 0; i < json_array_size(list); i++) {
		hex = json_string_value(json_object_get(json_array_get(list,
		    i), "sha256"));
		if (hex == NULL || sha256_parse(hex, commitment) != 0) {
			apply_wrong(p, "an unknown user without its digest");
			continue;
		}
		if ((row = row_new(UN_COLUMNS)) == NULL)
			return ERR_NOMEM;
		row_int(row, UN_AT, apply_int(p, "minute"));
		if ((r = row_bytes(row, UN_COMMITMENT, CELL_BLOB, commitment,
		    SHA256_LEN)) != 0) {
			row_free(row);
			return r;
		}
		r = map_add(p->m->map[TABLE_UNKNOWN_NAME], row, NULL);
		if (r == ERR_NOMEM)
			return r;
	}
	return 0;
}

int
apply_number(struct play *p)
{
	static const char name[] = "next_session";
	struct cell key = cell_bytes(CELL_TEXT, name, strlen(name));
	struct item *i = map_find(p->m->map[TABLE_NUMBER], &key);
	struct row *row;
	int r;

	if (i == NULL) {
		if ((row = row_new(NU_COLUMNS)) == NULL)
			return ERR_NOMEM;
		if ((r = row_text(row, NU_NAME, name)) != 0) {
			row_free(row);
			return r;
		}
		if ((r = map_add(p->m->map[TABLE_NUMBER], row, &i)) != 0)
			return r;
	}
	row_int(i->row, NU_VALUE, apply_int(p, name));
	return 0;
}
