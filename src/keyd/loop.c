/* loop.c - one poll loop over sekishod, ledgerd and the seal channels. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "keyd/inside.h"

#define TURN		8		/* messages of one peer, then the others have theirs */
#define FIRST_SEAL	2		/* in the pollfds: behind sekishod and ledgerd */

int
keyd_broken(struct keyd *k, int err)
{
	if (err != 0 && k->status == 0)
		k->status = KEYD_IOERR;
	return err;
}

static int
on_bind_keys(void *ctx, struct msg *m)
{
	struct msg_bind_keys b;
	int fd, r;

	if ((r = msg_bind_keys_get(m->body, &b)) != 0)
		return r;
	msg_bind_keys_free(&b);
	if ((fd = msg_take_fd(m, 0)) < 0)
		return ERR_FORMAT;
	return ledger_bind(ctx, fd);
}

static int
on_seal_channel(void *ctx, struct msg *m)
{
	struct msg_seal_channel c;
	int r;

	if ((r = msg_seal_channel_get(m->body, &c)) != 0)
		return r;
	if (m->nfds != 1 || (c.uuid.n != 0 && (c.uuid.n != UUID_LEN ||
	    c.session == 0)))
		r = ERR_FORMAT;
	else
		r = seals_new(ctx, msg_take_fd(m, 0), c.session, c.uuid.p);
	msg_seal_channel_free(&c);
	return r;
}

/* sekishod is not argued with: what it says wrongly ends us, and it starts us anew. */
static int
serve_daemon(struct keyd *k)
{
	static const struct msg_rule rules[] = {
		{ 1, MSG_BIND_KEYS, on_bind_keys },
		{ 1, MSG_SEAL_CHANNEL, on_seal_channel },
	};
	struct msg m;
	int r = 0;

	while (r == 0 && k->status == 0) {
		if ((r = chan_recv(k->d, &m)) != 0)
			break;
		r = msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 1, k,
		    &m);
		msg_done(&m);
	}
	if (r == 1 || r == 0)
		return 0;
	if (r == ERR_CLOSED) {
		k->is_done = 1;
		return 0;
	}
	return r;
}

static void
serve_ledger(struct keyd *k)
{
	struct msg m;
	int i, r = 0;

	for (i = 0; i < TURN && r == 0 && k->status == 0; i++) {
		if ((r = chan_recv(k->ledger, &m)) != 0)
			break;
		r = on_ledger(k, &m);
		msg_done(&m);
	}
	if (r == 0 || r == 1)
		return;
	if (r == ERR_CLOSED)
		log_info("ledgerd is gone");
	else if (k->status == 0)
		log_warn("ledgerd's channel dropped error=%s", err_name(r));
	/* nobody binds it anew that lost it for want of memory: a restart does */
	if (r == ERR_NOMEM || r == ERR_CRYPTO)
		(void)keyd_broken(k, r);
	ledger_drop(k);
}

static int
make_room(struct keyd *k, size_t n)
{
	struct pollfd *more;

	if (n <= k->fds_room)
		return 0;
	if ((more = reallocarray(k->fds, n + 16, sizeof(*more))) == NULL)
		return ERR_NOMEM;
	k->fds = more;
	k->fds_room = n + 16;
	return 0;
}

/* A new seal channel stands in front of "first": walks that begin there do not meet it. */
static void
attend_seals(struct seals *first, const struct pollfd *fds)
{
	struct seals *s;
	size_t i;

	for (s = first, i = 0; s != NULL; s = s->next, i++)
		if (fds[i].revents != 0 && !s->is_gone)
			seals_serve(s, TURN);
}

static void
attend_ledger(struct keyd *k, short revents)
{
	if (k->ledger == NULL)
		return;
	if ((revents & POLLOUT) != 0 && chan_flush(k->ledger) != 0)
		ledger_drop(k);
	else if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		serve_ledger(k);
}

static int
round_once(struct keyd *k)
{
	struct pollfd *fds;
	struct seals *s;
	size_t n;
	int r;

	if ((r = make_room(k, FIRST_SEAL + k->nseals)) != 0)
		return r;
	fds = k->fds;
	fds[0] = (struct pollfd){ chan_fd(k->d), chan_events(k->d), 0 };
	fds[1] = (struct pollfd){ -1, 0, 0 };
	if (k->ledger != NULL)
		fds[1] = (struct pollfd){ chan_fd(k->ledger),
		    chan_events(k->ledger), 0 };
	for (s = k->seals, n = FIRST_SEAL; s != NULL; s = s->next, n++)
		fds[n] = (struct pollfd){ chan_fd(s->chan),
		    chan_waiting(s->chan) > 0 ? POLLOUT : POLLIN, 0 };
	if (poll(fds, (nfds_t)n, epoch_wait_ms(k)) < 0) {
		if (errno == EINTR)
			return 0;
		log_errno("poll failed");
		return ERR_SYS;
	}
	attend_seals(k->seals, fds + FIRST_SEAL);
	attend_ledger(k, fds[1].revents);
	/* sekishod last: what was said on a channel before the new one is done */
	if ((fds[0].revents & POLLOUT) != 0)
		(void)chan_flush(k->d);
	return (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 ?
	    serve_daemon(k) : 0;
}

int
keyd_step(struct keyd *k)
{
	int r;

	if ((r = round_once(k)) == 0 && k->status == 0)
		r = epoch_turn(k);
	seals_sweep(k);
	if (r != 0)
		log_error("stopping error=%s", err_name(r));
	(void)keyd_broken(k, r);
	return k->status;
}

int
keyd_loop(struct keyd *k)
{
	while (k->status == 0 && !k->is_done)
		(void)keyd_step(k);
	return k->status;
}
