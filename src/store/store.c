/* store.c - statements and transactions of the one SQLite database. */
#include "store/store.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "store/inside.h"

/*
 * Pages in the -wal before they are moved into the file: some in a quiet moment;
 * many (64 MiB) whatever happens.  Moving them takes 10 to 200 ms, and everybody
 * waits: at the first number it would be in the slowest hundredth of all uses.
 */
#define CHECKPOINT_PAGES	1000
#define CHECKPOINT_MAX		16384

static const char *const texts[STORE_STATEMENTS] = {
#define SQL(NAME, text) text,
#include "store/sql.def"
#undef SQL
};

int
store_fail(struct store *s, int rc, const char *what)
{
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		log_warn("database constraint statement=%s error=%s", what,
		    sqlite3_errmsg(s->db));
		return ERR_CONFLICT;
	case SQLITE_FULL:		/* nothing was synced: rolled back, and the disk may get room */
		log_error("no room on the disk statement=%s", what);
		return ERR_FULL;
	case SQLITE_NOMEM:
		s->broken = 1;
		return ERR_NOMEM;
	default:
		if (s->is_reader) {
			log_warn("database cannot be read statement=%s "
			    "error=%s", what, sqlite3_errmsg(s->db));
			return ERR_FORMAT;
		}
		log_error("database failed statement=%s code=%d error=%s",
		    what, rc, sqlite3_errmsg(s->db));
		s->broken = 1;
		return ERR_SYS;
	}
}

static int
prepare_one(struct store *s, enum store_sql sql)
{
	int rc;

	rc = sqlite3_prepare_v3(s->db, texts[sql], -1,
	    SQLITE_PREPARE_PERSISTENT, &s->stmt[sql], NULL);
	return rc == SQLITE_OK ? 0 : store_fail(s, rc, texts[sql]);
}

int
store_prepare_all(struct store *s)
{
	size_t i;
	int r;

	for (i = 0; i < STORE_STATEMENTS; i++)
		if ((r = prepare_one(s, (enum store_sql)i)) != 0)
			return r;
	return 0;
}

static int
bind_one(sqlite3_stmt *stmt, int at, const struct store_arg *a)
{
	switch (a->kind) {
	case STORE_INT:
		return sqlite3_bind_int64(stmt, at, a->i);
	case STORE_TEXT:
		return sqlite3_bind_text(stmt, at, a->p, -1,
		    SQLITE_TRANSIENT);
	case STORE_BLOB:
		if (a->p == NULL)
			return sqlite3_bind_zeroblob(stmt, at, 0);
		return sqlite3_bind_blob64(stmt, at, a->p, a->n,
		    SQLITE_TRANSIENT);
	case STORE_REAL:		/* only ever read */
	case STORE_NULL:
	default:
		return sqlite3_bind_null(stmt, at);
	}
}

static void
give_back(sqlite3_stmt *stmt)
{
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
}

int
store_query(struct store *s, enum store_sql sql, const struct store_arg *args,
    size_t n, store_row_fn *row, void *arg)
{
	sqlite3_stmt *stmt;
	size_t i;
	int rc = SQLITE_OK, r = 0;

	if (s->broken)
		return ERR_SYS;
	if (s->stmt[sql] == NULL && (r = prepare_one(s, sql)) != 0)
		return r;
	stmt = s->stmt[sql];
	if (sqlite3_stmt_busy(stmt))
		return ERR_INTERNAL;
	if ((size_t)sqlite3_bind_parameter_count(stmt) != n)
		return ERR_INTERNAL;
	for (i = 0; i < n && rc == SQLITE_OK; i++)
		rc = bind_one(stmt, (int)i + 1, &args[i]);
	while (rc == SQLITE_OK && r == 0) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW) {
			rc = SQLITE_OK;
			if (row != NULL)
				r = row(arg, (struct store_row *)stmt);
		}
	}
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		r = store_fail(s, rc, texts[sql]);
	give_back(stmt);
	return r > 0 ? 0 : r;
}

int
store_run(struct store *s, enum store_sql sql, const struct store_arg *args,
    size_t n)
{
	return store_query(s, sql, args, n, NULL, NULL);
}

int64_t
store_changed(const struct store *s)
{
	return sqlite3_changes64(s->db);
}

static int
first_number(void *arg, const struct store_row *row)
{
	if (!store_is_null(row, 0))
		*(int64_t *)arg = store_int(row, 0);
	return 1;
}

int
store_number(struct store *s, enum store_sql sql, const struct store_arg *args,
    size_t n, int64_t def, int64_t *v)
{
	*v = def;
	return store_query(s, sql, args, n, first_number, v);
}

int
store_begin(struct store *s)
{
	int r;

	if (!s->is_grouped)
		return store_run(s, STORE_BEGIN, NULL, 0);
	if (!s->has_begun) {
		if ((r = store_run(s, STORE_BEGIN, NULL, 0)) != 0)
			return r;
		s->has_begun = 1;
	}
	return store_run(s, STORE_PART, NULL, 0);
}

/*
 * SQLite would ignore an error while it moves pages on its own, so it is told
 * not to, and we do it where the error counts.  For want of room they stay
 * where they are: committed and synced.
 */
static int
checkpoint(struct store *s, int pages)
{
	int rc, r;

	if (s->wal_pages < pages)
		return 0;
	s->wal_pages = 0;	/* what a reader holds back is told again by the next commit */
	rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
	    NULL, NULL);
	r = rc == SQLITE_OK ? 0 : store_fail(s, rc, "checkpoint");
	return r == ERR_FULL ? 0 : r;
}

int
store_wants_rest(const struct store *s)
{
	return s->wal_pages >= CHECKPOINT_PAGES;
}

int
store_rest(struct store *s)
{
	return s->broken ? ERR_SYS : checkpoint(s, CHECKPOINT_PAGES);
}

void
store_set_tight(struct store *s, int tight)
{
	s->is_tight = tight;
}

/* SQLite may have done it already; one that fails leaves nothing to trust. */
static int
roll_back(struct store *s, int r)
{
	int rc;

	if (!sqlite3_get_autocommit(s->db) &&
	    (rc = sqlite3_step(s->stmt[STORE_ROLLBACK])) != SQLITE_DONE) {
		(void)store_fail(s, rc, "rollback");
		s->broken = 1;
	}
	give_back(s->stmt[STORE_ROLLBACK]);
	return r;
}

static int
commit(struct store *s)
{
	int r;

	r = store_run(s, STORE_COMMIT, NULL, 0);
	if (r == ERR_FULL)
		return roll_back(s, r);
	if (r != 0) {
		s->broken = 1;		/* whatever it was: never retried */
		return ERR_SYS;
	}
	return checkpoint(s, s->is_tight ? CHECKPOINT_PAGES : CHECKPOINT_MAX);
}

/* Keeps or undoes this part alone. */
static int
end_part(struct store *s, int r)
{
	if (r == 0 && store_run(s, STORE_PART_KEEP, NULL, 0) == 0) {
		s->parts++;
		return 0;
	}
	if (s->broken)
		return ERR_SYS;
	if (sqlite3_get_autocommit(s->db)) {
		/* SQLite has undone all of it, also what others take for done */
		s->has_begun = 0;
		s->broken = s->parts > 0;
		return s->broken ? ERR_SYS : r;
	}
	if (r == 0 || store_run(s, STORE_PART_UNDO, NULL, 0) != 0 ||
	    store_run(s, STORE_PART_KEEP, NULL, 0) != 0) {
		s->broken = 1;
		return ERR_SYS;
	}
	return r;
}

int
store_end(struct store *s, int r)
{
	if (s->is_grouped)
		return end_part(s, r);
	return r != 0 ? roll_back(s, r) : commit(s);
}

void
store_group(struct store *s)
{
	s->is_grouped = 1;
	s->has_begun = 0;
	s->parts = 0;
}

unsigned int
store_parts(const struct store *s)
{
	return s->parts;
}

int
store_commit(struct store *s)
{
	int r;

	s->is_grouped = 0;
	if (s->broken)
		return ERR_SYS;
	if (!s->has_begun)
		return 0;
	s->has_begun = 0;
	if (s->parts == 0)
		return roll_back(s, 0);
	if ((r = commit(s)) == ERR_FULL) {
		log_error("no room for what several were told: stopping");
		s->broken = 1;
	}
	return r == 0 ? 0 : ERR_SYS;
}

int
store_is_broken(const struct store *s)
{
	return s->broken;
}

static sqlite3_stmt *
of(const struct store_row *row)
{
	return (sqlite3_stmt *)(uintptr_t)row;
}

int64_t
store_int(const struct store_row *row, int column)
{
	return sqlite3_column_int64(of(row), column);
}

int
store_is_null(const struct store_row *row, int column)
{
	return sqlite3_column_type(of(row), column) == SQLITE_NULL;
}

enum store_kind
store_kind_of(const struct store_row *row, int column)
{
	switch (sqlite3_column_type(of(row), column)) {
	case SQLITE_INTEGER:
		return STORE_INT;
	case SQLITE_FLOAT:
		return STORE_REAL;
	case SQLITE_TEXT:
		return STORE_TEXT;
	case SQLITE_BLOB:
		return STORE_BLOB;
	default:
		return STORE_NULL;
	}
}

const char *
store_text(const struct store_row *row, int column)
{
	const unsigned char *s = sqlite3_column_text(of(row), column);

	return s == NULL ? "" : (const char *)s;
}

const uint8_t *
store_blob(const struct store_row *row, int column, size_t *n)
{
	const void *p = sqlite3_column_blob(of(row), column);

	*n = p == NULL ? 0 : (size_t)sqlite3_column_bytes(of(row), column);
	return p;
}
