/* filing.h - a new request: read from JSON, completed with defaults, refused at once when it cannot be right. */
#ifndef REQUEST_FILING_H
#define REQUEST_FILING_H

#include "json/json.h"
#include "request/request.h"
#include "wire/snapshot.h"

#define FILING_OPERATORS_MAX	64

/*
 * The body of request-new.  Types, lengths, characters; an unknown key is
 * DATA.  What was not given stays NULL or REQ_NONE (uses 0, max_run 0,
 * span 0).  The caller frees *out with req_free().
 */
int filing_read(const json_t *body, struct request **out,
    struct req_refusal *why);

/*
 * Fills the defaults and judges the whole against the policy: people,
 * profile, account, target, window, uses, run time.  "who" files it.
 */
int filing_check(struct request *r, const struct snapshot *s, const char *who,
    int64_t now, struct req_refusal *why);

/* Only visible characters, well-formed UTF-8, at most "max" bytes; "what" names it in the refusal. */
int filing_text(const char *s, size_t max, const char *what,
    struct req_refusal *why);

/* Fills r->warnings: what an approver should notice. */
int filing_warn(struct request *r);

#endif
