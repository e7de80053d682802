/* rules.c - who may file, use and approve under which profile, and as which account. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/strv.h"
#include "load/accounts.h"
#include "load/people.h"

/* Everybody with a role, or the rule's own list, of which each must hold the role: a group's other members are left out, a name is an error. */
static int
expand_side(struct policy *p, const struct conf_rule *rule,
    enum conf_rule_key key, enum person_role role, char ***out)
{
	char *const *words = key == RULE_OPERATORS ? rule->operators :
	    rule->approvers;
	const char *name = conf_rule_keys[key].name;
	const struct msg_snap_person *who;
	char **names = NULL;
	size_t i;
	int r;

	r = people_expand(p, words, p->approval_file, rule->lines[key], name,
	    &names);
	for (i = 0; r == 0 && names != NULL && names[i] != NULL; i++) {
		who = snapshot_person(&p->snap, names[i]);
		if (who != NULL && (who->roles & (uint32_t)role) != 0)
			r = strv_add(out, names[i]);
		else if (strv_has(words, names[i]))
			r = conf_fail(&p->error, p->approval_file,
			    rule->lines[key], "%s: expected people with that "
			    "role in roles.conf, found \"%s\"", name, names[i]);
	}
	strv_free(names);
	if (strv_len(words) > 0 || r != 0)
		return r;
	for (i = 0; r == 0 && i < p->snap.npeople; i++)
		if ((p->snap.people[i].roles & (uint32_t)role) != 0)
			r = strv_add(out, p->snap.people[i].name);
	return r;
}

static size_t
approvers_besides(struct policy *p, const struct msg_snap_rule *rule,
    const char *operator, int only_active)
{
	const struct msg_snap_person *who;
	size_t i, n = 0;

	for (i = 0; rule->approvers != NULL && rule->approvers[i] != NULL; i++) {
		who = snapshot_person(&p->snap, rule->approvers[i]);
		if (strcmp(rule->approvers[i], operator) != 0 &&
		    (!only_active || (who != NULL && who->active)))
			n++;
	}
	return n;
}

/*
 * Separation of duties: an operator needs "need" approvers besides himself.
 * A rule that can serve nobody is an error; that one person is left over, or
 * that a lock took an approver away for now, is told and no more.
 */
static int
check_duties(struct policy *p, const struct conf_rule *conf,
    const struct msg_snap_rule *rule)
{
	size_t i, served = 0;
	int r;

	if (rule->operators == NULL)
		return policy_warn(p, p->approval_file, conf->line,
		    "profile \"%s\": nobody can ask for it", rule->profile);
	for (i = 0; rule->operators[i] != NULL; i++) {
		if (approvers_besides(p, rule, rule->operators[i], 0) >=
		    rule->need)
			served++;
		if (approvers_besides(p, rule, rule->operators[i], 1) <
		    rule->need && (r = policy_warn(p, p->approval_file,
		    conf->line, "profile \"%s\": fewer than %u people can "
		    "approve what \"%s\" asks for", rule->profile, rule->need,
		    rule->operators[i])) != 0)
			return r;
	}
	if (served == 0)
		return conf_fail(&p->error, p->approval_file, conf->line,
		    "profile \"%s\": expected %u approvers besides the "
		    "operator, found fewer for every operator", rule->profile,
		    rule->need);
	return 0;
}

static int
new_runas(struct policy *p, struct account *a)
{
	struct msg_snap_runas *run;
	void *list = p->snap.runas;

	run = policy_grow(&list, &p->snap.nrunas, sizeof(*run));
	if (run == NULL)
		return ERR_NOMEM;
	p->snap.runas = list;
	run->uid = a->uid;
	run->gid = a->gid;
	run->name = strdup(a->name);
	run->home = a->home;		/* now owned by the snapshot */
	run->shell = a->shell;
	a->home = a->shell = NULL;
	if (run->name == NULL)
		return ERR_NOMEM;
	return account_groups(a, &run->groups);
}

/* A run-as account exists, is none of ours and is nobody who holds a role. */
static int
check_runas(struct policy *p, const struct conf_rule *rule, const char *name,
    struct account *a)
{
	int line = rule->lines[RULE_RUN_AS] != 0 ?
	    rule->lines[RULE_RUN_AS] : rule->line;
	size_t i;
	int r;

	if (strncmp(name, SYSTEM_PREFIX, strlen(SYSTEM_PREFIX)) == 0)
		return conf_fail(&p->error, p->approval_file, line, "run_as: "
		    "expected no account of the gate, found \"%s\"", name);
	if ((r = account_find(name, clock_unix(), a)) == ERR_NOTFOUND)
		return conf_fail(&p->error, p->approval_file, line, "run_as: "
		    "expected an account that exists, found \"%s\"", name);
	if (r != 0)
		return r;
	for (i = 0; i < p->snap.npeople; i++)
		if (p->snap.people[i].uid == a->uid ||
		    strcmp(p->snap.people[i].name, name) == 0)
			return conf_fail(&p->error, p->approval_file, line,
			    "run_as: expected an account without a role, found "
			    "\"%s\", which is \"%s\" of roles.conf", name,
			    p->snap.people[i].name);
	return 0;
}

static int
add_runas(struct policy *p, const struct conf_rule *rule)
{
	struct account a;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && rule->run_as[i] != NULL; i++) {
		if (snapshot_runas(&p->snap, rule->run_as[i]) != NULL)
			continue;
		memset(&a, 0, sizeof(a));
		if ((r = check_runas(p, rule, rule->run_as[i], &a)) == 0)
			r = new_runas(p, &a);
		account_free(&a);
		if (r == ERR_LIMIT)
			r = conf_fail(&p->error, p->approval_file,
			    rule->lines[RULE_RUN_AS], "run_as: expected at "
			    "most %d groups, found more for \"%s\"",
			    GROUPS_MAX, rule->run_as[i]);
	}
	return r;
}

static int
add_rule(struct policy *p, const struct conf_rule *conf)
{
	struct msg_snap_rule *rule;
	void *list = p->snap.rules;
	int r;

	if (snapshot_profile(&p->snap, conf->profile) == NULL)
		return conf_fail(&p->error, p->approval_file,
		    conf->lines[RULE_PROFILE], "profile: expected a profile "
		    "of profiles.d, found \"%s\"%s", conf->profile,
		    strv_has(p->abstract, conf->profile) ?
		    ", which is abstract" : "");
	rule = policy_grow(&list, &p->snap.nrules, sizeof(*rule));
	if (rule == NULL)
		return ERR_NOMEM;
	p->snap.rules = list;
	rule->need = (uint32_t)conf->need;
	if ((rule->profile = strdup(conf->profile)) == NULL ||
	    (rule->run_as = strv_dup(conf->run_as)) == NULL ||
	    (rule->targets = strv_dup(conf->targets)) == NULL)
		return ERR_NOMEM;
	if ((r = add_runas(p, conf)) != 0 ||
	    (r = expand_side(p, conf, RULE_OPERATORS, PERSON_OPERATOR,
	    &rule->operators)) != 0 ||
	    (r = expand_side(p, conf, RULE_APPROVERS, PERSON_APPROVER,
	    &rule->approvers)) != 0)
		return r;
	return check_duties(p, conf, rule);
}

static int
by_profile(const void *a, const void *b)
{
	const struct msg_snap_rule *x = a, *y = b;

	return strcmp(x->profile, y->profile);
}

static int
by_name(const void *a, const void *b)
{
	const struct msg_snap_runas *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int
policy_rules(struct policy *p)
{
	size_t i;
	int r;

	for (i = 0; i < p->approval.n; i++)
		if ((r = add_rule(p, &p->approval.rules[i])) != 0)
			return r;
	if (p->snap.nrules > 0)
		qsort(p->snap.rules, p->snap.nrules, sizeof(*p->snap.rules),
		    by_profile);
	if (p->snap.nrunas > 0)
		qsort(p->snap.runas, p->snap.nrunas, sizeof(*p->snap.runas),
		    by_name);
	return 0;
}
