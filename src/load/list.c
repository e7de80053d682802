/* list.c - the loaded policy as lines for scripts: a kind, a name and values, tabs between them. */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "config/value.h"
#include "load/policy.h"

/* Paths and names hold no control character; what a banner holds is nobody's line. */
static void
list_text(const char *key, const char *text)
{
	const char *p;

	printf("setting\t%s\t", key);
	for (p = text; *p != '\0'; p++)
		putchar((unsigned char)*p < ' ' ? ' ' : *p);
	putchar('\n');
}

static void
list_setting(const struct conf_key *k, const struct conf_sekisho *c)
{
	const void *at = (const char *)c + k->at;
	char *const *words;

	switch (k->type) {
	case CONF_TEXT:
	case CONF_NAME:
	case CONF_PATH:
		list_text(k->name, *(char *const *)at);
		return;
	default:
		break;
	}
	if (!value_is_list(k->type)) {
		printf("setting\t%s\t%" PRId64 "\n", k->name,
		    *(const int64_t *)at);
		return;
	}
	for (words = *(char **const *)at; words != NULL && *words != NULL;
	    words++)
		list_text(k->name, *words);
}

/* person NAME UID ROLE,ROLE active|inactive WHY */
static void
list_person(const struct msg_snap_person *who)
{
	const struct role_name *r;
	const char *comma = "";

	printf("person\t%s\t%" PRIu32 "\t", who->name, who->uid);
	for (r = snapshot_roles; r->bit != 0; r++)
		if ((who->roles & r->bit) != 0) {
			printf("%s%s", comma, r->name);
			comma = ",";
		}
	printf("\t%s\t%s\n", who->active ? "active" : "inactive", who->why);
}

int
policy_list(const struct policy *p)
{
	size_t i;

	for (i = 0; i < conf_sekisho_nkeys; i++)
		list_setting(&conf_sekisho_keys[i], &p->conf);
	for (i = 0; i < p->snap.npeople; i++)
		list_person(&p->snap.people[i]);
	for (i = 0; i < p->snap.nrules; i++)
		printf("rule\t%s\t%" PRIu32 "\n", p->snap.rules[i].profile,
		    p->snap.rules[i].need);
	for (i = 0; i < p->snap.nrunas; i++)
		printf("run_as\t%s\t%" PRIu32 "\n", p->snap.runas[i].name,
		    p->snap.runas[i].uid);
	for (i = 0; p->warnings != NULL && p->warnings[i] != NULL; i++)
		printf("warning\t%s\n", p->warnings[i]);
	return fflush(stdout) != 0 || ferror(stdout) != 0 ? ERR_SYS : 0;
}
