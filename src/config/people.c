/* people.c - the keys of roles.conf and approval.conf. */
#include "config/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"

#define ROLE(member)	offsetof(struct conf_roles, member)
#define RULE(member)	offsetof(struct conf_rule, member)
#define NAMES_MAX	1000

const struct conf_key conf_roles_keys[CONF_ROLES_KEYS] = {
	{ "operators", CONF_NAMES, ROLE(operators), "", 0, NAMES_MAX, NULL },
	{ "approvers", CONF_NAMES, ROLE(approvers), "", 0, NAMES_MAX, NULL },
	{ "auditors", CONF_NAMES, ROLE(auditors), "", 0, NAMES_MAX, NULL },
	{ "administrators", CONF_NAMES, ROLE(administrators), "", 0, NAMES_MAX,
	    NULL },
};

const struct conf_key conf_rule_keys[CONF_RULE_KEYS] = {
	[RULE_PROFILE] = { "profile", CONF_NAME, RULE(profile), NULL, 1,
	    NAME_MAX_LEN, NULL },
	[RULE_OPERATORS] = { "operators", CONF_NAMES, RULE(operators), "", 0,
	    NAMES_MAX, NULL },
	[RULE_APPROVERS] = { "approvers", CONF_NAMES, RULE(approvers), "", 0,
	    NAMES_MAX, NULL },
	[RULE_RUN_AS] = { "run_as", CONF_NAMES, RULE(run_as), "root", 1, 64,
	    NULL },
	[RULE_TARGETS] = { "targets", CONF_NAMES, RULE(targets), "local", 1,
	    64, NULL },
	[RULE_NEED] = { "need", CONF_INT, RULE(need), "1", 1, 5, NULL },
};

int
conf_roles_read(const char *file, const char *text, size_t n,
    struct conf_roles *c, struct conf_error *e)
{
	struct conf_tree *t = NULL;
	int r;

	if ((r = conf_parse(file, text, n, &t, e)) == 0 &&
	    (r = conf_read(t, conf_roles_keys, CONF_ROLES_KEYS, c, c->lines,
	    e)) == 0)
		r = conf_defaults(file, 0, conf_roles_keys, CONF_ROLES_KEYS, c,
		    c->lines, e);
	conf_tree_free(t);
	return r;
}

void
conf_roles_free(struct conf_roles *c)
{
	conf_wipe(conf_roles_keys, CONF_ROLES_KEYS, c);
}

/* Rule "i" is whole and no other before it has its profile. */
static int
check_rule(const char *file, const struct conf_approval *c, size_t i,
    struct conf_error *e)
{
	const struct conf_rule *rule = &c->rules[i];
	size_t j;

	for (j = 0; j < i; j++)
		if (strcmp(c->rules[j].profile, rule->profile) == 0)
			return conf_fail(e, file, rule->line, "expected one "
			    "rule for profile \"%s\", found the second (the "
			    "first is in line %d)", rule->profile,
			    c->rules[j].line);
	for (j = 0; rule->targets[j] != NULL; j++)
		if (strcmp(rule->targets[j], "local") != 0)
			return conf_fail(e, file, rule->lines[RULE_TARGETS],
			    "targets: expected \"local\" (the only target of "
			    "this version), found \"%s\"", rule->targets[j]);
	return 0;
}

int
conf_approval_read(const char *file, const char *text, size_t n,
    struct conf_approval *c, struct conf_error *e)
{
	struct conf_tree *t = NULL;
	struct conf_rule *rule;
	int r, i, count;

	if ((r = conf_parse(file, text, n, &t, e)) != 0)
		return r;
	if ((count = conf_groups(t, "rules", CONF_RULES_MAX, e)) < 0) {
		r = ERR_FORMAT;
		goto out;
	}
	c->rules = calloc((size_t)count + 1, sizeof(*c->rules));
	if (c->rules == NULL) {
		r = ERR_NOMEM;
		goto out;
	}
	for (i = 0; i < count; i++) {
		rule = &c->rules[i];
		c->n++;
		if ((r = conf_read_group(t, i, conf_rule_keys, CONF_RULE_KEYS,
		    rule, rule->lines, &rule->line, e)) != 0 ||
		    (r = conf_defaults(file, rule->line, conf_rule_keys,
		    CONF_RULE_KEYS, rule, rule->lines, e)) != 0 ||
		    (r = check_rule(file, c, (size_t)i, e)) != 0)
			break;
	}
out:
	conf_tree_free(t);
	return r;
}

void
conf_approval_free(struct conf_approval *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		conf_wipe(conf_rule_keys, CONF_RULE_KEYS, &c->rules[i]);
	free(c->rules);
	c->rules = NULL;
	c->n = 0;
}
