/* on_local.c - the local door: uid to person, caps, and a no for everybody else. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "ledgerd/local.h"
#include "request/decide.h"

#define SOURCE	"local"		/* in entries and answers, where an address stands else */

int
local_is(const struct client *p)
{
	return p->monitor == &p->ld->door;
}

static int
is_run_as(const struct snapshot *s, uint32_t uid)
{
	size_t i;

	for (i = 0; i < s->nrunas; i++)
		if (s->runas[i].uid == uid)
			return 1;
	return 0;
}

/*
 * Root is nobody here: it can become anybody, and what it says proves
 * nothing.  Neither is an account that jobs run as.
 */
static const struct msg_snap_person *
person_of(const struct snapshot *s, uint32_t uid)
{
	size_t i;

	if (s == NULL || uid == 0 || uid == UINT32_MAX || is_run_as(s, uid))
		return NULL;
	for (i = 0; i < s->npeople; i++)
		if (s->people[i].uid == uid)
			return decide_has_role(s, s->people[i].name, ~0U) ?
			    &s->people[i] : NULL;
	return NULL;
}

/* Channels at the door: of this person; NULL: of root, or of strangers. */
static unsigned int
count(const struct ledgerd *ld, const char *name, int is_root)
{
	const struct client *p;
	unsigned int n = 0;

	for (p = ld->clients; p != NULL; p = p->next)
		if (local_is(p) && !p->is_gone && p->is_root == is_root &&
		    strcmp(p->user, name == NULL ? "" : name) == 0)
			n++;
	return n;
}

/* Neither strangers nor people keep root from the status, nor root them. */
static int
is_crowded(const struct ledgerd *ld, const char *name, int is_root)
{
	if (is_root)
		return count(ld, NULL, 1) >= LOCAL_UID_MAX;
	if (name == NULL)
		return count(ld, NULL, 0) >= STRANGERS_MAX;
	return ld->door.npersons >= LOCALS_MAX + STRANGERS_MAX +
	    LOCAL_UID_MAX || count(ld, name, 0) >= LOCAL_UID_MAX;
}

/* Strangers are counted like refused logins: one entry a minute, however many there are. */
static int
note_stranger(struct ledgerd *ld)
{
	struct refused_sum *sum;

	return refused_add(ld->refused, SOURCE, LOGIN_NO_ROLE, clock_unix(),
	    &sum);
}

static int
bind_caller(struct ledgerd *ld, uint32_t uid, int fd)
{
	const struct msg_snap_person *who = person_of(ld->snap, uid);
	struct client *p;

	if (ld->is_draining || is_crowded(ld, who == NULL ? NULL :
	    who->name, uid == 0)) {
		log_debug("local door: too many or too late uid=%u", uid);
		close(fd);
		return 0;
	}
	if ((p = client_new(ld, fd, &ld->door)) == NULL)
		return ERR_NOMEM;
	memcpy(p->source, SOURCE, sizeof(SOURCE));
	if (who != NULL) {
		snprintf(p->user, sizeof(p->user), "%s", who->name);
		return 0;
	}
	log_debug("local door: nobody of this gate uid=%u", uid);
	p->is_root = uid == 0;
	/* root may come for the status; it is counted when it wants more */
	return p->is_root ? 0 : note_stranger(ld);
}

int
on_bind_local(void *ctx, struct msg *m)
{
	struct msg_bind_local b = { 0 };
	int fd, r;

	if ((r = msg_bind_local_get(m->body, &b)) != 0)
		return r;
	if ((fd = msg_take_fd(m, 0)) < 0)
		return ERR_FORMAT;
	return bind_caller(ctx, b.uid, fd);
}

int
local_turn_away(struct client *p, struct msg *m)
{
	static const char no[] = "{\"code\":\"NOT-ALLOWED\",\"next\":\"\","
	    "\"reason\":\"this account is nobody at this gate\"}";
	struct msg_reply reply = { 0 };
	int r;

	if (p->is_root && (r = note_stranger(p->ld)) != 0)
		return r;
	if (m->type != MSG_CALL)
		return ERR_DENIED;
	reply.code = (char *)(uintptr_t)
	    sekisho_code_word(SEKISHO_CODE_NOT_ALLOWED);
	reply.body = (struct blob){ (uint8_t *)(uintptr_t)no, sizeof(no) - 1 };
	r = chan_put_reply(p->chan, m->id, &reply, NULL, 0);
	return r != 0 ? r : ERR_CLOSED;
}
