/* tree_test.c - the tree over the entries against known roots, and every proof of a small one, true and altered. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

#include "base/err.h"
#include "crypt/sha256.h"
#include "ledger/tree.h"

#define SIZE_MAX_TRIED	70
#define LEVELS		8

/* The nodes of a tree, as the database would hold them. */
struct nodes {
	uint8_t	hash[LEVELS][SIZE_MAX_TRIED + 1][TREE_HASH];
	int	is_there[LEVELS][SIZE_MAX_TRIED + 1];
	int	fails_after;	/* calls; -1: never */
};

static struct nodes nodes;

static int
get(void *arg, unsigned int level, uint64_t ix, uint8_t hash[TREE_HASH])
{
	struct nodes *n = arg;

	if (n->fails_after >= 0 && n->fails_after-- == 0)
		return ERR_SYS;
	assert_true(level < LEVELS && ix <= SIZE_MAX_TRIED);
	if (!n->is_there[level][ix])
		return ERR_NOTFOUND;
	memcpy(hash, n->hash[level][ix], TREE_HASH);
	return 0;
}

static int
put(void *arg, unsigned int level, uint64_t ix, const uint8_t hash[TREE_HASH])
{
	struct nodes *n = arg;

	if (n->fails_after >= 0 && n->fails_after-- == 0)
		return ERR_SYS;
	assert_true(level < LEVELS && ix <= SIZE_MAX_TRIED);
	assert_false(n->is_there[level][ix]);	/* each is written once */
	n->is_there[level][ix] = 1;
	memcpy(n->hash[level][ix], hash, TREE_HASH);
	return 0;
}

static const struct tree_store store = { get, put, &nodes };
static uint8_t leaves[SIZE_MAX_TRIED][TREE_HASH];
static uint8_t roots[SIZE_MAX_TRIED + 1][TREE_HASH];

/* The definition of RFC 6962, section 2.1, word by word. */
static void
slow_root(size_t first, size_t n, uint8_t out[TREE_HASH])
{
	uint8_t left[TREE_HASH], right[TREE_HASH];
	size_t k = 1;

	if (n == 1) {
		memcpy(out, leaves[first], TREE_HASH);
		return;
	}
	while (2 * k < n)
		k *= 2;
	slow_root(first, k, left);
	slow_root(first + k, n - k, right);
	assert_int_equal(tree_node(left, right, out), 0);
}

/* SIZE_MAX_TRIED leaves, and the root after each. */
static int
plant(void **state)
{
	char entry[32];
	size_t i;

	(void)state;
	memset(&nodes, 0, sizeof(nodes));
	nodes.fails_after = -1;
	for (i = 0; i < SIZE_MAX_TRIED; i++) {
		(void)snprintf(entry, sizeof(entry), "{\"n\":%zu}", i);
		assert_int_equal(tree_leaf(entry, strlen(entry), leaves[i]),
		    0);
		assert_int_equal(tree_root(&store, i, roots[i]), 0);
		assert_int_equal(tree_append(&store, i, leaves[i]), 0);
	}
	assert_int_equal(tree_root(&store, i, roots[i]), 0);
	return 0;
}

static void
the_roots_are_those_of_certificate_transparency(void **state)
{
	static const struct {
		const char	*leaf;
		size_t		 n;
		const char	*root;
	} rows[] = {
		{ "", 0, "6e340b9cffb37a989ca544e6bb780a2c"
		    "78901d3fb33738768511a30617afa01d" },
		{ "\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9d"
		    "baf70ad9e621f4bd8d98662f00e3c125" },
		{ "\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264"
		    "db0fa9b51af5e0ba159158f329e06e77" },
		{ "\x20\x21", 2, "d37ee418976dd95753c1c73862b9398f"
		    "a2a2cf9b4ff0fdfe8b30cd95209614b7" },
		{ "\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3"
		    "bca12c9aefca1612bfce4c13a86264d4" },
		{ "\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f"
		    "98dfb16fbce75277b5232a127f2087ef" },
		{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8,
		    "ddb89be403809e325750d3d263cd7892"
		    "9c2942b7942a34b77e122c9594a74c8c" },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d"
		    "\x6e\x6f", 16, "5dc9da79a70659a9ad559cb701ded9a2"
		    "ab9d823aad2f4960cfe370eff4604328" },
	};
	uint8_t hash[TREE_HASH];
	char hex[SHA256_HEX];
	size_t i;

	(void)state;
	memset(&nodes, 0, sizeof(nodes));
	nodes.fails_after = -1;
	assert_int_equal(tree_root(&store, 0, hash), 0);
	assert_string_equal(sha256_hex(hex, hash), "e3b0c44298fc1c149afbf4c8"
	    "996fb92427ae41e4649b934ca495991b7852b855");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(tree_leaf(rows[i].leaf, rows[i].n, hash), 0);
		assert_int_equal(tree_append(&store, i, hash), 0);
		assert_int_equal(tree_root(&store, i + 1, hash), 0);
		assert_string_equal(sha256_hex(hex, hash), rows[i].root);
	}
}

static void
every_root_is_what_the_definition_says(void **state)
{
	uint8_t hash[TREE_HASH];
	size_t n;

	(void)state;
	for (n = 1; n <= SIZE_MAX_TRIED; n++) {
		slow_root(0, n, hash);
		assert_memory_equal(hash, roots[n], TREE_HASH);
	}
}

static void
every_leaf_of_every_size_is_proven_and_no_other(void **state)
{
	struct tree_proof p;
	uint64_t size, ix, other;

	(void)state;
	for (size = 1; size <= SIZE_MAX_TRIED; size++)
		for (ix = 0; ix < size; ix++) {
			assert_int_equal(tree_inclusion(&store, ix, size, &p),
			    0);
			assert_int_equal(tree_check_inclusion(leaves[ix], ix,
			    size, roots[size], &p), 0);
			for (other = 0; other < SIZE_MAX_TRIED; other++) {
				if (other != ix) {
					assert_int_equal(tree_check_inclusion(
					    leaves[ix], other, size,
					    roots[size], &p), ERR_DENIED);
					assert_int_equal(tree_check_inclusion(
					    leaves[other], ix, size,
					    roots[size], &p), ERR_DENIED);
				}
				if (other != size)
					assert_int_equal(tree_check_inclusion(
					    leaves[ix], ix, other,
					    roots[other], &p), ERR_DENIED);
			}
		}
	assert_int_equal(tree_inclusion(&store, 5, 5, &p), ERR_LIMIT);
	assert_int_equal(tree_inclusion(&store, 0, 0, &p), ERR_LIMIT);
}

static void
every_size_continues_every_smaller_one(void **state)
{
	struct tree_proof p;
	uint64_t old, size, other;

	(void)state;
	for (size = 0; size <= SIZE_MAX_TRIED; size++)
		for (old = 0; old <= size; old++) {
			assert_int_equal(tree_consistency(&store, old, size,
			    &p), 0);
			assert_int_equal(tree_check_consistency(old,
			    roots[old], size, roots[size], &p), 0);
			if (old == 0 || old == size)
				assert_int_equal(p.n, 0);
			for (other = 1; other <= SIZE_MAX_TRIED; other++) {
				if (other != old && old != 0)
					assert_int_equal(
					    tree_check_consistency(other,
					    roots[other], size, roots[size],
					    &p), ERR_DENIED);
				/* from nothing everything follows */
				if (other != size && old != 0)
					assert_int_equal(
					    tree_check_consistency(old,
					    roots[old], other, roots[other],
					    &p), ERR_DENIED);
			}
		}
	assert_int_equal(tree_consistency(&store, 6, 5, &p), ERR_LIMIT);
}

/* One bit, one hash less, one more: all lies. */
static void
refuses_altered(const struct tree_proof *p, uint64_t a, uint64_t size,
    int (*check)(uint64_t a, uint64_t size, const struct tree_proof *p))
{
	struct tree_proof q;
	size_t i;

	for (i = 0; i < p->n; i++) {
		q = *p;
		q.hash[i][i % TREE_HASH] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(check(a, size, &q), ERR_DENIED);
		q = *p;
		memmove(q.hash[i], q.hash[i + 1],
		    (q.n - 1 - i) * TREE_HASH);
		q.n--;
		assert_int_equal(check(a, size, &q), ERR_DENIED);
	}
	for (i = 0; i <= p->n; i++) {
		q = *p;
		memmove(q.hash[i + 1], q.hash[i], (q.n - i) * TREE_HASH);
		q.n++;
		assert_int_equal(check(a, size, &q), ERR_DENIED);
	}
	q = *p;
	q.n = TREE_PROOF_MAX + 1;
	assert_int_equal(check(a, size, &q), ERR_DENIED);
}

static int
inclusion_again(uint64_t ix, uint64_t size, const struct tree_proof *p)
{
	return tree_check_inclusion(leaves[ix], ix, size, roots[size], p);
}

static int
consistency_again(uint64_t old, uint64_t size, const struct tree_proof *p)
{
	return tree_check_consistency(old, roots[old], size, roots[size], p);
}

static void
an_altered_proof_is_refused(void **state)
{
	struct tree_proof p;
	uint64_t a, size;

	(void)state;
	memset(&p, 0, sizeof(p));
	for (size = 1; size <= SIZE_MAX_TRIED; size++)
		for (a = 0; a <= size; a++) {
			if (a < size) {
				assert_int_equal(tree_inclusion(&store, a,
				    size, &p), 0);
				refuses_altered(&p, a, size, inclusion_again);
			}
			assert_int_equal(tree_consistency(&store, a, size,
			    &p), 0);
			refuses_altered(&p, a, size, consistency_again);
		}
}

static void
another_root_is_refused(void **state)
{
	struct tree_proof p;
	uint8_t bad[TREE_HASH];
	uint64_t a, size = 53;

	(void)state;
	for (a = 1; a <= size; a++) {
		memcpy(bad, roots[size], TREE_HASH);
		bad[a % TREE_HASH] ^= 1;
		assert_int_equal(tree_inclusion(&store, a - 1, size, &p), 0);
		assert_int_equal(tree_check_inclusion(leaves[a - 1], a - 1,
		    size, bad, &p), ERR_DENIED);
		assert_int_equal(tree_consistency(&store, a, size, &p), 0);
		assert_int_equal(tree_check_consistency(a, roots[a], size,
		    bad, &p), ERR_DENIED);
		memcpy(bad, roots[a], TREE_HASH);
		bad[a % TREE_HASH] ^= 1;
		assert_int_equal(tree_check_consistency(a, bad, size,
		    roots[size], &p), ERR_DENIED);
	}
}

static void
a_tree_of_the_largest_size_ends_the_climb(void **state)
{
	struct tree_proof p;
	uint64_t big = (uint64_t)1 << 62;

	(void)state;
	memset(&p, 0, sizeof(p));
	assert_int_equal(tree_append(&store, big, leaves[0]), ERR_LIMIT);
	assert_int_equal(tree_root(&store, big + 1, leaves[0]), ERR_LIMIT);
	assert_int_equal(tree_check_inclusion(leaves[0], 0, UINT64_MAX,
	    roots[1], &p), ERR_DENIED);
	p.n = TREE_PROOF_MAX;
	assert_int_equal(tree_check_inclusion(leaves[0], UINT64_MAX - 1,
	    UINT64_MAX, roots[1], &p), ERR_DENIED);
	assert_int_equal(tree_check_consistency(UINT64_MAX - 1, roots[1],
	    UINT64_MAX, roots[1], &p), ERR_DENIED);
}

static void
an_error_of_the_store_is_passed_on(void **state)
{
	struct tree_proof p;
	uint8_t hash[TREE_HASH];
	int i, r;

	(void)state;
	/* the 64th leaf completes seven nodes and reads six: any may fail */
	memset(&nodes.is_there[6], 0, sizeof(nodes.is_there[6]));
	for (i = 0; i < 3; i++) {
		nodes.fails_after = i;
		assert_int_equal(tree_root(&store, 67, hash), i < 3 ?
		    ERR_SYS : 0);
		nodes.fails_after = i;
		assert_int_equal(tree_inclusion(&store, 1, 60, &p), ERR_SYS);
		nodes.fails_after = i;
		assert_int_equal(tree_consistency(&store, 3, 60, &p),
		    ERR_SYS);
	}
	nodes.fails_after = -1;
	r = tree_root(&store, 64, hash);
	assert_int_equal(r, ERR_NOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_roots_are_those_of_certificate_transparency),
		cmocka_unit_test_setup(every_root_is_what_the_definition_says, plant),
		cmocka_unit_test_setup(every_leaf_of_every_size_is_proven_and_no_other, plant),
		cmocka_unit_test_setup(every_size_continues_every_smaller_one, plant),
		cmocka_unit_test_setup(an_altered_proof_is_refused, plant),
		cmocka_unit_test_setup(another_root_is_refused, plant),
		cmocka_unit_test_setup(a_tree_of_the_largest_size_ends_the_climb, plant),
		cmocka_unit_test_setup(an_error_of_the_store_is_passed_on, plant),
	};

	return cmocka_run_group_tests_name("ledger/tree", tests, NULL, NULL);
}
