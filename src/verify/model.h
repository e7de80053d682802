/*
 * model.h - the tables as the sum of the entries (FORMAT.md of src/ledger, section 6).
 *
 * Entries are played one after the other; what was not allowed at that moment
 * is reported and then applied as far as it can be, so that one fault hides no
 * other.  It needs as much memory as the tables.
 */
#ifndef VERIFY_MODEL_H
#define VERIFY_MODEL_H

#include "json/json.h"
#include "verify/report.h"
#include "verify/row.h"

enum table_nr {
	TABLE_REQUEST, TABLE_OPERATOR, TABLE_DECISION, TABLE_SESSION,
	TABLE_JOB, TABLE_VERDICT, TABLE_SEEN, TABLE_NEAR_MISS,
	TABLE_UNKNOWN_NAME, TABLE_NUMBER,
	TABLES
};

struct table {
	const char		*name;
	const char *const	*columns;	/* the first nkey are the key */
	size_t			 ncolumns, nkey;
};
extern const struct table tables[TABLES];

/* Columns, in the order in which rows are read. */
enum { RQ_NR, RQ_REVISION, RQ_STATE, RQ_REQUESTER, RQ_PROFILE, RQ_CANON,
	RQ_DIGEST, RQ_SCRIPT, RQ_USES, RQ_USED, RQ_REASON, RQ_TICKET,
	RQ_LABEL, RQ_WARNINGS, RQ_FILED_AT, RQ_PENDING_UNTIL, RQ_START_AT,
	RQ_END_AT, RQ_COLUMNS };
enum { OP_REQUEST, OP_NAME, OP_COLUMNS };
enum { DC_REQUEST, DC_REVISION, DC_WHO, DC_WHAT, DC_AT, DC_MESSAGE, DC_DIGEST,
	DC_COLUMNS };
enum { SE_NR, SE_UUID, SE_REQUEST, SE_REVISION, SE_STEP, SE_USE, SE_OPERATOR,
	SE_SOURCE, SE_ARGV, SE_RUN_AS, SE_TARGET, SE_PROFILE, SE_STATE,
	SE_HOW, SE_STATUS, SE_SIGNAL, SE_STARTED_AT, SE_ENDED_AT, SE_IN,
	SE_OUT, SE_ERR, SE_REFUSALS, SE_DURATION_MS, SE_RECORDING, SE_REASON,
	SE_CHAIN, SE_RECOVERED, SE_COLUMNS };
enum { JB_NR, JB_REQUEST, JB_REVISION, JB_OPERATOR, JB_OPENED, JB_COLUMNS };
enum { VD_JOB, VD_WHO, VD_VERDICT, VD_MESSAGE, VD_AT, VD_SEEN, VD_COLUMNS };
enum { SN_JOB, SN_SESSION, SN_WHO, SN_PERCENT, SN_COLUMNS };
enum { NM_IX, NM_REQUEST, NM_OPERATOR, NM_AT, NM_COLUMNS };
enum { UN_COMMITMENT, UN_SALT, UN_NAME, UN_AT, UN_COLUMNS };
enum { NU_NAME, NU_VALUE, NU_COLUMNS };

/* Beside a session's row: what its recording must be. */
struct session_extra {
	uint8_t	 header[32];	/* SHA-256 of its header, from `use` */
	int	 has_use;
	int	 is_recorded;	/* of `end`, without a use */
	int	 has_end;	/* of how it ended the entry `end` says all */
	int64_t	 job;		/* 0: none */
	int	 has_recovered;
	int64_t	 good, found, sealed;	/* of `recovered` */
};

/* Beside a job's row. */
struct job_extra {
	int64_t	 running;	/* sessions */
};

struct model {
	struct map	*map[TABLES];
	struct report	*report;
};

int model_init(struct model *m, struct report *report);
void model_free(struct model *m);

/* One entry, already parsed and with the fields it must have.  0, or ERR_NOMEM. */
int model_play(struct model *m, uint64_t ix, const json_t *e);

/* --- inside: apply_*.c ------------------------------------------------------------ */
struct play {
	struct model	*m;
	uint64_t	 ix;
	const json_t	*e;
	const char	*what, *who;
	char		 place[REPORT_PLACE];
};

/* Fields of the entry: "" and 0 when they are not there. */
const char *apply_str(const struct play *p, const char *key);
int64_t apply_int(const struct play *p, const char *key);
/* The number of "R12"; 0: none. */
int64_t apply_nr(const struct play *p, const char *key);
/* 0 when the field is not such a digest (all bytes 0 then). */
int apply_digest(const struct play *p, const char *key, uint8_t out[32]);
int apply_has(const struct play *p, const char *key);
/* It was not allowed. */
void apply_illegal(const struct play *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The entry contradicts itself or others. */
void apply_wrong(const struct play *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

typedef int apply_fn(struct play *p);
apply_fn apply_request, apply_decision, apply_use, apply_end, apply_recovered,
    apply_seen, apply_verdict, apply_near_miss, apply_login_refused, apply_number;

/* Row of the request of the entry, or NULL after saying that there is none. */
struct row *apply_find_request(struct play *p, const char *key);
/* The member of a request's canonical form; the caller frees with json_decref(). */
json_t *apply_canon(const struct row *request);
/* 1: this person is an operator of the request; or approved this revision of it. */
int apply_is_operator(const struct play *p, int64_t request, const char *who);
int apply_has_approved(const struct play *p, int64_t request, int64_t revision,
    const char *who);

/* 16 bytes of "0192f0c4-...".  ERR_FORMAT. */
int uuid_parse(const char *s, uint8_t out[16]);
/* "2026/11/24/S345.skr" */
#define RECORDING_NAME	64
char *recording_name(char out[RECORDING_NAME], const uint8_t uuid[16],
    int64_t nr);

#endif
