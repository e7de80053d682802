/* records.c - the recording of each session (section 7, point 7). */
#include "verify/records.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypt/sha256.h"

/* A session and what is known of its record. */
struct subject_session {
	struct verify			*v;
	const struct row		*row;
	const struct session_extra	*x;
	char				 place[REPORT_PLACE];
};

#define WRONG(s, ...)	report_fault((s)->v->report, FAULT_RECORDING,	\
			    (s)->place, __VA_ARGS__)
#define TELL(s, code, ...)	report_tell((s)->v->report, code,	\
			    (s)->place, __VA_ARGS__)

static int
is_running(const struct subject_session *s)
{
	return strcmp(cell_str(&s->row->c[SE_STATE]), "running") == 0;
}

static const char *
recovered(const struct subject_session *s)
{
	return cell_str(&s->row->c[SE_RECOVERED]);
}

static const uint8_t *
chain_of(const struct subject_session *s)
{
	const struct cell *c = &s->row->c[SE_CHAIN];

	return c->kind == CELL_BLOB && c->n == SHA256_LEN ?
	    (const uint8_t *)c->p : NULL;
}

/* Is it this session's record, begun under the gate's keys? */
static int
check_head(const struct subject_session *s, const struct record *x)
{
	const struct cell *uuid = &s->row->c[SE_UUID];
	int64_t nr = cell_number(&s->row->c[SE_NR]);

	if (s->x->has_use && memcmp(x->head->digest, s->x->header,
	    SHA256_LEN) != 0) {
		WRONG(s, "its header is not the one that the ledger has the "
		    "digest of");
		return 0;
	}
	if (uuid->n != SKR_UUID || !record_is_of(x, nr,
	    (const uint8_t *)uuid->p)) {
		WRONG(s, "it is the record of another session");
		return 0;
	}
	return 1;
}

/* END's how as entries and rows have it. */
static const char *
how_name(int how)
{
	static const char *const names[] = { "", "ran", "not run",
		"disconnect", "timeout", "revoked", "record", "ledger",
		"lost", "stopping", "refusals", "idle" };

	return how < 0 || (size_t)how >= sizeof(names) / sizeof(names[0]) ?
	    "?" : names[how];
}

/* A disk that filled up while the record was ended makes END say so, whatever had ended the session before. */
static int
is_how(const struct subject_session *s, int how)
{
	return how == SKR_HOW_RECORD ||
	    strcmp(how_name(how), cell_str(&s->row->c[SE_HOW])) == 0;
}

/* END and the entry `end` tell of the same end. */
static void
check_totals(const struct subject_session *s, const struct reader_end *e)
{
	const struct row *row = s->row;
	int has_status = row->c[SE_STATUS].kind == CELL_INT &&
	    e->how != SKR_HOW_NOT_RUN && e->how != SKR_HOW_LOST &&
	    e->how != SKR_HOW_RECORD && e->signal[0] == '\0';

	if ((int64_t)e->in_bytes != cell_number(&row->c[SE_IN]) ||
	    (int64_t)e->out_bytes != cell_number(&row->c[SE_OUT]) ||
	    (int64_t)e->err_bytes != cell_number(&row->c[SE_ERR]))
		WRONG(s, "it holds other numbers of bytes than the ledger "
		    "says");
	if ((s->x->has_use && !is_how(s, e->how)) ||
	    strcmp(e->signal, cell_str(&row->c[SE_SIGNAL])) != 0 ||
	    (has_status &&
	    (int64_t)e->status != cell_number(&row->c[SE_STATUS])))
		WRONG(s, "it tells of another exit than the ledger");
}

/*
 * It never got its use: then no command wrote, and none ended.  Input may be
 * there, which the launcher hashes before the use is taken.
 */
int
record_is_silent(const struct reader_result *r)
{
	return r->out_bytes + r->err_bytes == 0 && !r->has_exit &&
	    (!r->has_end || r->end.how == SKR_HOW_NOT_RUN ||
	    r->end.how == SKR_HOW_LOST || r->end.how == SKR_HOW_RECORD);
}

static void
check_not_run(const struct subject_session *s, const struct record *x)
{
	if (!s->x->has_use && !is_running(s) && !record_is_silent(&x->result))
		WRONG(s, "it tells of a command that ran, and no use of it "
		    "was taken");
}

static int
is_chain(const uint8_t *a, const uint8_t *b)
{
	return a != NULL && memcmp(a, b, SHA256_LEN) == 0;
}

/* Over, and the ledger knows its last chain. */
static void
check_chained(const struct subject_session *s, const struct record *x)
{
	const struct reader_result *r = &x->result;
	const char *how = recovered(s);
	int is_marked = *how != '\0' && strcmp(how, "end") != 0;

	if (is_marked && r->state == READER_RECOVERED) {
		if (!is_chain(chain_of(s), r->mark.chain))
			WRONG(s, "it was recovered, and is not what was "
			    "recovered then");
		else if ((uint64_t)s->x->good != r->good_bytes ||
		    (uint64_t)s->x->found != r->mark.found ||
		    (uint64_t)s->x->sealed != r->mark.sealed)
			WRONG(s, "its mark of recovery says other numbers "
			    "than the ledger");
		else
			TELL(s, TOLD_RECOVERED, "its recorder was killed: %"
			    PRIu64 " of %" PRIu64 " bytes are good%s",
			    r->good_bytes, r->mark.found,
			    strcmp(how, "damaged") != 0 ? "" : ", and what "
			    "follows was damaged, which a killed process "
			    "does not do (a loss of power may)");
		return;
	}
	if (is_marked || r->state != READER_COMPLETE) {
		WRONG(s, "%s, and the ledger says it is whole%s", r->text,
		    is_marked ? " after its recovery" : "");
		return;
	}
	if (!is_chain(chain_of(s), r->chain)) {
		WRONG(s, "its last chain is not the one in the ledger");
		return;
	}
	if (!r->end.is_sealed)
		TELL(s, TOLD_UNSEALED, "its end is not sealed: the keys were "
		    "away; the ledger has its chain");
	if (*how == '\0')
		check_totals(s, &r->end);
}

/* Not over, or over and not yet looked at. */
static void
check_open(const struct subject_session *s, const struct record *x)
{
	const struct reader_result *r = &x->result;

	if (*recovered(s) != '\0') {
		WRONG(s, "the ledger says that nothing of it was good, and "
		    "now it can be read");
		return;
	}
	if (r->state == READER_DAMAGED) {
		WRONG(s, "%s", r->text);
		return;
	}
	if (is_running(s))
		TELL(s, TOLD_RUNNING, "it runs: %" PRIu64 " bytes so far, %"
		    PRIu64 " of them sealed", r->good_bytes,
		    r->sealed_bytes);
	else
		TELL(s, TOLD_UNRECOVERED, "not yet recovered: its recorder "
		    "was killed, and the gate did not start since (%s)",
		    r->text);
}

/*
 * By a crash: a use is taken when name and header of the record are on the
 * disk.  Who takes them away later and has the ledger notice, lets it say so.
 */
static int
may_be_lost(const struct subject_session *s)
{
	return !s->x->has_use;
}

static int
check_file(struct subject_session *s, int fd)
{
	struct record x;
	int r;

	r = record_read(&x, s->v, fd);
	if (r == ERR_FORMAT) {
		if (may_be_lost(s) && *recovered(s) != '\0' &&
		    chain_of(s) == NULL)
			TELL(s, TOLD_LOST, "not even its header could be "
			    "recovered");
		else
			WRONG(s, "its header cannot be read");
	} else if (r == 0) {
		if (x.why[0] != '\0')
			report_fault(s->v->report, FAULT_SEAL, s->place, "%s",
			    x.why);
		if (x.has_late)
			TELL(s, TOLD_LATE_EPOCH, "sealed by an epoch whose "
			    "entry is still to come");
		if (check_head(s, &x) && x.why[0] == '\0') {
			check_not_run(s, &x);
			if (chain_of(s) != NULL)
				check_chained(s, &x);
			else
				check_open(s, &x);
		}
	}
	record_end(&x);
	return r == ERR_FORMAT ? 0 : r;
}

static void
not_there(const struct subject_session *s)
{
	if (may_be_lost(s) && strcmp(recovered(s), "missing") == 0)
		TELL(s, TOLD_LOST, "the ledger says that its record was lost");
	else
		report_fault(s->v->report, FAULT_MISSING, s->place,
		    "its record is not there: %s",
		    cell_str(&s->row->c[SE_RECORDING]));
}

/* Whole before, and as long as then? */
static int
is_known(struct verify *v, const struct subject_session *s, int fd)
{
	struct stat st;

	return v->state != NULL && chain_of(s) != NULL &&
	    fstat(fd, &st) == 0 && state_knows(v->state,
	    cell_number(&s->row->c[SE_NR]), chain_of(s),
	    (uint64_t)st.st_size);
}

static int
remember(struct verify *v, const struct subject_session *s, int fd)
{
	struct stat st;

	if (v->state == NULL || chain_of(s) == NULL || fstat(fd, &st) < 0)
		return 0;
	return state_add(v->state, cell_number(&s->row->c[SE_NR]),
	    chain_of(s), (uint64_t)st.st_size);
}

static int
check_session(struct verify *v, const struct item *i)
{
	struct subject_session s = { .v = v, .row = i->row, .x = i->extra };
	int64_t nr = cell_number(&i->row->c[SE_NR]);
	uint64_t before = report_faults(v->report);
	int fd = -1, r;

	if (!s.x->has_use && !s.x->is_recorded)
		return 0;
	(void)snprintf(s.place, sizeof(s.place), "S%" PRId64, nr);
	r = v->subject->ops->recording(v->subject, nr,
	    cell_str(&i->row->c[SE_RECORDING]), &fd);
	if (r == ERR_NOTFOUND) {
		not_there(&s);
		return 0;
	}
	if (r != 0)
		return r;
	if (is_known(v, &s, fd))
		v->skipped++;
	else if ((r = check_file(&s, fd)) == 0 &&
	    report_faults(v->report) == before)
		r = remember(v, &s, fd);
	fd_close(&fd);
	return r;
}

int
verify_records(struct verify *v)
{
	const struct map *m = v->model.map[TABLE_SESSION];
	const struct item *i;
	int r;

	if (v->only != 0) {
		if ((i = map_find_nr(m, v->only)) != NULL)
			return check_session(v, i);
		report_fault(v->report, FAULT_MISSING, "the session asked for",
		    "the ledger knows no S%" PRId64 ": mistyped, or this is "
		    "not the ledger it stood in", v->only);
		return 0;
	}
	for (i = map_first(m); i != NULL; i = map_next(i))
		if ((r = check_session(v, i)) != 0)
			return r;
	return 0;
}
