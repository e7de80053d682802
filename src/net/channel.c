/* channel.c - the table of session channels: from CHAN_OPEN to the last CLOSE. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "net/net.h"

/* Texts of ours that may wait for a client that does not read. */
#define TEXT_WAITING_MAX	(256U << 10)

struct channel *
channel_new(struct net *n, struct lane *l)
{
	struct channel *ch;

	if ((ch = calloc(1, sizeof(*ch))) == NULL)
		return NULL;
	ch->net = n;
	ch->lane = l;
	ch->id = n->next_id++;
	ch->fd[0] = ch->fd[1] = -1;
	ch->moved_ms = clock_mono_ms();
	n->channels[n->nchannels++] = ch;
	return ch;
}

struct channel *
channel_find(struct net *n, uint32_t id)
{
	size_t i;

	for (i = 0; i < n->nchannels; i++)
		if (n->channels[i]->id == id)
			return n->channels[i];
	return NULL;
}

void
channel_close_streams(struct channel *ch)
{
	fd_close(&ch->fd[0]);
	fd_close(&ch->fd[1]);
	rest_free(&ch->in);
	rest_free(&ch->out[0]);
	rest_free(&ch->out[1]);
	ch->at_end[0] = ch->at_end[1] = 1;
}

/* On a terminal in raw mode a line ends with both. */
static size_t
with_returns(uint8_t *to, const uint8_t *p, size_t n)
{
	size_t i, len = 0;

	for (i = 0; i < n; i++) {
		if (p[i] == '\n' && (i == 0 || p[i - 1] != '\r'))
			to[len++] = '\r';
		to[len++] = p[i];
	}
	return len;
}

int
channel_text(struct channel *ch, const uint8_t *p, size_t n)
{
	struct rest *r = &ch->out[ch->has_pty ? 0 : 1];
	size_t have = r->to - r->from;
	uint8_t *room;

	if (n > DATA_MAX || have + 2 * n > TEXT_WAITING_MAX)
		return ERR_LIMIT;
	if (n == 0)
		return 0;
	if ((room = malloc(have + 2 * n)) == NULL)
		return ERR_NOMEM;
	if (have > 0)
		memcpy(room, r->p + r->from, have);
	if (ch->has_pty)
		n = with_returns(room + have, p, n);
	else
		memcpy(room + have, p, n);
	rest_free(r);
	r->p = room;
	r->to = have + n;
	return 0;
}

void
channel_settle(struct channel *ch)
{
	if (ch->is_done || ch->is_closed || !ch->has_exit ||
	    ch->out[0].p != NULL || ch->out[1].p != NULL)
		return;
	if (ch->has_streams && (!ch->at_end[0] || !ch->at_end[1]))
		return;
	ch->is_done = 1;
	lane_exit(ch->lane, ch->status, ch->signal);
	lane_close(ch->lane);
	channel_close_streams(ch);
}

static void
channel_free(struct channel *ch)
{
	channel_close_streams(ch);
	lane_free(ch->lane);
	free(ch);
}

/* The monitor hears CHAN_CLOSED once for every CHAN_OPEN. */
void
channel_sweep(struct net *n)
{
	size_t i, kept = 0;
	struct channel *ch;

	for (i = 0; i < n->nchannels; i++) {
		ch = n->channels[i];
		if (!ch->is_closed) {
			n->channels[kept++] = ch;
			continue;
		}
		if (ch->moved_ms > n->moved_ms)
			n->moved_ms = ch->moved_ms;
		net_check(n, chan_put_chan_closed(n->mon, ch->id, NULL, NULL,
		    0));
		channel_free(ch);
	}
	n->nchannels = kept;
}

void
channel_free_all(struct net *n)
{
	while (n->nchannels > 0)
		channel_free(n->channels[--n->nchannels]);
}
