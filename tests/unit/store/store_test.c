/* store_test.c - transactions, constraints, and databases that must not be opened. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "base/err.h"
#include "base/log.h"
#include "store/store.h"

struct place {
	char	 dir[64], db[96];
};

static void
place_new(struct place *p)
{
	log_init("test", LOG_ERROR);
	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/store-test-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	(void)snprintf(p->db, sizeof(p->db), "%s/ledger.db", p->dir);
}

static void
place_end(struct place *p)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	char path[128];
	size_t i;

	for (i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", p->db, ends[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(p->dir), 0);
}

static int
add_entry(struct store *s, int64_t ix)
{
	return store_run(s, STORE_ENTRY_ADD,
	    STORE_ARGS(store_i(ix), store_b("{}", 2)));
}

static int64_t
next_entry(struct store *s)
{
	int64_t v;

	assert_int_equal(store_number(s, STORE_ENTRY_NEXT, NULL, 0, -1, &v),
	    0);
	return v;
}

static void
what_is_committed_is_there_after_a_crash(void **state)
{
	struct store *s;
	struct place p;
	struct stat st;
	pid_t pid;

	(void)state;
	place_new(&p);
	if ((pid = fork()) == 0) {
		if (store_open(p.db, &s) != 0 || store_begin(s) != 0 ||
		    store_end(s, add_entry(s, 0)) != 0 ||
		    store_begin(s) != 0 || add_entry(s, 1) != 0)
			_exit(1);
		_exit(0);		/* in the middle of the second */
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(next_entry(s), 1);
	assert_int_equal(stat(p.db, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

static void
a_failed_transaction_leaves_nothing(void **state)
{
	struct store *s;
	struct place p;

	(void)state;
	place_new(&p);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(add_entry(s, 0), 0);
	assert_int_equal(store_end(s, ERR_DENIED), ERR_DENIED);
	assert_int_equal(next_entry(s), 0);
	assert_false(store_is_broken(s));
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

static void
the_schema_says_no_to_what_must_not_be(void **state)
{
	struct store *s;
	struct place p;

	(void)state;
	place_new(&p);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(add_entry(s, 0), 0);
	assert_int_equal(add_entry(s, 0), ERR_CONFLICT);	/* twice */
	assert_int_equal(add_entry(s, -1), ERR_CONFLICT);
	assert_int_equal(store_run(s, STORE_OPERATOR_ADD, STORE_ARGS(
	    store_i(5), store_s("alice"))), ERR_CONFLICT);	/* no such request */
	assert_false(store_is_broken(s));
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

static int
use(struct store *s, int64_t now)
{
	assert_int_equal(store_run(s, STORE_REQUEST_USE, STORE_ARGS(
	    store_i(1), store_i(1), store_i(now))), 0);
	return (int)store_changed(s);
}

static void
a_use_is_taken_only_within_window_and_number(void **state)
{
	uint8_t digest[32] = { 0 };
	struct store *s;
	struct place p;

	(void)state;
	place_new(&p);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(store_run(s, STORE_REQUEST_ADD, STORE_ARGS(
	    store_i(1), store_i(1), store_s("alice"), store_s("files"),
	    store_b("{}", 2), store_b(digest, 32), store_null(), store_i(2),
	    store_s(""), store_s(""), store_s(""), store_s("[]"), store_i(1),
	    store_i(9))), 0);
	assert_int_equal(use(s, 150), 0);		/* not approved */
	assert_int_equal(store_run(s, STORE_REQUEST_STATE, STORE_ARGS(
	    store_i(1), store_s("approved"), store_i(100), store_i(200))), 0);
	assert_int_equal(use(s, 99), 0);
	assert_int_equal(use(s, 200), 0);
	assert_int_equal(use(s, 100), 1);
	assert_int_equal(use(s, 199), 1);
	assert_int_equal(use(s, 150), 0);		/* both are made */
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

static void
a_clean_end_leaves_one_file_that_others_can_read(void **state)
{
	char path[128];
	struct store *s;
	struct place p;
	sqlite3 *db;

	(void)state;
	place_new(&p);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(add_entry(s, 0), 0);
	assert_int_equal(store_shut(s), 0);
	(void)snprintf(path, sizeof(path), "%s-wal", p.db);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(sqlite3_open_v2(p.db, &db, SQLITE_OPEN_READONLY,
	    NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "SELECT body FROM entry", NULL,
	    NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	place_end(&p);
}

static void
while_it_is_open_nobody_else_gets_in(void **state)
{
	struct store *s, *other = NULL;
	struct place p;
	sqlite3 *db;

	(void)state;
	place_new(&p);
	log_init("test", LOG_ERROR);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(store_open(p.db, &other), ERR_SYS);
	assert_int_equal(sqlite3_open_v2(p.db, &db, SQLITE_OPEN_READWRITE,
	    NULL), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM entry", NULL, NULL,
	    NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

/* A pragma or statement on the closed database. */
static void
spoil(struct place *p, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
foreign_newer_or_broken_databases_are_refused(void **state)
{
	static const char *const ways[] = {
		"PRAGMA user_version = 99", "PRAGMA application_id = 5",
		"PRAGMA foreign_keys = OFF;"
		"INSERT INTO operator VALUES (77, 'x')",
	};
	struct store *s = NULL;
	struct place p;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		place_new(&p);
		assert_int_equal(store_open(p.db, &s), 0);
		assert_int_equal(store_shut(s), 0);
		spoil(&p, ways[i]);
		assert_int_equal(store_open(p.db, &s), ERR_FORMAT);
		place_end(&p);
	}
	place_new(&p);
	fd = open(p.db, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "this is no database, surely not", 31), 31);
	close(fd);
	assert_int_equal(store_open(p.db, &s), ERR_FORMAT);
	assert_int_equal(chmod(p.db, 0644), 0);
	assert_int_equal(store_open(p.db, &s), ERR_SYS);
	assert_int_equal(unlink(p.db), 0);
	assert_int_equal(symlink("/etc/passwd", p.db), 0);
	assert_int_equal(store_open(p.db, &s), ERR_SYS);
	place_end(&p);
}

/* A full disk, by the limit of file size: the first failed write is the last. */
static void
fill(const char *path)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct rlimit small = { 120000, 120000 };
	struct store *s;
	int64_t ix;
	int r = 0;

	if (store_open(path, &s) != 0)
		_exit(1);
	sigaction(SIGXFSZ, &ignore, NULL);
	if (setrlimit(RLIMIT_FSIZE, &small) != 0)
		_exit(2);
	for (ix = 0; r == 0 && ix < 10000; ix++)
		if ((r = store_begin(s)) == 0)
			r = store_end(s, add_entry(s, ix));
	if (r != ERR_SYS || !store_is_broken(s))
		_exit(3);
	if (store_begin(s) != ERR_SYS || store_shut(s) != ERR_SYS)
		_exit(4);
	_exit(0);
}

static void
after_a_failed_write_nothing_is_tried_again(void **state)
{
	struct store *s;
	struct place p;
	int status;
	pid_t pid;

	(void)state;
	place_new(&p);
	if ((pid = fork()) == 0)
		fill(p.db);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(store_open(p.db, &s), 0);	/* whole, as far as it got */
	assert_true(next_entry(s) > 1);
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

/* --- groups --- */
static int
part(struct store *s, int64_t ix, int r)
{
	int e;

	if ((e = store_begin(s)) != 0 || (e = add_entry(s, ix)) != 0)
		return e;
	return store_end(s, r);
}

static void
of_a_group_each_part_is_kept_or_undone_alone(void **state)
{
	struct store *s;
	struct place p;

	(void)state;
	place_new(&p);
	assert_int_equal(store_open(p.db, &s), 0);
	store_group(s);
	assert_int_equal(part(s, 0, 0), 0);
	assert_int_equal(part(s, 1, ERR_DENIED), ERR_DENIED);
	assert_int_equal(next_entry(s), 1);	/* the next part sees what is kept */
	assert_int_equal(part(s, 1, 0), 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(add_entry(s, 2), 0);
	assert_int_equal(store_end(s, add_entry(s, 2)), ERR_CONFLICT);
	assert_int_equal(part(s, 2, 0), 0);
	assert_int_equal(store_parts(s), 3);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(next_entry(s), 3);
	/* and afterwards a transaction is one again */
	assert_int_equal(part(s, 3, ERR_DENIED), ERR_DENIED);
	assert_int_equal(part(s, 3, 0), 0);
	store_free(s);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(next_entry(s), 4);
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

static void
a_group_without_parts_writes_nothing(void **state)
{
	struct store *s;
	struct place p;

	(void)state;
	place_new(&p);
	assert_int_equal(store_open(p.db, &s), 0);
	store_group(s);
	assert_int_equal(store_commit(s), 0);
	store_group(s);
	assert_int_equal(part(s, 0, ERR_DENIED), ERR_DENIED);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(next_entry(s), 0);
	assert_int_equal(part(s, 0, 0), 0);
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

static void
a_group_that_dies_before_its_commit_was_never_there(void **state)
{
	struct store *s;
	struct place p;
	pid_t pid;

	(void)state;
	place_new(&p);
	if ((pid = fork()) == 0) {
		if (store_open(p.db, &s) != 0 || part(s, 0, 0) != 0)
			_exit(1);
		store_group(s);
		_exit(part(s, 1, 0) != 0 || part(s, 2, 0) != 0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(next_entry(s), 1);
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

/* The limit comes when all parts were told that they are kept. */
static void
fill_group(const char *path)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct rlimit small = { 4096, 4096 };
	struct store *s;

	if (store_open(path, &s) != 0)
		_exit(1);
	sigaction(SIGXFSZ, &ignore, NULL);
	store_group(s);
	if (part(s, 0, 0) != 0 || part(s, 1, 0) != 0 ||
	    setrlimit(RLIMIT_FSIZE, &small) != 0)
		_exit(2);
	if (store_commit(s) != ERR_SYS || !store_is_broken(s))
		_exit(3);
	store_group(s);
	_exit(store_begin(s) == ERR_SYS && store_commit(s) == ERR_SYS ? 0 : 4);
}

static void
a_group_whose_commit_fails_is_gone_and_the_store_broken(void **state)
{
	struct store *s;
	struct place p;
	int status;
	pid_t pid;

	(void)state;
	place_new(&p);
	if ((pid = fork()) == 0)
		fill_group(p.db);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(next_entry(s), 0);
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

static void
what_waits_beside_the_file_is_moved_in_a_quiet_moment(void **state)
{
	char big[3000] = "{", path[128];
	struct stat before, after;
	struct store *s;
	struct place p;
	int64_t ix;

	(void)state;
	place_new(&p);
	memset(big + 1, ' ', sizeof(big) - 2);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(stat(p.db, &before), 0);
	assert_false(store_wants_rest(s));
	for (ix = 0; ix < 2000 && !store_wants_rest(s); ix++) {
		assert_int_equal(store_begin(s), 0);
		assert_int_equal(store_end(s, store_run(s, STORE_ENTRY_ADD,
		    STORE_ARGS(store_i(ix), store_b(big, sizeof(big))))), 0);
	}
	assert_true(ix < 2000);
	assert_int_equal(stat(p.db, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_int_equal(store_rest(s), 0);
	assert_false(store_wants_rest(s));
	assert_int_equal(stat(p.db, &after), 0);
	assert_true(after.st_size > before.st_size);
	/* with little room it does not wait */
	store_set_tight(s, 1);
	for (; ix < 4000; ix++) {
		assert_int_equal(store_begin(s), 0);
		assert_int_equal(store_end(s, store_run(s, STORE_ENTRY_ADD,
		    STORE_ARGS(store_i(ix), store_b(big, sizeof(big))))), 0);
		assert_false(store_wants_rest(s));
	}
	(void)snprintf(path, sizeof(path), "%s-wal", p.db);
	assert_int_equal(stat(path, &after), 0);
	assert_true(after.st_size < 8 << 20);
	assert_int_equal(store_shut(s), 0);
	place_end(&p);
}

static void
name_of(void *arg, const char *name, const char *why)
{
	print_error("%s: %s\n", name, why);
	++*(int *)arg;
}

static void
a_database_of_version_2_gets_its_indexes(void **state)
{
	struct store *s;
	struct place p;
	int faults = 0;
	char why[STORE_WHY];

	(void)state;
	place_new(&p);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(part(s, 0, 0), 0);
	assert_int_equal(store_shut(s), 0);
	/* a copy of it is as good as it was */
	spoil(&p, "DROP INDEX request_waiting; DROP INDEX request_usable;"
	    "DROP INDEX session_running; DROP INDEX session_lost;"
	    "CREATE INDEX request_state ON request (state);"
	    "CREATE INDEX session_state ON session (state);"
	    "PRAGMA user_version = 2");
	assert_int_equal(store_read(p.db, &s, why), 0);
	assert_int_equal(store_schema(s, name_of, &faults), 0);
	assert_int_equal(faults, 0);
	assert_int_equal(next_entry(s), 1);
	store_free(s);
	assert_int_equal(store_open(p.db, &s), 0);
	assert_int_equal(next_entry(s), 1);
	assert_int_equal(store_shut(s), 0);
	assert_int_equal(store_read(p.db, &s, why), 0);
	assert_int_equal(store_schema(s, name_of, &faults), 0);
	assert_int_equal(faults, 0);
	store_free(s);
	place_end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_committed_is_there_after_a_crash),
		cmocka_unit_test(a_failed_transaction_leaves_nothing),
		cmocka_unit_test(the_schema_says_no_to_what_must_not_be),
		cmocka_unit_test(a_use_is_taken_only_within_window_and_number),
		cmocka_unit_test(a_clean_end_leaves_one_file_that_others_can_read),
		cmocka_unit_test(while_it_is_open_nobody_else_gets_in),
		cmocka_unit_test(foreign_newer_or_broken_databases_are_refused),
		cmocka_unit_test(after_a_failed_write_nothing_is_tried_again),
		cmocka_unit_test(of_a_group_each_part_is_kept_or_undone_alone),
		cmocka_unit_test(a_group_without_parts_writes_nothing),
		cmocka_unit_test(a_group_that_dies_before_its_commit_was_never_there),
		cmocka_unit_test(a_group_whose_commit_fails_is_gone_and_the_store_broken),
		cmocka_unit_test(what_waits_beside_the_file_is_moved_in_a_quiet_moment),
		cmocka_unit_test(a_database_of_version_2_gets_its_indexes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
