/* proof.c - are these proofs true?  The algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2; pure arithmetic. */
#include "ledger/tree.h"

#include <string.h>

#include "base/err.h"
#include "crypt/sha256.h"

/*
 * Where a proof stands: the number of a node and that of the last node of its
 * level.  Each step goes up one level, or several where the node is the last
 * of its level and has no right neighbour.
 */
struct climb {
	uint64_t	ix, last;
};

/* 1: the next hash of the proof stands to the left. */
static int
is_right(const struct climb *c)
{
	return (c->ix & 1) != 0 || c->ix == c->last;
}

static void
up(struct climb *c)
{
	while ((c->ix & 1) == 0 && c->ix != 0 && c->ix == c->last) {
		c->ix >>= 1;
		c->last >>= 1;
	}
	c->ix >>= 1;
	c->last >>= 1;
}

int
tree_check_inclusion(const uint8_t leaf[TREE_HASH], uint64_t ix,
    uint64_t size, const uint8_t root[TREE_HASH], const struct tree_proof *p)
{
	struct climb c = { .ix = ix, .last = size - 1 };
	uint8_t hash[TREE_HASH];
	size_t i;
	int r;

	if (ix >= size || p->n > TREE_PROOF_MAX)
		return ERR_DENIED;
	memcpy(hash, leaf, TREE_HASH);
	for (i = 0; i < p->n; i++) {
		if (c.last == 0)
			return ERR_DENIED;
		r = is_right(&c) ? tree_node(p->hash[i], hash, hash) :
		    tree_node(hash, p->hash[i], hash);
		if (r != 0)
			return r;
		up(&c);
	}
	return c.last == 0 && sha256_equal(hash, root) ? 0 : ERR_DENIED;
}

/* Both roots from the proof: the old tree's nodes are those on the left. */
static int
both(uint64_t old, uint64_t size, const uint8_t first[TREE_HASH],
    const struct tree_proof *p, size_t at, uint8_t was[TREE_HASH],
    uint8_t is[TREE_HASH])
{
	struct climb c = { .ix = old - 1, .last = size - 1 };
	int r;

	while ((c.ix & 1) != 0) {
		c.ix >>= 1;
		c.last >>= 1;
	}
	memcpy(was, first, TREE_HASH);
	memcpy(is, first, TREE_HASH);
	for (; at < p->n; at++) {
		if (c.last == 0)
			return ERR_DENIED;
		if (is_right(&c)) {
			if ((r = tree_node(p->hash[at], was, was)) != 0)
				return r;
			r = tree_node(p->hash[at], is, is);
		} else
			r = tree_node(is, p->hash[at], is);
		if (r != 0)
			return r;
		up(&c);
	}
	return c.last == 0 ? 0 : ERR_DENIED;
}

int
tree_check_consistency(uint64_t old, const uint8_t old_root[TREE_HASH],
    uint64_t size, const uint8_t root[TREE_HASH], const struct tree_proof *p)
{
	uint8_t was[TREE_HASH], is[TREE_HASH];
	int is_whole = (old & (old - 1)) == 0, r;

	if (old > size || p->n > TREE_PROOF_MAX)
		return ERR_DENIED;
	if (old == 0)
		return p->n == 0 ? 0 : ERR_DENIED;
	if (old == size)
		return p->n == 0 && sha256_equal(old_root, root) ? 0 :
		    ERR_DENIED;
	if (p->n == 0)
		return ERR_DENIED;
	/* an old tree that is one whole node is not repeated in the proof */
	r = both(old, size, is_whole ? old_root : p->hash[0], p,
	    is_whole ? 0 : 1, was, is);
	if (r != 0)
		return r;
	return sha256_equal(was, old_root) && sha256_equal(is, root) ? 0 :
	    ERR_DENIED;
}
