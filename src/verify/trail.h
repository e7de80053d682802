/*
 * trail.h - what the tree was at every size so far: all leaves (32 bytes each), and an edge now and then.
 *
 * Epochs vouch for a head that lies some entries back; the nodes of a store
 * are seen once, in order.
 */
#ifndef VERIFY_TRAIL_H
#define VERIFY_TRAIL_H

#include <stddef.h>

#include "verify/edge.h"

#define TRAIL_STEP	4096	/* leaves from one kept edge to the next: most that a root has to add */

struct trail {
	uint8_t		(*leaf)[TREE_HASH];
	struct edge	*edge;		/* edge[i]: of (i + 1) * TRAIL_STEP leaves */
	uint64_t	 size;
	size_t		 leaf_room, edge_room;
};

/* "e" has just taken this leaf, the next one.  ERR_NOMEM. */
int trail_add(struct trail *t, const struct edge *e,
    const uint8_t leaf[TREE_HASH]);
/* The root of the first "size" leaves.  ERR_LIMIT: there were never so many. */
int trail_root(const struct trail *t, uint64_t size, uint8_t root[TREE_HASH]);
void trail_free(struct trail *t);

#endif
