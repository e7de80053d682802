/* job.h - jobs: one operator's uses of one request, and what auditors saw and said of them. */
#ifndef LEDGERD_JOB_H
#define LEDGERD_JOB_H

#include "ledgerd/db.h"
#include "ledgerd/inside.h"
#include "request/judge.h"

#define JOB_SHEET	0	/* the number of a "session" that is the sheet */

struct job {
	uint64_t	 nr, request;
	uint32_t	 revision;
	char		*operator;
	int64_t		 opened;
	char		*judged_by, *verdict, *message, *seen;	/* NULL: no verdict yet */
	int64_t		 judged_at;
	uint64_t	 sessions, running;
	uint64_t	 notable;	/* ended, but not with status 0 and without refusals */
};

void job_free(struct job *j);
/* ERR_NOTFOUND: none. */
int job_get(struct store *s, uint64_t nr, struct job **out);
/* Called for each; takes "j" over.  As store_row_fn. */
typedef int job_fn(void *arg, struct job *j);
int job_each(struct store *s, enum store_sql sql, uint64_t above, job_fn *fn,
    void *arg);
/* The job of a session that took a use.  ERR_NOTFOUND: it took none. */
int job_of_session(struct store *s, uint64_t session, uint64_t *job);
/* For the decisions of request/judge.h; "r" is the job's request. */
struct judge_job job_judged(const struct job *j, const struct request *r);

/* How many percent of a session (JOB_SHEET: the sheet) "who" has seen; -1: nothing. */
int job_seen(struct store *s, uint64_t job, uint64_t session,
    const char *who, int64_t *percent);
/*
 * "who" has seen so much of it: row and entry in one transaction of their
 * own, only when it is more than before.  *percent becomes what is known.
 */
int job_saw(struct client *p, uint64_t job, uint64_t session,
    int64_t *percent);

/* unjudged.c: jobs without a verdict; loaded when they are first wanted. */
int unjudged_load(struct ledgerd *ld);
void unjudged_free(struct ledgerd *ld);
/* A new one.  Within the transaction that makes it. */
int unjudged_add(struct ledgerd *ld, uint64_t nr);
/* As job_each(), the oldest first. */
int unjudged_each(struct ledgerd *ld, uint64_t above, job_fn *fn, void *arg);
/* Of the oldest "most" of them: how many are over and wait for their verdict, which the longest. */
struct unjudged_facts {
	uint64_t	number;		/* all without a verdict */
	uint64_t	queued, oldest;	/* oldest 0: none */
	int64_t		opened;		/* of the oldest */
	int		is_all;		/* "queued" is all of them */
};
int unjudged_look(struct ledgerd *ld, int64_t now, size_t most,
    struct unjudged_facts *out);

/* The entry of a refusal of this monitor's person and, when it almost was a use, its near_miss row. */
int job_refusal(struct client *p, json_t *e, uint64_t near);

/* call_sheet.c: a job as src/ledgerd/README.md says, for this person; NULL: no memory. */
json_t *job_json(const struct job *j, const struct request *r,
    const struct snapshot *s, const char *who, int64_t now);
/* call_review.c: how many jobs this person may judge now; counting stops at one page's rows. */
int job_waiting(struct ledgerd *ld, const char *who, int64_t *n);

#endif
