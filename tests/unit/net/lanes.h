/* lanes.h - stands in for src/ssh: lanes whose window, data and end the test decides. */
#ifndef UNIT_NET_LANES_H
#define UNIT_NET_LANES_H

#include "../test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "net/net.h"

struct lane {
	size_t	 room;			/* the client's window */
	size_t	 takes;			/* most that one write takes */
	int	 is_gone;
	uint8_t	 out[2][4096];
	size_t	 nout[2];
	uint8_t	 held[4096];
	size_t	 nheld, from;
	int	 reads;
	uint32_t status;
	char	 signal[17];
	int	 exits, closes, frees;
};

size_t
lane_room(const struct lane *l)
{
	return l->room;
}

ssize_t
lane_write(struct lane *l, int is_err, const void *p, size_t n)
{
	if (l->is_gone)
		return ERR_CLOSED;
	if (n > l->takes)
		n = l->takes;
	memcpy(l->out[is_err] + l->nout[is_err], p, n);
	l->nout[is_err] += n;
	return (ssize_t)n;
}

size_t
lane_held(const struct lane *l)
{
	return l->nheld - l->from;
}

ssize_t
lane_read(struct lane *l, void *p, size_t n)
{
	size_t left = l->nheld - l->from;

	l->reads++;
	if (n > left)
		n = left;
	memcpy(p, l->held + l->from, n);
	l->from += n;
	return (ssize_t)n;
}

void
lane_exit(struct lane *l, uint32_t status, const char *signal)
{
	l->exits++;
	l->status = status;
	snprintf(l->signal, sizeof(l->signal), "%s", signal);
}

void
lane_close(struct lane *l)
{
	l->closes++;
}

void
lane_free(struct lane *l)
{
	l->frees++;
}

int
client_ask(struct client *c, const char *name, const char *instruction,
    size_t n, char *const *prompts, const uint8_t *echo)
{
	(void)c;
	(void)name;
	(void)instruction;
	(void)n;
	(void)prompts;
	(void)echo;
	return 0;
}

int
client_fd(const struct client *c)
{
	(void)c;
	return -1;
}

int
client_is_blocked(const struct client *c)
{
	(void)c;
	return 0;
}

short
client_poll_events(const struct client *c)
{
	(void)c;
	return POLLIN;
}

int
client_turn(struct client *c)
{
	(void)c;
	return ERR_CLOSED;
}

static struct {
	char	 goodbye[128];
	int	 probes, probe_answer;
	uint64_t received;
} client_saw;

int
client_settle(struct client *c)
{
	(void)c;
	return 0;
}

uint64_t
client_received(const struct client *c)
{
	(void)c;
	return client_saw.received;
}

int
client_is_unheard(const struct client *c)
{
	(void)c;
	return 0;
}

void
client_set_goodbye(struct client *c, const char *text)
{
	(void)c;
	snprintf(client_saw.goodbye, sizeof(client_saw.goodbye), "%s", text);
}

int
client_probe(struct client *c)
{
	(void)c;
	client_saw.probes++;
	return client_saw.probe_answer;
}

static struct net net;
static struct lane lane;
static struct chan *monitor;
static struct channel *ch;
static int io[2], errs[2];		/* [1]: the recorder's end */

/* A started channel, streams not there yet. */
static int
set_up(void **state)
{
	int fds[2];

	(void)state;
	memset(&net, 0, sizeof(net));
	memset(&lane, 0, sizeof(lane));
	memset(&client_saw, 0, sizeof(client_saw));
	lane.room = lane.takes = 4096;
	if (chan_pair(fds) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, io) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, errs) < 0)
		return -1;
	net.mon = chan_new(fds[0], PEER_N, PEER_M);
	monitor = chan_new(fds[1], PEER_M, PEER_N);
	net.state = NET_OPEN;
	net.slice.max_channels = 2;
	ch = channel_new(&net, &lane);
	ch->is_started = 1;
	ch->is_ready[0] = ch->is_ready[1] = 1;	/* as if poll had said so */
	return 0;
}

static int
tear_down(void **state)
{
	int i;

	(void)state;
	channel_free_all(&net);
	chan_free(net.mon);
	chan_free(monitor);
	for (i = 0; i < 2; i++) {
		if (io[i] >= 0)
			close(io[i]);
		if (errs[i] >= 0)
			close(errs[i]);
	}
	return 0;
}

/* What the monitor does with CHAN_STREAMS; our ends belong to net now. */
static void __attribute__((unused))
give_streams(int reads_input)
{
	struct msg_chan_streams s = { .has_err = 1,
		.reads_input = (uint8_t)reads_input };
	int fds[2] = { io[0], errs[0] };

	assert_int_equal(chan_put_chan_streams(monitor, ch->id, &s, fds, 2),
	    0);
	assert_int_equal(monitor_read(&net), 0);
	close(io[0]);
	close(errs[0]);
	io[0] = errs[0] = -1;
}

static void __attribute__((unused))
say_exit(uint32_t status)
{
	char none[] = "";
	struct msg_chan_exit e = { .status = status, .signal = none };

	assert_int_equal(chan_put_chan_exit(monitor, ch->id, &e, NULL, 0), 0);
	assert_int_equal(monitor_read(&net), 0);
}

static void __attribute__((unused))
monitor_heard(enum msg_type type)
{
	struct msg m;

	assert_int_equal(chan_recv(monitor, &m), 0);
	assert_int_equal(m.type, type);
	msg_done(&m);
}

static void __attribute__((unused))
monitor_heard_nothing(void)
{
	struct msg m;

	assert_int_equal(chan_recv(monitor, &m), 1);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
