/* kit.c - record + exec of a command, sekisho of a gateway word: made here, spare or when asked for, answered to the monitor at once. */
#include "listen/kit.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/child.h"
#include "listen/keyd.h"
#include "listen/warm.h"

/* Pairs of descriptors: [0] is the new process's end, [1] the other's; the first are those of enum kit_end. */
enum kit_wire { LINK = KIT_ENDS, WIRES };

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
close_ends(struct kit *k)
{
	int i;

	for (i = 0; i < KIT_ENDS; i++)
		fd_close(&k->ends[i]);
}

static void
kit_free(struct gate *g, struct kit *k)
{
	TAILQ_REMOVE(&g->kits, k, entry);
	if (!k->is_spare)
		g->nkits--;
	close_ends(k);
	mem_wipe(k->guess.p, k->guess.n);
	free(k);
}

static int
same_guess(const struct blob *a, const struct blob *b)
{
	return a->n == b->n && a->n > 0 && memcmp(a->p, b->p, a->n) == 0;
}

/* A copy that takes the place of *to; without memory there is none. */
static void
copy_guess(struct blob *to, const struct blob *from)
{
	uint8_t *p = from->n > 0 ? malloc(from->n) : NULL;

	if (p != NULL)
		memcpy(p, from->p, from->n);
	mem_wipe(to->p, to->n);
	*to = (struct blob){ p, p != NULL ? from->n : 0 };
}

/* What the launcher at "fd" will probably be asked for.  It only costs time when this fails. */
static void
tell_guess(struct gate *g, struct kit *k, int fd)
{
	if (g->guess.n > 0 && child_guess(&g->guess, fd) == 0)
		copy_guess(&k->guess, &g->guess);
}

/* A spare one is no good any more: both processes go. */
static void
spoil(struct gate *g, struct kit *k)
{
	if (k->is_spoilt)
		return;
	k->is_spoilt = 1;
	warm_left(g, k->kind);
	close_ends(k);
	child_kill(k->first);
	child_kill(k->second);
}

static void
kit_gone(struct gate *g, struct child *c, int status)
{
	struct kit *k = c->owner;

	(void)status;
	if (k == NULL)
		return;
	if (k->first == c)
		k->first = NULL;
	if (k->second == c)
		k->second = NULL;
	if (k->is_spare && !k->is_spoilt) {
		warm_died(g, k->kind);
		spoil(g, k);
	}
	if (k->first != NULL || k->second != NULL)
		return;
	if (k->pair != NULL)
		k->pair->kits--;
	kit_free(g, k);
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

/* Channels, slices, processes: what the kit is made of.  Of one that is wanted now nothing need be guessed. */
static int
bring_up(struct gate *g, struct kit *k, int w[WIRES][2], int is_wanted)
{
	enum role_kind first = k->kind == WARM_KIT ? ROLE_RECORD : ROLE_WORD;

	if (chan_pair(w[KIT_FIRST]) != 0 || stream_pair(w[KIT_IO]) != 0 ||
	    stream_pair(w[KIT_ERR]) != 0 || chan_pair(w[LINK]) != 0 ||
	    child_slice(g, first, w[KIT_FIRST][1]) != 0)
		return ERR_SYS;
	/* a word gets no link: the starter counts */
	if ((k->first = child_start(g, first, (int[]){ w[KIT_FIRST][0],
	    w[KIT_IO][0], w[KIT_ERR][0], w[LINK][0] },
	    first == ROLE_RECORD ? 4 : 3, kit_gone)) == NULL)
		return ERR_SYS;
	k->first->owner = k;
	if (k->kind == WARM_WORD)
		return 0;
	if (chan_pair(w[KIT_SECOND]) != 0 ||
	    child_slice(g, ROLE_EXEC, w[KIT_SECOND][1]) != 0)
		return ERR_SYS;
	if (!is_wanted)
		tell_guess(g, k, w[KIT_SECOND][1]);
	if ((k->second = child_start(g, ROLE_EXEC, (int[]){
	    w[KIT_SECOND][0], w[LINK][1] }, 2, kit_gone)) == NULL)
		return ERR_SYS;
	k->second->owner = k;
	return 0;
}

/* A spare one.  NULL: logged, and what there was of it ends by itself. */
static struct kit *
kit_new(struct gate *g, enum warm_kind kind, int is_wanted)
{
	int w[WIRES][2], i, r;
	struct kit *k;

	if ((k = calloc(1, sizeof(*k))) == NULL) {
		log_error("no memory for a kit");
		return NULL;
	}
	k->kind = kind;
	k->is_spare = 1;
	k->born = clock_mono_ms();
	k->kill_at = NEVER;
	for (i = 0; i < KIT_ENDS; i++)
		k->ends[i] = -1;
	for (i = 0; i < WIRES; i++)
		w[i][0] = w[i][1] = -1;
	TAILQ_INSERT_HEAD(&g->kits, k, entry);
	g->pools[kind].n++;
	if ((r = bring_up(g, k, w, is_wanted)) == 0)
		for (i = 0; i < KIT_ENDS; i++) {
			k->ends[i] = w[i][1];
			w[i][1] = -1;
		}
	for (i = 0; i < WIRES; i++) {
		fd_close(&w[i][0]);
		fd_close(&w[i][1]);
	}
	if (r == 0)
		return k;
	log_error("kit not started error=%s", err_name(r));
	warm_died(g, kind);
	spoil(g, k);
	if (k->first == NULL && k->second == NULL)
		kit_free(g, k);
	return NULL;
}

void
kit_warm(struct gate *g, enum warm_kind kind)
{
	(void)kit_new(g, kind, 0);
}

void
kit_drop_spares(struct gate *g, int64_t born)
{
	struct kit *k;

	for (k = TAILQ_FIRST(&g->kits); k != NULL && k->is_spare;
	    k = TAILQ_NEXT(k, entry))
		if (k->born <= born)
			spoil(g, k);
}

int64_t
kit_oldest(const struct gate *g, enum warm_kind kind)
{
	const struct kit *k;
	int64_t born = NEVER;

	for (k = TAILQ_FIRST(&g->kits); k != NULL && k->is_spare;
	    k = TAILQ_NEXT(k, entry))
		if (k->kind == kind && !k->is_spoilt && k->born < born)
			born = k->born;
	return born;
}

/* How far is it?  0: one of its processes is gone, 1: still starting, 2: READY. */
static int
how_far(const struct kit *k)
{
	struct pollfd p[2] = { { k->ends[KIT_FIRST], POLLIN, 0 },
		{ k->ends[KIT_SECOND], POLLIN, 0 } };
	int i, far = 2;

	if (poll(p, 2, 0) < 0)
		return 0;
	for (i = 0; i < 2; i++) {
		if ((p[i].revents & (POLLHUP | POLLERR)) != 0)
			return 0;
		if (p[i].fd >= 0 && (p[i].revents & POLLIN) == 0)
			far = 1;
	}
	return far;
}

/* The spare kit that is furthest, and of those one that expects just this; or NULL. */
static struct kit *
find_spare(struct gate *g, enum warm_kind kind, const struct blob *guess)
{
	struct kit *k, *best = NULL;
	int far, best_far = 0;

	for (k = TAILQ_FIRST(&g->kits); k != NULL && k->is_spare;
	    k = TAILQ_NEXT(k, entry)) {
		if (k->kind != kind || k->is_spoilt)
			continue;
		far = how_far(k);
		if (far == 2 && (guess == NULL || same_guess(&k->guess,
		    guess)))
			return k;
		if (far > best_far) {
			best = k;
			best_far = far;
		}
	}
	return best;
}

int
kit_guess(struct gate *g)
{
	struct kit *k;

	for (k = TAILQ_FIRST(&g->kits); g->guess.n > 0 && k != NULL &&
	    k->is_spare; k = TAILQ_NEXT(k, entry))
		if (k->kind == WARM_KIT && !k->is_spoilt &&
		    k->guess.n == 0 && how_far(k) == 2) {
			tell_guess(g, k, k->ends[KIT_SECOND]);
			return k->guess.n > 0;
		}
	return 0;
}

static int
failed(struct pair *p, uint32_t id, enum kit_failure why)
{
	const struct msg_kit_failed m = { .why = (uint8_t)why };

	return chan_put_kit_failed(p->chan, id, &m, NULL, 0);
}

/* It is this monitor's from here on. */
static void
take(struct pair *p, uint32_t id, struct kit *k)
{
	struct gate *g = p->gate;

	warm_left(g, k->kind);
	k->is_spare = 0;
	TAILQ_REMOVE(&g->kits, k, entry);
	TAILQ_INSERT_TAIL(&g->kits, k, entry);
	k->pair = p;
	k->id = id;
	p->kits++;
	g->nkits++;
}

int
kit_start(struct pair *p, uint32_t id, enum warm_kind kind,
    const struct blob *guess)
{
	struct gate *g = p->gate;
	struct kit *k;
	int seals = -1, r;

	warm_busy(g);
	if (!may_start(p, id))
		return failed(p, id, KIT_NO_PROCESS);
	/* made now: a spare kit knows nothing of any keyd */
	if (kind == WARM_KIT && keyd_channel(g, 0, NULL, &seals) != 0)
		return failed(p, id, KIT_NO_KEYS);
	if (guess != NULL && guess->n > 0 && !same_guess(&g->guess, guess))
		copy_guess(&g->guess, guess);
	if ((k = find_spare(g, kind, guess)) == NULL &&
	    (k = kit_new(g, kind, 1)) == NULL)
		r = failed(p, id, KIT_NO_PROCESS);
	else {
		take(p, id, k);
		r = kind == WARM_KIT ?
		    chan_put_kit(p->chan, id, NULL, (int[]){
		    k->ends[KIT_FIRST], k->ends[KIT_SECOND], k->ends[KIT_IO],
		    k->ends[KIT_ERR], seals }, 5) :
		    chan_put_word_kit(p->chan, id, NULL, (int[]){
		    k->ends[KIT_FIRST], k->ends[KIT_IO],
		    k->ends[KIT_ERR] }, 3);
		close_ends(k);
	}
	fd_close(&seals);
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
	struct kit *k, *next;

	for (k = TAILQ_FIRST(&g->kits); k != NULL; k = next) {
		next = TAILQ_NEXT(k, entry);
		kit_free(g, k);
	}
	mem_wipe(g->guess.p, g->guess.n);
}
