/* table.c - aligned tables. */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/strv.h"
#include "cli/out.h"
#include "term/width.h"

#define CELL_MAX	8192	/* bytes of an escaped cell */
#define LINE_MAX_BYTES	(TABLE_COLUMNS * (CELL_MAX + 256))
#define PAD_MAX		40	/* a column is padded to at most this */

struct table {
	const char *const *heads;
	size_t		 ncols;
	char		**cells;	/* row after row */
	size_t		 ncells;
	int		 failed;
};

struct table *
table_new(const char *const *heads)
{
	struct table *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->heads = heads;
	while (heads[t->ncols] != NULL && t->ncols < TABLE_COLUMNS)
		t->ncols++;
	return t;
}

void
table_free(struct table *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->ncells; i++)
		str_wipe(t->cells[i]);
	free(t->cells);
	free(t);
}

/* Takes "text" over. */
static void
add(struct table *t, char *text)
{
	char **grown;

	if (text == NULL || (grown = reallocarray(t->cells, t->ncells + 1,
	    sizeof(*grown))) == NULL) {
		str_wipe(text);
		t->failed = 1;
		return;
	}
	t->cells = grown;
	t->cells[t->ncells++] = text;
}

void
table_cell(struct table *t, const char *s)
{
	add(t, s == NULL ? NULL : escape_dup(s, strlen(s), CELL_MAX));
}

void
table_argv(struct table *t, const json_t *argv)
{
	json_t *wrap = json_object();
	char **v = NULL;

	if (wrap == NULL || json_object_set(wrap, "v",
	    (json_t *)(uintptr_t)argv) != 0 ||
	    json_want_strv(wrap, "v", &v) != 0)
		add(t, argv == NULL ? strdup("?") : NULL);
	else
		add(t, escape_argv(v, CELL_MAX));
	strv_free(v);
	json_decref(wrap);
}

static size_t
column_width(const struct table *t, size_t col)
{
	size_t widest = strlen(t->heads[col]), i, w;

	for (i = col; i < t->ncells; i += t->ncols) {
		w = term_width(t->cells[i]);
		if (w > widest)
			widest = w;
	}
	return widest < PAD_MAX ? widest : PAD_MAX;
}

static int
put_text(struct buf *b, const char *s)
{
	return buf_put(b, s, strlen(s));
}

/* One line into "b", without its newline. */
static int
build_line(const struct table *t, const char *const *cells,
    const size_t *widths, const char *gap, struct buf *b)
{
	size_t col, w;
	int r = 0;

	for (col = 0; col < t->ncols && r == 0; col++) {
		if (col > 0)
			r = put_text(b, gap);
		if (r == 0)
			r = put_text(b, cells[col]);
		if (col + 1 == t->ncols)
			break;
		for (w = term_width(cells[col]); r == 0 && w < widths[col]; w++)
			r = buf_put(b, " ", 1);
	}
	return r != 0 ? r : buf_put_u8(b, '\0');
}

static void
show_line(struct cli *c, const char *line)
{
	size_t cols = c->cols > 3 ? c->cols : 80;

	if (c->pty && term_width(line) > cols) {
		out_put(c->out, line, term_fit(line, cols - 3));
		out_text(c->out, "...\n");
	} else
		out_printf(c->out, "%s\n", line);
}

static int
print_row(const struct table *t, struct cli *c, const char *const *cells,
    const size_t *widths)
{
	struct buf *b = buf_new(LINE_MAX_BYTES);
	int r;

	if (b == NULL)
		return ERR_NOMEM;
	r = build_line(t, cells, widths, c->pty ? "  " : "\t", b);
	if (r == 0)
		show_line(c, (const char *)buf_data(b));
	buf_free(b);
	return r;
}

int
table_print(const struct table *t, struct cli *c)
{
	size_t widths[TABLE_COLUMNS], col, i;
	const char *cells[TABLE_COLUMNS];
	int r;

	if (t->failed)
		return ERR_NOMEM;
	for (col = 0; col < t->ncols; col++)
		widths[col] = column_width(t, col);
	r = print_row(t, c, t->heads, widths);
	for (i = 0; r == 0 && i + t->ncols <= t->ncells; i += t->ncols) {
		for (col = 0; col < t->ncols; col++)
			cells[col] = t->cells[i + col];
		r = print_row(t, c, cells, widths);
	}
	return r;
}
