/* row.c - cells and rows. */
#include "verify/row.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "crypt/sha256.h"

struct row *
row_new(size_t columns)
{
	struct row *r = calloc(1, sizeof(*r) + columns * sizeof(r->c[0]));

	if (r != NULL)
		r->n = columns;
	return r;
}

void
row_free(struct row *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->n; i++)
		free(r->c[i].p);
	free(r);
}

void
row_null(struct row *r, size_t column)
{
	struct cell *c = &r->c[column];

	free(c->p);
	memset(c, 0, sizeof(*c));
}

void
row_int(struct row *r, size_t column, int64_t v)
{
	row_null(r, column);
	r->c[column].kind = CELL_INT;
	r->c[column].i = v;
}

int
row_bytes(struct row *r, size_t column, enum cell_kind kind, const void *p,
    size_t n)
{
	struct cell *c = &r->c[column];
	char *copy = malloc(n + 1);

	row_null(r, column);
	if (copy == NULL)
		return ERR_NOMEM;
	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	c->p = copy;
	c->n = n;
	c->kind = kind == CELL_TEXT && strlen(copy) != n ? CELL_OTHER : kind;
	return 0;
}

int
row_text(struct row *r, size_t column, const char *s)
{
	return row_bytes(r, column, CELL_TEXT, s, strlen(s));
}

const char *
cell_str(const struct cell *c)
{
	return c->kind == CELL_TEXT ? c->p : "";
}

int64_t
cell_number(const struct cell *c)
{
	return c->kind == CELL_INT ? c->i : 0;
}

/* One of them is a digest, the other a blob. */
static int
equal_digest(const struct cell *sha, const struct cell *blob)
{
	uint8_t digest[SHA256_LEN];

	return blob->kind == CELL_BLOB && sha->n == SHA256_LEN &&
	    sha256_mem(blob->p, blob->n, digest) == 0 &&
	    memcmp(digest, sha->p, SHA256_LEN) == 0;
}

int
cell_equal(const struct cell *a, const struct cell *b)
{
	if (a->kind == CELL_OTHER || b->kind == CELL_OTHER)
		return 0;
	if (a->kind == CELL_SHA && b->kind != CELL_SHA)
		return equal_digest(a, b);
	if (b->kind == CELL_SHA && a->kind != CELL_SHA)
		return equal_digest(b, a);
	if (a->kind != b->kind)
		return 0;
	if (a->kind == CELL_NULL)
		return 1;
	if (a->kind == CELL_INT)
		return a->i == b->i;
	return a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
}

char *
cell_show(char out[CELL_SHOWN], const struct cell *c)
{
	char *text;

	if (c->kind == CELL_NULL)
		(void)snprintf(out, CELL_SHOWN, "nothing");
	else if (c->kind == CELL_INT)
		(void)snprintf(out, CELL_SHOWN, "%" PRId64, c->i);
	else if (c->kind == CELL_TEXT &&
	    (text = escape_dup(c->p, c->n, CELL_SHOWN - 4)) != NULL) {
		(void)snprintf(out, CELL_SHOWN, "\"%s\"", text);
		free(text);
	} else if (c->kind == CELL_BLOB)
		(void)snprintf(out, CELL_SHOWN, "%s%02x%02x%02x%02x (%zu bytes)",
		    c->n < 4 ? "a blob " : "", c->n < 4 ? 0 : (uint8_t)c->p[0],
		    c->n < 4 ? 0 : (uint8_t)c->p[1],
		    c->n < 4 ? 0 : (uint8_t)c->p[2],
		    c->n < 4 ? 0 : (uint8_t)c->p[3], c->n);
	else
		(void)snprintf(out, CELL_SHOWN, c->kind == CELL_SHA ?
		    "other bytes" : "a value of another kind");
	return out;
}
