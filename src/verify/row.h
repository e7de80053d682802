/*
 * row.h - rows of the tables as plain values, and ordered maps of them.
 *
 * The same struct holds what the entries say and what a table has; a map holds
 * the rows of one table by their primary key.
 */
#ifndef VERIFY_ROW_H
#define VERIFY_ROW_H

#include <stddef.h>
#include <stdint.h>

enum cell_kind {
	CELL_NULL, CELL_INT, CELL_TEXT, CELL_BLOB,
	CELL_SHA,	/* a blob of which only the SHA-256 is known */
	CELL_OTHER	/* a real, or text with a NUL inside: no entry says that */
};

struct cell {
	enum cell_kind	 kind;
	int64_t		 i;
	char		*p;		/* TEXT (NUL added), BLOB, SHA: owned by the row */
	size_t		 n;
};

struct row {
	size_t		 n;		/* columns */
	struct cell	 c[];
};

/* All cells NULL.  The caller frees with row_free(). */
struct row *row_new(size_t columns);
/* NULL is allowed. */
void row_free(struct row *r);
/* Put a value in place of what is there.  ERR_NOMEM leaves it NULL. */
void row_null(struct row *r, size_t column);
void row_int(struct row *r, size_t column, int64_t v);
int row_text(struct row *r, size_t column, const char *s);
/* kind: TEXT, BLOB or SHA. */
int row_bytes(struct row *r, size_t column, enum cell_kind kind,
    const void *p, size_t n);

/* Keys for looking up: nothing is copied. */
static inline struct cell
cell_nr(int64_t v)
{
	return (struct cell){ .kind = CELL_INT, .i = v };
}

static inline struct cell
cell_bytes(enum cell_kind kind, const void *p, size_t n)
{
	return (struct cell){ .kind = kind, .p = (char *)(uintptr_t)p,
		.n = n };
}

/* "" and 0 for cells of another kind. */
const char *cell_str(const struct cell *c);
int64_t cell_number(const struct cell *c);
/* 1: the same value.  SHA equals the blob it is of. */
int cell_equal(const struct cell *a, const struct cell *b);
/* For people: 12, "approved", 4 bytes, nothing.  Returns out, terminated. */
#define CELL_SHOWN	80
char *cell_show(char out[CELL_SHOWN], const struct cell *c);

/*
 * An ordered map from the first "nkey" cells of rows to rows.  Keys are ordered
 * as SQLite orders them: numbers, then bytes.
 */
struct map;
struct item {
	struct row	*row;
	void		*extra;		/* of the model: freed with free() */
	uint8_t		*key;
	size_t		 nkey;
	unsigned int	 height;
	struct item	*next[];
};

struct map *map_new(size_t nkey);
void map_free(struct map *m);
/* NULL: none has this key, "nkey" cells. */
struct item *map_find(const struct map *m, const struct cell *key);
/* The same for keys of one number. */
struct item *map_find_nr(const struct map *m, int64_t nr);
/* Takes "row" over (also when it fails).  ERR_CONFLICT: there is one; ERR_NOMEM. */
int map_add(struct map *m, struct row *row, struct item **out);
/* In order. */
struct item *map_first(const struct map *m);
struct item *map_next(const struct item *i);
/* The first whose key is above this one; NULL: none. */
struct item *map_above(const struct map *m, const struct cell *key);
/* Below 0, 0, above 0: the key of "i" and this one. */
int map_compare(const struct map *m, const struct item *i,
    const struct cell *key);
size_t map_count(const struct map *m);
/* 1: for lack of memory something may not have been found; nothing may be concluded. */
int map_is_short(const struct map *m);
/* Two keys of "n" cells. */
int cells_compare(const struct cell *a, const struct cell *b, size_t n);

#endif
