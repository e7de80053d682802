/* kit.c - record + exec of a command, sekisho of a gateway word: made here, answered to the monitor at once. */
#include "listen/kit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/child.h"
#include "listen/keyd.h"

/* Pairs of descriptors: [0] is the new process's end, [1] the other's. */
enum kit_wire { FIRST, SECOND, IO, ERR, LINK, SEALS, WIRES };

static int
stream_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		log_errno("socketpair failed");
		return ERR_SYS;
	}
	return 0;
}

static void
kit_gone(struct gate *g, struct child *c, int status)
{
	struct kit *k = c->owner;

	(void)status;
	if (k == NULL)
		return;			/* given up before it was whole */
	if (k->first == c)
		k->first = NULL;
	if (k->second == c)
		k->second = NULL;
	if (k->first != NULL || k->second != NULL)
		return;
	if (k->pair != NULL)
		k->pair->kits--;
	TAILQ_REMOVE(&g->kits, k, entry);
	g->nkits--;
	free(k);
}

/* May this monitor have one more?  Ids are its own; one in use twice could not be killed by name. */
static int
may_start(struct pair *p, uint32_t id)
{
	const struct kit *k;

	if (p->kits >= KITS_MAX || p->gate->nkits >= KITS_TOTAL_MAX) {
		if (!p->is_limit_told)	/* once, however often it asks */
			log_warn("kit refused conn=%llu source=%s alive=%zu all=%zu",
			    (unsigned long long)p->nr, p->source, p->kits,
			    p->gate->nkits);
		p->is_limit_told = 1;
		return 0;
	}
	for (k = TAILQ_FIRST(&p->gate->kits); k != NULL;
	    k = TAILQ_NEXT(k, entry))
		if (k->pair == p && k->id == id)
			return 0;
	return p->gate->state == GATE_OPEN;
}

static int
keep(struct pair *p, uint32_t id, struct child *first, struct child *second)
{
	struct kit *k;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		return ERR_NOMEM;
	k->pair = p;
	k->id = id;
	k->kill_at = NEVER;
	k->first = first;
	k->second = second;
	first->owner = k;
	if (second != NULL)
		second->owner = k;
	p->kits++;
	p->gate->nkits++;
	TAILQ_INSERT_TAIL(&p->gate->kits, k, entry);
	return 0;
}

static void
close_wires(int w[WIRES][2])
{
	int i;

	for (i = 0; i < WIRES; i++) {
		fd_close(&w[i][0]);
		fd_close(&w[i][1]);
	}
}

/* After a failure: what was started is killed, the monitor hears no. */
static int
failed(struct pair *p, uint32_t id, enum kit_failure why, struct child *first,
    struct child *second)
{
	const struct msg_kit_failed m = { .why = (uint8_t)why };

	child_kill(first);
	child_kill(second);
	return chan_put_kit_failed(p->chan, id, &m, NULL, 0);
}

int
kit_start(struct pair *p, uint32_t id)
{
	int w[WIRES][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 },
		{ -1, -1 }, { -1, -1 } };
	struct gate *g = p->gate;
	struct child *record = NULL, *exec = NULL;
	int r;

	if (!may_start(p, id))
		return failed(p, id, KIT_NO_PROCESS, NULL, NULL);
	if (keyd_channel(g, 0, NULL, &w[SEALS][1]) != 0)
		return failed(p, id, KIT_NO_KEYS, NULL, NULL);
	if (chan_pair(w[FIRST]) != 0 || chan_pair(w[SECOND]) != 0 ||
	    chan_pair(w[LINK]) != 0 || stream_pair(w[IO]) != 0 ||
	    stream_pair(w[ERR]) != 0 ||
	    child_slice(g, ROLE_RECORD, w[FIRST][1]) != 0 ||
	    child_slice(g, ROLE_EXEC, w[SECOND][1]) != 0 ||
	    (record = child_start(g, ROLE_RECORD, (int[]){ w[FIRST][0],
	    w[IO][0], w[ERR][0], w[LINK][0] }, 4, kit_gone)) == NULL ||
	    (exec = child_start(g, ROLE_EXEC, (int[]){ w[SECOND][0],
	    w[LINK][1] }, 2, kit_gone)) == NULL ||
	    keep(p, id, record, exec) != 0)
		r = failed(p, id, KIT_NO_PROCESS, record, exec);
	else
		r = chan_put_kit(p->chan, id, NULL, (int[]){ w[FIRST][1],
		    w[SECOND][1], w[IO][1], w[ERR][1], w[SEALS][1] }, 5);
	close_wires(w);
	return r;
}

int
kit_start_word(struct pair *p, uint32_t id)
{
	int w[WIRES][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 },
		{ -1, -1 }, { -1, -1 } };
	struct child *word = NULL;
	int r;

	if (!may_start(p, id))
		return failed(p, id, KIT_NO_PROCESS, NULL, NULL);
	if (chan_pair(w[FIRST]) != 0 || stream_pair(w[IO]) != 0 ||
	    stream_pair(w[ERR]) != 0 ||
	    child_slice(p->gate, ROLE_WORD, w[FIRST][1]) != 0 ||
	    (word = child_start(p->gate, ROLE_WORD, (int[]){ w[FIRST][0],
	    w[IO][0], w[ERR][0] }, 3, kit_gone)) == NULL ||
	    keep(p, id, word, NULL) != 0)
		r = failed(p, id, KIT_NO_PROCESS, word, NULL);
	else
		r = chan_put_word_kit(p->chan, id, NULL, (int[]){ w[FIRST][1],
		    w[IO][1], w[ERR][1] }, 3);
	close_wires(w);
	return r;
}

void
kit_seals_all(struct gate *g)
{
	struct kit *k;
	int fd = -1;

	for (k = TAILQ_FIRST(&g->kits); k != NULL; k = TAILQ_NEXT(k, entry)) {
		if (k->second == NULL || k->pair == NULL ||
		    k->pair->chan == NULL)
			continue;
		/* without it the recorder says so when the grace is over */
		if (keyd_channel(g, 0, NULL, &fd) != 0)
			return;
		if (chan_put_seals(k->pair->chan, k->id, NULL, &fd, 1) != 0)
			log_warn("monitor takes no seal channel conn=%llu",
			    (unsigned long long)k->pair->nr);
		fd_close(&fd);
	}
}

void
kit_kill(struct pair *p, uint32_t id)
{
	struct kit *k;

	for (k = TAILQ_FIRST(&p->gate->kits); k != NULL;
	    k = TAILQ_NEXT(k, entry))
		if (k->pair == p && k->id == id) {
			child_kill(k->first);
			child_kill(k->second);
		}
}

void
kit_orphan(struct pair *p, int64_t now)
{
	struct kit *k;

	for (k = TAILQ_FIRST(&p->gate->kits); k != NULL;
	    k = TAILQ_NEXT(k, entry))
		if (k->pair == p) {
			k->pair = NULL;
			k->kill_at = now + ORPHAN_MS;
		}
	p->kits = 0;
}

int64_t
kit_timers(struct gate *g, int64_t now)
{
	int64_t next = NEVER;
	struct kit *k;

	for (k = TAILQ_FIRST(&g->kits); k != NULL; k = TAILQ_NEXT(k, entry)) {
		if (k->kill_at <= now) {
			k->kill_at = NEVER;
			child_kill(k->first);
			child_kill(k->second);
		}
		if (k->kill_at < next)
			next = k->kill_at;
	}
	return next;
}

void
kit_kill_all(struct gate *g)
{
	struct kit *k;

	for (k = TAILQ_FIRST(&g->kits); k != NULL; k = TAILQ_NEXT(k, entry)) {
		child_kill(k->first);
		child_kill(k->second);
	}
}

void
kit_free_all(struct gate *g)
{
	struct kit *k;

	while ((k = TAILQ_FIRST(&g->kits)) != NULL) {
		TAILQ_REMOVE(&g->kits, k, entry);
		free(k);
	}
}
