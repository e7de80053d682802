/* pair_start.c - starts monitor and net, ahead of need or not, and hands the client over. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/child.h"
#include "listen/ledger.h"
#include "listen/pair.h"
#include "listen/warm.h"

/* Pairs of descriptors while a pair of processes is made. */
enum pair_wire { TO_MONITOR, TO_NET, TO_LEDGER, WIRES };

/* Make the channels, put the slices in, ask for the processes. */
static int
bring_up(struct pair *p, int w[WIRES][2])
{
	struct gate *g = p->gate;
	int r;

	if ((r = chan_pair(w[TO_MONITOR])) != 0 ||
	    (r = chan_pair(w[TO_NET])) != 0 ||
	    (r = chan_pair(w[TO_LEDGER])) != 0 ||
	    (r = child_slice(g, ROLE_MONITOR, w[TO_MONITOR][1])) != 0 ||
	    (r = child_slice(g, ROLE_NET, w[TO_NET][1])) != 0)
		return r;
	p->chan = chan_new(w[TO_MONITOR][1], PEER_D, PEER_M);
	w[TO_MONITOR][1] = -1;
	if (p->chan == NULL)
		return ERR_NOMEM;
	if ((p->net = child_start(g, ROLE_NET, &w[TO_NET][0], 1,
	    pair_gone)) == NULL)
		return ERR_SYS;
	p->net->owner = p;
	if ((p->monitor = child_start(g, ROLE_MONITOR, (int[]){
	    w[TO_MONITOR][0], w[TO_NET][1], w[TO_LEDGER][0] }, 3,
	    pair_gone)) == NULL)
		return ERR_SYS;
	p->monitor->owner = p;
	p->ledger_fd = w[TO_LEDGER][1];
	w[TO_LEDGER][1] = -1;
	return pair_tell_snapshot(p);
}

/* A spare pair.  NULL: logged, and what there was of it ends by itself. */
static struct pair *
pair_new(struct gate *g)
{
	int w[WIRES][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	struct pair *p;
	int i, r;

	if ((p = calloc(1, sizeof(*p))) == NULL) {
		log_error("no memory for a pair");
		return NULL;
	}
	p->gate = g;
	p->state = PAIR_STARTING;
	p->is_spare = 1;
	p->ledger_fd = -1;
	p->born = clock_mono_ms();
	p->grace_end = p->kill_at = NEVER;
	memcpy(p->source, "(warm)", sizeof("(warm)"));
	TAILQ_INSERT_HEAD(&g->pairs, p, entry);
	g->npairs++;
	g->pools[WARM_PAIR].n++;
	r = bring_up(p, w);
	for (i = 0; i < WIRES; i++) {
		fd_close(&w[i][0]);
		fd_close(&w[i][1]);
	}
	if (r == 0)
		return p;
	log_error("pair not started error=%s", err_name(r));
	pair_cut(p);
	return NULL;
}

void
pair_warm(struct gate *g)
{
	(void)pair_new(g);
}

/* Its monitor still holds the other end. */
static int
is_alive(const struct pair *p)
{
	struct pollfd f = { .fd = chan_fd(p->chan), .events = POLLIN };

	return poll(&f, 1, 0) >= 0 && (f.revents & (POLLHUP | POLLERR)) == 0;
}

/* The spare pair that is furthest, or NULL. */
static struct pair *
find_spare(struct gate *g)
{
	struct pair *p, *best = NULL;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL && p->is_spare;
	    p = TAILQ_NEXT(p, entry)) {
		if (p->state == PAIR_OVER || !is_alive(p))
			continue;
		if (p->state == PAIR_WARM)
			return p;
		best = p;
	}
	return best;
}

/* It is a connection's from here on. */
static int
give(struct pair *p, int client, const struct sockaddr_storage *from,
    int is_exempt)
{
	struct msg_conn conn = { .source = p->source };
	struct gate *g = p->gate;
	int r;

	warm_left(g, WARM_PAIR);
	p->is_spare = 0;
	p->is_exempt = is_exempt;
	TAILQ_REMOVE(&g->pairs, p, entry);
	TAILQ_INSERT_TAIL(&g->pairs, p, entry);
	p->nr = ++g->next_pair;
	if (p->state == PAIR_WARM) {
		p->state = PAIR_LOGIN;
		p->was_ready = 1;
	}
	source_key(&p->key, from);
	source_text(p->source, from);
	p->grace_end = clock_mono_ms() +
	    1000 * (int64_t)g->now.settings.login_grace_s;
	log_debug("connection conn=%llu source=%s",
	    (unsigned long long)p->nr, p->source);
	if ((r = chan_put_conn(p->chan, 0, &conn, &client, 1)) == 0)
		r = ledger_bind(g, p, p->ledger_fd);
	fd_close(&p->ledger_fd);
	return r;
}

void
pair_start(struct gate *g, int client, const struct sockaddr_storage *from,
    int is_exempt)
{
	struct pair *p = find_spare(g);
	struct source key;
	int r;

	warm_busy(g);
	if (p == NULL && (p = pair_new(g)) == NULL) {
		source_key(&key, from);
		counts_gone(g->counts, &key, 0);
	} else if ((r = give(p, client, from, is_exempt)) != 0) {
		log_error("connection not served source=%s error=%s",
		    p->source, err_name(r));
		pair_cut(p);
	}
	fd_close(&client);
}

void
pair_drop_spares(struct gate *g, int64_t born)
{
	struct pair *p;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL && p->is_spare;
	    p = TAILQ_NEXT(p, entry)) {
		if (p->born > born)
			continue;
		p->is_dropped = 1;
		pair_cut(p);
	}
}

int64_t
pair_oldest(const struct gate *g)
{
	const struct pair *p;
	int64_t born = NEVER;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL && p->is_spare;
	    p = TAILQ_NEXT(p, entry))
		if (p->state != PAIR_OVER && p->born < born)
			born = p->born;
	return born;
}
