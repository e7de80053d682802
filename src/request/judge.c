/* judge.c - who may see and judge a job. */
#include "request/judge.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/strv.h"
#include "request/decide.h"

#define NEXT_LEN	64
#define NR(j)		((unsigned long long)(j)->nr)

static const char *const views[JUDGE_VIEWS] = { "open", "queued", "judged" };

static const char *const verdicts[] = {
	"adequate", "remarks", "inadequate", "cannot-judge"
};

/* Can its operator use this revision of the request once more? */
static int
may_go_on(const struct judge_job *j, int64_t now)
{
	enum req_view v = req_view(j->r, now);

	/* "scheduled" behind a use: the clock was set back */
	return j->r->revision == j->revision &&
	    (v == VIEW_OPEN || v == VIEW_SCHEDULED);
}

enum judge_view
judge_view(const struct judge_job *j, int64_t now)
{
	if (j->judged_by != NULL)
		return JUDGE_JUDGED;
	return j->running > 0 || may_go_on(j, now) ? JUDGE_OPEN : JUDGE_QUEUED;
}

const char *
judge_view_name(enum judge_view v)
{
	return v < JUDGE_VIEWS ? views[v] : "?";
}

/* "review show J7" */
static char *
show(char out[NEXT_LEN], const struct judge_job *j)
{
	(void)snprintf(out, NEXT_LEN, "review show J%llu", NR(j));
	return out;
}

int
judge_see(const struct snapshot *s, const char *who, struct req_refusal *why)
{
	if (decide_has_role(s, who, PERSON_AUDITOR | PERSON_ADMINISTRATOR))
		return 0;
	return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
	    "jobs are reviewed by auditors, and %s is none", who);
}

/* What "who" had to do with the request; NULL: nothing. */
static const char *
part_in(const struct judge_job *j, const char *who)
{
	size_t i;

	if (strcmp(j->operator, who) == 0)
		return "the operator";
	if (strcmp(j->r->requester, who) == 0)
		return "the requester";
	if (strv_has(j->r->operators, who))
		return "an operator";
	for (i = 0; i < j->r->ndecisions; i++)
		if (strcmp(j->r->decisions[i].who, who) == 0)
			return "one who decided";
	return NULL;
}

static int
is_over(const struct judge_job *j, int64_t now, struct req_refusal *why)
{
	char next[NEXT_LEN], until[CLOCK_TEXT];

	if (j->running > 0)
		return req_refuse(why, SEKISHO_CODE_STATE, show(next, j),
		    "J%llu is not over: %llu session%s still run%s", NR(j),
		    (unsigned long long)j->running, j->running == 1 ? "" : "s",
		    j->running == 1 ? "s" : "");
	if (!may_go_on(j, now))
		return 0;
	return req_refuse(why, SEKISHO_CODE_STATE, show(next, j),
	    "J%llu is not over: R%llu has %u use%s left until %s", NR(j),
	    (unsigned long long)j->r->nr, j->r->uses - j->r->used,
	    j->r->uses - j->r->used == 1 ? "" : "s",
	    clock_iso(until, j->r->end_at));
}

int
judge_may(const struct judge_job *j, const struct snapshot *s,
    const char *who, int64_t now, struct req_refusal *why)
{
	const char *part;
	char next[NEXT_LEN];

	if (!decide_has_role(s, who, PERSON_AUDITOR))
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "verdicts are given by auditors, and %s is none", who);
	if ((part = part_in(j, who)) != NULL)
		return req_refuse(why, SEKISHO_CODE_OWN_REQUEST, "review next",
		    "%s is %s of R%llu and cannot judge J%llu", who, part,
		    (unsigned long long)j->r->nr, NR(j));
	if (j->judged_by != NULL)
		return req_refuse(why, SEKISHO_CODE_STATE, show(next, j),
		    "J%llu was judged by %s: %s", NR(j), j->judged_by,
		    j->verdict);
	return is_over(j, now, why);
}

static int
is_verdict(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(verdicts[i], word) == 0)
			return 1;
	return 0;
}

static int
is_blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == '\0';
}

int
judge_verdict(const struct judge_job *j, const struct snapshot *s,
    const char *who, int64_t now, int is_sheet_seen, const char *verdict,
    const char *message, struct req_refusal *why)
{
	char next[NEXT_LEN];
	int err;

	/* a slip of the keyboard first: what else is in the way is another matter */
	if (!is_verdict(verdict))
		return req_refuse(why, SEKISHO_CODE_USAGE, "help review",
		    "a verdict is adequate, remarks, inadequate or "
		    "cannot-judge");
	if ((err = judge_may(j, s, who, now, why)) != 0)
		return err;
	if (!is_sheet_seen)
		return req_refuse(why, SEKISHO_CODE_STATE, show(next, j),
		    "%s has not read the sheet of J%llu as it is now", who,
		    NR(j));
	if (strcmp(verdict, "adequate") == 0 || !is_blank(message))
		return 0;
	(void)snprintf(next, sizeof(next), "review verdict J%llu %s -m WORDS",
	    NR(j), verdict);
	return req_refuse(why, SEKISHO_CODE_USAGE, next,
	    "the verdict %s needs words: what was found", verdict);
}
