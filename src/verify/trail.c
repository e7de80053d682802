/* trail.c - roots of earlier sizes. */
#include "verify/trail.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define FIRST_ROOM	64

/* Room for one more of "each" bytes: the array, moved perhaps; NULL: no memory, nothing has changed. */
static void *
grow(void *p, size_t *room, size_t have, size_t each)
{
	size_t more = *room == 0 ? FIRST_ROOM : *room * 2;

	if (have < *room)
		return p;
	if ((p = reallocarray(p, more, each)) != NULL)
		*room = more;
	return p;
}

int
trail_add(struct trail *t, const struct edge *e,
    const uint8_t leaf[TREE_HASH])
{
	size_t n = (size_t)(t->size / TRAIL_STEP);
	void *p;

	p = grow(t->leaf, &t->leaf_room, (size_t)t->size, TREE_HASH);
	if (p == NULL)
		return ERR_NOMEM;
	t->leaf = p;
	memcpy(t->leaf[t->size], leaf, TREE_HASH);
	if ((t->size + 1) % TRAIL_STEP == 0) {
		p = grow(t->edge, &t->edge_room, n, sizeof(*t->edge));
		if (p == NULL)
			return ERR_NOMEM;
		t->edge = p;
		t->edge[n] = *e;
		t->edge[n].on_node = NULL;
	}
	t->size++;
	return 0;
}

int
trail_root(const struct trail *t, uint64_t size, uint8_t root[TREE_HASH])
{
	struct edge e = { .size = 0 };
	int r;

	if (size > t->size)
		return ERR_LIMIT;
	if (size >= TRAIL_STEP)
		e = t->edge[size / TRAIL_STEP - 1];
	while (e.size < size)
		if ((r = edge_add(&e, t->leaf[e.size])) != 0)
			return r;
	return edge_root(&e, root);
}

void
trail_free(struct trail *t)
{
	free(t->leaf);
	free(t->edge);
	memset(t, 0, sizeof(*t));
}
