/* people.h - roles.conf (who is what) and approval.conf (who may ask and approve under which profile). */
#ifndef CONFIG_PEOPLE_H
#define CONFIG_PEOPLE_H

#include "config/table.h"

#define CONF_ROLES_KEYS		4
#define CONF_RULE_KEYS		6
#define CONF_RULES_MAX		256

/* Names of accounts, or @GROUP; not expanded here. */
struct conf_roles {
	char	**operators, **approvers, **auditors, **administrators;
	int	 lines[CONF_ROLES_KEYS];	/* in this order */
};

extern const struct conf_key conf_roles_keys[CONF_ROLES_KEYS];

int conf_roles_read(const char *file, const char *text, size_t n,
    struct conf_roles *c, struct conf_error *e);
void conf_roles_free(struct conf_roles *c);

struct conf_rule {
	char	*profile;
	char	**operators, **approvers;	/* empty: everybody with that role */
	char	**run_as, **targets;
	int64_t	 need;
	int	 line;			/* where the rule begins */
	int	 lines[CONF_RULE_KEYS];	/* as conf_rule_keys */
};
enum conf_rule_key {
	RULE_PROFILE, RULE_OPERATORS, RULE_APPROVERS, RULE_RUN_AS,
	RULE_TARGETS, RULE_NEED
};

struct conf_approval {
	struct conf_rule	*rules;
	size_t			 n;
};

extern const struct conf_key conf_rule_keys[CONF_RULE_KEYS];

/* Two rules for one profile are an error.  Free with conf_approval_free(), on errors too. */
int conf_approval_read(const char *file, const char *text, size_t n,
    struct conf_approval *c, struct conf_error *e);
void conf_approval_free(struct conf_approval *c);

#endif
