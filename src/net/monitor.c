/* monitor.c - what the monitor says while the loop runs: one table. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "net/net.h"

/* Messages before the client gets its turn again. */
#define MESSAGES_PER_TURN	32

/* A byte moved at *at_ms in channel "id": said once. */
static int
tell_move(struct net *n, uint32_t id, int64_t *at_ms)
{
	struct msg_chan_active m = { 0 };
	int64_t ago;

	if (*at_ms == 0)
		return 0;
	ago = clock_mono_ms() - *at_ms;
	m.ago_ms = ago < 0 ? 0 : ago > UINT32_MAX ? UINT32_MAX :
	    (uint32_t)ago;
	*at_ms = 0;
	return chan_put_chan_active(n->mon, id, &m, NULL, 0);
}

/* Where bytes moved since the last time; NO_CHANNEL: in one that is closed. */
static int
tell_moves(struct net *n)
{
	struct channel *ch;
	size_t i;
	int r = 0;

	for (i = 0; i < n->nchannels && r == 0; i++) {
		ch = n->channels[i];
		if (!ch->is_closed) {
			r = tell_move(n, ch->id, &ch->moved_ms);
			continue;
		}
		if (ch->moved_ms > n->moved_ms)
			n->moved_ms = ch->moved_ms;
		ch->moved_ms = 0;
	}
	return r == 0 ? tell_move(n, NO_CHANNEL, &n->moved_ms) : r;
}

static int
on_ping(void *ctx, struct msg *m)
{
	struct net *n = ctx;
	int r;

	if (buf_len(m->body) != 0)
		return ERR_FORMAT;
	if (n->state == NET_OPEN && (r = tell_moves(n)) != 0)
		return r;
	return chan_put_pong(n->mon, m->id, NULL, NULL, 0);
}

/* Outside a dialogue only the end can be said: too many offers. */
static int
on_end(void *ctx, struct msg *m)
{
	struct net *n = ctx;
	struct msg_auth_result res;
	int r;

	if ((r = msg_auth_result_get(m->body, &res)) != 0)
		return r;
	if (res.result != AUTH_END)
		return ERR_STATE;
	n->is_over = 1;
	return 0;
}

/* A channel that the client closed meanwhile is no error: NULL. */
static struct channel *
channel_of(struct net *n, struct msg *m)
{
	struct channel *ch = channel_find(n, m->id);

	return ch == NULL || ch->is_closed ? NULL : ch;
}

static int
on_streams(void *ctx, struct msg *m)
{
	struct net *n = ctx;
	struct channel *ch = channel_of(n, m);
	struct msg_chan_streams s;
	int r, i;

	if ((r = msg_chan_streams_get(m->body, &s)) != 0)
		return r;
	if (m->nfds != (s.has_err ? 2U : 1U))
		return ERR_FORMAT;
	if (ch == NULL)
		return 0;
	if (!ch->is_started || ch->has_streams || ch->has_exit)
		return ERR_STATE;
	for (i = 0; i < 2; i++) {
		ch->fd[i] = msg_take_fd(m, (size_t)i);
		ch->at_end[i] = ch->fd[i] < 0;
		if (ch->fd[i] >= 0 && (r = fd_set_nonblock(ch->fd[i], 1)) != 0)
			return r;
	}
	ch->has_streams = 1;
	ch->reads_input = s.reads_input != 0 && !ch->is_deaf;
	return 0;
}

/* Said as soon as it is known: what comes until the streams are there is input that nothing reads, too. */
static int
on_no_input(void *ctx, struct msg *m)
{
	struct net *n = ctx;
	struct channel *ch = channel_of(n, m);
	struct msg_chan_no_input no;
	int r;

	if ((r = msg_chan_no_input_get(m->body, &no)) != 0)
		return r;
	if (ch == NULL)
		return 0;
	if (!ch->is_started || ch->has_streams || ch->has_exit)
		return ERR_STATE;
	ch->is_deaf = 1;
	return 0;
}

static int
on_text(void *ctx, struct msg *m)
{
	struct net *n = ctx;
	struct channel *ch = channel_of(n, m);
	struct msg_chan_text t;
	int r;

	if ((r = msg_chan_text_get(m->body, &t)) != 0)
		return r;
	if (ch != NULL && (!ch->is_started || ch->has_exit))
		r = ERR_STATE;
	else if (ch != NULL)
		r = channel_text(ch, t.text.p, t.text.n);
	msg_chan_text_free(&t);
	return r;
}

static int
on_exit_status(void *ctx, struct msg *m)
{
	struct net *n = ctx;
	struct channel *ch = channel_of(n, m);
	struct msg_chan_exit e;
	int r;

	if ((r = msg_chan_exit_get(m->body, &e)) != 0)
		return r;
	if (ch != NULL && ch->has_exit)
		r = ERR_STATE;
	else if (ch != NULL) {
		ch->has_exit = 1;
		ch->status = e.status;
		memcpy(ch->signal, e.signal, strlen(e.signal) + 1);
	}
	msg_chan_exit_free(&e);
	return r;
}

/* The connection is closed, and the client may read why. */
static int
on_bye(void *ctx, struct msg *m)
{
	struct net *n = ctx;
	struct msg_bye bye;
	int r;

	if ((r = msg_bye_get(m->body, &bye)) != 0)
		return r;
	client_set_goodbye(n->client, bye.text);
	n->is_over = 1;
	msg_bye_free(&bye);
	return 0;
}

static const struct msg_rule rules[] = {
	{ NET_LOGIN | NET_OPEN,	MSG_PING,	on_ping },
	{ NET_LOGIN,	MSG_AUTH_RESULT,	on_end },
	{ NET_OPEN,	MSG_CHAN_STREAMS,	on_streams },
	{ NET_OPEN,	MSG_CHAN_NO_INPUT,	on_no_input },
	{ NET_OPEN,	MSG_CHAN_TEXT,		on_text },
	{ NET_OPEN,	MSG_CHAN_EXIT,		on_exit_status },
	{ NET_OPEN,	MSG_BYE,		on_bye },
};

int
monitor_read(struct net *n)
{
	struct msg m;
	int i, r;

	for (i = 0; i < MESSAGES_PER_TURN; i++) {
		if ((r = chan_recv(n->mon, &m)) != 0)
			return r == 1 ? 0 : r;
		r = msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]),
		    (unsigned int)n->state, n, &m);
		if (r != 0)
			log_error("monitor refused msg=%s error=%s",
			    msg_name((unsigned int)m.type), err_name(r));
		msg_done(&m);
		if (r != 0)
			return r;
	}
	return 0;
}
