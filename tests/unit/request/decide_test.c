/* decide_test.c - who may do what with a request: tables. */
#include "tests/unit/request/policy.h"

#define YES	SEKISHO_CODES	/* no code: allowed */

/* One change to the policy or the request before the question. */
enum twist {
	PLAIN, BOB_LOCKED, BOB_NOT_IN_RULE, BOB_OTHER_ROLE, ALICE_LOCKED,
	ALICE_NOT_OPERATOR, NEED_TWO, TWO_APPROVALS, SAME_TWICE,
	APPROVED_BY_REQUESTER, OTHER_REVISION, OTHER_DIGEST, PROFILE_EDITED,
	PROFILE_GONE, RULE_GONE, ACCOUNT_NOT_IN_RULE, ACCOUNT_GONE,
	ACCOUNT_GOT_ROLE, TARGET_GONE, USED, WAITING, REJECTED, WITHDRAWN,
	EXPIRED, REVOKED, CLOSED, SCHEDULED
};

static char *nobody[] = { CONST("nobody"), NULL };
static uint8_t other_digest[DIGEST_LEN] = { 9 };

static void
twist_policy(struct policy *p, enum twist t)
{
	switch (t) {
	case BOB_LOCKED:
		p->people[1].active = 0;
		break;
	case BOB_NOT_IN_RULE:
		p->rules[0].approvers = nobody;
		break;
	case BOB_OTHER_ROLE:
		p->people[1].roles = PERSON_AUDITOR | PERSON_ADMINISTRATOR;
		break;
	case ALICE_LOCKED:
		p->people[0].active = 0;
		break;
	case ALICE_NOT_OPERATOR:
		p->people[0].roles = PERSON_APPROVER;
		break;
	case NEED_TWO:
	case TWO_APPROVALS:
	case SAME_TWICE:
		p->rules[0].need = 2;
		break;
	case PROFILE_EDITED:
		p->profiles[0].digest.p = other_digest;
		break;
	case PROFILE_GONE:
		p->s.nprofiles = 0;
		break;
	case RULE_GONE:
		p->s.nrules = 0;
		break;
	case ACCOUNT_NOT_IN_RULE:
		p->rules[0].run_as = nobody;
		break;
	case ACCOUNT_GONE:
		p->s.nrunas = 0;
		break;
	case ACCOUNT_GOT_ROLE:
		p->people[5].name = CONST("root");
		break;
	case TARGET_GONE:
		p->rules[0].targets = nobody;
		break;
	default:
		break;
	}
}

static void
twist_request(struct request *r, enum twist t)
{
	switch (t) {
	case TWO_APPROVALS:
		request_decide(r, "eve", "approve");
		break;
	case SAME_TWICE:
		request_decide(r, "bob", "approve");
		break;
	case APPROVED_BY_REQUESTER:
		free(r->decisions[0].who);
		r->decisions[0].who = strdup("alice");
		break;
	case OTHER_REVISION:
		r->revision = 2;
		break;
	case OTHER_DIGEST:
		r->decisions[0].digest[0] ^= 1;
		break;
	case USED:
		r->used = 1;
		break;
	case WAITING:
		r->state = REQ_SUBMITTED;
		break;
	case REJECTED:
		r->state = REQ_REJECTED;
		break;
	case WITHDRAWN:
		r->state = REQ_WITHDRAWN;
		break;
	case EXPIRED:
		r->state = REQ_SUBMITTED;
		r->pending_until = NOW;
		break;
	case REVOKED:
		r->state = REQ_REVOKED;
		break;
	case CLOSED:
		r->state = REQ_CLOSED;
		break;
	case SCHEDULED:
		r->start_at = NOW + 1;
		break;
	default:
		break;
	}
}

static const struct run_row {
	enum twist		 twist;
	const char		*who;
	int64_t			 later;
	enum sekisho_code	 code;
	const char		*part;	/* of the reason */
} runs[] = {
	{ PLAIN, "alice", 0, YES, NULL },
	{ PLAIN, "alice", 28799, YES, NULL },
	{ PLAIN, "alice", 28800, SEKISHO_CODE_OUTSIDE_WINDOW, "until" },
	{ SCHEDULED, "alice", 0, SEKISHO_CODE_OUTSIDE_WINDOW, "from" },
	{ SCHEDULED, "alice", 1, YES, NULL },
	{ PLAIN, "dave", 0, SEKISHO_CODE_NOT_FOUND, "no request R7" },
	{ PLAIN, "frank", 0, SEKISHO_CODE_NOT_FOUND, "no request R7" },
	{ PLAIN, "nobody", 0, SEKISHO_CODE_NOT_FOUND, "no request R7" },
	{ PLAIN, "bob", 0, SEKISHO_CODE_NOT_ALLOWED, "not an operator" },
	{ PLAIN, "grace", 0, SEKISHO_CODE_NOT_ALLOWED, "not an operator" },
	{ PLAIN, "toor", 0, SEKISHO_CODE_NOT_FOUND, "no request R7" },
	{ BOB_LOCKED, "alice", 0, SEKISHO_CODE_REVOKED, "0 approvals" },
	{ BOB_NOT_IN_RULE, "alice", 0, SEKISHO_CODE_REVOKED, "0 approvals" },
	{ BOB_OTHER_ROLE, "alice", 0, SEKISHO_CODE_REVOKED, "0 approvals" },
	{ ALICE_LOCKED, "alice", 0, SEKISHO_CODE_REVOKED, "no longer run" },
	{ ALICE_NOT_OPERATOR, "alice", 0, SEKISHO_CODE_REVOKED, "no longer" },
	{ NEED_TWO, "alice", 0, SEKISHO_CODE_REVOKED, "1 approval that" },
	{ TWO_APPROVALS, "alice", 0, YES, NULL },
	{ SAME_TWICE, "alice", 0, SEKISHO_CODE_REVOKED, "1 approval that" },
	{ APPROVED_BY_REQUESTER, "alice", 0, SEKISHO_CODE_REVOKED, "0 " },
	{ OTHER_REVISION, "alice", 0, SEKISHO_CODE_REVOKED, "0 approvals" },
	{ OTHER_DIGEST, "alice", 0, SEKISHO_CODE_REVOKED, "0 approvals" },
	{ PROFILE_EDITED, "alice", 0, SEKISHO_CODE_CHANGED, "was changed" },
	{ PROFILE_GONE, "alice", 0, SEKISHO_CODE_CHANGED, "no longer" },
	{ RULE_GONE, "alice", 0, SEKISHO_CODE_CHANGED, "no longer" },
	{ ACCOUNT_NOT_IN_RULE, "alice", 0, SEKISHO_CODE_REVOKED, "root" },
	{ ACCOUNT_GONE, "alice", 0, SEKISHO_CODE_REVOKED, "root" },
	{ ACCOUNT_GOT_ROLE, "alice", 0, SEKISHO_CODE_REVOKED, "root" },
	{ TARGET_GONE, "alice", 0, SEKISHO_CODE_REVOKED, "target local" },
	{ USED, "alice", 0, SEKISHO_CODE_USED_UP, "1 use" },
	{ WAITING, "alice", 0, SEKISHO_CODE_NOT_APPROVED,
	  "R7 waits for approval" },
	{ REJECTED, "alice", 0, SEKISHO_CODE_NOT_APPROVED, "rejected" },
	{ WITHDRAWN, "alice", 0, SEKISHO_CODE_NOT_APPROVED, "withdrawn" },
	{ EXPIRED, "alice", 0, SEKISHO_CODE_NOT_APPROVED, "expired" },
	{ REVOKED, "alice", 0, SEKISHO_CODE_REVOKED, "was revoked" },
	{ CLOSED, "alice", 0, SEKISHO_CODE_OUTSIDE_WINDOW, "until" },
};

static void
assert_decision(int r, const struct req_refusal *why, enum sekisho_code code,
    const char *part, size_t row)
{
	if ((code == YES) != (r == 0) || (r != 0 && (why->code != code ||
	    strstr(why->reason, part) == NULL)))
		print_error("row %zu: %s: %s\n", row, r == 0 ? "OK" :
		    sekisho_code_word(why->code), r == 0 ? "" : why->reason);
	if (code == YES) {
		assert_int_equal(r, 0);
		return;
	}
	assert_int_equal(r, ERR_DENIED);
	assert_int_equal(why->code, code);
	assert_non_null(strstr(why->reason, part));
}

static void
a_start_is_judged_by_everything_that_holds_now(void **state)
{
	struct req_refusal why;
	struct request *r;
	struct policy p;
	size_t i;
	int got;

	(void)state;
	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		policy_new(&p);
		r = request_approved(7);
		twist_policy(&p, runs[i].twist);
		twist_request(r, runs[i].twist);
		got = decide_run(r, &p.s, runs[i].who, NOW + runs[i].later,
		    &why);
		assert_decision(got, &why, runs[i].code, runs[i].part, i);
		req_free(r);
	}
}

static const struct approve_row {
	enum twist		 twist;
	const char		*requester, *operator, *who;
	enum sekisho_code	 code;
	const char		*part;
} approvals[] = {
	{ WAITING, "alice", "alice", "bob", YES, NULL },
	{ WAITING, "alice", "dave", "eve", YES, NULL },
	{ WAITING, "dave", "dave", "alice", YES, NULL },
	{ WAITING, "alice", "dave", "alice", SEKISHO_CODE_OWN_REQUEST,
	  "requester" },
	{ WAITING, "dave", "alice", "alice", SEKISHO_CODE_OWN_REQUEST,
	  "operator" },
	{ WAITING, "bob", "alice", "bob", SEKISHO_CODE_OWN_REQUEST,
	  "requester" },
	{ WAITING, "alice", "alice", "carol", SEKISHO_CODE_NOT_ALLOWED,
	  "may not decide" },
	{ WAITING, "alice", "alice", "grace", SEKISHO_CODE_NOT_ALLOWED,
	  "may not decide" },
	{ WAITING, "alice", "alice", "frank", SEKISHO_CODE_NOT_FOUND, "no" },
	{ WAITING, "alice", "alice", "toor", SEKISHO_CODE_NOT_FOUND, "no" },
	{ REJECTED, "alice", "alice", "bob", SEKISHO_CODE_STATE,
	  "rejected" },
	{ EXPIRED, "alice", "alice", "bob", SEKISHO_CODE_STATE, "expired" },
	{ PLAIN, "alice", "alice", "eve", SEKISHO_CODE_STATE, "open" },
	{ BOB_LOCKED, "alice", "alice", "bob", SEKISHO_CODE_NOT_FOUND, "no" },
};

static void
set_people(struct request *r, const struct approve_row *row)
{
	free(r->requester);
	r->requester = strdup(row->requester);
	strv_free(r->operators);
	r->operators = NULL;
	assert_int_equal(strv_add(&r->operators, row->operator), 0);
}

static void
approvers_are_neither_requester_nor_operator(void **state)
{
	struct req_refusal why;
	struct request *r;
	struct policy p;
	size_t i;
	int got;

	(void)state;
	for (i = 0; i < sizeof(approvals) / sizeof(approvals[0]); i++) {
		policy_new(&p);
		r = approvals[i].twist == PLAIN ? request_approved(7) :
		    request_new(7);
		twist_policy(&p, approvals[i].twist);
		twist_request(r, approvals[i].twist);
		set_people(r, &approvals[i]);
		got = decide_approve(r, &p.s, approvals[i].who, NOW, &why);
		assert_decision(got, &why, approvals[i].code,
		    approvals[i].part, i);
		if (approvals[i].code == YES) {
			request_decide(r, approvals[i].who, "approve");
			assert_int_equal(decide_approve(r, &p.s,
			    approvals[i].who, NOW, &why), ERR_DENIED);
			assert_int_equal(why.code, SEKISHO_CODE_STATE);
		}
		req_free(r);
	}
}

static void
the_code_of_another_text_or_revision_is_refused(void **state)
{
	struct request *r = request_new(7);
	char code[REQ_CODE];
	struct req_refusal why;

	(void)state;
	canon_code(code, r);
	assert_int_equal(decide_code(r, 1, code, &why), 0);
	assert_int_equal(decide_code(r, 2, code, &why), ERR_DENIED);
	assert_int_equal(why.code, SEKISHO_CODE_CHANGED);
	assert_string_equal(why.next, "request show R7");
	assert_int_equal(decide_code(r, 1, "aaaa", &why), ERR_DENIED);
	assert_int_equal(decide_code(r, 1, NULL, &why), ERR_DENIED);
	assert_int_equal(decide_code(r, 1, "", &why), ERR_DENIED);
	req_free(r);
}

static void
only_the_requester_withdraws_what_has_not_ended(void **state)
{
	struct request *r = request_approved(7);
	struct req_refusal why;

	(void)state;
	assert_int_equal(decide_withdraw(r, "alice", NOW, &why), 0);
	assert_int_equal(decide_withdraw(r, "bob", NOW, &why), ERR_DENIED);
	assert_int_equal(why.code, SEKISHO_CODE_NOT_ALLOWED);
	r->used = 1;
	assert_int_equal(decide_withdraw(r, "alice", NOW, &why), ERR_DENIED);
	assert_int_equal(why.code, SEKISHO_CODE_STATE);
	req_free(r);
}

static void
a_window_that_is_over_is_not_approved_any_more(void **state)
{
	struct request *r = request_new(7);
	struct req_refusal why;
	struct policy p;

	(void)state;
	policy_new(&p);
	r->until = NOW;
	assert_int_equal(decide_approve(r, &p.s, "bob", NOW, &why),
	    ERR_DENIED);
	assert_int_equal(why.code, SEKISHO_CODE_STATE);
	r->until = REQ_NONE;
	r->from = NOW;
	assert_int_equal(decide_approve(r, &p.s, "bob", NOW + 28799, &why), 0);
	assert_int_equal(decide_approve(r, &p.s, "bob", NOW + 28800, &why),
	    ERR_DENIED);
	req_free(r);
}

static void
a_late_approval_makes_no_window_longer(void **state)
{
	struct request *r = request_new(7);
	int64_t start, end;

	(void)state;
	req_window(r, NOW + 100, &start, &end);
	assert_int_equal(start, NOW + 100);
	assert_int_equal(end, NOW + 100 + 28800);
	r->from = NOW;
	req_window(r, NOW + 100, &start, &end);
	assert_int_equal(start, NOW + 100);
	assert_int_equal(end, NOW + 28800);
	r->until = NOW + 200;
	req_window(r, NOW - 100, &start, &end);
	assert_int_equal(start, NOW);
	assert_int_equal(end, NOW + 200);
	req_free(r);
}

static void
who_sees_a_request_and_a_session(void **state)
{
	static const struct {
		const char	*who;
		int		 request, session;
	} rows[] = {
		{ "alice", 1, 1 }, { "bob", 1, 0 }, { "carol", 1, 1 },
		{ "dave", 0, 0 }, { "eve", 1, 0 }, { "frank", 0, 0 },
		{ "grace", 1, 1 }, { "toor", 0, 0 }, { "nobody", 0, 0 },
	};
	struct request *r = request_new(7);
	struct policy p;
	size_t i;

	(void)state;
	policy_new(&p);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(decide_see(r, &p.s, rows[i].who),
		    rows[i].request);
		assert_int_equal(decide_see_session("alice", &p.s,
		    rows[i].who), rows[i].session);
	}
	req_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_is_judged_by_everything_that_holds_now),
		cmocka_unit_test(approvers_are_neither_requester_nor_operator),
		cmocka_unit_test(the_code_of_another_text_or_revision_is_refused),
		cmocka_unit_test(only_the_requester_withdraws_what_has_not_ended),
		cmocka_unit_test(a_window_that_is_over_is_not_approved_any_more),
		cmocka_unit_test(a_late_approval_makes_no_window_longer),
		cmocka_unit_test(who_sees_a_request_and_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
