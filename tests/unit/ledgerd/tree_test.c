/* tree_test.c - the tree in the database is that of the entries: always, after rollbacks, deaths and full disks. */
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>

#include "tests/unit/ledgerd/gate.h"

#include "ledger/entry.h"
#include "ledger/tree.h"

#define LEVELS	16
#define SIZE	(1 << 15)

/* What the bodies alone say. */
struct whole {
	uint8_t	(*hash)[SIZE][TREE_HASH];	/* by level */
	uint64_t size;
};

static int
get(void *arg, unsigned int level, uint64_t ix, uint8_t hash[TREE_HASH])
{
	struct whole *w = arg;

	memcpy(hash, w->hash[level][ix], TREE_HASH);
	return 0;
}

static int
put(void *arg, unsigned int level, uint64_t ix, const uint8_t hash[TREE_HASH])
{
	struct whole *w = arg;

	assert_true(level < LEVELS && ix < SIZE);
	memcpy(w->hash[level][ix], hash, TREE_HASH);
	return 0;
}

static int
on_entry(void *arg, const struct store_row *row)
{
	struct whole *w = arg;
	const struct tree_store s = { get, put, w };
	uint8_t leaf[TREE_HASH];
	const uint8_t *p;
	size_t n;

	assert_int_equal(store_int(row, 0), w->size);
	p = store_blob(row, 1, &n);
	assert_int_equal(tree_leaf(p, n, leaf), 0);
	assert_int_equal(tree_append(&s, w->size++, leaf), 0);
	return 0;
}

/* Every node there that must be, none else, each with its hash. */
static uint64_t
assert_tree_is_whole(struct gate *g)
{
	const struct tree_store s = book_tree(&g->ld);
	struct whole w = { .hash = calloc(LEVELS, sizeof(*w.hash)) };
	uint8_t hash[TREE_HASH];
	unsigned int level;
	int64_t n;
	uint64_t ix;

	assert_non_null(w.hash);
	assert_int_equal(store_query(g->ld.store, STORE_ENTRY_LIST,
	    STORE_ARGS(store_i(0), store_i(SIZE)), on_entry, &w), 0);
	for (level = 0; level < LEVELS; level++) {
		assert_int_equal(store_number(g->ld.store, STORE_NODE_NEXT,
		    STORE_ARGS(store_i(level)), 0, &n), 0);
		assert_int_equal(n, w.size >> level);
		for (ix = 0; ix < w.size >> level; ix++) {
			assert_int_equal(s.get(s.arg, level, ix, hash), 0);
			assert_memory_equal(hash, w.hash[level][ix],
			    TREE_HASH);
		}
	}
	free(w.hash);
	assert_int_equal(book_check(&g->ld), 0);
	return w.size;
}

static void
add(struct gate *g, int n)
{
	while (n-- > 0)
		assert_int_equal(book_alone(&g->ld, book_entry("test",
		    "alice")), 0);
}

static void
every_entry_brings_its_nodes(void **state)
{
	struct gate g;
	int i;

	(void)state;
	gate_new(&g);
	for (i = 0; i < 70; i++) {
		add(&g, 1);
		(void)assert_tree_is_whole(&g);
	}
	gate_end(&g);
}

static void
a_rollback_takes_the_nodes_back_and_the_tree_goes_on(void **state)
{
	uint64_t before;
	struct gate g;
	int i;

	(void)state;
	gate_new(&g);
	for (i = 0; i < 40; i++) {
		before = assert_tree_is_whole(&g);
		assert_int_equal(store_begin(g.ld.store), 0);
		assert_int_equal(book_add(&g.ld, book_entry("gone", NULL)), 0);
		assert_int_equal(book_add(&g.ld, book_entry("gone", NULL)), 0);
		assert_int_equal(store_end(g.ld.store, ERR_DENIED),
		    ERR_DENIED);
		assert_int_equal(assert_tree_is_whole(&g), before);
		add(&g, 1);
		assert_int_equal(assert_tree_is_whole(&g), before + 1);
	}
	assert_int_equal(entries(&g, "gone"), 0);
	gate_end(&g);
}

static void
a_restart_continues_the_tree(void **state)
{
	struct gate g;
	uint64_t size;
	int i;

	(void)state;
	gate_new(&g);
	for (i = 0; i < 9; i++) {
		add(&g, i);
		size = assert_tree_is_whole(&g);
		gate_crash(&g);
		gate_open(&g);
		/* gate-start and snapshot */
		assert_int_equal(assert_tree_is_whole(&g), size + 2);
	}
	gate_end(&g);
}

/* Writes without end, a byte for each transaction, until it is killed. */
static void
write_for_ever(struct gate *g, int ready)
{
	log_init("test", LOG_ERROR);
	gate_open(g);
	for (;;) {
		if (write(ready, "", 1) != 1 || store_begin(g->ld.store) != 0 ||
		    book_add(&g->ld, book_entry("a", NULL)) != 0 ||
		    book_add(&g->ld, book_entry("b", NULL)) != 0 ||
		    store_end(g->ld.store, 0) != 0)
			_exit(1);
	}
}

static void
a_sudden_death_leaves_whole_transactions(void **state)
{
	int ready[2], i, n, status;
	struct gate g;
	char byte;
	pid_t pid;

	(void)state;
	gate_new(&g);
	gate_crash(&g);
	for (i = 0; i < 12; i++) {
		assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
		assert_true((pid = fork()) >= 0);
		if (pid == 0)
			write_for_ever(&g, ready[1]);
		for (n = 0; n <= 3 * i; n++)
			assert_int_equal(read(ready[0], &byte, 1), 1);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		close(ready[0]);
		close(ready[1]);
		gate_open(&g);
		(void)assert_tree_is_whole(&g);
		assert_int_equal(entries(&g, "a"), entries(&g, "b"));
		gate_crash(&g);
	}
	gate_open(&g);
	assert_true(entries(&g, "a") > 0);
	gate_end(&g);
}

/* One statement outside of all rules, as somebody with the file in his hands would. */
static void
spoil(struct gate *g, const char *sql)
{
	char command[400];
	int status;
	pid_t pid;

	gate_crash(g);
	(void)snprintf(command, sizeof(command),
	    "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\n"
	    "d.execute(sys.argv[2])\nd.commit()\n");
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		execlp("python3", "python3", "-c", command, g->db, sql,
		    (char *)NULL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(store_open(g->db, &g->ld.store), 0);
}

static void
a_right_edge_that_does_not_fit_is_seen_at_the_start(void **state)
{
	static const char *const sql[] = {
		"UPDATE entry SET body = replace(body, 'test', 'tess')"
		    " WHERE ix = (SELECT max(ix) FROM entry)",
		"DELETE FROM entry WHERE ix = (SELECT max(ix) FROM entry)",
		"INSERT INTO entry (ix, body) SELECT max(ix) + 1, '{}'"
		    " FROM entry",
		"DELETE FROM node WHERE level = 0 AND ix = (SELECT max(ix)"
		    " FROM node WHERE level = 0)",
		"UPDATE node SET hash = zeroblob(32) WHERE level = 3"
		    " AND ix = (SELECT max(ix) FROM node WHERE level = 3)",
		"UPDATE node SET hash = randomblob(32) WHERE level = 3"
		    " AND ix = (SELECT max(ix) FROM node WHERE level = 3)",
		"INSERT INTO node (level, ix, hash) VALUES (7, 0,"
		    " randomblob(32))",
		"DELETE FROM node WHERE level = 4",
	};
	struct gate g;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		gate_new(&g);
		add(&g, 14);
		assert_int_equal(assert_tree_is_whole(&g), 16);
		spoil(&g, sql[i]);
		if (book_check(&g.ld) != ERR_FORMAT)
			print_error("not seen: %s\n", sql[i]);
		assert_int_equal(book_check(&g.ld), ERR_FORMAT);
		store_free(g.ld.store);
		memset(&g.ld, 0, sizeof(g.ld));
		g.ld.recordings = -1;
		g.d = NULL;
		gate_end(&g);
	}
}

/* A file system so small that it fills up, then gets room. */
static void
a_full_disk_rolls_back_and_the_tree_goes_on(void **state)
{
	char filler[160], big[3000];
	uint64_t before;
	struct gate g;
	json_t *e;
	int r = 0, fd, i;

	(void)state;
	gate_new(&g);
	gate_crash(&g);
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL),
	    0);
	assert_int_equal(mount("small", g.dir, "tmpfs", 0, "size=3m"), 0);
	assert_int_equal(mkdir(g.bin, 0755), 0);
	assert_int_equal(mkdir(g.rec, 0755), 0);
	assert_int_equal(mkdir(g.heads, 0755), 0);
	(void)snprintf(filler, sizeof(filler), "%s/filler", g.dir);
	fd = open(filler, O_RDWR | O_CREAT, 0600);
	assert_int_equal(fallocate(fd, 0, 0, 1 << 20), 0);
	gate_open(&g);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	for (i = 0; i < 2000 && r == 0; i++) {
		before = assert_tree_is_whole(&g);
		e = book_entry("test", NULL);
		assert_int_equal(entry_text(e, "big", big), 0);
		r = book_alone(&g.ld, e);
	}
	assert_int_equal(r, ERR_FULL);
	assert_false(store_is_broken(g.ld.store));
	assert_int_equal(assert_tree_is_whole(&g), before);
	/* still full: the same again, or it is small enough */
	if (book_alone(&g.ld, book_entry("test", NULL)) == 0)
		before++;
	assert_int_equal(assert_tree_is_whole(&g), before);
	before = assert_tree_is_whole(&g);
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
	add(&g, 20);
	assert_int_equal(assert_tree_is_whole(&g), before + 20);
	gate_crash(&g);
	gate_open(&g);
	assert_int_equal(assert_tree_is_whole(&g), before + 22);
	gate_crash(&g);
	assert_int_equal(umount2(g.dir, MNT_DETACH), 0);
	memset(&g.ld, 0, sizeof(g.ld));
	g.ld.recordings = -1;
	g.d = NULL;
	gate_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_brings_its_nodes),
		cmocka_unit_test(a_rollback_takes_the_nodes_back_and_the_tree_goes_on),
		cmocka_unit_test(a_restart_continues_the_tree),
		cmocka_unit_test(a_sudden_death_leaves_whole_transactions),
		cmocka_unit_test(a_right_edge_that_does_not_fit_is_seen_at_the_start),
		cmocka_unit_test(a_full_disk_rolls_back_and_the_tree_goes_on),
	};

	return cmocka_run_group_tests_name("ledgerd/tree", tests, NULL, NULL);
}
