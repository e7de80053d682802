/* open.c - opens the database, makes it when new, refuses it when it is not sound. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "store/inside.h"
#include "store/schema.h"

/*
 * Of pages, in KiB: the upper levels of all trees of a million requests, and
 * what one group writes; all else is in the kernel's.
 */
#define CACHE		"PRAGMA cache_size = -8192"

#define TEXT(x)		#x
#define NUMBER(x)	TEXT(x)

/* The first column of the first row of a pragma, into "out"; what it changes is committed behind its last row. */
static int
ask(struct store *s, const char *sql, char *out, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	const unsigned char *text = NULL;
	int rc;

	out[0] = '\0';
	rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		text = sqlite3_column_text(stmt, 0);
		if (text != NULL && strlen((const char *)text) < size)
			memcpy(out, text, strlen((const char *)text) + 1);
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			;
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* SQLite's own refusal as one line. */
static int
refuse(struct store *s, const char *path, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		log_error("database is damaged or not a database path=%s "
		    "error=%s", path, sqlite3_errmsg(s->db));
		return ERR_FORMAT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		log_error("database is in use by another process path=%s",
		    path);
		return ERR_SYS;
	case SQLITE_FULL:
		log_error("database cannot be written, the disk is full "
		    "path=%s", path);
		return ERR_SYS;
	default:
		log_error("database cannot be opened for writing path=%s "
		    "error=%s", path, sqlite3_errmsg(s->db));
		return ERR_SYS;
	}
}

/* The file, made by us so that its mode and owner are ours and a link is not followed. */
static int
touch(const char *path)
{
	struct stat st;
	int fd, r = 0;

	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_errno("database cannot be opened for writing path=%s",
		    path);
		return ERR_SYS;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & 077) != 0 || st.st_uid != geteuid()) {
		log_error("database must be a file of this account alone "
		    "(mode 0600) path=%s", path);
		r = ERR_SYS;
	}
	fd_close(&fd);
	return r;
}

static int
on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct store *s = arg;

	(void)db;
	(void)name;
	s->wal_pages = pages;
	return SQLITE_OK;
}

/* Settings of this connection; those of the file are set with them. */
static int
configure(struct store *s)
{
	static const char *const pragmas[] = {
		"PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON",
		"PRAGMA mmap_size = 0",		/* an error of the disk must come as an error, not as a signal */
		CACHE,
		"PRAGMA temp_store = MEMORY",
		"PRAGMA locking_mode = EXCLUSIVE",
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",
		"PRAGMA foreign_keys = ON",
	};
	char got[64];
	size_t i;
	int rc;

	for (i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
		if ((rc = ask(s, pragmas[i], got, sizeof(got))) != SQLITE_OK)
			return rc;
		if (strstr(pragmas[i], "journal_mode") != NULL &&
		    strcmp(got, "wal") != 0)
			return SQLITE_CANTOPEN;
	}
	sqlite3_wal_hook(s->db, on_wal, s);
	return SQLITE_OK;
}

/* Ours, of this schema?  A new, empty file becomes ours. */
static int
check_identity(struct store *s, const char *path)
{
	char app[32], version[32], tables[32];
	int rc;

	if ((rc = ask(s, "PRAGMA application_id", app, sizeof(app))) != 0 ||
	    (rc = ask(s, "PRAGMA user_version", version,
	    sizeof(version))) != 0 ||
	    (rc = ask(s, "SELECT count(*) FROM sqlite_schema", tables,
	    sizeof(tables))) != 0)
		return refuse(s, path, rc);
	if (strcmp(tables, "0") == 0 && strcmp(version, "0") == 0 &&
	    strcmp(app, "0") == 0) {
		if ((rc = configure(s)) != SQLITE_OK ||
		    (rc = sqlite3_exec(s->db, "BEGIN IMMEDIATE;" SCHEMA_TABLES,
		    NULL, NULL, NULL)) != SQLITE_OK ||
		    (rc = sqlite3_exec(s->db, SCHEMA_INDEXES
		    "PRAGMA application_id = " NUMBER(STORE_APPLICATION) ";"
		    "PRAGMA user_version = " NUMBER(STORE_SCHEMA) ";"
		    "COMMIT;", NULL, NULL, NULL)) != SQLITE_OK)
			return refuse(s, path, rc);
		return 0;
	}
	if (strtol(app, NULL, 10) != STORE_APPLICATION) {
		log_error("database is not one of Sekisho path=%s "
		    "application_id=%s", path, app);
		return ERR_FORMAT;
	}
	if (strcmp(version, "2") != 0 &&
	    strtol(version, NULL, 10) != STORE_SCHEMA) {
		log_error("database has another schema version path=%s "
		    "found=%s expected=%d", path, version, STORE_SCHEMA);
		return ERR_FORMAT;
	}
	if ((rc = configure(s)) == SQLITE_OK && strcmp(version, "2") == 0) {
		log_info("database gets the indexes of version %d path=%s",
		    STORE_SCHEMA, path);
		rc = sqlite3_exec(s->db, "BEGIN IMMEDIATE;" SCHEMA_FROM_2
		    "PRAGMA user_version = " NUMBER(STORE_SCHEMA) ";"
		    "COMMIT;", NULL, NULL, NULL);
	}
	return rc == SQLITE_OK ? 0 : refuse(s, path, rc);
}

static int
check_writable(struct store *s, const char *path)
{
	if (sqlite3_db_readonly(s->db, "main") == 0)
		return 0;
	log_error("database is read-only path=%s", path);
	return ERR_SYS;
}

/* Reads all of it. */
static int
check_whole(struct store *s, const char *path)
{
	char got[256];
	int rc;

	if ((rc = ask(s, "PRAGMA integrity_check(1)", got,
	    sizeof(got))) != SQLITE_OK)
		return refuse(s, path, rc);
	if (strcmp(got, "ok") != 0) {
		log_error("database is damaged path=%s error=%s", path, got);
		return ERR_FORMAT;
	}
	if ((rc = ask(s, "PRAGMA foreign_key_check", got,
	    sizeof(got))) != SQLITE_OK)
		return refuse(s, path, rc);
	if (got[0] != '\0') {
		log_error("database is damaged path=%s table=%s", path, got);
		return ERR_FORMAT;
	}
	return 0;
}

/*
 * The log of SQLite is made by a first write; when the sync of its directory
 * fails, SQLite passes over it.
 */
static int
settle(struct store *s, const char *path)
{
	char dir[PATH_MAX];
	int fd, rc, r = 0;

	if ((rc = sqlite3_exec(s->db, "BEGIN IMMEDIATE;"
	    "PRAGMA user_version = " NUMBER(STORE_SCHEMA) ";"
	    "COMMIT;", NULL, NULL, NULL)) != SQLITE_OK)
		return refuse(s, path, rc);
	if (snprintf(dir, sizeof(dir), "%s", path) >= PATH_MAX)
		return ERR_LIMIT;
	fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0) {
		log_errno("directory of the database cannot be synced path=%s",
		    path);
		r = ERR_SYS;
	}
	fd_close(&fd);
	return r;
}

static int
open_it(const char *path, int is_whole, struct store **out)
{
	struct store *s;
	int rc, r;

	if ((r = touch(path)) != 0)
		return r;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ERR_NOMEM;
	rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
	    SQLITE_OPEN_PRIVATECACHE, NULL);
	if (rc != SQLITE_OK) {
		r = refuse(s, path, rc);
		goto out;
	}
	sqlite3_extended_result_codes(s->db, 1);
	/* only store_shut() finishes in order; a broken store is left as it is */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if ((r = check_identity(s, path)) != 0 ||
	    (r = check_writable(s, path)) != 0 ||
	    (!is_whole && (r = check_whole(s, path)) != 0) ||
	    (r = settle(s, path)) != 0 ||
	    (r = store_prepare_all(s)) != 0)
		goto out;
	*out = s;
	s = NULL;
out:
	store_free(s);
	return r;
}

int
store_open(const char *path, struct store **out)
{
	return open_it(path, 0, out);
}

int
store_open_again(const char *path, struct store **out)
{
	return open_it(path, 1, out);
}

static void
finalize_all(struct store *s)
{
	size_t i;

	for (i = 0; i < STORE_STATEMENTS; i++) {
		sqlite3_finalize(s->stmt[i]);
		s->stmt[i] = NULL;
	}
}

int
store_shut(struct store *s)
{
	char got[32];
	int rc, r = 0;

	if (s == NULL)
		return 0;
	finalize_all(s);
	if (s->broken)
		r = ERR_SYS;
	else if ((rc = sqlite3_wal_checkpoint_v2(s->db, NULL,
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL)) != SQLITE_OK ||
	    (rc = ask(s, "PRAGMA journal_mode = DELETE", got,
	    sizeof(got))) != SQLITE_OK)
		r = store_fail(s, rc, "shut");
	store_free(s);
	return r;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	finalize_all(s);
	sqlite3_close(s->db);
	free(s);
}
