/* map.c - ordered maps of rows: a skip list, because rows only ever come, nearly in order. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "verify/row.h"

#define HEIGHT_MAX	24

struct map {
	size_t		 nkey, count;
	int		*is_short;	/* set when there was no memory for a key */
	uint64_t	 dice;
	struct item	*head;		/* has no row, all heights */
};

static struct item *
item_new(unsigned int height)
{
	struct item *i;

	i = calloc(1, sizeof(*i) + height * sizeof(i->next[0]));
	if (i != NULL)
		i->height = height;
	return i;
}

static void
item_free(struct item *i)
{
	row_free(i->row);
	free(i->extra);
	free(i->key);
	free(i);
}

struct map *
map_new(size_t nkey)
{
	struct map *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	if ((m->is_short = calloc(1, sizeof(*m->is_short))) == NULL) {
		free(m);
		return NULL;
	}
	m->nkey = nkey;
	m->dice = 0x9e3779b97f4a7c15ULL;
	if ((m->head = item_new(HEIGHT_MAX)) == NULL) {
		free(m->is_short);
		free(m);
		return NULL;
	}
	return m;
}

void
map_free(struct map *m)
{
	struct item *i, *next;

	if (m == NULL)
		return;
	for (i = m->head; i != NULL; i = next) {
		next = i->next[0];
		item_free(i);
	}
	free(m->is_short);
	free(m);
}

/* Bytes of one cell that compare as SQLite compares the cells: kind, then value; texts end with what no text holds. */
static size_t
put_cell(uint8_t *out, const struct cell *c)
{
	uint64_t v;
	size_t n = 0, i;

	if (out != NULL)
		out[n] = (uint8_t)c->kind;
	n++;
	if (c->kind == CELL_INT) {
		v = (uint64_t)c->i ^ 1ULL << 63;
		for (i = 0; i < 8; i++, n++)
			if (out != NULL)
				out[n] = (uint8_t)(v >> (56 - 8 * i));
		return n;
	}
	if (out != NULL && c->n > 0)
		memcpy(out + n, c->p, c->n);
	n += c->n;
	if (out != NULL)
		out[n] = 0;
	return n + 1;
}

static uint8_t *
make_key(size_t nkey, const struct cell *c, size_t *n)
{
	uint8_t *key;
	size_t i;

	for (i = 0, *n = 0; i < nkey; i++)
		*n += put_cell(NULL, &c[i]);
	if ((key = malloc(*n + 1)) == NULL)
		return NULL;
	for (i = 0, *n = 0; i < nkey; i++)
		*n += put_cell(key + *n, &c[i]);
	return key;
}

static uint8_t *
key_of(const struct map *m, const struct cell *c, size_t *n)
{
	uint8_t *key = make_key(m->nkey, c, n);

	if (key == NULL)
		*m->is_short = 1;
	return key;
}

int
map_is_short(const struct map *m)
{
	return *m->is_short;
}

static int
compare(const struct item *i, const uint8_t *key, size_t n)
{
	size_t least = i->nkey < n ? i->nkey : n;
	int c = memcmp(i->key, key, least);

	if (c != 0)
		return c;
	return i->nkey < n ? -1 : i->nkey > n;
}

/* The first not below the key; before[h]: the last below it of each height. */
static struct item *
seek(const struct map *m, const uint8_t *key, size_t n,
    struct item *before[HEIGHT_MAX])
{
	struct item *at = m->head;
	unsigned int h = HEIGHT_MAX;

	while (h-- > 0) {
		while (at->next[h] != NULL &&
		    compare(at->next[h], key, n) < 0)
			at = at->next[h];
		if (before != NULL)
			before[h] = at;
	}
	return at->next[0];
}

struct item *
map_above(const struct map *m, const struct cell *c)
{
	struct item *i = NULL;
	uint8_t *key;
	size_t n;

	if ((key = key_of(m, c, &n)) != NULL &&
	    (i = seek(m, key, n, NULL)) != NULL && compare(i, key, n) == 0)
		i = i->next[0];
	free(key);
	return i;
}

int
map_compare(const struct map *m, const struct item *i, const struct cell *c0)
{
	uint8_t *key;
	size_t n;
	int c = 0;

	if ((key = key_of(m, c0, &n)) != NULL)
		c = compare(i, key, n);
	free(key);
	return c;
}

struct item *
map_find(const struct map *m, const struct cell *c)
{
	struct item *i = NULL;
	uint8_t *key;
	size_t n;

	if ((key = key_of(m, c, &n)) != NULL &&
	    (i = seek(m, key, n, NULL)) != NULL && compare(i, key, n) != 0)
		i = NULL;
	free(key);
	return i;
}

struct item *
map_find_nr(const struct map *m, int64_t nr)
{
	struct cell key = cell_nr(nr);

	return map_find(m, &key);
}

/* One in four goes one higher. */
static unsigned int
throw_dice(struct map *m)
{
	unsigned int h = 1;
	uint64_t x = m->dice;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	m->dice = x;
	for (; h < HEIGHT_MAX && (x & 3) == 0; h++)
		x >>= 2;
	return h;
}

int
map_add(struct map *m, struct row *row, struct item **out)
{
	struct item *before[HEIGHT_MAX] = { NULL }, *i = NULL, *at;
	uint8_t *key;
	unsigned int h;
	size_t n;
	int r = ERR_NOMEM;

	if ((key = key_of(m, row->c, &n)) == NULL)
		goto out;
	at = seek(m, key, n, before);
	if (at != NULL && compare(at, key, n) == 0) {
		r = ERR_CONFLICT;
		goto out;
	}
	if ((i = item_new(throw_dice(m))) == NULL)
		goto out;
	i->row = row;
	i->key = key;
	i->nkey = n;
	h = 0;			/* everyone is on the lowest list */
	do {
		i->next[h] = before[h]->next[h];
		before[h]->next[h] = i;
	} while (++h < i->height);
	m->count++;
	if (out != NULL)
		*out = i;
	return 0;
out:
	free(key);
	row_free(row);
	return r;
}

struct item *
map_first(const struct map *m)
{
	return m->head->next[0];
}

struct item *
map_next(const struct item *i)
{
	return i->next[0];
}

size_t
map_count(const struct map *m)
{
	return m->count;
}

int
cells_compare(const struct cell *a, const struct cell *b, size_t n)
{
	struct item key = { .key = NULL };
	uint8_t *other;
	size_t len;
	int c = 0;

	key.key = make_key(n, a, &key.nkey);
	other = make_key(n, b, &len);
	if (key.key != NULL && other != NULL)
		c = compare(&key, other, len);
	free(key.key);
	free(other);
	return c;
}
