/* edge.c - tree.c over one hash a level. */
#include "verify/edge.h"

#include <string.h>

static int
get(void *arg, unsigned int level, uint64_t ix, uint8_t hash[TREE_HASH])
{
	const struct edge *e = arg;

	(void)ix;		/* only the newest of each level is asked for */
	memcpy(hash, e->node[level], TREE_HASH);
	return 0;
}

static int
put(void *arg, unsigned int level, uint64_t ix, const uint8_t hash[TREE_HASH])
{
	struct edge *e = arg;

	/* an odd node is never needed again, the even one before it is */
	if ((ix & 1) == 0)
		memcpy(e->node[level], hash, TREE_HASH);
	return e->on_node == NULL ? 0 : e->on_node(e->arg, level, ix, hash);
}

int
edge_add(struct edge *e, const uint8_t leaf[TREE_HASH])
{
	const struct tree_store s = { .get = get, .put = put, .arg = e };
	int r;

	if ((r = tree_append(&s, e->size, leaf)) == 0)
		e->size++;
	return r;
}

int
edge_root(const struct edge *e, uint8_t root[TREE_HASH])
{
	const struct tree_store s = { .get = get,
		.arg = (struct edge *)(uintptr_t)e };

	return tree_root(&s, e->size, root);
}
