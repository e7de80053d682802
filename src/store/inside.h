/* inside.h - what open.c and store.c share; nobody else includes it. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include <sqlite3.h>

#include "store/store.h"

struct store {
	sqlite3		*db;
	sqlite3_stmt	*stmt[STORE_STATEMENTS];
	int		 wal_pages;	/* at the last commit */
	int		 is_tight;
	int		 is_grouped, has_begun;	/* store_group(); its transaction is open */
	unsigned int	 parts;		/* of it, to be kept */
	int		 broken;
	int		 version;	/* of what is read: 2, or that of today */
	int		 is_reader;	/* store_read(): statements are prepared when they are needed, damage breaks nothing */
};

/* Logs SQLite's text once and turns its code into ours; breaks the store unless it is a constraint. */
int store_fail(struct store *s, int rc, const char *what);
int store_prepare_all(struct store *s);

#endif
