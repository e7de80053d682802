/* read.c - opens a copy of a database to be looked at, never to be changed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "store/inside.h"
#include "store/schema.h"

/*
 * How a file is opened so that SQLite writes nothing beside it:
 * - without -wal it is "immutable": no lock, no -shm, no journal;
 * - with one, SQLite must read it, and would want a -shm: the VFS that locks
 *   nothing, together with locking_mode EXCLUSIVE, keeps that in memory, and a
 *   read-only handle that is told not to finish leaves the -wal alone.
 */
#define VFS_WITHOUT_LOCKS	"unix-none"

static void
say(char why[STORE_WHY], const char *what, const char *text)
{
	(void)snprintf(why, STORE_WHY, "%s%s%s", what,
	    *text == '\0' ? "" : ": ", text);
}

/* A regular file with something in it.  ERR_NOTFOUND: there is none. */
static int
look(const char *path, off_t *size, char why[STORE_WHY])
{
	struct stat st;
	int fd, r = 0;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
	    O_NOCTTY);
	if (fd < 0) {
		r = errno == ENOENT ? ERR_NOTFOUND : ERR_SYS;
		say(why, "it cannot be opened", errno == ENOENT ?
		    "no such file" : strerrordesc_np(errno));
		return r;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		say(why, "it is no regular file", "");
		r = ERR_FORMAT;
	} else
		*size = st.st_size;
	close(fd);
	return r;
}

/* "file:..." with every byte that means something in a URI escaped. */
static int
make_uri(const char *path, char *out, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
	size_t n;

	n = (size_t)snprintf(out, size, "file:%s", *path == '/' ? "//" : "");
	for (; *path != '\0' && n + 16 < size; path++)
		if (strchr(plain, *path) != NULL)
			out[n++] = *path;
		else
			n += (size_t)snprintf(out + n, 4, "%%%02X",
			    (unsigned char)*path);
	out[n] = '\0';
	if (*path != '\0')
		return ERR_LIMIT;
	(void)snprintf(out + n, size - n, "?immutable=1");
	return 0;
}

static int
open_handle(struct store *s, const char *path, int has_wal)
{
	char uri[3 * PATH_MAX + 32];

	if (make_uri(path, uri, sizeof(uri)) != 0)
		return SQLITE_CANTOPEN;
	return sqlite3_open_v2(has_wal ? path : uri, &s->db,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_PRIVATECACHE | (has_wal ? 0 : SQLITE_OPEN_URI),
	    has_wal ? VFS_WITHOUT_LOCKS : NULL);
}

/* The first column of the first row, as a number; -1: there is none. */
static int
number(struct store *s, const char *sql, int64_t *v)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	*v = -1;
	rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		*v = sqlite3_column_int64(stmt, 0);
		rc = SQLITE_DONE;
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Before the first page is read. */
static int
configure(struct store *s)
{
	static const char *const pragmas[] = {
		"PRAGMA locking_mode = EXCLUSIVE",
		"PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON",
		"PRAGMA mmap_size = 0",
		"PRAGMA temp_store = MEMORY",
		"PRAGMA query_only = ON",
	};
	size_t i;
	int rc;

	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	for (i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++)
		if ((rc = sqlite3_exec(s->db, pragmas[i], NULL, NULL,
		    NULL)) != SQLITE_OK)
			return rc;
	return SQLITE_OK;
}

static int
identify(struct store *s, char why[STORE_WHY])
{
	int64_t app, version;

	if (number(s, "PRAGMA application_id", &app) != SQLITE_OK ||
	    number(s, "PRAGMA user_version", &version) != SQLITE_OK) {
		say(why, "it is damaged, or no database",
		    sqlite3_errmsg(s->db));
		return ERR_FORMAT;
	}
	s->version = (int)version;
	if (app != STORE_APPLICATION || (version != STORE_SCHEMA &&
	    version != STORE_SCHEMA_OLD)) {
		say(why, app != STORE_APPLICATION ?
		    "it is the database of another program" :
		    "it is of another version of this program", "");
		return ERR_FORMAT;
	}
	return 0;
}

int
store_read(const char *path, struct store **out, char why[STORE_WHY])
{
	off_t size = 0, wal = 0;
	char wal_path[PATH_MAX], text[STORE_WHY];
	struct store *s;
	int r;

	*out = NULL;
	if ((r = look(path, &size, why)) != 0)
		return r;
	if ((size_t)snprintf(wal_path, sizeof(wal_path), "%s-wal", path) >=
	    sizeof(wal_path))
		return ERR_LIMIT;
	if (size == 0) {	/* SQLite would remove what lies beside it */
		say(why, "it is empty", "");
		return ERR_FORMAT;
	}
	if ((r = look(wal_path, &wal, text)) != 0 && r != ERR_NOTFOUND) {
		say(why, "its -wal cannot be read", "");
		return r;
	}
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ERR_NOMEM;
	s->is_reader = 1;
	if (open_handle(s, path, wal > 0) != SQLITE_OK ||
	    configure(s) != SQLITE_OK) {
		say(why, "it cannot be opened", sqlite3_errmsg(s->db));
		r = ERR_FORMAT;
	} else
		r = identify(s, why);
	if (r != 0) {
		store_free(s);
		return r;
	}
	*out = s;
	return 0;
}

int
store_inspect(struct store *s, void (*fn)(void *arg, const char *line),
    void *arg)
{
	sqlite3_stmt *stmt = NULL;
	const char *line;
	int rc;

	rc = sqlite3_prepare_v2(s->db, "PRAGMA integrity_check(20)", -1,
	    &stmt, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		line = (const char *)sqlite3_column_text(stmt, 0);
		if (line != NULL && strcmp(line, "ok") != 0)
			fn(arg, line);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return 0;
	fn(arg, sqlite3_errmsg(s->db));
	return rc == SQLITE_NOMEM ? ERR_NOMEM : 0;
}

/* Next row of the list of all that a database holds; NULL at the end. */
static int
next_thing(sqlite3_stmt *stmt, const char **name, const char **text)
{
	int rc = sqlite3_step(stmt);

	*name = *text = NULL;
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_OK : rc;
	*name = (const char *)sqlite3_column_text(stmt, 0);
	*text = (const char *)sqlite3_column_text(stmt, 1);
	if (*name == NULL)
		*name = "";
	if (*text == NULL)
		*text = "";
	return SQLITE_OK;
}

/* Two lists in the order of names: what stands on one of them only, or differs. */
static int
compare_lists(sqlite3_stmt *is, sqlite3_stmt *must, void (*fn)(void *arg,
    const char *name, const char *why), void *arg)
{
	const char *name[2], *text[2];
	int rc, c;

	if ((rc = next_thing(is, &name[0], &text[0])) != SQLITE_OK ||
	    (rc = next_thing(must, &name[1], &text[1])) != SQLITE_OK)
		return rc;
	while (name[0] != NULL || name[1] != NULL) {
		c = name[0] == NULL ? 1 : name[1] == NULL ? -1 :
		    strcmp(name[0], name[1]);
		if (c < 0)
			fn(arg, name[0], "there should be no such table, "
			    "index, view or trigger");
		else if (c > 0)
			fn(arg, name[1], "the table or index is missing");
		else if (strcmp(text[0], text[1]) != 0)
			fn(arg, name[0], "it is made in another way than it "
			    "should be");
		if (c <= 0 && (rc = next_thing(is, &name[0],
		    &text[0])) != SQLITE_OK)
			return rc;
		if (c >= 0 && (rc = next_thing(must, &name[1],
		    &text[1])) != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}

int
store_schema(struct store *s, void (*fn)(void *arg, const char *name,
    const char *why), void *arg)
{
	static const char list[] = "SELECT name, type || ' ' || tbl_name || "
	    "' ' || ifnull(sql, '') FROM sqlite_schema "
	    "ORDER BY name, type, tbl_name";
	sqlite3_stmt *is = NULL, *must = NULL;
	sqlite3 *db = NULL;
	int rc;

	if ((rc = sqlite3_open(":memory:", &db)) == SQLITE_OK &&
	    (rc = sqlite3_exec(db, SCHEMA_TABLES, NULL, NULL,
	    NULL)) == SQLITE_OK &&
	    (rc = sqlite3_exec(db, s->version == STORE_SCHEMA_OLD ?
	    SCHEMA_INDEXES_2 : SCHEMA_INDEXES, NULL, NULL,
	    NULL)) == SQLITE_OK &&
	    (rc = sqlite3_prepare_v2(db, list, -1, &must, NULL)) == SQLITE_OK &&
	    (rc = sqlite3_prepare_v2(s->db, list, -1, &is, NULL)) == SQLITE_OK)
		rc = compare_lists(is, must, fn, arg);
	if (rc != SQLITE_OK)
		fn(arg, "the list of tables", "it cannot be read");
	sqlite3_finalize(is);
	sqlite3_finalize(must);
	sqlite3_close(db);
	return rc == SQLITE_NOMEM ? ERR_NOMEM : 0;
}
