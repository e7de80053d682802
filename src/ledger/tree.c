/* tree.c - the RFC 6962 tree: nodes, roots, and the proofs of both kinds.  Their checks are in proof.c. */
#include "ledger/tree.h"

#include <string.h>

#include "base/err.h"
#include "crypt/sha256.h"

#define LEAVES_MAX	((uint64_t)1 << 62)

int
tree_leaf(const void *entry, size_t n, uint8_t out[TREE_HASH])
{
	struct sha256 *s;
	int r;

	if ((s = sha256_new()) == NULL)
		return ERR_NOMEM;
	if ((r = sha256_add(s, "\0", 1)) == 0 &&
	    (r = sha256_add(s, entry, n)) == 0)
		r = sha256_peek(s, out);
	sha256_free(s);
	return r;
}

int
tree_node(const uint8_t left[TREE_HASH], const uint8_t right[TREE_HASH],
    uint8_t out[TREE_HASH])
{
	uint8_t in[1 + 2 * TREE_HASH];

	in[0] = 1;
	memcpy(in + 1, left, TREE_HASH);
	memcpy(in + 1 + TREE_HASH, right, TREE_HASH);
	return sha256_mem(in, sizeof(in), out);
}

int
tree_append(const struct tree_store *s, uint64_t size,
    const uint8_t leaf[TREE_HASH])
{
	uint8_t hash[TREE_HASH], left[TREE_HASH];
	unsigned int level;
	uint64_t ix = size;
	int r;

	if (size >= LEAVES_MAX)
		return ERR_LIMIT;
	memcpy(hash, leaf, TREE_HASH);
	if ((r = s->put(s->arg, 0, ix, hash)) != 0)
		return r;
	/* an odd node is the right half of a parent that is whole now */
	for (level = 0; (ix & 1) != 0; level++, ix >>= 1)
		if ((r = s->get(s->arg, level, ix - 1, left)) != 0 ||
		    (r = tree_node(left, hash, hash)) != 0 ||
		    (r = s->put(s->arg, level + 1, ix >> 1, hash)) != 0)
			return r;
	return 0;
}

/*
 * The hash over leaves [start, start + n), n > 0, where "start" is a multiple
 * of a power of two not below n: whole nodes, one for each bit of n, joined
 * from the right.
 */
static int
range(const struct tree_store *s, uint64_t start, uint64_t n,
    uint8_t out[TREE_HASH])
{
	uint8_t left[TREE_HASH];
	unsigned int level;
	uint64_t before;
	int r, has_right = 0;

	for (level = 0; n >> level != 0; level++) {
		if ((n >> level & 1) == 0)
			continue;
		before = n >> level >> 1 << 1;
		r = s->get(s->arg, level, (start >> level) + before,
		    has_right ? left : out);
		if (r == 0 && has_right)
			r = tree_node(left, out, out);
		if (r != 0)
			return r;
		has_right = 1;
	}
	return 0;
}

int
tree_root(const struct tree_store *s, uint64_t size, uint8_t out[TREE_HASH])
{
	if (size > LEAVES_MAX)
		return ERR_LIMIT;
	return size == 0 ? sha256_mem("", 0, out) : range(s, 0, size, out);
}

/* The largest power of two below n; n > 1. */
static uint64_t
split(uint64_t n)
{
	uint64_t k = 1;

	while (k < n - k)
		k <<= 1;
	return k;
}

static int
take(const struct tree_store *s, uint64_t start, uint64_t n,
    struct tree_proof *out)
{
	if (out->n == TREE_PROOF_MAX)
		return ERR_LIMIT;
	return range(s, start, n, out->hash[out->n++]);
}

/* Found from the root down, told from the leaf up. */
static void
reverse(struct tree_proof *p)
{
	uint8_t hash[TREE_HASH];
	size_t i;

	for (i = 0; i < p->n / 2; i++) {
		memcpy(hash, p->hash[i], TREE_HASH);
		memcpy(p->hash[i], p->hash[p->n - 1 - i], TREE_HASH);
		memcpy(p->hash[p->n - 1 - i], hash, TREE_HASH);
	}
}

int
tree_inclusion(const struct tree_store *s, uint64_t ix, uint64_t size,
    struct tree_proof *out)
{
	uint64_t start = 0, n = size, k;
	int r;

	out->n = 0;
	if (ix >= size || size > LEAVES_MAX)
		return ERR_LIMIT;
	while (n > 1) {
		k = split(n);
		if (ix - start < k) {
			r = take(s, start + k, n - k, out);
			n = k;
		} else {
			r = take(s, start, k, out);
			start += k;
			n -= k;
		}
		if (r != 0)
			return r;
	}
	reverse(out);
	return 0;
}

int
tree_consistency(const struct tree_store *s, uint64_t old, uint64_t size,
    struct tree_proof *out)
{
	uint64_t start = 0, n = size, k;
	int r;

	out->n = 0;
	if (old > size || size > LEAVES_MAX)
		return ERR_LIMIT;
	if (old == 0 || old == size)
		return 0;
	while (old - start != n) {
		k = split(n);
		if (old - start <= k) {
			r = take(s, start + k, n - k, out);
			n = k;
		} else {
			r = take(s, start, k, out);
			start += k;
			n -= k;
		}
		if (r != 0)
			return r;
	}
	/* a left edge that is the whole old tree is known to who asks */
	if (start != 0 && (r = take(s, start, n, out)) != 0)
		return r;
	reverse(out);
	return 0;
}
