/* plan_test.c - no statement looks through a whole table, nor sorts one, but those that must. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

#include "store/schema.h"

static const struct {
	const char	*name, *text;
} statements[] = {
#define SQL(NAME, text) { #NAME, text },
#include "store/sql.def"
#undef SQL
};

/* A word of the plan, and the statement that may have it. */
static const struct {
	const char	*name, *part, *why;
} allowed[] = {
	{ "ENTRY_LATEST", "SCAN entry", "from the end to the last epoch, at the start" },
	{ "ENTRY_EARLIEST", "SCAN entry", "from the beginning to the first epoch, at the start" },
	{ "JOB_UNJUDGED", "SCAN job", "once, at the start" },
	{ "JOB_UNJUDGED", "CORRELATED", "" },
	{ "LEDGER_BYTES", "SCAN pragma", "two numbers" },
	{ "SESSION_RUN_COUNT", "session_running", "holds what runs, and nothing else" },
	{ "SESSION_RUN_OLDEST", "session_running", "" },
	{ "DECISION_LIST", "TEMP B-TREE", "of one request" },
	{ "SESSION_IDS", "TEMP B-TREE", "of one request" },
	{ "JOB_SESSIONS", "TEMP B-TREE", "of one request" },
	{ "SEEN_BY", "TEMP B-TREE", "of one job" },
	{ "VERIFY_", "SCAN", "a page of a whole table, in the order of its key" },
};

static int
is_allowed(const char *name, const char *detail)
{
	size_t i;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (strncmp(name, allowed[i].name,
		    strlen(allowed[i].name)) == 0 &&
		    strstr(detail, allowed[i].part) != NULL)
			return 1;
	return 0;
}

static int
check(sqlite3 *db, const char *name, const char *text)
{
	char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", text);
	sqlite3_stmt *stmt = NULL;
	const char *detail;
	int bad = 0;

	assert_non_null(sql);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		detail = (const char *)sqlite3_column_text(stmt, 3);
		if ((strstr(detail, "SCAN ") == NULL &&
		    strstr(detail, "TEMP B-TREE") == NULL) ||
		    is_allowed(name, detail))
			continue;
		print_error("%s: %s\n", name, detail);
		bad++;
	}
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
	return bad;
}

static void
no_statement_reads_what_it_does_not_need(void **state)
{
	sqlite3 *db;
	size_t i;
	int bad = 0;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, SCHEMA_TABLES, NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, SCHEMA_INDEXES, NULL, NULL, NULL),
	    SQLITE_OK);
	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		bad += check(db, statements[i].name, statements[i].text);
	assert_int_equal(bad, 0);
	sqlite3_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_statement_reads_what_it_does_not_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
