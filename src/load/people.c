/* people.c - who holds which role, and whether the account is in use. */
#include "load/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/strv.h"
#include "load/accounts.h"

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
people_sort(char **names)
{
	if (names != NULL)
		qsort(names, strv_len(names), sizeof(*names), by_text);
}

static int
add_group(struct policy *p, const char *group, const char *file, int line,
    const char *key, char ***out)
{
	char **members = NULL;
	size_t i;
	int r;

	if ((r = account_members(group, &members)) == ERR_NOTFOUND)
		return conf_fail(&p->error, file, line, "%s: expected a group "
		    "that exists, found \"@%s\"", key, group);
	for (i = 0; r == 0 && members != NULL && members[i] != NULL; i++)
		if (!strv_has(*out, members[i]))
			r = strv_add(out, members[i]);
	strv_free(members);
	return r;
}

int
people_expand(struct policy *p, char *const *words, const char *file, int line,
    const char *key, char ***out)
{
	char **names = NULL;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && words != NULL && words[i] != NULL; i++) {
		if (words[i][0] == '@')
			r = add_group(p, words[i] + 1, file, line, key,
			    &names);
		else if (!strv_has(names, words[i]))
			r = strv_add(&names, words[i]);
	}
	if (r != 0) {
		strv_free(names);
		return r;
	}
	people_sort(names);
	*out = names;
	return 0;
}

static struct msg_snap_person *
find_person(struct policy *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->snap.npeople; i++)
		if (strcmp(p->snap.people[i].name, name) == 0)
			return &p->snap.people[i];
	return NULL;
}

/* Two names with one uid would be two people for four eyes. */
static int
check_uid(struct policy *p, const struct msg_snap_person *who, int line,
    const char *key)
{
	const struct msg_snap_person *other;
	size_t i;

	if (who->uid == 0)
		return conf_fail(&p->error, p->roles_file, line, "%s: expected "
		    "people, found \"%s\" with uid 0", key, who->name);
	for (i = 0; i < p->snap.npeople; i++) {
		other = &p->snap.people[i];
		if (other != who && other->uid == who->uid &&
		    who->uid != UINT32_MAX)
			return conf_fail(&p->error, p->roles_file, line,
			    "%s: expected one account for each person, found "
			    "\"%s\" and \"%s\" with uid %u", key, other->name,
			    who->name, who->uid);
	}
	return 0;
}

/*
 * A name without an account stays in the list, inactive: that a person was
 * deleted must not keep the rest of the policy from being loaded.
 */
static int
new_person(struct policy *p, const char *name, int line, const char *key,
    struct msg_snap_person **out)
{
	struct msg_snap_person *who;
	struct account a;
	void *list = p->snap.people;
	int r;

	if (strlen(name) > USER_MAX)
		return conf_fail(&p->error, p->roles_file, line, "%s: expected "
		    "names of at most %d letters, found \"%s\"", key, USER_MAX,
		    name);
	if (strncmp(name, SYSTEM_PREFIX, strlen(SYSTEM_PREFIX)) == 0)
		return conf_fail(&p->error, p->roles_file, line, "%s: expected "
		    "people, found \"%s\", an account of the gate", key, name);
	if ((r = account_find(name, clock_unix(), &a)) != 0 &&
	    r != ERR_NOTFOUND)
		return r;
	who = policy_grow(&list, &p->snap.npeople, sizeof(*who));
	if (who == NULL) {
		account_free(&a);
		return ERR_NOMEM;
	}
	p->snap.people = list;
	*out = who;
	who->uid = r == 0 ? a.uid : UINT32_MAX;
	who->active = (uint8_t)(r == 0 && a.active);
	who->name = strdup(name);
	who->why = strdup(r == 0 ? a.why : "there is no such account");
	account_free(&a);
	if (who->name == NULL || who->why == NULL)
		return ERR_NOMEM;
	if (!who->active && (r = policy_warn(p, p->roles_file, line,
	    "%s: \"%s\" can do nothing: %s", key, name, who->why)) != 0)
		return r;
	return check_uid(p, who, line, key);
}

static int
add_role(struct policy *p, char *const *words, int line, const char *key,
    enum person_role role)
{
	struct msg_snap_person *who;
	char **names = NULL;
	size_t i;
	int r;

	r = people_expand(p, words, p->roles_file, line, key, &names);
	for (i = 0; r == 0 && names != NULL && names[i] != NULL; i++) {
		if ((who = find_person(p, names[i])) == NULL)
			r = new_person(p, names[i], line, key, &who);
		if (r == 0 && who != NULL)
			who->roles |= (uint32_t)role;
	}
	strv_free(names);
	return r;
}

static int
by_name(const void *a, const void *b)
{
	const struct msg_snap_person *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int
policy_people(struct policy *p)
{
	const struct conf_roles *c = &p->roles;
	const struct {
		char			**words;
		enum person_role	  role;
	} lists[CONF_ROLES_KEYS] = {
		{ c->operators, PERSON_OPERATOR },
		{ c->approvers, PERSON_APPROVER },
		{ c->auditors, PERSON_AUDITOR },
		{ c->administrators, PERSON_ADMINISTRATOR },
	};
	size_t i;
	int r;

	for (i = 0; i < CONF_ROLES_KEYS; i++)
		if ((r = add_role(p, lists[i].words, c->lines[i],
		    conf_roles_keys[i].name, lists[i].role)) != 0)
			return r;
	if (p->snap.npeople > 0)
		qsort(p->snap.people, p->snap.npeople,
		    sizeof(*p->snap.people), by_name);
	return 0;
}
