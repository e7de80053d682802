/* tables.c - every row and column against the model (section 7, point 6). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "crypt/sha256.h"
#include "verify/verify.h"

void
page_free(struct page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		row_free(p->v[i]);
	free(p->v);
	memset(p, 0, sizeof(*p));
}

int
page_put(struct page *p, struct row *row)
{
	struct row **more;

	if (p->n == p->room) {
		more = reallocarray(p->v, p->room + 64, sizeof(*more));
		if (more == NULL) {
			row_free(row);
			return ERR_NOMEM;
		}
		p->v = more;
		p->room += 64;
	}
	p->v[p->n++] = row;
	return 0;
}

/* "request 3", "decision 3 1 \"bob\"" */
static void
name_row(char place[REPORT_PLACE], enum table_nr t, const struct row *row)
{
	static const char *const short_names[TABLES] = {
		[TABLE_REQUEST] = "request R", [TABLE_SESSION] = "session S",
		[TABLE_JOB] = "job J", [TABLE_VERDICT] = "verdict J"
	};
	char cell[CELL_SHOWN];
	size_t i, n;

	n = (size_t)snprintf(place, REPORT_PLACE, "%s", short_names[t] ==
	    NULL ? tables[t].name : short_names[t]);
	for (i = 0; i < tables[t].nkey && n < REPORT_PLACE; i++)
		n += (size_t)snprintf(place + n, REPORT_PLACE - n, "%s%s",
		    i == 0 && short_names[t] != NULL ? "" : " ",
		    cell_show(cell, &row->c[i]));
}

/* The one table whose rows may be missing, and where two columns stand in no entry: they must give the commitment. */
static void
compare_name(struct verify *v, const char *place, const struct row *is)
{
	const struct cell *salt = &is->c[UN_SALT], *name = &is->c[UN_NAME];
	uint8_t digest[SHA256_LEN] = { 0 };
	struct sha256 *s = NULL;

	if (name->kind == CELL_SHA)	/* a gate that runs tells no names */
		memcpy(digest, name->p, SHA256_LEN);
	else if ((s = sha256_new()) != NULL && salt->kind == CELL_BLOB &&
	    name->kind == CELL_BLOB &&
	    sha256_add(s, salt->p, salt->n) == 0 &&
	    sha256_add(s, name->p, name->n) == 0)
		(void)sha256_peek(s, digest);
	sha256_free(s);
	if (is->c[UN_COMMITMENT].n != SHA256_LEN ||
	    memcmp(digest, is->c[UN_COMMITMENT].p, SHA256_LEN) != 0)
		report_fault(v->report, FAULT_ROW, place,
		    "salt and name do not give the commitment");
}

static void
compare(struct verify *v, enum table_nr t, const struct row *must,
    const struct row *is)
{
	char place[REPORT_PLACE], a[CELL_SHOWN], b[CELL_SHOWN];
	size_t i;

	name_row(place, t, is);
	if (t == TABLE_UNKNOWN_NAME)
		compare_name(v, place, is);
	for (i = tables[t].nkey; i < tables[t].ncolumns; i++) {
		if (t == TABLE_UNKNOWN_NAME && i != UN_AT)
			continue;
		if (!cell_equal(&must->c[i], &is->c[i]))
			report_fault(v->report, FAULT_ROW, place,
			    "column %s is %s, and the entries say %s",
			    tables[t].columns[i], cell_show(a, &is->c[i]),
			    cell_show(b, &must->c[i]));
	}
}

static void
missing(struct verify *v, enum table_nr t, const struct row *must)
{
	char place[REPORT_PLACE];

	if (t == TABLE_UNKNOWN_NAME)
		return;
	name_row(place, t, must);
	report_fault(v->report, FAULT_ROW, place,
	    "the row that the entries give is missing");
}

/* A page beside the same range of the model, which was played exactly so far. */
static void
compare_page(struct verify *v, enum table_nr t, const struct row *after,
    const struct page *p)
{
	const struct map *m = v->model.map[t];
	struct item *i = after == NULL ? map_first(m) :
	    map_above(m, after->c);
	char place[REPORT_PLACE];
	size_t k;
	int c = 1;

	for (k = 0; k < p->n; k++) {
		while (i != NULL && (c = map_compare(m, i, p->v[k]->c)) < 0) {
			missing(v, t, i->row);
			i = map_next(i);
		}
		if (i != NULL && c == 0) {
			compare(v, t, i->row, p->v[k]);
			i = map_next(i);
			continue;
		}
		name_row(place, t, p->v[k]);
		report_fault(v->report, FAULT_ROW, place,
		    "no entry tells of this row");
	}
	for (; p->is_last && i != NULL; i = map_next(i))
		missing(v, t, i->row);
}

static int
check_table(struct verify *v, enum table_nr t)
{
	struct row *after = NULL;
	struct page p = { 0 };
	int r, is_last = 0;

	while (!is_last) {
		if ((r = v->subject->ops->rows(v->subject, t, after,
		    &p)) != 0 || (r = verify_play(v, p.size)) != 0)
			break;
		is_last = p.is_last || p.n == 0;
		p.is_last = is_last;
		compare_page(v, t, after, &p);
		/* a gate that answers in circles would never end */
		if (!is_last && after != NULL && cells_compare(after->c,
		    p.v[p.n - 1]->c, tables[t].nkey) >= 0) {
			report_fault(v->report, FAULT_DATABASE,
			    tables[t].name, "its rows are not in order");
			is_last = 1;
		}
		row_free(after);
		after = NULL;
		if (!is_last) {
			after = p.v[p.n - 1];
			p.v[p.n - 1] = NULL;
		}
		page_free(&p);
	}
	page_free(&p);
	row_free(after);
	return r;
}

static void
on_strange(void *arg, const char *place, const char *why)
{
	struct verify *v = arg;

	report_fault(v->report, strncmp(place, "node ", 5) == 0 ? FAULT_TREE :
	    strncmp(place, "entry ", 6) == 0 ? FAULT_ENTRY : FAULT_DATABASE,
	    place, "%s", why);
}

/* A table that cannot be read hides no other. */
int
verify_tables(struct verify *v)
{
	int t, r;

	if ((r = v->subject->ops->strange(v->subject, v->edge.size,
	    on_strange, v)) != 0 && r != ERR_FORMAT)
		return r;
	if (r != 0)
		report_fault(v->report, FAULT_DATABASE, "the database",
		    "strange rows cannot be looked for");
	for (t = 0; t < TABLES; t++) {
		r = check_table(v, (enum table_nr)t);
		if (r == ERR_FORMAT)
			report_fault(v->report, FAULT_DATABASE,
			    tables[t].name, "the table cannot be read");
		else if (r != 0)
			return r;
	}
	return 0;
}
