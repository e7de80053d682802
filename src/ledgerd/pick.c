/* pick.c - of the requests that cover a command, the one it gets: with several at once, each another. */
#include "ledgerd/pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/strv.h"
#include "ledgerd/db.h"
#include "ledgerd/live.h"
#include "request/find.h"
#include "sekisho/code.h"

#define CANDIDATES	1000	/* live requests of one operator */
#define PAST		200	/* older ones, only to say why not */

/* Is each use that is left about to be taken by somebody whose order was given? */
static int
is_spoken_for(const struct ledgerd *ld, const struct request *r)
{
	const struct client *c;
	const struct pending *x;
	int64_t now_ms = clock_mono_ms();
	uint64_t used = r->used;

	for (c = ld->clients; c != NULL; c = c->next)
		for (x = c->pending; x != NULL; x = x->next)
			used += x->request == r->nr && !x->was_refused &&
			    x->until_ms > now_ms;
	return used >= r->uses;
}

/*
 * Of several that fit, commands that come at once each get one with a use to
 * spare.  It only chooses: when nothing is to spare it is the first again, and
 * who gets the use is decided by CONSUME.
 */
static int
find_spare(struct client *p, const struct db_list *live, char *const *argv,
    int64_t now, size_t *which)
{
	struct req_refusal why;
	struct request **spare;
	size_t *at, i, n = 0, first;
	int r = 0;

	if (!is_spoken_for(p->ld, live->v[*which]))
		return 0;
	spare = calloc(live->n, sizeof(struct request *));
	at = calloc(live->n, sizeof(size_t));
	if (spare == NULL || at == NULL)
		r = ERR_NOMEM;
	for (i = 0; r == 0 && i < live->n; i++)
		if (strv_equal(live->v[i]->steps[0].argv, argv) &&
		    !is_spoken_for(p->ld, live->v[i])) {
			at[n] = i;
			spare[n++] = live->v[i];
		}
	if (r == 0 && n > 0 && (r = find_request(spare, n, p->ld->snap,
	    p->user, argv, now, &first, &why)) == 0)
		*which = at[first];
	free(spare);
	free(at);
	return r == ERR_DENIED ? 0 : r;
}

/* The one of those that can be used.  As find_request(). */
static int
among_live(struct client *p, char *const *argv, struct request **out,
    struct req_refusal *why)
{
	struct db_list live = { .max = CANDIDATES };
	int64_t now = clock_unix();
	size_t which = 0;
	int r;

	if ((r = live_each(p->ld, p->user, now, db_list_add, &live)) == 0 &&
	    (r = find_request(live.v, live.n, p->ld->snap, p->user, argv, now,
	    &which, why)) == 0 &&
	    (r = find_spare(p, &live, argv, now, &which)) == 0) {
		*out = live.v[which];
		live.v[which] = NULL;
	}
	db_list_free(&live);
	return r;
}

int
pick_other(struct client *p, const struct pending *x)
{
	struct request *was = NULL, *other = NULL;
	struct req_refusal why;
	int r;

	if (!x->is_found)
		return 0;
	if ((r = db_request(p->ld->store, x->request, &was)) == 0 &&
	    /* the launcher has read this input to its end */
	    (strncmp(was->input, "sha256:", 7) == 0 ||
	    (r = among_live(p, was->steps[0].argv, &other, &why)) ==
	    ERR_DENIED))
		r = 0;
	if (r == 0 && other != NULL && other->nr != x->request)
		r = 1;
	req_free(was);
	req_free(other);
	return r;
}

int
pick_request(struct client *p, char *const *argv, struct request **out,
    struct req_refusal *why)
{
	struct store *s = p->ld->store;
	int64_t now = clock_unix();
	struct db_list past = { 0 };
	size_t which = 0;
	int r;

	r = among_live(p, argv, out, why);
	if (r == ERR_DENIED && why->code != SEKISHO_CODE_AMBIGUOUS &&
	    (r = db_list(s, STORE_REQUEST_FOR, STORE_ARGS(
	    store_s(p->user)), PAST, &past)) == 0) {
		/* what is over cannot cover it, but explains more */
		r = find_request(past.v, past.n, p->ld->snap, p->user, argv,
		    now, &which, why);
		if (r == 0) {
			*out = past.v[which];
			past.v[which] = NULL;
		}
	}
	db_list_free(&past);
	return r;
}
