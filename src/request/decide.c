/* decide.c - who may do what with a request. */
#include "request/decide.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/strv.h"
#include "crypt/sha256.h"
#include "request/canon.h"

#define NEXT_LEN	64

int
decide_has_role(const struct snapshot *s, const char *who, unsigned int roles)
{
	const struct msg_snap_person *p = snapshot_person(s, who);

	return p != NULL && p->active == 1 && p->uid != 0 &&
	    (p->roles & roles) != 0;
}

int
decide_is_operator(const struct snapshot *s, const struct msg_snap_rule *rule,
    const char *who)
{
	return rule != NULL && decide_has_role(s, who, PERSON_OPERATOR) &&
	    strv_has(rule->operators, who);
}

int
decide_is_approver(const struct snapshot *s, const struct msg_snap_rule *rule,
    const char *who)
{
	return rule != NULL && decide_has_role(s, who, PERSON_APPROVER) &&
	    strv_has(rule->approvers, who);
}

static int
is_own(const struct request *r, const char *who)
{
	return strcmp(r->requester, who) == 0 || strv_has(r->operators, who);
}

/* "request show R12" */
static char *
show(char out[NEXT_LEN], const struct request *r)
{
	(void)snprintf(out, NEXT_LEN, "request show R%llu",
	    (unsigned long long)r->nr);
	return out;
}

#define NR(r)	((unsigned long long)(r)->nr)

/* Has an approval of this revision and these bytes come from a person who may still give one? */
static int
counts(const struct request *r, const struct snapshot *s,
    const struct msg_snap_rule *rule, const struct req_decision *d)
{
	return strcmp(d->what, "approve") == 0 && d->revision == r->revision &&
	    sha256_equal(d->digest, r->digest) && !is_own(r, d->who) &&
	    decide_is_approver(s, rule, d->who);
}

void
decide_count(const struct request *r, const struct snapshot *s,
    uint32_t *have, uint32_t *need)
{
	const struct msg_snap_rule *rule = snapshot_rule(s, r->profile);
	size_t i, j;

	*have = 0;
	*need = rule == NULL ? UINT32_MAX : rule->need < 1 ? 1 : rule->need;
	for (i = 0; i < r->ndecisions; i++) {
		if (!counts(r, s, rule, &r->decisions[i]))
			continue;
		for (j = 0; j < i; j++)
			if (strcmp(r->decisions[j].who,
			    r->decisions[i].who) == 0 &&
			    counts(r, s, rule, &r->decisions[j]))
				break;
		*have += j == i;
	}
}

/* The policy of now against what the request names: rule, account, target, profile. */
static int
policy_holds(const struct request *r, const struct snapshot *s,
    const char *next, struct req_refusal *why)
{
	const struct msg_snap_rule *rule = snapshot_rule(s, r->profile);
	const struct msg_snap_profile *p = snapshot_profile(s, r->profile);

	if (p == NULL || rule == NULL)
		return req_refuse(why, SEKISHO_CODE_CHANGED, "profile list",
		    "R%llu names profile %s, which is no longer offered",
		    NR(r), r->profile);
	if (p->digest.n != DIGEST_LEN ||
	    !sha256_equal(p->digest.p, r->profile_digest))
		return req_refuse(why, SEKISHO_CODE_CHANGED, next,
		    "profile %s was changed after R%llu was filed", r->profile,
		    NR(r));
	if (!strv_has(rule->run_as, r->run_as) ||
	    snapshot_runas(s, r->run_as) == NULL ||
	    decide_has_role(s, r->run_as, ~0U))
		return req_refuse(why, SEKISHO_CODE_REVOKED, next,
		    "account %s may no longer be used under profile %s",
		    r->run_as, r->profile);
	if (!strv_has(rule->targets, r->target))
		return req_refuse(why, SEKISHO_CODE_REVOKED, next,
		    "target %s is no longer offered under profile %s",
		    r->target, r->profile);
	return 0;
}

/* State, window and uses; every view but "open" has its sentence. */
static int
is_open(const struct request *r, int64_t now, const char *next,
    struct req_refusal *why)
{
	char from[CLOCK_TEXT], until[CLOCK_TEXT];

	switch (req_view(r, now)) {
	case VIEW_OPEN:
		return 0;
	case VIEW_WAITING:
		return req_refuse(why, SEKISHO_CODE_NOT_APPROVED, next,
		    "R%llu waits for approval", NR(r));
	case VIEW_SCHEDULED:
		return req_refuse(why, SEKISHO_CODE_OUTSIDE_WINDOW, next,
		    "R%llu may be started from %s to %s", NR(r),
		    clock_iso(from, r->start_at), clock_iso(until, r->end_at));
	case VIEW_OVER:
		return req_refuse(why, SEKISHO_CODE_OUTSIDE_WINDOW,
		    "request new", "R%llu could be started until %s", NR(r),
		    clock_iso(until, r->end_at));
	case VIEW_USED_UP:
		return req_refuse(why, SEKISHO_CODE_USED_UP, "request new",
		    "R%llu was approved for %u use%s, and %s made", NR(r),
		    r->uses, r->uses == 1 ? "" : "s",
		    r->uses == 1 ? "it was" : "all were");
	case VIEW_REVOKED:
		return req_refuse(why, SEKISHO_CODE_REVOKED, next,
		    "R%llu was revoked", NR(r));
	case VIEW_REJECTED:
	case VIEW_WITHDRAWN:
	case VIEW_EXPIRED:
	case REQ_VIEWS:
	default:
		return req_refuse(why, SEKISHO_CODE_NOT_APPROVED, next,
		    "R%llu was not approved, it is %s", NR(r),
		    req_view_name(req_view(r, now)));
	}
}

int
decide_run(const struct request *r, const struct snapshot *s,
    const char *who, int64_t now, struct req_refusal *why)
{
	const struct msg_snap_rule *rule = snapshot_rule(s, r->profile);
	char next[NEXT_LEN];
	uint32_t have, need;
	int err;

	show(next, r);
	if (!strv_has(r->operators, who))
		return decide_see(r, s, who) ?
		    req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, next,
		    "%s is not an operator of R%llu", who, NR(r)) :
		    req_refuse(why, SEKISHO_CODE_NOT_FOUND, "request list",
		    "there is no request R%llu", NR(r));
	if ((err = is_open(r, now, next, why)) != 0 ||
	    (err = policy_holds(r, s, next, why)) != 0)
		return err;
	if (!decide_is_operator(s, rule, who))
		return req_refuse(why, SEKISHO_CODE_REVOKED, "whoami",
		    "%s may no longer run commands under profile %s", who,
		    r->profile);
	decide_count(r, s, &have, &need);
	if (have < need)
		return req_refuse(why, SEKISHO_CODE_REVOKED, next,
		    "R%llu has %u approval%s that still count%s, %u needed",
		    NR(r), have, have == 1 ? "" : "s", have == 1 ? "s" : "",
		    need);
	return 0;
}

static int
is_waiting(const struct request *r, int64_t now, struct req_refusal *why)
{
	char next[NEXT_LEN];

	if (req_view(r, now) == VIEW_WAITING)
		return 0;
	return req_refuse(why, SEKISHO_CODE_STATE, show(next, r),
	    "R%llu does not wait for a decision, it is %s", NR(r),
	    req_view_name(req_view(r, now)));
}

/* Visible, decidable by this person, and not their own. */
static int
may_decide(const struct request *r, const struct snapshot *s, const char *who,
    struct req_refusal *why)
{
	char next[NEXT_LEN];

	if (!decide_see(r, s, who))
		return req_refuse(why, SEKISHO_CODE_NOT_FOUND, "request list",
		    "there is no request R%llu", NR(r));
	if (is_own(r, who))
		return req_refuse(why, SEKISHO_CODE_OWN_REQUEST, show(next, r),
		    "%s is %s of R%llu and cannot decide it", who,
		    strcmp(r->requester, who) == 0 ? "the requester" :
		    "an operator", NR(r));
	if (!decide_is_approver(s, snapshot_rule(s, r->profile), who))
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "%s may not decide requests under profile %s", who,
		    r->profile);
	return 0;
}

static int
has_decided(const struct request *r, const char *who)
{
	size_t i;

	for (i = 0; i < r->ndecisions; i++)
		if (r->decisions[i].revision == r->revision &&
		    strcmp(r->decisions[i].who, who) == 0)
			return 1;
	return 0;
}

int
decide_code(const struct request *r, int64_t revision, const char *code,
    struct req_refusal *why)
{
	char now[REQ_CODE], next[NEXT_LEN];

	if (revision == r->revision && code != NULL &&
	    strcmp(code, canon_code(now, r)) == 0)
		return 0;
	return req_refuse(why, SEKISHO_CODE_CHANGED, show(next, r),
	    "this is not the revision and code of R%llu: read it as it is now",
	    NR(r));
}

int
decide_approve(const struct request *r, const struct snapshot *s,
    const char *who, int64_t now, struct req_refusal *why)
{
	char next[NEXT_LEN], until[CLOCK_TEXT];
	int64_t start, end;
	int err;

	if ((err = may_decide(r, s, who, why)) != 0 ||
	    (err = is_waiting(r, now, why)) != 0 ||
	    (err = policy_holds(r, s, show(next, r), why)) != 0)
		return err;
	if (has_decided(r, who))
		return req_refuse(why, SEKISHO_CODE_STATE, next,
		    "%s has already decided R%llu", who, NR(r));
	req_window(r, now, &start, &end);
	if (now >= end)
		return req_refuse(why, SEKISHO_CODE_STATE, next,
		    "the window of R%llu ended %s", NR(r),
		    clock_iso(until, end));
	return 0;
}

int
decide_reject(const struct request *r, const struct snapshot *s,
    const char *who, int64_t now, struct req_refusal *why)
{
	char next[NEXT_LEN];
	int err;

	if ((err = may_decide(r, s, who, why)) != 0 ||
	    (err = is_waiting(r, now, why)) != 0)
		return err;
	if (has_decided(r, who))
		return req_refuse(why, SEKISHO_CODE_STATE, show(next, r),
		    "%s has already decided R%llu", who, NR(r));
	return 0;
}

int
decide_withdraw(const struct request *r, const char *who, int64_t now,
    struct req_refusal *why)
{
	enum req_view v = req_view(r, now);
	char next[NEXT_LEN];

	if (strcmp(r->requester, who) != 0)
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, show(next, r),
		    "only its requester can withdraw R%llu", NR(r));
	if (v == VIEW_WAITING || v == VIEW_SCHEDULED || v == VIEW_OPEN)
		return 0;
	return req_refuse(why, SEKISHO_CODE_STATE, show(next, r),
	    "R%llu cannot be withdrawn, it is %s", NR(r), req_view_name(v));
}

int
decide_see(const struct request *r, const struct snapshot *s, const char *who)
{
	return is_own(r, who) ||
	    decide_has_role(s, who, PERSON_AUDITOR | PERSON_ADMINISTRATOR) ||
	    decide_is_approver(s, snapshot_rule(s, r->profile), who);
}

int
decide_see_session(const char *operator, const struct snapshot *s,
    const char *who)
{
	return strcmp(operator, who) == 0 ||
	    decide_has_role(s, who, PERSON_AUDITOR | PERSON_ADMINISTRATOR);
}
