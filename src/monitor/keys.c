/* keys.c - which key counts, and for whom; what is answered tells nobody who has one. */
#include "monitor/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "monitor/auth.h"
#include "monitor/mon.h"

static int
same(const struct blob *a, const struct blob *b)
{
	return a->n > 0 && a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
}

static void
drop(struct blob *b)
{
	mem_wipe(b->p, b->n);
	b->p = NULL;
	b->n = 0;
}

static void
move(struct blob *to, struct blob *from)
{
	drop(to);
	*to = *from;
	from->p = NULL;
	from->n = 0;
}

void
keys_forget(struct keys *k)
{
	str_wipe(k->user);
	drop(&k->offered);
	drop(&k->factor);
	memset(k, 0, sizeof(*k));
}

/* The name is fixed for as long as the same one comes. */
static int
set_user(struct keys *k, const char *user)
{
	if (k->user != NULL && strcmp(k->user, user) == 0)
		return 0;
	keys_forget(k);
	return (k->user = strdup(user)) == NULL ? ERR_NOMEM : 0;
}

void
keys_saw(struct mon *m, const char *user)
{
	if (m->slice.public_key == KEY_FACTOR_REQUIRED &&
	    set_user(&m->key, user) != 0)
		mon_die(m);
}

/* Names PAM would not see have no keys either. */
static int
is_of(const struct mon *m, const char *user, const struct blob *key)
{
	return m->snap != NULL && auth_name_is_plain(user) &&
	    snapshot_has_key(m->snap, user, key);
}

/*
 * As the policy has it now, too: a connection that began before keys were asked
 * for cannot show any, and does not get past that by taking its time.  One that
 * began under the stricter rule stays under it.
 */
static int
is_asked_for(const struct mon *m)
{
	return m->slice.public_key == KEY_FACTOR_REQUIRED || (m->snap != NULL &&
	    m->snap->head.public_key == KEY_FACTOR_REQUIRED);
}

int
keys_hold(const struct mon *m, const char *user)
{
	const struct keys *k = &m->key;

	if (!is_asked_for(m))
		return 1;
	return k->user != NULL && strcmp(k->user, user) == 0 &&
	    k->factor.n > 0 && is_of(m, user, &k->factor);
}

int
keys_were_all(const struct mon *m, const char **user)
{
	*user = m->key.user;
	return m->key.user != NULL && m->key.factor.n == 0 && m->tries == 0;
}

/*
 * An offer is worth nothing, so it is answered alike for everybody.  Whether it
 * looks like a key at all was for net to see; here it is a row of bytes.
 */
static int
on_offer(struct keys *k, struct msg_auth_key *key,
    struct msg_auth_key_result *res)
{
	res->is_listed = key->blob.n > 0;
	move(&k->offered, &key->blob);
	return 0;
}

/* It counts when sekisho-load read these very bytes out of this person's file. */
static int
on_proof(struct mon *m, struct msg_auth_key *key,
    struct msg_auth_key_result *res)
{
	int r;

	if (!is_of(m, key->user, &key->blob))
		return 0;
	if ((r = sshkey_print(m->key.print, key->blob.p, key->blob.n)) != 0)
		return r;
	move(&m->key.factor, &key->blob);
	res->is_listed = res->is_factor = 1;
	log_debug("key accepted source=%s key=%s", m->source, m->key.print);
	return 0;
}

/* ERR_LIMIT: too many. */
static int
count(struct mon *m, const struct msg_auth_key *key)
{
	if (key->is_proven && same(&m->key.offered, &key->blob)) {
		drop(&m->key.offered);
		return 0;
	}
	return ++m->others > m->slice.max_key_offers ? ERR_LIMIT : 0;
}

int
keys_on_key(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_auth_key_result res = { 0 };
	struct msg_auth_key key;
	int r;

	if ((r = msg_auth_key_get(msg->body, &key)) != 0)
		return r;
	if (m->slice.public_key != KEY_FACTOR_REQUIRED) {
		r = ERR_STATE;		/* net was told so, too */
		goto out;
	}
	policy_catch_up(m);		/* keys as they are now */
	if (m->is_over || (r = set_user(&m->key, key.user)) != 0)
		goto out;
	if (count(m, &key) != 0) {
		auth_cut(m, key.user);
		goto out;
	}
	r = key.is_proven ? on_proof(m, &key, &res) :
	    on_offer(&m->key, &key, &res);
	if (r == 0)
		mon_sent(m, chan_put_auth_key_result(m->net, 0, &res, NULL,
		    0));
out:
	msg_auth_key_free(&key);
	return r;
}
