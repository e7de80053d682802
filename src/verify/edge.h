/* edge.h - the right edge of a growing tree: enough for its root, and for every node when it is completed. */
#ifndef VERIFY_EDGE_H
#define VERIFY_EDGE_H

#include "ledger/tree.h"

struct edge {
	uint64_t	 size;
	uint8_t		 node[TREE_LEVELS + 1][TREE_HASH];
	/* Called for each node that a leaf completes, the leaf first; NULL: not called. */
	int		(*on_node)(void *arg, unsigned int level, uint64_t ix,
			    const uint8_t hash[TREE_HASH]);
	void		*arg;
};

int edge_add(struct edge *e, const uint8_t leaf[TREE_HASH]);
int edge_root(const struct edge *e, uint8_t root[TREE_HASH]);

#endif
