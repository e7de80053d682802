/* filing_check.c - defaults of a new request, and the policy's word on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/strv.h"
#include "request/decide.h"
#include "request/filing.h"

#define HELP		"help request"
#define DEFAULT_PROFILE	"inspect"	/* the narrowest of the stock profiles */
#define DEFAULT_ACCOUNT	"root"
#define DEFAULT_TARGET	"local"
#define FROM_SLACK_S	60		/* a "now" that was typed a moment ago */
#define FROM_AHEAD_S	(366LL * 86400)

#define SHOWN	(4 * USER_MAX + 1)

static int
set(char **where, const char *s)
{
	return (*where = strdup(s)) == NULL ? ERR_NOMEM : 0;
}

/* The only profile this person may use, or the narrowest. */
static int
default_profile(struct request *r, const struct snapshot *s, const char *who,
    struct req_refusal *why)
{
	const struct msg_snap_rule *only = NULL;
	size_t i, n = 0;

	for (i = 0; i < s->nrules; i++) {
		if (!decide_is_operator(s, &s->rules[i], who))
			continue;
		if (strcmp(s->rules[i].profile, DEFAULT_PROFILE) == 0)
			return set(&r->profile, DEFAULT_PROFILE);
		only = &s->rules[i];
		n++;
	}
	if (n == 0)
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "%s may file requests under no profile", who);
	if (n > 1)
		return req_refuse(why, SEKISHO_CODE_USAGE, "profile list",
		    "say which profile: --profile NAME");
	return set(&r->profile, only->profile);
}

static int
check_profile(struct request *r, const struct snapshot *s, const char *who,
    struct req_refusal *why)
{
	const struct msg_snap_profile *p;
	int err;

	if (r->profile == NULL &&
	    (err = default_profile(r, s, who, why)) != 0)
		return err;
	p = snapshot_profile(s, r->profile);
	if (p == NULL || snapshot_rule(s, r->profile) == NULL ||
	    p->digest.n != DIGEST_LEN)
		return req_refuse(why, SEKISHO_CODE_NOT_FOUND, "profile list",
		    "there is no profile %s", r->profile);
	if (!decide_is_operator(s, snapshot_rule(s, r->profile), who))
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "%s may not file requests under profile %s", who,
		    r->profile);
	memcpy(r->profile_digest, p->digest.p, DIGEST_LEN);
	return 0;
}

static int
check_place(struct request *r, const struct snapshot *s,
    struct req_refusal *why)
{
	const struct msg_snap_rule *rule = snapshot_rule(s, r->profile);
	const char *def = DEFAULT_ACCOUNT;

	if (r->run_as == NULL) {
		if (strv_len(rule->run_as) == 1)
			def = rule->run_as[0];
		if (set(&r->run_as, def) != 0)
			return ERR_NOMEM;
	}
	if (r->target == NULL && set(&r->target, DEFAULT_TARGET) != 0)
		return ERR_NOMEM;
	if (!strv_has(s->head.targets, r->target))
		return req_refuse(why, SEKISHO_CODE_NOT_FOUND, "help request",
		    "there is no target %s", r->target);
	if (!strv_has(rule->targets, r->target))
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "profile %s is not offered on target %s", r->profile,
		    r->target);
	if (strncmp(r->run_as, "_sekisho-", 9) == 0)
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "%s is an account of the gate itself", r->run_as);
	if (!strv_has(rule->run_as, r->run_as))
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "account %s may not be used under profile %s", r->run_as,
		    r->profile);
	if (snapshot_runas(s, r->run_as) == NULL)
		return req_refuse(why, SEKISHO_CODE_NOT_FOUND, "whoami",
		    "there is no account %s", r->run_as);
	if (snapshot_person(s, r->run_as) != NULL &&
	    snapshot_person(s, r->run_as)->roles != 0)
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "account %s holds a role, so no command runs as it",
		    r->run_as);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
check_operators(struct request *r, const struct snapshot *s, const char *who,
    struct req_refusal *why)
{
	const struct msg_snap_rule *rule = snapshot_rule(s, r->profile);
	char shown[SHOWN];
	size_t n, i;

	if (r->operators == NULL && strv_add(&r->operators, who) != 0)
		return ERR_NOMEM;
	if ((n = strv_len(r->operators)) > FILING_OPERATORS_MAX)
		return req_refuse(why, SEKISHO_CODE_LIMIT, HELP,
		    "%zu operators are named, at most %d are allowed", n,
		    FILING_OPERATORS_MAX);
	qsort(r->operators, n, sizeof(*r->operators), by_name);
	for (i = 0; i < n; i++) {
		escape_to(shown, sizeof(shown), r->operators[i],
		    strlen(r->operators[i]));
		if (i > 0 && strcmp(r->operators[i], r->operators[i - 1]) == 0)
			return req_refuse(why, SEKISHO_CODE_DATA, HELP,
			    "operator %s is named twice", shown);
		if (snapshot_person(s, r->operators[i]) == NULL)
			return req_refuse(why, SEKISHO_CODE_NOT_FOUND, HELP,
			    "there is no person %s", shown);
		if (!decide_is_operator(s, rule, r->operators[i]))
			return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, HELP,
			    "%s may not run commands under profile %s", shown,
			    r->profile);
	}
	return 0;
}

static int
check_window(struct request *r, const struct msg_snap_head *head, int64_t now,
    struct req_refusal *why)
{
	char a[CLOCK_TEXT], b[CLOCK_TEXT];
	int64_t from;

	if (r->from != REQ_NONE && r->from < now - FROM_SLACK_S)
		return req_refuse(why, SEKISHO_CODE_DATA, HELP,
		    "the window begins in the past: %s",
		    clock_iso(a, r->from));
	if (r->from != REQ_NONE && r->from > now + FROM_AHEAD_S)
		return req_refuse(why, SEKISHO_CODE_DATA, HELP,
		    "the window begins more than a year from now: %s",
		    clock_iso(a, r->from));
	from = r->from == REQ_NONE ? now : r->from;
	if (r->until == REQ_NONE && r->span == 0)
		r->span = head->window_s;
	if (r->span > head->window_max_s)
		return req_refuse(why, SEKISHO_CODE_LIMIT, HELP,
		    "the window is %lld s long, at most %u s are allowed",
		    (long long)r->span, head->window_max_s);
	if (r->until == REQ_NONE)
		return 0;
	if (r->until <= now)
		return req_refuse(why, SEKISHO_CODE_DATA, HELP,
		    "the window ends in the past: %s", clock_iso(b, r->until));
	if (r->until <= from)
		return req_refuse(why, SEKISHO_CODE_DATA, HELP,
		    "the window ends (%s) before it begins (%s)",
		    clock_iso(b, r->until), clock_iso(a, from));
	if (r->until - from > head->window_max_s)
		return req_refuse(why, SEKISHO_CODE_LIMIT, HELP,
		    "the window is %lld s long, at most %u s are allowed",
		    (long long)(r->until - from), head->window_max_s);
	return 0;
}

int
filing_check(struct request *r, const struct snapshot *s, const char *who,
    int64_t now, struct req_refusal *why)
{
	const struct msg_snap_head *head = &s->head;
	int64_t start, end;
	int err;

	if (!decide_has_role(s, who, PERSON_OPERATOR))
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "only operators file requests, and %s is none", who);
	if ((err = check_profile(r, s, who, why)) != 0 ||
	    (err = check_place(r, s, why)) != 0 ||
	    (err = check_operators(r, s, who, why)) != 0 ||
	    (err = check_window(r, head, now, why)) != 0)
		return err;
	if (r->uses > head->uses_max)
		return req_refuse(why, SEKISHO_CODE_LIMIT, HELP,
		    "%u uses are asked for, at most %u are allowed", r->uses,
		    head->uses_max);
	if (r->max_run == 0)
		r->max_run = head->max_run_s;
	if (r->max_run > head->max_run_s)
		return req_refuse(why, SEKISHO_CODE_LIMIT, HELP,
		    "a run time of %lld s is asked for, at most %u s are "
		    "allowed", (long long)r->max_run, head->max_run_s);
	r->revision = 1;
	r->state = REQ_SUBMITTED;
	r->filed_at = now;
	r->pending_until = now + head->pending_s;
	/* what can no longer be started need not be decided */
	req_window(r, now, &start, &end);
	if ((r->from != REQ_NONE || r->until != REQ_NONE) &&
	    end < r->pending_until)
		r->pending_until = end;
	return set(&r->requester, who);
}
