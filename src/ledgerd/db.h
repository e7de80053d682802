/* db.h - requests and sessions between the database and memory. */
#ifndef LEDGERD_DB_H
#define LEDGERD_DB_H

#include "json/json.h"
#include "request/request.h"
#include "store/store.h"

/* ERR_NOTFOUND: none.  The caller frees with req_free(). */
int db_request(struct store *s, uint64_t nr, struct request **out);
/* The next number. */
int db_request_next(struct store *s, uint64_t *nr);
/* A new row with its operators; nr is set.  Within a transaction. */
int db_request_add(struct store *s, const struct request *r,
    const char *canon, size_t n);
int db_decision_add(struct store *s, const struct request *r,
    const struct req_decision *d);

/* Called for each request of a query; takes "r" over.  As store_row_fn. */
typedef int db_request_fn(void *arg, struct request *r);
int db_requests(struct store *s, enum store_sql sql,
    const struct store_arg *args, size_t n, db_request_fn *fn, void *arg);
/* The same for a query that gives numbers. */
int db_requests_of(struct store *s, enum store_sql sql,
    const struct store_arg *args, size_t n, db_request_fn *fn, void *arg);
/* All of a query as a list, at most "max"; the caller frees with db_list_free(). */
struct db_list {
	struct request	**v;
	size_t		  n, max;
};
int db_list(struct store *s, enum store_sql sql, const struct store_arg *args,
    size_t n, size_t max, struct db_list *out);
/* A db_request_fn that fills one. */
int db_list_add(void *list, struct request *r);
void db_list_free(struct db_list *l);

struct session {
	uint64_t	 nr, request;
	uint32_t	 revision, step;
	uint8_t		 uuid[UUID_LEN];
	uint32_t	 use;		/* 0: none was taken */
	char		*operator, *source, *argv;	/* argv: JSON array */
	char		*run_as, *target, *profile, *state, *how, *signal;
	int64_t		 status;	/* -1: none */
	int64_t		 started, ended;	/* REQ_NONE */
	uint64_t	 in_bytes, out_bytes, err_bytes, refusals, duration_ms;
	char		*recording, *reason;
};

int db_session(struct store *s, uint64_t nr, struct session **out);
int db_session_add(struct store *s, const struct session *x);
typedef int db_session_fn(void *arg, struct session *x);
int db_sessions(struct store *s, enum store_sql sql,
    const struct store_arg *args, size_t n, db_session_fn *fn, void *arg);
void session_free(struct session *x);
/* As src/ledgerd/README.md says.  NULL: no memory. */
json_t *session_json(const struct session *x);
/* "2026/11/24/S345.skr": the day (UTC) of the time in the session's UUIDv7. */
#define RECORDING_PATH	64
char *session_path(char out[RECORDING_PATH], const uint8_t uuid[UUID_LEN],
    uint64_t nr);

#endif
