/* relay.c - bytes between the client's channel and the recorder's sockets, each direction with its own brake. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/net.h"

/* Bytes for the client in one turn of the loop. */
#define TURN_MAX	(128U << 10)

void
rest_free(struct rest *r)
{
	mem_wipe(r->p, r->to);
	memset(r, 0, sizeof(*r));
}

/* Keep a copy of what could not be given away. */
static int
rest_keep(struct rest *r, const uint8_t *p, size_t n)
{
	if ((r->p = malloc(n)) == NULL) {
		log_error("no memory");
		return -1;
	}
	memcpy(r->p, p, n);
	r->from = 0;
	r->to = n;
	return 0;
}

/* Nothing reads the input: say it once, and let ^C on a terminal act. */
static void
drop_input(struct channel *ch, const uint8_t *p, size_t n)
{
	static char name[] = "INT";
	struct msg_chan_signal m = { .name = name };

	if (ch->has_exit || ch->net->is_over)
		return;
	if (ch->has_pty && memchr(p, 0x03, n) != NULL)
		net_check(ch->net, chan_put_chan_signal(ch->net->mon, ch->id,
		    &m, NULL, 0));
	if (ch->told_unread)
		return;
	ch->told_unread = 1;
	net_check(ch->net, chan_put_chan_unread(ch->net->mon, ch->id, NULL,
	    NULL, 0));
}

/* What the recorder's socket takes now; all of it when nobody reads any more. */
static size_t
give(struct channel *ch, const uint8_t *p, size_t n)
{
	ssize_t w;

	do
		w = send(ch->fd[0], p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (w < 0 && errno == EINTR);
	if (w >= 0)
		return (size_t)w;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return 0;
	ch->takes_nothing = 1;		/* the command reads no more */
	return n;
}

size_t
relay_take(struct channel *ch, const uint8_t *p, size_t n)
{
	if (ch->is_done || ch->is_closed || ch->takes_nothing)
		return n;
	if (!ch->has_streams && !ch->is_deaf)
		return ch->has_exit ? n : 0;
	ch->moved_ms = clock_mono_ms();
	if (!ch->reads_input) {
		drop_input(ch, p, n);
		return n;
	}
	return ch->in.p != NULL ? 0 : give(ch, p, n);
}

int
relay_has_input(const struct channel *ch)
{
	if (!ch->has_streams)
		return ch->is_deaf && !ch->is_done && lane_held(ch->lane) > 0;
	return !ch->is_done && (ch->in.p != NULL ||
	    lane_held(ch->lane) > 0 || (ch->got_eof && !ch->sent_eof));
}

/* Everything the library holds in one read: each read opens the window anew. */
static int
fetch(struct channel *ch)
{
	size_t n = lane_held(ch->lane), taken;
	uint8_t *p;
	ssize_t got;

	if ((p = malloc(n)) == NULL) {
		log_error("no memory");
		ch->net->is_over = 1;
		return -1;
	}
	got = lane_read(ch->lane, p, n);
	taken = got > 0 ? relay_take(ch, p, (size_t)got) : 0;
	if (got <= 0 || taken == (size_t)got) {
		free(p);
		return got <= 0 ? -1 : 0;
	}
	ch->in.p = p;
	ch->in.from = taken;
	ch->in.to = (size_t)got;
	return 0;
}

void
relay_input(struct channel *ch)
{
	struct rest *r = &ch->in;

	if ((!ch->has_streams && !ch->is_deaf) || ch->is_done || ch->is_closed)
		return;
	for (;;) {
		if (r->p != NULL) {
			if (!ch->takes_nothing)
				r->from += give(ch, r->p + r->from,
				    r->to - r->from);
			if (!ch->takes_nothing && r->from < r->to)
				return;
			rest_free(r);
		}
		if (lane_held(ch->lane) == 0)
			break;
		if (fetch(ch) != 0)
			break;
	}
	if (ch->has_streams && ch->got_eof && !ch->sent_eof) {
		ch->sent_eof = 1;
		(void)shutdown(ch->fd[0], SHUT_WR);
	}
}

int
relay_wants(const struct channel *ch, int i)
{
	return ch->fd[i] >= 0 && !ch->at_end[i] && !ch->is_done &&
	    !ch->is_closed && ch->out[0].p == NULL && ch->out[1].p == NULL &&
	    lane_room(ch->lane) > 0;
}

/* Write; what a rekey keeps back stays here. */
static void
write_out(struct channel *ch, int i, const uint8_t *p, size_t n)
{
	struct rest *r = &ch->out[i];
	ssize_t w = lane_write(ch->lane, i, p, n);

	if (w < 0) {			/* closed: the sweep will follow */
		rest_free(r);
		ch->at_end[0] = ch->at_end[1] = 1;
		return;
	}
	if (r->p != NULL) {
		r->from += (size_t)w;
		if (r->from == r->to)
			rest_free(r);
	} else if ((size_t)w < n && rest_keep(r, p + w, n - (size_t)w) != 0)
		ch->net->is_over = 1;
}

/* One read from stream "i", one write.  1: something was written. */
static int
pass(struct channel *ch, int i, size_t room)
{
	static uint8_t scratch[TURN_MAX];
	ssize_t n;

	if (ch->fd[i] < 0 || ch->at_end[i] || !ch->is_ready[i])
		return 0;
	do
		n = recv(ch->fd[i], scratch, room < TURN_MAX ? room : TURN_MAX,
		    MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n <= 0) {
		ch->at_end[i] = 1;
		return 0;
	}
	ch->moved_ms = clock_mono_ms();
	write_out(ch, i, scratch, (size_t)n);
	return 1;
}

void
relay_output(struct channel *ch)
{
	size_t room, n;
	int i, k;

	if (ch->is_done || ch->is_closed ||
	    (room = lane_room(ch->lane)) == 0)
		return;
	for (i = 0; i < 2; i++) {
		if (ch->out[i].p == NULL)
			continue;
		n = ch->out[i].to - ch->out[i].from;
		if (n > room)
			n = room;
		write_out(ch, i, ch->out[i].p + ch->out[i].from,
		    n > TURN_MAX ? TURN_MAX : n);
		return;
	}
	for (k = 0; k < 2; k++) {
		i = ch->turn ^ k;
		if (pass(ch, i, room)) {
			ch->turn = !i;
			return;
		}
	}
}
