/*
 * live.c - for each operator the requests that he may use, or that wait.
 *
 * A bare command finds its request among these.  No index can hold them by
 * operator, and all that can be used at one time are too many to look through
 * for one.  A request lives from its filing on and does not come back to life,
 * so the list is only added to there; it may name too many: each is read before
 * it counts, and what does not count is dropped.  A clock that was set brings
 * some back: tally.c forgets the list then.
 */
#include "ledgerd/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledgerd/db.h"
#include "ledgerd/inside.h"

struct owner {
	char		 name[USER_MAX + 1];
	uint64_t	*v;		/* ascending */
	size_t		 n, room;
};

struct live {
	struct owner	*v;
	size_t		 n;
};

void
live_free(struct ledgerd *ld)
{
	size_t i;

	if (ld->live == NULL)
		return;
	for (i = 0; i < ld->live->n; i++)
		free(ld->live->v[i].v);
	free(ld->live->v);
	free(ld->live);
	ld->live = NULL;
}

static struct owner *
find(struct live *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, name) == 0)
			return &l->v[i];
	return NULL;
}

static struct owner *
find_or_make(struct live *l, const char *name)
{
	struct owner *o = find(l, name), *more;

	if (o != NULL || strlen(name) > USER_MAX)
		return o;
	more = reallocarray(l->v, l->n + 1, sizeof(*more));
	if (more == NULL)
		return NULL;
	l->v = more;
	o = &l->v[l->n++];
	memset(o, 0, sizeof(*o));
	memcpy(o->name, name, strlen(name) + 1);
	return o;
}

static int
push(struct live *l, const char *name, uint64_t nr)
{
	struct owner *o = find_or_make(l, name);
	uint64_t *more;

	if (o == NULL)
		return ERR_NOMEM;
	/* the number of a filing that was undone is given again */
	if (o->n > 0 && o->v[o->n - 1] >= nr)
		return 0;
	if (o->n == o->room) {
		more = reallocarray(o->v, o->room * 2 + 8, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		o->v = more;
		o->room = o->room * 2 + 8;
	}
	o->v[o->n++] = nr;
	return 0;
}

static int
on_row(void *arg, const struct store_row *row)
{
	return push(arg, store_text(row, 0), (uint64_t)store_int(row, 1));
}

int
live_load(struct ledgerd *ld, int64_t now)
{
	int r;

	if (ld->live != NULL)
		return 0;
	if ((ld->live = calloc(1, sizeof(*ld->live))) == NULL)
		return ERR_NOMEM;
	if ((r = store_query(ld->store, STORE_LIVE_ALL, STORE_ARGS(
	    store_null(), store_i(now)), on_row, ld->live)) != 0)
		live_free(ld);
	return r;
}

int
live_add(struct ledgerd *ld, const struct request *r)
{
	size_t i;
	int err;

	if (ld->live == NULL)
		return 0;
	for (i = 0; r->operators[i] != NULL; i++)
		if ((err = push(ld->live, r->operators[i], r->nr)) != 0)
			return err;
	return 0;
}

static int
keep_one(void *arg, struct request *r)
{
	*(struct request **)arg = r;
	return 1;
}

int
live_each(struct ledgerd *ld, const char *who, int64_t now, db_request_fn *fn,
    void *arg)
{
	struct request *r;
	struct owner *o;
	size_t i;
	int err;

	if ((err = live_load(ld, now)) != 0)
		return err;
	if ((o = find(ld->live, who)) == NULL)
		return 0;
	for (i = o->n; i-- > 0 && err == 0;) {
		r = NULL;
		err = db_requests(ld->store, STORE_LIVE_ONE, STORE_ARGS(
		    store_i((int64_t)o->v[i]), store_i(now), store_s(who)),
		    keep_one, &r);
		if (err == 0 && r != NULL)
			err = fn(arg, r);
		else if (err == 0) {
			memmove(&o->v[i], &o->v[i + 1],
			    (o->n - i - 1) * sizeof(*o->v));
			o->n--;
		}
	}
	return err > 0 ? 0 : err;
}
