/*
 * subject.h - what is checked: a copy of a store on a disk, or a gate that runs.
 *
 * Both say the same things in the same order; everything that judges is
 * behind this interface.  A copy has all its entries at once and stays as it
 * is; a gate goes on writing, and says with each page of rows how many entries
 * there were at that moment.
 *
 * All functions: 0, or an error that was logged and ends the check
 * (ERR_FORMAT: the database is damaged there; ERR_CLOSED, ERR_TIMEOUT: the
 * gate is away; ERR_DENIED: it said no).
 */
#ifndef VERIFY_SUBJECT_H
#define VERIFY_SUBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "verify/model.h"

struct subject;

/* Returns 0, above 0 to stop, or an error that is passed on. */
typedef int subject_entry_fn(void *arg, uint64_t ix, const uint8_t *body,
    size_t n);
/* name: within heads/, or a path within recordings/.  is_file 0: neither a file nor a directory. */
typedef int subject_name_fn(void *arg, const char *name, int is_file);

/* Rows in the order of their keys. */
struct page {
	struct row	**v;		/* each freed with row_free(), unless taken (NULL) */
	size_t		 n, room;
	uint64_t	 size;		/* entries there were when it was read */
	int		 is_last;
};
#define PAGE_ROWS	512

struct subject_ops {
	/* Entries there are now. */
	int	(*size)(struct subject *s, uint64_t *size);
	/* Entries from "from" on, in order, at most to "to" (not included). */
	int	(*entries)(struct subject *s, uint64_t from, uint64_t to,
		    subject_entry_fn *fn, void *arg);
	/* The stored hash.  ERR_NOTFOUND: no such row.  For the entry given last and the nodes that it completes. */
	int	(*node)(struct subject *s, unsigned int level, uint64_t ix,
		    uint8_t hash[32]);
	/* What stands beside a ledger of that size: columns and tables that are none, rows of entry and node out of its bounds. */
	int	(*strange)(struct subject *s, uint64_t size,
		    void (*fn)(void *arg, const char *place, const char *why),
		    void *arg);
	/* after: the last row of the page before, NULL for the first. */
	int	(*rows)(struct subject *s, enum table_nr table,
		    const struct row *after, struct page *out);
	/* Text of heads/gate.vkeys, terminated; "" when there is none.  Freed with free(). */
	int	(*vkeys)(struct subject *s, char **text);
	/* Names of the day files in heads/, in any order. */
	int	(*heads)(struct subject *s, subject_name_fn *fn, void *arg);
	int	(*head_open)(struct subject *s, const char *name, int *fd);
	/* A recording.  ERR_NOTFOUND: not there, or no regular file. */
	int	(*recording)(struct subject *s, int64_t nr, const char *path,
		    int *fd);
	/* Everything beneath recordings/ but directories. */
	int	(*files)(struct subject *s, subject_name_fn *fn, void *arg);
	void	(*free)(struct subject *s);
};

struct subject {
	const struct subject_ops *ops;
	int	 is_live;
};

void page_free(struct page *p);
/* Takes the row over, also when it fails. */
int page_put(struct page *p, struct row *row);

#endif
