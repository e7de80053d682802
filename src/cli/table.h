/* table.h - rows for people: foreign cells escaped, columns aligned by what they take on the screen. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/cli.h"

#define TABLE_COLUMNS	8

struct table;

/* heads: one word a column, NULL at the end.  NULL: no memory. */
struct table *table_new(const char *const *heads);
void table_free(struct table *t);
/* The next cell, row by row; escaped here; NULL: there was no memory to make it.  After a failure table_print() prints nothing and says so. */
void table_cell(struct table *t, const char *s);
/* [a] [b]; the vector is a JSON array of strings. */
void table_argv(struct table *t, const json_t *argv);
/*
 * On a pty two blanks between columns and lines cut to its width ("...");
 * else a tab behind the padding, and nothing is cut.  ERR_NOMEM.
 */
int table_print(const struct table *t, struct cli *c);

#endif
