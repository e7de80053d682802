/* nodes.c - the tree over the entries, kept in the database beside them. */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "crypt/sha256.h"
#include "ledgerd/inside.h"

static int
copy_hash(void *arg, const struct store_row *row)
{
	const uint8_t *p;
	size_t n;

	p = store_blob(row, 0, &n);
	if (n != TREE_HASH)
		return ERR_FORMAT;
	memcpy(arg, p, TREE_HASH);
	return 1;
}

static int
get(void *arg, unsigned int level, uint64_t ix, uint8_t hash[TREE_HASH])
{
	static const uint8_t none[TREE_HASH];
	struct ledgerd *ld = arg;
	int r;

	memset(hash, 0, TREE_HASH);
	r = store_query(ld->store, STORE_NODE_GET, STORE_ARGS(store_i(level),
	    store_i((int64_t)ix)), copy_hash, hash);
	if (r == 0 && memcmp(hash, none, TREE_HASH) == 0) {
		log_error("the tree lacks a node level=%u ix=%llu", level,
		    (unsigned long long)ix);
		return ERR_FORMAT;
	}
	return r;
}

static int
put(void *arg, unsigned int level, uint64_t ix, const uint8_t hash[TREE_HASH])
{
	struct ledgerd *ld = arg;

	return store_run(ld->store, STORE_NODE_ADD, STORE_ARGS(store_i(level),
	    store_i((int64_t)ix), store_b(hash, TREE_HASH)));
}

struct tree_store
book_tree(struct ledgerd *ld)
{
	return (struct tree_store){ .get = get, .put = put, .arg = ld };
}

int
book_size(struct ledgerd *ld, uint64_t *size)
{
	int64_t v;
	int r;

	if ((r = store_number(ld->store, STORE_ENTRY_NEXT, NULL, 0, 0,
	    &v)) == 0)
		*size = (uint64_t)v;
	return r;
}

static int
hash_entry(void *arg, const struct store_row *row)
{
	const uint8_t *p;
	size_t n;
	int r;

	p = store_blob(row, 1, &n);
	return (r = tree_leaf(p, n, arg)) == 0 ? 1 : r;
}

/* What the last whole node of a level must be: from the entry, or from the two below it. */
static int
expected(struct ledgerd *ld, unsigned int level, uint64_t ix,
    uint8_t hash[TREE_HASH])
{
	uint8_t right[TREE_HASH];
	int r;

	if (level == 0)
		return store_query(ld->store, STORE_ENTRY_LIST, STORE_ARGS(
		    store_i((int64_t)ix), store_i(1)), hash_entry, hash);
	if ((r = get(ld, level - 1, 2 * ix, hash)) != 0 ||
	    (r = get(ld, level - 1, 2 * ix + 1, right)) != 0)
		return r;
	return tree_node(hash, right, hash);
}

/* One level: as many nodes as there must be, and the last one as it must be. */
static int
check_level(struct ledgerd *ld, unsigned int level, uint64_t size)
{
	uint8_t is[TREE_HASH], must[TREE_HASH] = { 0 };
	uint64_t n = size >> level;
	int64_t found;
	int r;

	if ((r = store_number(ld->store, STORE_NODE_NEXT, STORE_ARGS(
	    store_i(level)), 0, &found)) != 0)
		return r;
	if ((uint64_t)found != n)
		return ERR_FORMAT;
	if (n == 0)
		return 0;
	if ((r = get(ld, level, n - 1, is)) != 0 ||
	    (r = expected(ld, level, n - 1, must)) != 0)
		return r;
	return sha256_equal(is, must) ? 0 : ERR_FORMAT;
}

int
book_check(struct ledgerd *ld)
{
	unsigned int level;
	uint64_t size;
	int r;

	if ((r = book_size(ld, &size)) != 0)
		return r;
	for (level = 0; level <= TREE_LEVELS; level++)
		if ((r = check_level(ld, level, size)) != 0)
			break;
	if (r == ERR_FORMAT)
		log_error("the tree does not fit the entries level=%u size=%llu"
		    ": check it with sekisho-verify", level,
		    (unsigned long long)size);
	return r;
}
