/* loop.c - the one poll loop: client, monitor, streams. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/log.h"
#include "net/net.h"

void
net_check(struct net *n, int r)
{
	if (r == 0 || n->is_over)
		return;
	if (r != ERR_CLOSED)
		log_error("monitor cannot be told error=%s", err_name(r));
	n->is_over = 1;
}

static void
set_tcp(struct net *n, int option, int value)
{
	(void)setsockopt(client_fd(n->client), IPPROTO_TCP, option, &value,
	    sizeof(value));
}

/*
 * Until the first command runs the two sides take turns in small packets.
 * What is said in one turn goes out as one segment; and the client's Nagle
 * waits for our delayed acknowledgement several times during a login (40 ms
 * each), so it is sent at once.  The kernel clears QUICKACK by itself.
 */
int
loop_client_turn(struct net *n)
{
	int r;

	if (n->is_running)
		return client_turn(n->client);
	set_tcp(n, TCP_CORK, 1);
	if ((r = client_turn(n->client)) == 0)
		r = client_settle(n->client);
	set_tcp(n, TCP_CORK, 0);
	set_tcp(n, TCP_QUICKACK, 1);
	return r;
}

static void
poll_set(struct net *n, struct pollfd *p)
{
	size_t i;
	int k;

	p[0].fd = client_fd(n->client);
	p[0].events = client_poll_events(n->client);
	p[1].fd = chan_fd(n->mon);
	p[1].events = chan_events(n->mon);
	for (i = 0; i < n->nchannels; i++)
		for (k = 0; k < 2; k++) {
			struct channel *ch = n->channels[i];
			struct pollfd *s = &p[2 + 2 * i + (size_t)k];

			s->events = (short)
			    ((relay_wants(ch, k) ? POLLIN : 0) |
			    (k == 0 && relay_has_input(ch) ? POLLOUT : 0));
			/* a negative number is passed over, POLLHUP too */
			s->fd = s->events != 0 ? ch->fd[k] : -1;
		}
}

/* Which streams can be read; a channel that is opened later waits for the next poll. */
static void
poll_get(struct net *n, const struct pollfd *p)
{
	size_t i;
	int k;

	for (i = 0; i < n->nchannels; i++)
		for (k = 0; k < 2; k++)
			n->channels[i]->is_ready[k] = (p[2 + 2 * i +
			    (size_t)k].revents & (POLLIN | POLLHUP |
			    POLLERR)) != 0;
}

/* The client's stdout is gone: who writes to it gets SIGPIPE in the end. */
static void
drop_output(struct channel *ch)
{
	if (!ch->drops_output || !ch->has_streams || ch->is_done)
		return;
	rest_free(&ch->out[0]);
	if (ch->at_end[0])
		return;
	ch->at_end[0] = 1;
	(void)shutdown(ch->fd[0], SHUT_RD);
}

/* Every channel once, beginning with another one each time. */
static void
serve(struct net *n)
{
	struct channel *ch;
	size_t i;

	for (i = 0; i < n->nchannels && !n->is_over; i++) {
		ch = n->channels[(n->first + i) % n->nchannels];
		drop_output(ch);
		relay_input(ch);
		relay_output(ch);
		channel_settle(ch);
	}
	n->first = n->nchannels == 0 ? 0 : (n->first + 1) % n->nchannels;
	channel_sweep(n);
}

/* What the monitor said last, if it can be said to the client at once. */
static void
last_words(struct net *n)
{
	size_t i;

	for (i = 0; i < n->nchannels; i++) {
		n->channels[i]->is_ready[0] = n->channels[i]->is_ready[1] = 1;
		relay_output(n->channels[i]);
		channel_settle(n->channels[i]);
	}
}

/*
 * Let out what was written.  1: go round again at once.  serve() passed over
 * what it found no room for, and no event would tell of room that came here;
 * nor of what the library read meanwhile.
 */
static int
settle(struct net *n, uint64_t received)
{
	int was_blocked = client_is_blocked(n->client);

	if (client_settle(n->client) != 0) {
		n->is_over = 1;
		return 0;
	}
	alive_listen(n);
	alive_turn(n);
	auth_turn(n);
	return (was_blocked && !client_is_blocked(n->client)) ||
	    client_received(n->client) != received;
}

/* Until something is due that no descriptor tells. */
static int
wait_ms(const struct net *n, int again)
{
	if (again)
		return 0;
	return n->state == NET_LOGIN ? auth_wait_ms(n) : alive_wait_ms(n);
}

void
net_loop(struct net *n)
{
	struct pollfd p[2 + 2 * CHANNELS_MAX];
	uint64_t received;
	int r, again = 0;

	while (!n->is_over) {
		watch_turn();
		poll_set(n, p);
		if (poll(p, 2 + 2 * n->nchannels, wait_ms(n, again)) < 0) {
			if (errno == EINTR)
				continue;
			log_errno("poll failed");
			break;
		}
		poll_get(n, p);
		if (p[0].revents != 0 && loop_client_turn(n) != 0)
			break;
		if ((r = chan_flush(n->mon)) != 0 ||
		    (p[1].revents != 0 && (r = monitor_read(n)) != 0)) {
			net_check(n, r);
			if (r == ERR_CLOSED)
				last_words(n);
			break;
		}
		received = client_received(n->client);
		serve(n);
		again = settle(n, received);
	}
}
