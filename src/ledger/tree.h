/*
 * tree.h - the RFC 6962 tree over the entries: appending, roots, proofs.
 *
 * Pure arithmetic: nodes are fetched and stored by callbacks, so the same code
 * serves the database, a verifier and a test.  A node (level, ix) covers leaves
 * ix * 2^level to (ix + 1) * 2^level - 1 and exists once all of them do.
 */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include <stddef.h>
#include <stdint.h>

#define TREE_HASH	32
#define TREE_LEVELS	63		/* a tree has at most 2^62 leaves */
#define TREE_PROOF_MAX	64		/* hashes of one proof */

struct tree_store {
	/* 0, or an error that is passed on. */
	int	(*get)(void *arg, unsigned int level, uint64_t ix,
		    uint8_t hash[TREE_HASH]);
	int	(*put)(void *arg, unsigned int level, uint64_t ix,
		    const uint8_t hash[TREE_HASH]);
	void	*arg;
};

struct tree_proof {
	size_t	n;
	uint8_t	hash[TREE_PROOF_MAX][TREE_HASH];
};

/* SHA-256(00 || entry). */
int tree_leaf(const void *entry, size_t n, uint8_t out[TREE_HASH]);
/* SHA-256(01 || left || right); out may be one of them. */
int tree_node(const uint8_t left[TREE_HASH], const uint8_t right[TREE_HASH],
    uint8_t out[TREE_HASH]);
/* Put the leaf of number "size" and every node that it completes. */
int tree_append(const struct tree_store *s, uint64_t size,
    const uint8_t leaf[TREE_HASH]);
/* The root of the first "size" leaves. */
int tree_root(const struct tree_store *s, uint64_t size,
    uint8_t out[TREE_HASH]);

/* RFC 6962 section 2.1.1: that leaf "ix" is in the tree of "size".  ERR_LIMIT: ix >= size. */
int tree_inclusion(const struct tree_store *s, uint64_t ix, uint64_t size,
    struct tree_proof *out);
/* RFC 6962 section 2.1.2: that the tree of "size" continues that of "old".  old 0 or = size: an empty proof. */
int tree_consistency(const struct tree_store *s, uint64_t old, uint64_t size,
    struct tree_proof *out);

/* 0: proven.  ERR_DENIED: not.  ERR_CRYPTO: could not be computed. */
int tree_check_inclusion(const uint8_t leaf[TREE_HASH], uint64_t ix,
    uint64_t size, const uint8_t root[TREE_HASH], const struct tree_proof *p);
int tree_check_consistency(uint64_t old, const uint8_t old_root[TREE_HASH],
    uint64_t size, const uint8_t root[TREE_HASH], const struct tree_proof *p);

#endif
