/* on_login.c - who is behind a monitor: logins, refused ones, channels bound to a person. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/backoff.h"
#include "ledgerd/disk.h"
#include "ledgerd/inside.h"
#include "ledgerd/unknown.h"
#include "request/decide.h"

/* The address without its port: "192.0.2.7:4711", "[2001:db8::1]:4711". */
static void
address(char out[SOURCE_MAX + 1], const char *source)
{
	const char *colon = strrchr(source, ':');
	size_t n = strlen(source);

	if (colon != NULL && (source[0] == '[' ||
	    strchr(source, ':') == colon))
		n = (size_t)(colon - source);
	if (n > SOURCE_MAX)
		n = SOURCE_MAX;
	memcpy(out, source, n);
	out[n] = '\0';
}

/* Where the client comes from is what sekishod said when it bound the monitor. */
static int
same_source(const struct client *p, const char *source)
{
	if (strcmp(source, p->source) == 0)
		return 0;
	log_error("monitor names another source bound=%s said=%s", p->source,
	    source);
	return ERR_DENIED;
}

/* Must "user" be let in?  The monitor has asked PAM; this is the policy of now. */
static int
may_log_in(struct ledgerd *ld, const char *user, struct req_refusal *why)
{
	if (ld->is_draining)
		return req_refuse(why, SEKISHO_CODE_STOPPING, "",
		    "the gate is stopping");
	if (ld->snap == NULL)
		return req_refuse(why, SEKISHO_CODE_UNAVAILABLE, "",
		    "the gate has no policy yet");
	if (!decide_has_role(ld->snap, user, ~0U))
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "",
		    "this account holds no role");
	return 0;
}

/* As may_log_in(), for a login that begins: the monitor may not have heard yet that a key is asked for. */
static int
may_come_in(struct ledgerd *ld, const struct msg_login *b,
    struct req_refusal *why)
{
	int r;

	if ((r = may_log_in(ld, b->user, why)) != 0)
		return r;
	if (ld->snap->head.public_key == KEY_FACTOR_REQUIRED &&
	    b->key[0] == '\0')
		return req_refuse(why, SEKISHO_CODE_NOT_ALLOWED, "",
		    "a login needs a key by now, and none was shown");
	return 0;
}

int
on_login(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct req_refusal why;
	struct msg_login b = { 0 };
	json_t *e;
	int r;

	if ((r = msg_login_get(m->body, &b)) != 0)
		return r;
	if ((r = same_source(p, b.source)) != 0)
		goto out;
	r = may_come_in(p->ld, &b, &why);
	e = book_entry(r == 0 ? "login" : "login-refused", b.user);
	if (entry_text(e, "source", b.source) != 0 ||
	    entry_text(e, "method", b.method) != 0 ||
	    (b.key[0] != '\0' && entry_text(e, "key", b.key) != 0) ||
	    (r != 0 && entry_text(e, "reason", why.reason) != 0)) {
		json_decref(e);
		r = ERR_NOMEM;
		goto out;
	}
	if (r == 0 && (r = book_alone(p->ld, e)) == 0) {
		if (p->ld->backoff != NULL)
			(void)backoff_passed(p->ld->backoff, b.user);
		memcpy(p->user, b.user, strlen(b.user) + 1);
		p->state = PS_IN;
		if ((r = client_ack(p, m->id)) == 0)
			r = disk_tell(p);
	} else if (r == ERR_DENIED && (r = book_alone(p->ld, e)) == 0)
		r = client_refuse(p, m->id, &why);
	/* who comes in is written down, or does not come in */
	if (r == ERR_FULL) {
		(void)disk_is_full(&why);
		r = client_refuse(p, m->id, &why);
	}
out:
	msg_login_free(&b);
	return r;
}

static int
commit_name(struct ledgerd *ld, const char *name, struct refused_sum *sum)
{
	uint8_t commitment[32];
	int r;

	if (!refused_has_room(sum))
		return 0;
	if ((r = unknown_keep(ld, name, strlen(name), sum->minute,
	    commitment)) == 0)
		refused_unknown(sum, commitment);
	return r;
}

/* Somebody said something that was wrong: it may have been a guess. */
static int
is_guess(uint8_t why)
{
	return why == LOGIN_UNKNOWN || why == LOGIN_BAD ||
	    why == LOGIN_LOCKED || why == LOGIN_NO_ROLE;
}

/* How much later the client hears it.  A monitor that does not wait for it (its client left) is no error here. */
static int
answer_failed(struct client *p, uint32_t id, const struct msg_login_failed *b)
{
	struct msg_backoff out = { 0 };
	int r = 0;

	if (p->ld->backoff != NULL)
		r = backoff_failed(p->ld->backoff, b->user,
		    clock_mono_ms() / 1000, is_guess(b->why), &out.extra_ms);
	if (r == 0)
		r = chan_put_backoff(p->chan, id, &out, NULL, 0);
	return r == ERR_CLOSED ? 0 : r;
}

/* Into the sum of its minute, which becomes an entry. */
static int
count_failed(struct client *p, const struct msg_login_failed *b)
{
	char source[SOURCE_MAX + 1];
	struct refused_sum *sum;
	int r;

	address(source, p->source);
	r = refused_add(p->ld->refused, source, b->why, clock_unix(), &sum);
	if (r != 0 || b->user[0] == '\0')
		return r;
	if (p->ld->snap != NULL &&
	    snapshot_person(p->ld->snap, b->user) != NULL) {
		refused_known(sum, b->user);
		return 0;
	}
	return commit_name(p->ld, b->user, sum);
}

int
on_login_failed(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_login_failed b = { 0 };
	int r;

	if ((r = msg_login_failed_get(m->body, &b)) != 0)
		return r;
	/* first the book: whoever guesses and leaves at once waits for no answer */
	if ((r = same_source(p, b.source)) == 0 &&
	    (r = count_failed(p, &b)) == 0)
		r = answer_failed(p, m->id, &b);
	msg_login_failed_free(&b);
	return r;
}

int
on_logout(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_logout b = { 0 };
	json_t *e;
	int r;

	if ((r = msg_logout_get(m->body, &b)) != 0)
		return r;
	if (strcmp(b.user, p->user) != 0)
		r = ERR_DENIED;
	else {
		e = book_entry("logout", p->user);
		(void)entry_text(e, "source", p->source);
		if (b.reason[0] != '\0')
			(void)entry_text(e, "reason", b.reason);
		r = book_alone(p->ld, e);
	}
	msg_logout_free(&b);
	return r;
}

static int
bind_person(struct client *p, uint32_t id)
{
	struct client *person;
	int fds[2], r;

	if ((r = chan_pair(fds)) != 0)
		return r;
	person = client_new(p->ld, fds[0], p);
	if (person == NULL) {
		fd_close(&fds[1]);
		return ERR_NOMEM;
	}
	memcpy(person->user, p->user, sizeof(person->user));
	memcpy(person->source, p->source, sizeof(person->source));
	r = chan_put_bound(p->chan, id, NULL, &fds[1], 1);
	fd_close(&fds[1]);
	return r;
}

/* A channel that speaks for the person who logged in, and for nobody else. */
int
on_bind(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct req_refusal why;
	struct msg_bind b = { 0 };
	int r;

	if ((r = msg_bind_get(m->body, &b)) != 0)
		return r;
	if (strcmp(b.user, p->user) != 0) {
		log_error("monitor speaks for another person user=%s asked=%s",
		    p->user, b.user);
		r = ERR_DENIED;
	} else if (p->npersons >= PERSONS_MAX ||
	    p->ld->npersons >= PERSONS_SUM_MAX) {
		(void)req_refuse(&why, SEKISHO_CODE_LIMIT, "",
		    "too many gateway words run at the same time already");
		r = client_no(p, m->id, &why, "a gateway word");
	} else if ((r = may_log_in(p->ld, p->user, &why)) == ERR_DENIED)
		r = client_no(p, m->id, &why, "a gateway word");
	else if (r == 0)
		r = bind_person(p, m->id);
	msg_bind_free(&b);
	return r;
}
