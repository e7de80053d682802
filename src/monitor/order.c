/* order.c - the comparison that stands between the ledger and a start. */
#include "monitor/order.h"

#include <string.h>

#include "base/strv.h"

#define SYSTEM_PREFIX	"_sekisho-"	/* accounts of the gate itself */

int
order_is_allowed(const struct snapshot *s, const char *user,
    const struct msg_order *o)
{
	const struct msg_snap_person *p = snapshot_person(s, user);
	const struct msg_snap_rule *rule = snapshot_rule(s, o->profile);

	return p != NULL && p->active && p->uid != 0 &&
	    (p->roles & PERSON_OPERATOR) != 0 && rule != NULL &&
	    strv_has(rule->operators, user) &&
	    strv_has(rule->run_as, o->run_as) &&
	    strv_has(rule->targets, o->target);
}

int
order_reads_input(const char *input, int has_pty)
{
	if (strcmp(input, "none") == 0)
		return 0;
	return strcmp(input, "tty") != 0 || has_pty;
}

/* A stream that is hashed or piped is no terminal. */
static int
input_fits(const char *input, int has_pty)
{
	return !has_pty || (strcmp(input, "pipe") != 0 &&
	    strncmp(input, "sha256:", 7) != 0);
}

static int
input_is_known(const char *input)
{
	static const char *const words[] = { "none", "tty", "pipe", "any" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(input, words[i]) == 0)
			return 1;
	return strncmp(input, "sha256:", 7) == 0 &&
	    strlen(input) == 7 + 2 * DIGEST_LEN;
}

/* The command is what was typed, or what the number stands for. */
static int
command_agrees(const struct msg_order *o, const struct order_evidence *e)
{
	if (strv_len(o->argv) == 0 || o->request == 0)
		return 0;
	if (e->request == 0)
		return strv_equal(o->argv, e->argv);
	return o->request == e->request &&
	    (e->step == 0 || o->step == e->step);
}

/* Name of the first field that no honest ledger could send, or NULL. */
static const char *
first_difference(const struct msg_order *o, const struct order_evidence *e)
{
	const struct msg_snap_profile *profile;

	if (strcmp(o->operator, e->user) != 0)
		return "operator";
	if (!command_agrees(o, e))
		return "argv";
	if (o->session == 0 || o->uuid.n != UUID_LEN ||
	    o->request_digest.n != DIGEST_LEN || o->exe_digest.n != DIGEST_LEN)
		return "ids";
	if (o->exe[0] != '/')
		return "exe";
	if (strcmp(o->target, "local") != 0)
		return "target";
	if (!input_is_known(o->input))
		return "input";
	if (strcmp(o->on_disconnect, "kill") != 0 &&
	    strcmp(o->on_disconnect, "continue") != 0)
		return "on_disconnect";
	if (strncmp(o->run_as, SYSTEM_PREFIX, strlen(SYSTEM_PREFIX)) == 0 ||
	    snapshot_runas(e->snap, o->run_as) == NULL)
		return "run_as";
	if (!order_is_allowed(e->snap, e->user, o))
		return "rule";
	profile = snapshot_profile(e->snap, o->profile);
	if (profile == NULL || profile->digest.n != DIGEST_LEN ||
	    o->profile_digest.n != DIGEST_LEN ||
	    memcmp(profile->digest.p, o->profile_digest.p, DIGEST_LEN) != 0)
		return "profile";
	return NULL;
}

enum order_verdict
order_compare(const struct msg_order *o, const struct order_evidence *e,
    const char **what)
{
	*what = "snapshot";
	if (e->snap == NULL || o->snapshot != e->snap->serial)
		return ORDER_STALE;
	if ((*what = first_difference(o, e)) != NULL)
		return ORDER_DIFFERS;
	*what = "window";
	if (e->now > o->window_end)
		return ORDER_LATE;
	*what = "input";
	if (!input_fits(o->input, e->has_pty))
		return ORDER_INPUT;
	*what = NULL;
	return ORDER_FITS;
}
