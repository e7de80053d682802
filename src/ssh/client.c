/* client.c - driving the library: key exchange, turns, the end. */
#include <poll.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "ssh/internal.h"

#define READ_SIZE	4096	/* of the library, at most */
#define READS_PER_TURN	32	/* before others get their turn */
#define SETTLE_POLLS	3	/* a write of two packets needs two */
/* How long a good-bye may wait for room in the socket. */
#define END_WAIT_MS	200

int
client_fd(const struct client *c)
{
	return c->fd;
}

int
client_is_blocked(const struct client *c)
{
	return (ssh_get_poll_flags(c->session) & SSH_WRITE_PENDING) != 0;
}

short
client_poll_events(const struct client *c)
{
	return (short)(POLLIN | (client_is_blocked(c) ? POLLOUT : 0));
}

/* The library keeps the socket open after a fatal error: its state tells. */
static int
is_over(struct client *c)
{
	const char *why;

	if ((ssh_get_status(c->session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0)
		return 0;
	why = ssh_get_error(c->session);
	if (why == NULL)
		why = "";
	/* hanging up is how every connection ends */
	if (why[0] == '\0' || strstr(why, "Socket error") != NULL ||
	    strstr(why, "SSH_MSG_DISCONNECT") != NULL)
		log_debug("connection ended why=%s", why);
	else
		log_info("connection ended why=%s", why);
	return 1;
}

/* Key exchange.  The event takes the socket over only after its first step. */
static int
shake(struct client *c)
{
	int i, r = SSH_AGAIN;

	/* what one packet brings about takes several steps while writes wait */
	for (i = 0; i == 0 || (i < SETTLE_POLLS && r == SSH_AGAIN &&
	    client_is_blocked(c)); i++)
		r = ssh_handle_key_exchange(c->session);
	if (r == SSH_AGAIN)
		return is_over(c) ? ERR_CLOSED : 0;
	if (r != SSH_OK) {
		log_info("key exchange failed why=%s",
		    ssh_get_error(c->session));
		return ERR_CLOSED;
	}
	if (ssh_event_add_session(c->event, c->session) != SSH_OK) {
		log_error("cannot poll the connection");
		return ERR_INTERNAL;
	}
	c->is_ready = 1;
	return 0;
}

/* One poll that does not wait; *r: what the library said of it. */
static int
step(struct client *c, int *r)
{
	*r = ssh_event_dopoll(c->event, 0);
	if (c->is_ending) {
		client_end(c);
		return ERR_CLOSED;
	}
	return is_over(c) ? ERR_CLOSED : 0;
}

int
client_turn(struct client *c)
{
	uint64_t before;
	int i, r;

	if (!c->is_ready)
		return shake(c);
	for (i = 0; i < READS_PER_TURN; i++) {
		before = c->counter.in_bytes;
		if (step(c, &r) != 0)
			return ERR_CLOSED;
		/* a short read took all there was */
		if (r == SSH_AGAIN || c->counter.in_bytes - before < READ_SIZE)
			break;
	}
	return 0;
}

int
client_settle(struct client *c)
{
	int i, r;

	for (i = 0; i < SETTLE_POLLS && c->is_ready && client_is_blocked(c);
	    i++) {
		if (step(c, &r) != 0)
			return ERR_CLOSED;
		if (r == SSH_AGAIN)
			break;		/* no room now */
	}
	return 0;
}

uint64_t
client_received(const struct client *c)
{
	return c->counter.in_bytes;
}

void
client_set_goodbye(struct client *c, const char *text)
{
	(void)ssh_session_set_disconnect_message(c->session, text);
}

/* A call after the answer only takes it in; the next one asks again. */
int
client_probe(struct client *c)
{
	uint64_t before = c->raw.out_packets;
	int i;

	for (i = 0; i < 2 && c->raw.out_packets == before &&
	    !c->is_ending; i++)
		(void)ssh_send_keepalive(c->session);
	return c->is_ending || is_over(c) ? ERR_CLOSED : 0;
}

void
client_end(struct client *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLOUT };

	c->is_ending = 1;
	if (c->fd < 0 || !c->is_ready)
		return;
	/* The library drops what waits when it closes; let it out first. */
	if (client_is_blocked(c) && poll(&p, 1, END_WAIT_MS) == 1)
		(void)ssh_event_dopoll(c->event, 0);
	lane_orphan_all(c);		/* the library frees every channel */
	ssh_disconnect(c->session);
}
