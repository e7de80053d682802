/* read_test.c - a copy is read as it is, and nothing is written into it or beside it. */
#include "../test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "store/store.h"

struct place {
	char	dir[64], db[96], wal[96];
};

static void
place_new(struct place *p)
{
	struct store *s;

	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/read-test-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	(void)snprintf(p->db, sizeof(p->db), "%s/ledger.db", p->dir);
	(void)snprintf(p->wal, sizeof(p->wal), "%s/ledger.db-wal", p->dir);
	assert_int_equal(store_open(p->db, &s), 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_end(s, store_run(s, STORE_ENTRY_ADD,
	    STORE_ARGS(store_i(0), store_b("{}", 2)))), 0);
	assert_int_equal(store_shut(s), 0);
}

/* Files in the directory. */
static int
count(const struct place *p)
{
	struct dirent *e;
	DIR *d = opendir(p->dir);
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void
place_end(struct place *p)
{
	char path[128];

	(void)unlink(p->db);
	(void)unlink(p->wal);
	(void)snprintf(path, sizeof(path), "%s-shm", p->db);
	(void)unlink(path);
	assert_int_equal(rmdir(p->dir), 0);
}

static int64_t
entries(struct store *s)
{
	int64_t n;

	assert_int_equal(store_number(s, STORE_ENTRY_NEXT, NULL, 0, 0, &n), 0);
	return n;
}

static void
on_thing(void *arg, const char *line)
{
	(void)line;
	++*(int *)arg;
}

static void
on_name(void *arg, const char *name, const char *why)
{
	(void)name;
	(void)why;
	++*(int *)arg;
}

static void
a_copy_is_read_and_left_alone(void **state)
{
	struct stat before, after;
	char why[STORE_WHY];
	struct store *s;
	struct place p;
	int n = 0;

	(void)state;
	place_new(&p);
	assert_int_equal(chmod(p.db, 0400), 0);
	assert_int_equal(stat(p.db, &before), 0);
	assert_int_equal(store_read(p.db, &s, why), 0);
	assert_int_equal(entries(s), 1);
	assert_int_equal(store_inspect(s, on_thing, &n), 0);
	assert_int_equal(store_schema(s, on_name, &n), 0);
	assert_int_equal(n, 0);
	assert_int_not_equal(store_run(s, STORE_ENTRY_ADD, STORE_ARGS(
	    store_i(1), store_b("{}", 2))), 0);
	assert_int_equal(count(&p), 1);
	store_free(s);
	assert_int_equal(stat(p.db, &after), 0);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_int_equal(count(&p), 1);
	place_end(&p);
}

/* What was committed and not yet moved counts; a -wal of something else does not. */
static void
a_log_beside_it_is_read(void **state)
{
	char why[STORE_WHY];
	struct store *s;
	struct place p;
	sqlite3 *db;

	(void)state;
	place_new(&p);
	assert_int_equal(sqlite3_open(p.db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL;"
	    "INSERT INTO entry VALUES (1, x'7b7d')", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(store_read(p.db, &s, why), 0);
	assert_int_equal(entries(s), 2);
	store_free(s);
	assert_int_equal(access(p.wal, F_OK), 0);
	assert_int_equal(store_read(p.db, &s, why), 0);
	assert_int_equal(entries(s), 2);
	store_free(s);
	sqlite3_close(db);
	place_end(&p);
}

static void
what_is_no_database_says_why(void **state)
{
	char why[STORE_WHY];
	struct store *s;
	struct place p;
	int fd;

	(void)state;
	place_new(&p);
	assert_int_equal(truncate(p.db, 0), 0);
	assert_int_equal(store_read(p.db, &s, why), ERR_FORMAT);
	assert_string_equal(why, "it is empty");
	fd = open(p.db, O_WRONLY);
	assert_int_equal(write(fd, "surely no database", 18), 18);
	close(fd);
	assert_int_equal(store_read(p.db, &s, why), ERR_FORMAT);
	assert_non_null(strstr(why, "no database"));
	assert_int_equal(unlink(p.db), 0);
	assert_int_equal(store_read(p.db, &s, why), ERR_NOTFOUND);
	assert_int_equal(symlink("/etc/passwd", p.db), 0);
	assert_int_equal(store_read(p.db, &s, why), ERR_SYS);
	assert_int_equal(unlink(p.db), 0);
	assert_int_equal(mkfifo(p.db, 0600), 0);
	assert_int_equal(store_read(p.db, &s, why), ERR_FORMAT);
	place_end(&p);
}

static void
other_tables_are_seen(void **state)
{
	static const char *const ways[] = { "CREATE TABLE x (a)",
		"DROP INDEX session_lost", "CREATE VIEW x AS SELECT 1",
		"ALTER TABLE job ADD COLUMN x" };
	char why[STORE_WHY];
	struct store *s;
	struct place p;
	sqlite3 *db;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		place_new(&p);
		assert_int_equal(sqlite3_open(p.db, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, ways[i], NULL, NULL, NULL),
		    SQLITE_OK);
		sqlite3_close(db);
		assert_int_equal(store_read(p.db, &s, why), 0);
		n = 0;
		assert_int_equal(store_schema(s, on_name, &n), 0);
		assert_int_equal(n, 1);
		store_free(s);
		place_end(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_read_and_left_alone),
		cmocka_unit_test(a_log_beside_it_is_read),
		cmocka_unit_test(what_is_no_database_says_why),
		cmocka_unit_test(other_tables_are_seen),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
