/* request.h - a request: what is asked, what was decided, and its parts in memory. */
#ifndef REQUEST_REQUEST_H
#define REQUEST_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "sekisho/code.h"

#define REQ_NONE	(-1)		/* a time that was not given */
#define REQ_TEXT_MAX	2000		/* reason, message: bytes */
#define REQ_STEPS_MAX	1		/* ordered steps come later */
#define REQ_CANON_MAX	60000		/* a ledger entry holds it whole */
#define REQ_DECISIONS_MAX 64

enum req_state {
	REQ_SUBMITTED, REQ_QUESTION, REQ_APPROVED, REQ_REJECTED,
	REQ_WITHDRAWN, REQ_REVOKED, REQ_EXPIRED, REQ_CLOSED, REQ_STATES
};

/* State and clock together, as people see it. */
enum req_view {
	VIEW_WAITING, VIEW_SCHEDULED, VIEW_OPEN, VIEW_USED_UP, VIEW_OVER,
	VIEW_REJECTED, VIEW_WITHDRAWN, VIEW_EXPIRED, VIEW_REVOKED, REQ_VIEWS
};

struct req_step {
	char	**argv;
	char	 *exe;			/* resolved, without links */
	uint8_t	  exe_digest[DIGEST_LEN];
	uint8_t	 *script;		/* NULL: none */
	size_t	  script_len;
	uint8_t	  script_digest[DIGEST_LEN];	/* of "script" when there is one */
};

struct req_decision {
	char		*who;
	char		*what;		/* approve | reject | withdraw */
	char		*message;
	int64_t		 at;
	uint32_t	 revision;
	uint8_t		 digest[DIGEST_LEN];	/* what was decided about */
};

struct request {
	/* bound by the digest (canon.h) */
	char		 *requester;
	char		**operators;
	char		 *target, *run_as, *profile;
	uint8_t		  profile_digest[DIGEST_LEN];
	struct req_step	 *steps;
	size_t		  nsteps;
	char		 *input;	/* none | tty | pipe | any | sha256:HEX */
	char		 *on_disconnect;	/* kill | continue */
	int64_t		  from, until;	/* as filed; REQ_NONE: from approval on */
	int64_t		  span;		/* seconds, when until was not given */
	int64_t		  max_run;	/* seconds */
	uint32_t	  uses;
	/* not bound */
	uint64_t	  nr;
	uint32_t	  revision;
	enum req_state	  state;
	uint32_t	  used;
	char		 *reason, *ticket, *label;
	char		**warnings;
	int64_t		  filed_at, pending_until;
	int64_t		  start_at, end_at;	/* the window, once approved */
	uint8_t		  digest[DIGEST_LEN];
	struct req_decision *decisions;
	size_t		  ndecisions;
	uint64_t	 *sessions;
	size_t		  nsessions;
};

struct request *req_new(void);
/* Wipes; NULL is allowed. */
void req_free(struct request *r);
/* Zeroed element at the end of "decisions"; NULL: no memory or too many. */
struct req_decision *req_add_decision(struct request *r);

const char *req_state_name(enum req_state s);
/* ERR_FORMAT: no such state. */
int req_state_parse(const char *name, enum req_state *s);
const char *req_view_name(enum req_view v);
/*
 * The window of a request that is approved at "now": *end is what "until"
 * says, else "span" behind its filed beginning, or behind the approval.
 */
void req_window(const struct request *r, int64_t now, int64_t *start,
    int64_t *end);
/* What the clock makes of the state. */
enum req_view req_view(const struct request *r, int64_t now);

/* A no: what, why and what next, in the words the person reads. */
struct req_refusal {
	enum sekisho_code code;
	uint64_t near;			/* request that was almost used; 0: none */
	char	 reason[REASON_MAX + 1];
	char	 next[NEXT_MAX + 1];	/* "" : nothing to type */
};

/* Fills "why" and returns ERR_DENIED.  Texts are cut at their limits. */
int req_refuse(struct req_refusal *why, enum sekisho_code code,
    const char *next, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
