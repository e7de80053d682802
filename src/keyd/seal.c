/*
 * seal.c - seal channels: each is bound once, to one session, and what it may
 * have signed is that session's header, checkpoints and end, or one mark of a
 * recovery.  The session and the time are ours to put in; a digest is all that
 * the other end gives.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "keyd/inside.h"
#include "record/seal.h"

#define LAST_WORDS	4096		/* messages that a socket can hold */

/* What may be signed when, and what comes after it. */
static const struct step {
	unsigned int	 states;
	enum seal_kind	 kind;
	enum seal_state	 next;
} steps[] = {
	{ SEAL_FRESH,			SEAL_HEAD,	SEAL_OPEN },
	{ SEAL_FRESH | SEAL_OPEN,	SEAL_CKPT,	SEAL_OPEN },
	{ SEAL_FRESH | SEAL_OPEN,	SEAL_END,	SEAL_OVER },
	{ SEAL_RECOVERY,		SEAL_RECOVERED,	SEAL_OVER },
};

/*
 * Is the session bound on a channel that lives?  One that was closed at its
 * other end may not be known as gone yet: it says its last words first.
 */
static int
is_taken(const struct seals *me, const uint8_t *uuid)
{
	struct seals *s;

	for (s = me->k->seals; s != NULL; s = s->next) {
		if (s == me || s->is_gone || s->state == SEAL_NEW ||
		    memcmp(s->uuid, uuid, UUID_LEN) != 0)
			continue;
		seals_serve(s, LAST_WORDS);
		if (!s->is_gone)
			return 1;
	}
	return 0;
}

static int
bind_to(struct seals *s, uint64_t session, const uint8_t *uuid,
    enum seal_state state)
{
	if (is_taken(s, uuid)) {
		log_warn("session has a seal channel already session=S%llu",
		    (unsigned long long)session);
		return ERR_CONFLICT;
	}
	s->session = session;
	memcpy(s->uuid, uuid, UUID_LEN);
	s->state = state;
	return 0;
}

int
seals_new(struct keyd *k, int fd, uint64_t session, const uint8_t *uuid)
{
	struct seals *s;
	int r = 0;

	if ((s = calloc(1, sizeof(*s))) == NULL) {
		fd_close(&fd);
		return ERR_NOMEM;
	}
	s->k = k;
	s->state = SEAL_NEW;
	s->chan = chan_new(fd, PEER_K, (enum peer)(PEER_M | PEER_R));
	if (s->chan == NULL) {
		free(s);
		return ERR_NOMEM;
	}
	if (k->nseals >= SEALS_MAX) {
		log_warn("too many seal channels most=%d", SEALS_MAX);
		r = ERR_LIMIT;
	} else if (uuid != NULL)
		r = bind_to(s, session, uuid, SEAL_RECOVERY);
	s->next = k->seals;
	k->seals = s;
	k->nseals++;
	s->is_gone = r != 0;		/* its peer sees the end and says so */
	return 0;
}

void
seals_free(struct seals *s)
{
	s->k->nseals--;
	chan_free(s->chan);
	free(s);
}

static int
tell_bound(const struct seals *s, uint32_t id)
{
	struct epoch_key *e = &s->k->now;
	struct msg_seal_bound m = { .epoch = e->nr, .start = e->start_ns,
		.public_key = { e->public, ED25519_LEN } };

	return chan_put_seal_bound(s->chan, id, &m, NULL, 0);
}

static int
on_seal_bind(void *ctx, struct msg *m)
{
	struct seals *s = ctx;
	struct msg_seal_bind b;
	int r;

	if ((r = msg_seal_bind_get(m->body, &b)) != 0)
		return r;
	r = b.uuid.n != UUID_LEN || b.session == 0 ? ERR_FORMAT :
	    bind_to(s, b.session, b.uuid.p, SEAL_FRESH);
	msg_seal_bind_free(&b);
	return r != 0 ? r : tell_bound(s, m->id);
}

static int
seal(struct seals *s, uint32_t id, const struct step *step,
    const uint8_t digest[DIGEST_LEN])
{
	uint8_t text[SEAL_TEXT_MAX], signature[ED25519_SIGNATURE];
	struct msg_sealed m = { .epoch = s->k->now.nr,
		.signature = { signature, sizeof(signature) } };
	size_t n;
	int r;

	if ((r = time_next(s->k, &m.at)) != 0)
		return r;
	n = seal_text(text, step->kind, s->uuid, m.epoch, m.at, digest);
	if (n == 0)
		return ERR_INTERNAL;
	if ((r = ed25519_sign(s->k->now.key, text, n, signature)) != 0)
		return keyd_broken(s->k, r);
	s->state = step->next;
	return chan_put_sealed(s->chan, id, &m, NULL, 0);
}

/* A header names its epoch: one that is over by now is made anew by who asks. */
static int
consider(struct seals *s, uint32_t id, const struct msg_seal_sign *q)
{
	const struct step *step = NULL;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i].kind == (enum seal_kind)q->kind &&
		    (steps[i].states & s->state) != 0)
			step = &steps[i];
	if (step == NULL) {
		log_warn("no seal of that kind now session=S%llu kind=%u state=%x",
		    (unsigned long long)s->session, q->kind, s->state);
		return ERR_DENIED;
	}
	if (step->kind != SEAL_HEAD && q->epoch != 0)
		return ERR_FORMAT;
	if (epoch_is_overdue(s->k))
		return ERR_STATE;
	if (step->kind == SEAL_HEAD && q->epoch != s->k->now.nr)
		return ++s->nbounds > BOUNDS_MAX ? ERR_LIMIT :
		    tell_bound(s, id);
	return seal(s, id, step, q->digest.p);
}

static int
on_seal_sign(void *ctx, struct msg *m)
{
	struct msg_seal_sign q;
	int r;

	if ((r = msg_seal_sign_get(m->body, &q)) != 0)
		return r;
	r = q.digest.n != DIGEST_LEN ? ERR_FORMAT : consider(ctx, m->id, &q);
	msg_seal_sign_free(&q);
	return r;
}

static int
handle(struct seals *s, struct msg *m)
{
	static const struct msg_rule rules[] = {
		{ SEAL_NEW, MSG_SEAL_BIND, on_seal_bind },
		{ SEAL_FRESH | SEAL_OPEN | SEAL_RECOVERY, MSG_SEAL_SIGN,
		    on_seal_sign },
	};

	return msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), s->state,
	    s, m);
}

void
seals_serve(struct seals *s, int max)
{
	struct msg m;
	int i, r = 0;

	for (i = 0; i < max && r == 0 && s->k->status == 0; i++) {
		/* who does not read the answers is not heard */
		if ((r = chan_flush(s->chan)) != 0)
			break;
		if (chan_waiting(s->chan) > 0)
			return;
		if ((r = chan_recv(s->chan, &m)) != 0)
			break;
		r = handle(s, &m);
		msg_done(&m);
	}
	if (r == 0 || r == 1)
		return;
	if (r != ERR_CLOSED && s->k->status == 0)
		log_warn("seal channel dropped session=S%llu error=%s",
		    (unsigned long long)s->session, err_name(r));
	s->is_gone = 1;
}

void
seals_sweep(struct keyd *k)
{
	struct seals **at = &k->seals, *s;

	while ((s = *at) != NULL) {
		if (s->is_gone) {
			*at = s->next;
			seals_free(s);
		} else
			at = &s->next;
	}
}
