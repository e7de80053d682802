/*
 * decide.h - who may do what with a request: pure functions of request, snapshot and clock.
 *
 * Every door asks these and nothing else.  0 is the only yes; ERR_DENIED
 * comes with *why filled.  Nothing here reads a clock, a file or a database.
 */
#ifndef REQUEST_DECIDE_H
#define REQUEST_DECIDE_H

#include "request/request.h"
#include "wire/snapshot.h"

/* Known, active, and holds at least one of "roles" (bits of enum person_role). */
int decide_has_role(const struct snapshot *s, const char *who,
    unsigned int roles);
/* May this person file, or be named to run, requests under this rule? */
int decide_is_operator(const struct snapshot *s,
    const struct msg_snap_rule *rule, const char *who);
/* May this person decide requests under this rule? */
int decide_is_approver(const struct snapshot *s,
    const struct msg_snap_rule *rule, const char *who);

/* May "who" start it now?  Also asked once more when the use is taken. */
int decide_run(const struct request *r, const struct snapshot *s,
    const char *who, int64_t now, struct req_refusal *why);
/* May "who" approve revision "revision" with "code"? */
int decide_approve(const struct request *r, const struct snapshot *s,
    const char *who, int64_t now, struct req_refusal *why);
/* The revision and code that "show" printed, against those of now. */
int decide_code(const struct request *r, int64_t revision, const char *code,
    struct req_refusal *why);
int decide_reject(const struct request *r, const struct snapshot *s,
    const char *who, int64_t now, struct req_refusal *why);
int decide_withdraw(const struct request *r, const char *who, int64_t now,
    struct req_refusal *why);
/* Approvals of this revision that still count, and how many the rule asks for. */
void decide_count(const struct request *r, const struct snapshot *s,
    uint32_t *have, uint32_t *need);

/* May "who" see it at all?  Others are told that there is no such request. */
int decide_see(const struct request *r, const struct snapshot *s,
    const char *who);
/* A session: its operator, auditors. */
int decide_see_session(const char *operator, const struct snapshot *s,
    const char *who);

#endif
