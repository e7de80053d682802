/*
 * judge.h - who may see and judge a job, and what became of it: pure functions.
 *
 * A job is what one operator did with one request: the unit of review.  It
 * is judged once, by an auditor who had no part in it, when nothing more can
 * happen in it and after reading its sheet.  0 is the only yes; ERR_DENIED
 * comes with *why filled.  Nothing here reads a clock or a database.
 */
#ifndef REQUEST_JUDGE_H
#define REQUEST_JUDGE_H

#include "request/request.h"
#include "wire/snapshot.h"

enum judge_view {
	JUDGE_OPEN,	/* a session runs, or another use may still be made */
	JUDGE_QUEUED,	/* waits for its verdict */
	JUDGE_JUDGED,
	JUDGE_VIEWS
};

/* A job and what was said of it; texts stay the caller's. */
struct judge_job {
	uint64_t		 nr;
	const struct request	*r;
	uint32_t		 revision;	/* of the request, when its uses were made */
	const char		*operator;
	uint64_t		 running;	/* sessions that have not ended */
	const char		*judged_by;	/* NULL: nobody yet */
	const char		*verdict;	/* of that person */
};

enum judge_view judge_view(const struct judge_job *j, int64_t now);
const char *judge_view_name(enum judge_view v);

/* May "who" see the queue and the sheets?  Auditors and administrators, as with recordings. */
int judge_see(const struct snapshot *s, const char *who,
    struct req_refusal *why);
/*
 * May "who" give the verdict now, once the sheet was read?  An auditor who is
 * neither requester nor operator and decided nothing about the request; the
 * job is over and has no verdict.
 */
int judge_may(const struct judge_job *j, const struct snapshot *s,
    const char *who, int64_t now, struct req_refusal *why);
/*
 * The verdict itself: judge_may(), the sheet was seen whole, "verdict" is one
 * of adequate, remarks, inadequate, cannot-judge, and all but the first come
 * with words.
 */
int judge_verdict(const struct judge_job *j, const struct snapshot *s,
    const char *who, int64_t now, int is_sheet_seen, const char *verdict,
    const char *message, struct req_refusal *why);

#endif
