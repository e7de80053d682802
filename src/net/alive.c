/*
 * alive.c - a client that is silent is asked whether it is there.  Its kernel
 * answers for a process that is stopped or hangs, so TCP alone does not tell.
 */
#include <limits.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/net.h"

static int
is_wanted(const struct net *n)
{
	return n->state == NET_OPEN && n->slice.keepalive_s != 0;
}

static void
wait_on(struct net *n)
{
	n->alive_ms = clock_mono_ms() + n->slice.keepalive_s * 1000LL;
}

void
alive_listen(struct net *n)
{
	uint64_t heard;

	if (!is_wanted(n) || (heard = client_received(n->client)) == n->heard)
		return;
	n->heard = heard;
	n->asked = 0;
	wait_on(n);
}

int
alive_wait_ms(const struct net *n)
{
	int64_t left;

	if (!is_wanted(n))
		return -1;
	left = n->alive_ms - clock_mono_ms();
	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

void
alive_turn(struct net *n)
{
	if (n->is_over || alive_wait_ms(n) != 0)
		return;
	if (n->asked >= n->slice.keepalive_count) {
		log_info("client does not answer, the line is lost asked=%u",
		    n->asked);
		n->is_over = 1;
		return;
	}
	n->asked++;
	wait_on(n);
	if (client_probe(n->client) != 0)
		n->is_over = 1;
}
