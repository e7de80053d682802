/*
 * unjudged.c - the jobs without a verdict, by number.
 *
 * No index can hold "has no row in another table", and among a million judged
 * jobs those that wait must not be looked for each time.  The list may name
 * too many (a job whose use was undone, one that got its verdict): each is read
 * before it counts, and what does not count is dropped.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledgerd/job.h"

struct unjudged {
	uint64_t	*v;		/* ascending */
	size_t		 n, room;
};

void
unjudged_free(struct ledgerd *ld)
{
	if (ld->unjudged == NULL)
		return;
	free(ld->unjudged->v);
	free(ld->unjudged);
	ld->unjudged = NULL;
}

static int
push(struct unjudged *u, uint64_t nr)
{
	size_t room = u->room * 2 + 64;
	uint64_t *more;

	/* the number of a job that was undone is given again */
	if (u->n > 0 && u->v[u->n - 1] >= nr)
		return 0;
	if (u->n == u->room) {
		if ((more = reallocarray(u->v, room, sizeof(*more))) == NULL)
			return ERR_NOMEM;
		u->v = more;
		u->room = room;
	}
	u->v[u->n++] = nr;
	return 0;
}

static int
on_row(void *arg, const struct store_row *row)
{
	return push(arg, (uint64_t)store_int(row, 0));
}

int
unjudged_load(struct ledgerd *ld)
{
	int r;

	if (ld->unjudged != NULL)
		return 0;
	if ((ld->unjudged = calloc(1, sizeof(*ld->unjudged))) == NULL)
		return ERR_NOMEM;
	if ((r = store_query(ld->store, STORE_JOB_UNJUDGED, NULL, 0, on_row,
	    ld->unjudged)) != 0)
		unjudged_free(ld);
	return r;
}

int
unjudged_add(struct ledgerd *ld, uint64_t nr)
{
	return ld->unjudged == NULL ? 0 : push(ld->unjudged, nr);
}

/* The first above a number. */
static size_t
behind(const struct unjudged *u, uint64_t above)
{
	size_t low = 0, high = u->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (u->v[mid] > above)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

int
unjudged_each(struct ledgerd *ld, uint64_t above, job_fn *fn, void *arg)
{
	struct unjudged *u;
	struct job *j;
	size_t i, keep;
	int r = 0;

	if ((r = unjudged_load(ld)) != 0)
		return r;
	u = ld->unjudged;
	for (i = keep = behind(u, above); i < u->n && r == 0; i++) {
		r = job_get(ld->store, u->v[i], &j);
		if (r == ERR_NOTFOUND || (r == 0 && j->judged_by != NULL)) {
			if (r == 0)
				job_free(j);
			r = 0;
			continue;
		}
		u->v[keep++] = u->v[i];
		if (r == 0)
			r = fn(arg, j);
	}
	memmove(u->v + keep, u->v + i, (u->n - i) * sizeof(*u->v));
	u->n -= i - keep;
	return r > 0 ? 0 : r;
}

struct look {
	uint64_t		 nr;
	struct unjudged_facts	*out;
};

static int
on_look(void *arg, const struct store_row *row)
{
	struct look *l = arg;

	if (store_int(row, 1) != 0 || store_int(row, 2) != 0)
		return 1;
	if (l->out->queued++ == 0) {
		l->out->oldest = l->nr;
		l->out->opened = store_int(row, 0);
	}
	return 1;
}

int
unjudged_look(struct ledgerd *ld, int64_t now, size_t most,
    struct unjudged_facts *out)
{
	struct look l = { .out = out };
	const struct unjudged *u;
	size_t i;
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = unjudged_load(ld)) != 0)
		return r;
	u = ld->unjudged;
	out->number = u->n;
	for (i = 0; i < u->n && i < most && r == 0; i++) {
		l.nr = u->v[i];
		r = store_query(ld->store, STORE_JOB_WAITS, STORE_ARGS(
		    store_i((int64_t)l.nr), store_i(now)), on_look, &l);
	}
	out->is_all = i == u->n;
	return r;
}
