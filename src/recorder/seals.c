/* seals.c - what keyd may say when, and what comes of it. */
#include "recorder/seals.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

#define MESSAGES_A_TURN	16	/* one question, one answer: more is no keyd of ours */
#define REMADE_MAX	4	/* headers; an epoch lasts at least a minute */

_Static_assert(SEAL_HEAD == (int)SKR_SEAL_HEAD &&
    SEAL_CKPT == (int)SKR_SEAL_CKPT && SEAL_END == (int)SKR_SEAL_END &&
    SEAL_RECOVERED == (int)SKR_SEAL_MARK,
    "skr.h and msg.h number the seals alike");

void
seals_init(struct seals *s)
{
	memset(s, 0, sizeof(*s));
	s->state = SEALS_NONE;
}

void
seals_close(struct seals *s)
{
	chan_free(s->chan);
	s->chan = NULL;
	s->state = SEALS_NONE;
}

/* No more seals from this one. */
static void
give_up(struct seals *s, int64_t now_ns, const char *why)
{
	log_warn("seals: channel to the keys given up: %s", why);
	seals_close(s);
	if (s->away_ns == 0)
		s->away_ns = now_ns;
}

void
seals_take(struct seals *s, int fd, int64_t now_ns)
{
	seals_close(s);
	if ((s->chan = chan_new(fd, PEER_R, PEER_K)) == NULL) {
		give_up(s, now_ns, "no memory");
		return;
	}
	s->state = SEALS_BINDING;
	if (s->away_ns == 0)
		s->away_ns = now_ns;
}

/* The epoch in force: a header that is not sealed yet must name it. */
static int
on_bound(void *ctx, struct msg *m)
{
	struct seals *s = ctx;
	struct msg_seal_bound b;
	int r;

	if ((r = msg_seal_bound_get(m->body, &b)) != 0)
		return r;
	if (b.epoch == 0 || b.public_key.n != SKR_DIGEST) {
		log_error("seals: an epoch that cannot be");
		r = ERR_FORMAT;
	} else if (s->state == SEALS_ASKED && (s->kind != SKR_SEAL_HEAD ||
	    ++s->remade > REMADE_MAX)) {
		log_error("seals: an epoch where a seal was awaited");
		r = ERR_STATE;
	} else if (s->header != NULL) {
		s->header->epoch.nr = b.epoch;
		s->header->epoch.start_ns = b.start;
		memcpy(s->header->epoch.key, b.public_key.p, SKR_DIGEST);
		s->header->clock.unix_ns = clock_unix_ns();
		s->header->clock.boot_ns = (uint64_t)clock_mono_ns();
		s->writer_error = r = writer_header(s->writer, s->header);
	}
	if (r == 0)
		s->state = SEALS_IDLE;
	msg_seal_bound_free(&b);
	return r;
}

/* Is that what the writer still wants? */
static int
is_wanted(const struct seals *s)
{
	uint8_t digest[SKR_DIGEST];
	unsigned int kind;

	return writer_wants_seal(s->writer, &kind, digest) &&
	    kind == s->kind && memcmp(digest, s->digest, SKR_DIGEST) == 0;
}

static int
on_sealed(void *ctx, struct msg *m)
{
	struct seals *s = ctx;
	struct msg_sealed a;
	struct seal seal;
	int r;

	if ((r = msg_sealed_get(m->body, &a)) != 0)
		return r;
	if (m->id != s->id || a.signature.n != sizeof(seal.signature)) {
		log_error("seals: an answer to another question");
		r = ERR_FORMAT;
		goto out;
	}
	s->state = SEALS_IDLE;
	s->away_ns = 0;
	if (!is_wanted(s))
		goto out;		/* END came between */
	seal.epoch = a.epoch;
	seal.time_ns = a.at;
	memcpy(seal.signature, a.signature.p, sizeof(seal.signature));
	r = writer_sealed(s->writer, clock_mono_ns(), &seal);
	if (r == ERR_DENIED)
		log_error("seals: time or epoch goes back, or is another");
	else
		s->writer_error = r;
	if (writer_is_open(s->writer))
		s->header = NULL;
out:
	msg_sealed_free(&a);
	return r;
}

static int
on_refused(void *ctx, struct msg *m)
{
	struct msg_refused no;
	int r;

	(void)ctx;
	if ((r = msg_refused_get(m->body, &no)) != 0)
		return r;
	log_error("seals: refused: %s", no.reason);
	msg_refused_free(&no);
	return ERR_DENIED;
}

static const struct msg_rule rules[] = {
	{ SEALS_BINDING | SEALS_ASKED,	MSG_SEAL_BOUND,	on_bound },
	{ SEALS_ASKED,			MSG_SEALED,	on_sealed },
	{ SEALS_BINDING | SEALS_ASKED,	MSG_REFUSED,	on_refused },
};

int
seals_hear(struct seals *s, int64_t now_ns)
{
	struct msg m;
	int i, r = 0;

	if (s->chan == NULL)
		return 0;
	for (i = 0; r == 0 && i < MESSAGES_A_TURN; i++) {
		if ((r = chan_recv(s->chan, &m)) != 0)
			break;
		r = msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]),
		    s->state, s, &m);
		msg_done(&m);
	}
	if (s->writer_error != 0) {
		r = s->writer_error;
		s->writer_error = 0;
		return r;
	}
	if (r < 0)
		give_up(s, now_ns, err_name(r));
	else if (s->chan != NULL && (r = chan_flush(s->chan)) != 0)
		give_up(s, now_ns, err_name(r));
	return 0;
}

void
seals_ask(struct seals *s, int64_t now_ns)
{
	struct msg_seal_sign q = { .digest = { s->digest, SKR_DIGEST } };
	int r;

	if (s->writer == NULL || (s->state & (SEALS_IDLE | SEALS_NONE |
	    SEALS_BINDING)) == 0)
		return;
	if (!writer_wants_seal(s->writer, &s->kind, s->digest)) {
		if (s->state == SEALS_IDLE)
			s->away_ns = 0;
		return;
	}
	if (s->away_ns == 0)
		s->away_ns = now_ns;
	if (s->state != SEALS_IDLE)
		return;
	q.kind = (uint8_t)s->kind;
	if (s->kind == SKR_SEAL_HEAD && s->header != NULL)
		q.epoch = s->header->epoch.nr;
	if ((r = chan_put_seal_sign(s->chan, ++s->id, &q, NULL, 0)) != 0)
		give_up(s, now_ns, err_name(r));
	else
		s->state = SEALS_ASKED;
}
