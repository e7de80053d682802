/* judge_test.c - who may judge a job, when: tables. */
#include "tests/unit/request/policy.h"

#include "request/judge.h"

#define YES	SEKISHO_CODES	/* no code: allowed */

/* One change before the question. */
enum twist {
	OVER,			/* used up, ended, sheet read */
	WINDOW_OVER, WITHDRAWN, NEW_REVISION, RUNS, TWO_RUN, USES_LEFT,
	CLOCK_BACK, JUDGED, UNREAD, AUDITOR_FILED, AUDITOR_RUNS_TOO,
	AUDITOR_APPROVED, AUDITOR_REJECTED, AUDITOR_APPROVED_BEFORE,
	AUDITOR_RAN, AUDITOR_LOCKED, AUDITOR_LOST_ROLE
};

struct case_of {
	struct policy	 p;
	struct request	*r;
	struct judge_job j;
	int		 is_seen;
};

static void
people(struct case_of *c, enum twist t)
{
	switch (t) {
	case AUDITOR_FILED:
		free(c->r->requester);
		c->r->requester = strdup("carol");
		break;
	case AUDITOR_RUNS_TOO:
		assert_int_equal(strv_add(&c->r->operators, "carol"), 0);
		break;
	case AUDITOR_APPROVED:
		request_decide(c->r, "carol", "approve");
		break;
	case AUDITOR_REJECTED:
		request_decide(c->r, "carol", "reject");
		break;
	case AUDITOR_APPROVED_BEFORE:
		request_decide(c->r, "carol", "approve");
		c->r->decisions[1].revision = 0;
		break;
	case AUDITOR_RAN:
		c->j.operator = "carol";
		break;
	case AUDITOR_LOCKED:
		c->p.people[2].active = 0;
		break;
	case AUDITOR_LOST_ROLE:
		c->p.people[2].roles = PERSON_ADMINISTRATOR;
		break;
	default:
		break;
	}
}

static void
times(struct case_of *c, enum twist t)
{
	switch (t) {
	case RUNS:
		c->j.running = 1;
		break;
	case TWO_RUN:
		c->j.running = 2;
		break;
	case USES_LEFT:
		c->r->uses = 3;
		break;
	case CLOCK_BACK:
		c->r->uses = 3;
		c->r->start_at = NOW + 1;
		break;
	case WINDOW_OVER:
		c->r->uses = 3;
		c->r->end_at = NOW;
		break;
	case WITHDRAWN:
		c->r->uses = 3;
		c->r->state = REQ_WITHDRAWN;
		break;
	case NEW_REVISION:
		c->r->uses = 3;
		c->r->revision = 2;
		break;
	case JUDGED:
		c->j.judged_by = "heidi";
		c->j.verdict = "remarks";
		break;
	case UNREAD:
		c->is_seen = 0;
		break;
	default:
		break;
	}
}

static void
case_new(struct case_of *c, enum twist t)
{
	memset(c, 0, sizeof(*c));
	policy_new(&c->p);
	c->r = request_approved(3);
	c->r->used = 1;
	c->j = (struct judge_job){ .nr = 7, .r = c->r, .revision = 1,
		.operator = "alice" };
	c->is_seen = 1;
	people(c, t);
	times(c, t);
}

static const struct verdict_row {
	enum twist		 twist;
	const char		*who, *verdict, *message;
	enum sekisho_code	 code;
	const char		*part, *next;
} rows[] = {
	{ OVER, "carol", "adequate", "", YES, NULL, NULL },
	{ OVER, "carol", "adequate", "as planned", YES, NULL, NULL },
	{ OVER, "carol", "remarks", "too early", YES, NULL, NULL },
	{ OVER, "carol", "inadequate", "wrong file", YES, NULL, NULL },
	{ OVER, "carol", "cannot-judge", "no expert", YES, NULL, NULL },
	{ WINDOW_OVER, "carol", "adequate", "", YES, NULL, NULL },
	{ WITHDRAWN, "carol", "adequate", "", YES, NULL, NULL },
	{ NEW_REVISION, "carol", "adequate", "", YES, NULL, NULL },
	/* words */
	{ OVER, "carol", "remarks", "", SEKISHO_CODE_USAGE, "needs words",
	  "review verdict J7 remarks -m WORDS" },
	{ OVER, "carol", "inadequate", " \t", SEKISHO_CODE_USAGE,
	  "needs words", "review verdict J7 inadequate -m WORDS" },
	{ OVER, "carol", "cannot-judge", "", SEKISHO_CODE_USAGE,
	  "needs words", "review verdict J7 cannot-judge -m WORDS" },
	{ OVER, "carol", "fine", "x", SEKISHO_CODE_USAGE, "is adequate",
	  "help review" },
	{ OVER, "carol", "", "x", SEKISHO_CODE_USAGE, "is adequate",
	  "help review" },
	/* a slip is told as one, also while the job is not over */
	{ RUNS, "carol", "fine", "x", SEKISHO_CODE_USAGE, "is adequate",
	  "help review" },
	{ OVER, "carol", "Adequate", "x", SEKISHO_CODE_USAGE, "is adequate",
	  "help review" },
	/* who */
	{ OVER, "alice", "adequate", "", SEKISHO_CODE_NOT_ALLOWED, "auditors",
	  "whoami" },
	{ OVER, "bob", "adequate", "", SEKISHO_CODE_NOT_ALLOWED, "auditors",
	  "whoami" },
	{ OVER, "grace", "adequate", "", SEKISHO_CODE_NOT_ALLOWED,
	  "auditors", "whoami" },
	{ OVER, "toor", "adequate", "", SEKISHO_CODE_NOT_ALLOWED, "auditors",
	  "whoami" },
	{ OVER, "nobody", "adequate", "", SEKISHO_CODE_NOT_ALLOWED,
	  "auditors", "whoami" },
	{ AUDITOR_LOCKED, "carol", "adequate", "", SEKISHO_CODE_NOT_ALLOWED,
	  "auditors", "whoami" },
	{ AUDITOR_LOST_ROLE, "carol", "adequate", "",
	  SEKISHO_CODE_NOT_ALLOWED, "auditors", "whoami" },
	{ AUDITOR_FILED, "carol", "adequate", "", SEKISHO_CODE_OWN_REQUEST,
	  "the requester of R3", "review next" },
	{ AUDITOR_RAN, "carol", "adequate", "", SEKISHO_CODE_OWN_REQUEST,
	  "the operator of R3", "review next" },
	{ AUDITOR_RUNS_TOO, "carol", "adequate", "",
	  SEKISHO_CODE_OWN_REQUEST, "an operator of R3", "review next" },
	{ AUDITOR_APPROVED, "carol", "adequate", "",
	  SEKISHO_CODE_OWN_REQUEST, "decided", "review next" },
	{ AUDITOR_REJECTED, "carol", "adequate", "",
	  SEKISHO_CODE_OWN_REQUEST, "decided", "review next" },
	{ AUDITOR_APPROVED_BEFORE, "carol", "adequate", "",
	  SEKISHO_CODE_OWN_REQUEST, "decided", "review next" },
	/* when */
	{ RUNS, "carol", "adequate", "", SEKISHO_CODE_STATE,
	  "1 session still runs", "review show J7" },
	{ TWO_RUN, "carol", "adequate", "", SEKISHO_CODE_STATE,
	  "2 sessions still run", "review show J7" },
	{ USES_LEFT, "carol", "adequate", "", SEKISHO_CODE_STATE,
	  "R3 has 2 uses left until 2026-", "review show J7" },
	{ CLOCK_BACK, "carol", "adequate", "", SEKISHO_CODE_STATE,
	  "2 uses left", "review show J7" },
	{ JUDGED, "carol", "adequate", "", SEKISHO_CODE_STATE,
	  "was judged by heidi: remarks", "review show J7" },
	{ UNREAD, "carol", "adequate", "", SEKISHO_CODE_STATE,
	  "has not read the sheet", "review show J7" },
};

static void
a_verdict_is_for_an_auditor_without_a_part_in_it_who_has_read_the_sheet(
    void **state)
{
	struct req_refusal why;
	struct case_of c;
	size_t i;
	int got;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		case_new(&c, rows[i].twist);
		got = judge_verdict(&c.j, &c.p.s, rows[i].who, NOW, c.is_seen,
		    rows[i].verdict, rows[i].message, &why);
		if ((got == 0) != (rows[i].code == YES) || (got != 0 &&
		    (why.code != rows[i].code ||
		    strstr(why.reason, rows[i].part) == NULL)))
			print_error("row %zu: %s\n", i,
			    got == 0 ? "OK" : why.reason);
		if (rows[i].code == YES)
			assert_int_equal(got, 0);
		else {
			assert_int_equal(got, ERR_DENIED);
			assert_int_equal(why.code, rows[i].code);
			assert_non_null(strstr(why.reason, rows[i].part));
			assert_string_equal(why.next, rows[i].next);
		}
		req_free(c.r);
	}
}

static void
what_may_be_judged_does_not_depend_on_having_read_it_yet(void **state)
{
	struct req_refusal why;
	struct case_of c;

	(void)state;
	case_new(&c, UNREAD);
	assert_int_equal(judge_may(&c.j, &c.p.s, "carol", NOW, &why), 0);
	assert_int_equal(judge_may(&c.j, &c.p.s, "bob", NOW, &why),
	    ERR_DENIED);
	req_free(c.r);
}

static void
a_job_is_open_as_long_as_something_can_happen_in_it(void **state)
{
	static const struct {
		enum twist	 twist;
		const char	*view;
	} views[] = {
		{ OVER, "queued" }, { RUNS, "open" }, { USES_LEFT, "open" },
		{ CLOCK_BACK, "open" }, { WINDOW_OVER, "queued" },
		{ WITHDRAWN, "queued" }, { NEW_REVISION, "queued" },
		{ JUDGED, "judged" }, { UNREAD, "queued" },
	};
	struct case_of c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		case_new(&c, views[i].twist);
		assert_string_equal(judge_view_name(judge_view(&c.j, NOW)),
		    views[i].view);
		req_free(c.r);
	}
	assert_string_equal(judge_view_name(JUDGE_VIEWS), "?");
}

static void
the_queue_is_for_auditors_and_administrators(void **state)
{
	static const struct {
		const char	*who;
		int		 sees;
	} who[] = {
		{ "alice", 0 }, { "bob", 0 }, { "carol", 1 }, { "dave", 0 },
		{ "frank", 0 }, { "grace", 1 }, { "toor", 0 }, { "nobody", 0 },
	};
	struct req_refusal why;
	struct policy p;
	size_t i;

	(void)state;
	policy_new(&p);
	for (i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		assert_int_equal(judge_see(&p.s, who[i].who, &why) == 0,
		    who[i].sees);
		if (!who[i].sees)
			assert_int_equal(why.code, SEKISHO_CODE_NOT_ALLOWED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verdict_is_for_an_auditor_without_a_part_in_it_who_has_read_the_sheet),
		cmocka_unit_test(what_may_be_judged_does_not_depend_on_having_read_it_yet),
		cmocka_unit_test(a_job_is_open_as_long_as_something_can_happen_in_it),
		cmocka_unit_test(the_queue_is_for_auditors_and_administrators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
