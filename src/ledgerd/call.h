/* call.h - one question of a person's channel, and what the verbs share. */
#ifndef LEDGERD_CALL_H
#define LEDGERD_CALL_H

#include "ledgerd/db.h"
#include "ledgerd/inside.h"

#define CALL_SCHEMA	1		/* of src/ledgerd/schema.json: another one when a field goes or changes, not for a new one */
#define PAGE		50		/* objects on one page */
#define PAGE_BYTES	90000		/* and their bytes, so that a page fits JSON_MAX */
#define PAGE_SCAN	500		/* rows looked at for one page: everybody else waits meanwhile */

/* Who reads the ledger, its heads and the recordings of others. */
#define CALL_READERS	(PERSON_AUDITOR | PERSON_ADMINISTRATOR)

struct call {
	struct client	*client;
	struct ledgerd	*ld;
	const char	*who;
	const json_t	*body;
	json_t		*reply;		/* set on 0 */
	int		 fd;		/* -1: none; closed by the dispatcher */
	int		 more;
	struct req_refusal why;		/* set on ERR_DENIED */
};

typedef int call_fn(struct call *c);

call_fn call_whoami, call_waiting, call_profile_list, call_profile_show,
    call_request_new, call_request_list, call_request_show,
    call_request_approve, call_request_reject, call_request_withdraw,
    call_session_list, call_session_show, call_session_open, call_audit_log,
    call_audit_head, call_audit_proof,
    call_refused, call_status, call_review_list, call_review_next, call_review_show,
    call_review_seen, call_review_verdict, call_verify_begin,
    call_verify_entries, call_verify_rows, call_verify_heads,
    call_verify_open, call_verify_files;

/* DATA with "field" named. */
int call_bad(struct call *c, const char *field);
/* No key but those of the NULL-terminated list. */
int call_keys(struct call *c, const char *const *keys);
/* The number under "id"; NOT-FOUND when there can be none. */
int call_id(struct call *c, uint64_t *nr);

/* A job, or NOT-FOUND; free with job_free() of job.h. */
struct job;
int call_job(struct call *c, uint64_t nr, struct job **out);

/* A page that fills up. */
struct page {
	json_t		*list;
	size_t		 bytes, scanned;
	uint64_t	 next;		/* last number looked at */
	int		 is_full;
};
/* Takes "v" over (NULL: ERR_NOMEM).  1: it did not fit, stop here. */
int page_add(struct page *p, json_t *v);

#endif
