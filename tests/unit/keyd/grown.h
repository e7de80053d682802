/* grown.h - a small tree in memory, for proofs that are right. */
#ifndef TESTS_KEYD_GROWN_H
#define TESTS_KEYD_GROWN_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledger/tree.h"

#define GROWN_MAX	64		/* leaves */
#define GROWN_LEVELS	7

struct grown {
	uint8_t	 node[GROWN_LEVELS][GROWN_MAX][TREE_HASH];
};

static inline int
grown_get(void *arg, unsigned int level, uint64_t ix, uint8_t hash[TREE_HASH])
{
	struct grown *g = arg;

	if (level >= GROWN_LEVELS || ix >= GROWN_MAX)
		return ERR_NOTFOUND;
	memcpy(hash, g->node[level][ix], TREE_HASH);
	return 0;
}

static inline int
grown_put(void *arg, unsigned int level, uint64_t ix,
    const uint8_t hash[TREE_HASH])
{
	struct grown *g = arg;

	if (level >= GROWN_LEVELS || ix >= GROWN_MAX)
		return ERR_LIMIT;
	memcpy(g->node[level][ix], hash, TREE_HASH);
	return 0;
}

static inline struct tree_store
grown_store(struct grown *g)
{
	return (struct tree_store){ grown_get, grown_put, g };
}

/* GROWN_MAX leaves; those from "fork" on are of another story. */
static inline void
grown_fill(struct grown *g, uint64_t fork)
{
	struct tree_store s = grown_store(g);
	uint8_t leaf[TREE_HASH], body[2];
	uint64_t i;

	for (i = 0; i < GROWN_MAX; i++) {
		body[0] = (uint8_t)i;
		body[1] = i >= fork;
		if (tree_leaf(body, sizeof(body), leaf) != 0 ||
		    tree_append(&s, i, leaf) != 0)
			abort();
	}
}

static inline void
grown_root(struct grown *g, uint64_t size, uint8_t root[TREE_HASH])
{
	struct tree_store s = grown_store(g);

	if (tree_root(&s, size, root) != 0)
		abort();
}

static inline void
grown_proof(struct grown *g, uint64_t old, uint64_t size,
    struct tree_proof *p)
{
	struct tree_store s = grown_store(g);

	if (tree_consistency(&s, old, size, p) != 0)
		abort();
}

#endif
