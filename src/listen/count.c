/* count.c - counts per source; decisions about one more connection. */
#include "listen/count.h"

#include <stdlib.h>

struct row {
	struct source	 source;
	uint32_t	 unauth;
	uint32_t	 events[COUNT_EVENTS];
};

struct counts {
	struct row	*rows;
	size_t		 n, room;
	struct row	 others;	/* once COUNT_SOURCES_MAX are known */
	uint32_t	 unauth, connections;
	uint64_t	 totals[COUNT_EVENTS];
};

struct counts *
counts_new(void)
{
	return calloc(1, sizeof(struct counts));
}

void
counts_free(struct counts *c)
{
	if (c == NULL)
		return;
	free(c->rows);
	free(c);
}

static struct row *
find(struct counts *c, const struct source *s)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (source_equal(&c->rows[i].source, s))
			return &c->rows[i];
	return NULL;
}

/* The row of a source; the common one when there is no room for more. */
static struct row *
find_or_add(struct counts *c, const struct source *s)
{
	struct row *r, *more;
	size_t room;

	if ((r = find(c, s)) != NULL)
		return r;
	if (c->rows == NULL || c->n == c->room) {
		room = c->room == 0 ? 64 : 2 * c->room;
		if (room > COUNT_SOURCES_MAX || (more = reallocarray(c->rows,
		    room, sizeof(*more))) == NULL)
			return &c->others;
		c->rows = more;
		c->room = room;
	}
	r = &c->rows[c->n++];
	*r = (struct row){ .source = *s };
	return r;
}

static void
note(struct counts *c, struct row *r, enum count_event e)
{
	r->events[e]++;
	c->totals[e]++;
}

enum count_verdict
counts_admit(struct counts *c, const struct count_limits *l,
    const struct source *s)
{
	struct row *r = find_or_add(c, s);
	enum count_verdict v = COUNT_TAKE;

	if (r->unauth >= l->max_per_source)
		v = COUNT_SOURCE_FULL;
	else if (c->unauth >= l->max_unauth)
		v = COUNT_LOGINS_FULL;
	else if (c->connections >= l->max_connections)
		v = COUNT_CONNECTIONS_FULL;
	if (v != COUNT_TAKE) {
		note(c, r, COUNT_REFUSED);
		return v;
	}
	r->unauth++;
	note(c, r, COUNT_TAKEN);
	c->unauth++;
	c->connections++;
	return v;
}

/* One login less under way. */
static void
login_over(struct counts *c, const struct source *s)
{
	struct row *r = find(c, s);

	if (r == NULL || r->unauth == 0)
		r = &c->others;
	if (r->unauth > 0)
		r->unauth--;
	if (c->unauth > 0)
		c->unauth--;
}

void
counts_authed(struct counts *c, const struct source *s)
{
	login_over(c, s);
}

void
counts_gone(struct counts *c, const struct source *s, int was_authed)
{
	if (!was_authed)
		login_over(c, s);
	if (c->connections > 0)
		c->connections--;
}

void
counts_note(struct counts *c, const struct source *s, enum count_event e)
{
	note(c, find_or_add(c, s), e);
}

size_t
counts_connections(const struct counts *c)
{
	return c->connections;
}

size_t
counts_unauth(const struct counts *c)
{
	return c->unauth;
}

uint64_t
counts_total(const struct counts *c, enum count_event e)
{
	return c->totals[e];
}

static int
is_worth_a_line(const struct row *r)
{
	int e;

	for (e = COUNT_TAKEN + 1; e < COUNT_EVENTS; e++)
		if (r->events[e] != 0)
			return 1;
	return 0;
}

void
counts_report(struct counts *c, void (*line)(void *arg,
    const struct source *s, const uint32_t *events), void *arg)
{
	struct row rest = c->others, *r;
	size_t i, kept = 0, lines = 0;
	int e;

	for (i = 0; i < c->n; i++) {
		r = &c->rows[i];
		if (is_worth_a_line(r) && lines < COUNT_LINES_MAX) {
			line(arg, &r->source, r->events);
			lines++;
		} else if (is_worth_a_line(r))
			for (e = 0; e < COUNT_EVENTS; e++)
				rest.events[e] += r->events[e];
		for (e = 0; e < COUNT_EVENTS; e++)
			r->events[e] = 0;
		if (r->unauth > 0)		/* still needed */
			c->rows[kept++] = *r;
	}
	c->n = kept;
	if (is_worth_a_line(&rest))
		line(arg, NULL, rest.events);
	for (e = 0; e < COUNT_EVENTS; e++)
		c->others.events[e] = 0;
}
