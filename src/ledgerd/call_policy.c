/* call_policy.c - what the policy of now gives a person: whoami, profiles. */
#include <string.h>

#include "base/err.h"
#include "crypt/sha256.h"
#include "ledgerd/call.h"
#include "request/decide.h"

static json_t *
role_list(unsigned int bits)
{
	json_t *list = json_array();
	const struct role_name *r;

	for (r = snapshot_roles; r->bit != 0; r++)
		if ((bits & r->bit) != 0)
			json_array_append_new(list, json_string(r->name));
	return list;
}

int
call_whoami(struct call *c)
{
	static const char *const keys[] = { NULL };
	const struct snapshot *s = c->ld->snap;
	const struct msg_snap_person *p = snapshot_person(s, c->who);
	json_t *run = json_array(), *approve = json_array();
	const struct msg_snap_rule *rule;
	size_t i;
	int r;

	if ((r = call_keys(c, keys)) != 0) {
		json_decref(run);
		json_decref(approve);
		return r;
	}
	for (i = 0; i < s->nrules; i++) {
		rule = &s->rules[i];
		if (decide_is_operator(s, rule, c->who))
			json_array_append_new(run, json_pack(
			    "{s:s, s:o, s:o}", "profile", rule->profile,
			    "run_as", json_from_strv(rule->run_as), "targets",
			    json_from_strv(rule->targets)));
		if (decide_is_approver(s, rule, c->who))
			json_array_append_new(approve,
			    json_string(rule->profile));
	}
	c->reply = json_pack("{s:i, s:s, s:I, s:o, s:s, s:s, s:o, s:o}",
	    "schema", CALL_SCHEMA, "name", c->who, "uid", (json_int_t)p->uid, "roles",
	    role_list(p->roles), "source", c->client->source, "gate",
	    s->head.gate, "may_run", run, "may_approve", approve);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

static json_t *
digest(const struct msg_snap_profile *p)
{
	char hex[SHA256_HEX];

	return p->digest.n == SHA256_LEN ?
	    json_string(sha256_hex(hex, p->digest.p)) : json_string("");
}

int
call_profile_list(struct call *c)
{
	static const char *const keys[] = { NULL };
	const struct snapshot *s = c->ld->snap;
	json_t *list;
	size_t i;
	int r;

	if ((r = call_keys(c, keys)) != 0)
		return r;
	list = json_array();
	for (i = 0; i < s->nprofiles; i++)
		json_array_append_new(list, json_pack("{s:s, s:o, s:o}",
		    "name", s->profiles[i].name, "summary",
		    json_text(s->profiles[i].summary), "digest",
		    digest(&s->profiles[i])));
	c->reply = json_pack("{s:o}", "profiles", list);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

/* The rule, or null: a profile may be there and given to nobody. */
static json_t *
rule_json(const struct msg_snap_rule *rule)
{
	if (rule == NULL)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:I}",
	    "operators", json_from_strv(rule->operators),
	    "approvers", json_from_strv(rule->approvers),
	    "run_as", json_from_strv(rule->run_as),
	    "targets", json_from_strv(rule->targets),
	    "need", (json_int_t)rule->need);
}

int
call_profile_show(struct call *c)
{
	static const char *const keys[] = { "name", NULL };
	const struct msg_snap_profile *p;
	json_t *expanded = NULL;
	const char *name;
	int r;

	if ((r = call_keys(c, keys)) != 0)
		return r;
	if (json_want_str(c->body, "name", NULL, &name) != 0 || name == NULL)
		return call_bad(c, "name");
	if ((p = snapshot_profile(c->ld->snap, name)) == NULL)
		return req_refuse(&c->why, SEKISHO_CODE_NOT_FOUND,
		    "profile list", "there is no such profile");
	if ((r = json_read(p->json.p, p->json.n, &expanded)) != 0)
		return r;
	c->reply = json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", p->name,
	    "summary", p->summary, "digest", digest(p), "profile", expanded,
	    "rule", rule_json(snapshot_rule(c->ld->snap, name)));
	return c->reply == NULL ? ERR_NOMEM : 0;
}
