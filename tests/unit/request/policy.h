/* policy.h - a small policy and a request for the tests of decisions. */
#ifndef TESTS_REQUEST_POLICY_H
#define TESTS_REQUEST_POLICY_H

#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "request/canon.h"
#include "request/decide.h"
#include "request/request.h"

#define NOW	1790000000LL
#define CONST(s)	((char *)(uintptr_t)(s))

static char *policy_operators[] = { CONST("alice"), CONST("dave"), NULL };
static char *policy_approvers[] = { CONST("bob"), CONST("eve"),
	CONST("alice"), NULL };
static char *policy_accounts[] = { CONST("root"), CONST("www"), NULL };
static char *policy_targets[] = { CONST("local"), NULL };
static uint8_t policy_digest[DIGEST_LEN] = { 1, 2, 3 };

struct policy {
	struct snapshot		 s;
	struct msg_snap_person	 people[8];
	struct msg_snap_runas	 runas[2];
	struct msg_snap_rule	 rules[1];
	struct msg_snap_profile	 profiles[1];
};

/* alice dave frank: operators; bob eve alice: approvers; carol: auditor. */
static inline void
policy_new(struct policy *p)
{
	const struct policy plain = {
		.people = {
			{ .name = CONST("alice"), .uid = 1, .active = 1,
			  .roles = PERSON_OPERATOR | PERSON_APPROVER },
			{ .name = CONST("bob"), .uid = 2, .active = 1,
			  .roles = PERSON_APPROVER },
			{ .name = CONST("carol"), .uid = 3, .active = 1,
			  .roles = PERSON_AUDITOR },
			{ .name = CONST("dave"), .uid = 4, .active = 1,
			  .roles = PERSON_OPERATOR },
			{ .name = CONST("eve"), .uid = 5, .active = 1,
			  .roles = PERSON_APPROVER },
			{ .name = CONST("frank"), .uid = 6, .active = 1,
			  .roles = PERSON_OPERATOR },
			{ .name = CONST("toor"), .uid = 0, .active = 1,
			  .roles = PERSON_ADMINISTRATOR },
			{ .name = CONST("grace"), .uid = 7, .active = 1,
			  .roles = PERSON_ADMINISTRATOR },
		},
		.runas = { { .name = CONST("root") },
		    { .name = CONST("www") } },
		.rules = { { .profile = CONST("files"),
		    .operators = policy_operators,
		    .approvers = policy_approvers, .run_as = policy_accounts,
		    .targets = policy_targets, .need = 1 } },
		.profiles = { { .name = CONST("files"),
		    .digest = { policy_digest, DIGEST_LEN } } },
	};

	*p = plain;
	p->s.head.pending_s = 7 * 86400;
	p->s.head.window_s = 28800;
	p->s.head.window_max_s = 7 * 86400;
	p->s.head.uses_max = 100;
	p->s.head.max_run_s = 14400;
	p->s.head.targets = policy_targets;
	p->s.people = p->people;
	p->s.npeople = 8;
	p->s.runas = p->runas;
	p->s.nrunas = 2;
	p->s.rules = p->rules;
	p->s.nrules = 1;
	p->s.profiles = p->profiles;
	p->s.nprofiles = 1;
}

/* alice asks for `sed -i s/a b/c d/ /etc/x` as root, one use. */
static inline struct request *
request_new(uint64_t nr)
{
	struct request *r = req_new();
	char *text;
	size_t n;

	assert_non_null(r);
	r->nr = nr;
	r->revision = 1;
	r->requester = strdup("alice");
	assert_int_equal(strv_add(&r->operators, "alice"), 0);
	r->target = strdup("local");
	r->run_as = strdup("root");
	r->profile = strdup("files");
	memcpy(r->profile_digest, policy_digest, DIGEST_LEN);
	r->steps = calloc(1, sizeof(*r->steps));
	r->nsteps = 1;
	assert_int_equal(strv_add(&r->steps[0].argv, "sed"), 0);
	assert_int_equal(strv_add(&r->steps[0].argv, "-i"), 0);
	assert_int_equal(strv_add(&r->steps[0].argv, "s/a b/c d/"), 0);
	assert_int_equal(strv_add(&r->steps[0].argv, "/etc/x"), 0);
	r->steps[0].exe = strdup("/usr/bin/sed");
	r->input = strdup("none");
	r->on_disconnect = strdup("kill");
	r->span = 28800;
	r->max_run = 14400;
	r->uses = 1;
	r->reason = strdup("because");
	r->ticket = strdup("");
	r->label = strdup("");
	r->filed_at = NOW;
	r->pending_until = NOW + 7 * 86400;
	assert_int_equal(canon_make(r, &text, &n), 0);
	str_wipe(text);
	return r;
}

static inline void
request_decide(struct request *r, const char *who, const char *what)
{
	struct req_decision *d = req_add_decision(r);

	assert_non_null(d);
	d->who = strdup(who);
	d->what = strdup(what);
	d->message = strdup("");
	d->at = NOW;
	d->revision = r->revision;
	memcpy(d->digest, r->digest, DIGEST_LEN);
}

/* The same, approved by bob, open from NOW for eight hours. */
static inline struct request *
request_approved(uint64_t nr)
{
	struct request *r = request_new(nr);

	request_decide(r, "bob", "approve");
	r->state = REQ_APPROVED;
	r->start_at = NOW;
	r->end_at = NOW + 28800;
	return r;
}

#endif
