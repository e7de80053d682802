/* penalty.c - the table of penalties: one row is all that a source can ever meet. */
#include "listen/penalty.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct source	 source;
	uint8_t		 is_in_force;	/* it reached "min" */
	int64_t		 until;		/* 0: free */
};

struct row {
	struct entry	 ways[PENALTY_WAYS];
};

struct penalties {
	uint64_t	 secret[2];
	int		 is_used;	/* anything was ever added */
	struct row	*rows[2];	/* IPv4 and what has no family, IPv6 */
};

struct penalties *
penalties_new(const uint8_t secret[16])
{
	struct penalties *p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return NULL;
	memcpy(p->secret, secret, sizeof(p->secret));
	/* memory that is never touched is never given to us */
	p->rows[0] = calloc(PENALTY_ROWS, sizeof(struct row));
	p->rows[1] = calloc(PENALTY_ROWS, sizeof(struct row));
	if (p->rows[0] == NULL || p->rows[1] == NULL) {
		penalties_free(p);
		return NULL;
	}
	return p;
}

void
penalties_free(struct penalties *p)
{
	if (p == NULL)
		return;
	free(p->rows[0]);
	free(p->rows[1]);
	free(p);
}

/* Two rounds of multiply and fold under a secret: nobody sees what comes out, so it needs no more. */
static struct row *
row_of(const struct penalties *p, const struct source *s)
{
	uint64_t x;

	memcpy(&x, s->bytes, sizeof(x));
	x = (x ^ p->secret[0]) * 0x9e3779b97f4a7c15U;
	x ^= x >> 32;
	x = (x ^ p->secret[1]) * 0xd6e8feb86659fd93U;
	x ^= x >> 32;
	return &p->rows[s->family == 6][x % PENALTY_ROWS];
}

static struct entry *
find(const struct penalties *p, const struct source *s, int64_t now)
{
	struct row *r = row_of(p, s);
	size_t i;

	for (i = 0; i < PENALTY_WAYS; i++)
		if (r->ways[i].until > now &&
		    source_equal(&r->ways[i].source, s))
			return &r->ways[i];
	return NULL;
}

/* A place for "s" until "until"; NULL: all that are there end later. */
static struct entry *
place(const struct penalties *p, const struct source *s, int64_t until)
{
	struct row *r = row_of(p, s);
	struct entry *first = &r->ways[0];
	size_t i;

	for (i = 1; i < PENALTY_WAYS; i++)
		if (r->ways[i].until < first->until)
			first = &r->ways[i];
	if (first->until > until)
		return NULL;
	*first = (struct entry){ .source = *s };
	return first;
}

void
penalties_add(struct penalties *p, const struct penalty_rules *rules,
    const struct source *s, enum penalty_event e, int64_t now)
{
	struct entry *at = find(p, s, now);
	int64_t until = at == NULL ? now : at->until;

	if (rules->max_ms == 0 || rules->add_ms[e] == 0)
		return;
	until += rules->add_ms[e];
	if (until > now + rules->max_ms)
		until = now + rules->max_ms;
	if (at == NULL && (at = place(p, s, until)) == NULL)
		return;
	at->until = until;
	if (until - now >= rules->min_ms)
		at->is_in_force = 1;
	p->is_used = 1;
}

int
penalties_refuse(const struct penalties *p, const struct source *s,
    int64_t now)
{
	const struct entry *at = find(p, s, now);

	return at != NULL && at->is_in_force;
}

size_t
penalties_in_force(const struct penalties *p, int64_t now)
{
	const struct entry *at;
	size_t family, i, k, n = 0;

	if (!p->is_used)
		return 0;
	for (family = 0; family < 2; family++)
		for (i = 0; i < PENALTY_ROWS; i++)
			for (k = 0; k < PENALTY_WAYS; k++) {
				at = &p->rows[family][i].ways[k];
				n += at->until > now && at->is_in_force;
			}
	return n;
}
