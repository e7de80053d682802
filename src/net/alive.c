/*
 * alive.c - a client that is silent is asked whether it is there.  Its kernel
 * answers for a process that is stopped or hangs, so TCP alone does not tell.
 */
#include <limits.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/net.h"

/* The moment of the next question, or of giving up; 0: none. */
static int64_t
due_ms(const struct net *n)
{
	if (n->state != NET_OPEN || n->slice.keepalive_s == 0)
		return 0;
	return n->heard_ms + (n->asked + INT64_C(1)) *
	    n->slice.keepalive_s * 1000;
}

void
alive_heard(struct net *n)
{
	n->heard_ms = clock_mono_ms();
	n->asked = 0;
}

int
alive_wait_ms(const struct net *n)
{
	int64_t due = due_ms(n), left;

	if (due == 0)
		return -1;
	left = due - clock_mono_ms();
	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

void
alive_turn(struct net *n)
{
	int64_t due = due_ms(n);

	if (due == 0 || n->is_over || clock_mono_ms() < due)
		return;
	if (n->asked >= n->slice.keepalive_count) {
		log_info("client does not answer, the line is lost asked=%u",
		    n->asked);
		n->is_over = 1;
		return;
	}
	n->asked++;
	if (client_probe(n->client) != 0)
		n->is_over = 1;
}
