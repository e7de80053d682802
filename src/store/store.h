/*
 * store.h - the gate's database: the only folder that knows SQLite.
 *
 * Every statement is a constant of sql.def, prepared once and bound with
 * values; no other SQL exists.  One process, one handle, no other reader: the
 * file is locked for as long as it is open.  A commit is on the disk when
 * store_end() returns 0.  After a failure of the disk the store is broken: it
 * refuses everything and the process must stop (a failed sync is never tried
 * again).
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#define STORE_APPLICATION	0x53454b49	/* "SEKI" in the file's header */
#define STORE_SCHEMA		3		/* user_version */
#define STORE_SCHEMA_OLD	2		/* other indexes: opened it becomes one of today, read it is as good */

struct store;
struct store_row;

enum store_sql {
#define SQL(NAME, text) STORE_##NAME,
#include "store/sql.def"
#undef SQL
	STORE_STATEMENTS
};

enum store_kind { STORE_NULL, STORE_INT, STORE_TEXT, STORE_BLOB, STORE_REAL };

struct store_arg {
	enum store_kind	 kind;
	int64_t		 i;
	const void	*p;
	size_t		 n;
};

/*
 * Open or create (mode 0600).  Checks that it is ours, of this schema, whole
 * and writable.  ERR_FORMAT: not ours, another schema, damaged; ERR_SYS:
 * cannot be opened or written.  Both are logged in one line.
 */
int store_open(const char *path, struct store **out);
/* The same without reading all of it: it was found whole and only we have written to it since. */
int store_open_again(const char *path, struct store **out);
/* Finish in order: everything into the one file, no -wal left behind.  Then free. */
int store_shut(struct store *s);
/* Free without finishing; NULL is allowed. */
void store_free(struct store *s);
/* 1: the disk failed; nothing will be accepted any more. */
int store_is_broken(const struct store *s);

/*
 * A copy that somebody else made, only to be read: no lock, nothing written
 * into it or beside it, its -wal read too.  ERR_FORMAT: foreign, another
 * schema, damaged; ERR_NOTFOUND, ERR_SYS: cannot be opened; "why" says it.
 * Statements that find it damaged give ERR_FORMAT, and others still work.
 */
#define STORE_WHY	200
int store_read(const char *path, struct store **out, char why[STORE_WHY]);
/* Is it sound as a whole?  "fn" gets each thing that is not, as SQLite says it. */
int store_inspect(struct store *s, void (*fn)(void *arg, const char *line),
    void *arg);
/* Are its tables, indexes and everything else those of schema.h, to the letter?  "fn" gets the name of each that is not. */
int store_schema(struct store *s, void (*fn)(void *arg, const char *name,
    const char *why), void *arg);

/* One transaction at a time.  BEGIN IMMEDIATE. */
int store_begin(struct store *s);
/* Commits when "r" is 0, else rolls back; returns r, or why the commit failed (ERR_FULL: rolled back, nothing is changed). */
int store_end(struct store *s, int r);

/*
 * Between the two, each transaction is a part of one: what a part wrote is
 * undone when its store_end() has an error, and is on the disk only when
 * store_commit() returns 0.  If that fails nothing of it is there and the store
 * is broken, also for want of room: what the parts were told cannot be taken
 * back.  No part, or none that wrote: nothing is synced.
 */
void store_group(struct store *s);
int store_commit(struct store *s);
/* Parts of this group that are to be kept. */
unsigned int store_parts(const struct store *s);

/*
 * What was committed lies beside the file first.  Moving it there takes long,
 * so it waits for a quiet moment (store_wants_rest(), store_rest()), but not
 * for ever.  "tight": there is little room, so it never waits.
 */
int store_wants_rest(const struct store *s);
int store_rest(struct store *s);
void store_set_tight(struct store *s, int tight);

/*
 * Run a statement that gives no rows.  ERR_CONFLICT: a constraint of the
 * schema said no.  ERR_FULL: no room on the disk; store_end() with it rolls
 * back and the store goes on.  store_changed() tells how many rows it touched.
 */
int store_run(struct store *s, enum store_sql sql,
    const struct store_arg *args, size_t n);
int64_t store_changed(const struct store *s);

/*
 * Call "row" for each row; it returns 0 to go on, 1 to stop, or an error
 * which is passed on.  Within it, other statements may run, not the same one.
 */
typedef int store_row_fn(void *arg, const struct store_row *row);
int store_query(struct store *s, enum store_sql sql,
    const struct store_arg *args, size_t n, store_row_fn *row, void *arg);
/* The first column of the first row as a number; "def" when there is no row or it is NULL. */
int store_number(struct store *s, enum store_sql sql,
    const struct store_arg *args, size_t n, int64_t def, int64_t *v);

/* Columns count from 0; what is returned lives until the callback returns. */
int64_t store_int(const struct store_row *row, int column);
int store_is_null(const struct store_row *row, int column);
enum store_kind store_kind_of(const struct store_row *row, int column);
/* "" for NULL.  store_blob() gives the bytes of texts too. */
const char *store_text(const struct store_row *row, int column);
const uint8_t *store_blob(const struct store_row *row, int column, size_t *n);

static inline struct store_arg
store_i(int64_t i)
{
	return (struct store_arg){ .kind = STORE_INT, .i = i };
}

static inline struct store_arg
store_s(const char *s)
{
	return (struct store_arg){ .kind = STORE_TEXT, .p = s };
}

static inline struct store_arg
store_b(const void *p, size_t n)
{
	return (struct store_arg){ .kind = STORE_BLOB, .p = p, .n = n };
}

static inline struct store_arg
store_null(void)
{
	return (struct store_arg){ .kind = STORE_NULL };
}

#define STORE_ARGS(...)							\
	(const struct store_arg[]){ __VA_ARGS__ },			\
	sizeof((const struct store_arg[]){ __VA_ARGS__ }) /		\
	sizeof(struct store_arg)

#endif
