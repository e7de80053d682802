/* refuse.c - what arrives outside login and session channels: refused, and told once per kind. */
#include <stdio.h>
#include <string.h>

#include "ssh/internal.h"

static const char *
open_name(int type)
{
	switch (type) {
	case SSH_CHANNEL_DIRECT_TCPIP:
		return "direct-tcpip";
	case SSH_CHANNEL_FORWARDED_TCPIP:
		return "forwarded-tcpip";
	case SSH_CHANNEL_X11:
		return "x11";
	case SSH_CHANNEL_AUTH_AGENT:
		return "agent forwarding";
	default:
		return "unknown channel type";	/* tun, direct-streamlocal */
	}
}

static void
refuse_open(struct client *c, ssh_message msg)
{
	int type = ssh_message_subtype(msg);
	const char *host = NULL;
	char detail[200] = "";

	if (type == SSH_CHANNEL_DIRECT_TCPIP)
		host = ssh_message_channel_request_open_destination(msg);
	if (host != NULL)
		(void)snprintf(detail, sizeof(detail), "%.150s:%d", host,
		    ssh_message_channel_request_open_destination_port(msg));
	c->ev->refused(c->ctx, NULL, open_name(type), detail);
}

static void
refuse_global(struct client *c, ssh_message msg)
{
	const char *host = ssh_message_global_request_address(msg);
	char detail[200];

	if (ssh_message_subtype(msg) != SSH_GLOBAL_REQUEST_TCPIP_FORWARD)
		return;
	(void)snprintf(detail, sizeof(detail), "%.150s:%d",
	    host == NULL ? "" : host, ssh_message_global_request_port(msg));
	c->ev->refused(c->ctx, NULL, "tcpip-forward", detail);
}

/*
 * The names of requests without a callback are lost.  eow@openssh.com is told
 * from others (winadj of PuTTY comes all the time) by this: only OpenSSH sends
 * it, and it never wants a reply; a reply, if wanted, is a packet more.
 */
static int
refuse_request(struct client *c, ssh_message msg, struct lane *l)
{
	const char *theirs = ssh_get_clientbanner(c->session);
	uint64_t before = c->raw.out_packets;

	if (ssh_message_subtype(msg) == SSH_CHANNEL_REQUEST_X11) {
		c->ev->refused(c->ctx, l->arg, "x11", "");
		return 1;
	}
	if (ssh_message_subtype(msg) != SSH_CHANNEL_REQUEST_UNKNOWN)
		return 1;
	(void)ssh_message_reply_default(msg);
	if (c->raw.out_packets == before && theirs != NULL &&
	    strncmp(theirs, "SSH-2.0-OpenSSH", 15) == 0)
		c->ev->end_of_output(l->arg);
	return 0;
}

int
refuse_message(struct client *c, ssh_message msg)
{
	struct lane *l;

	switch (ssh_message_type(msg)) {
	case SSH_REQUEST_CHANNEL_OPEN:
		refuse_open(c, msg);
		return 1;
	case SSH_REQUEST_GLOBAL:
		refuse_global(c, msg);
		return 1;
	case SSH_REQUEST_CHANNEL:
		l = lane_of(c, ssh_message_channel_request_channel(msg));
		return l == NULL ? 1 : refuse_request(c, msg, l);
	default:
		return 1;
	}
}
