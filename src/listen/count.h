/*
 * count.h - how many connections there are, of whom, and whether one more may come.
 *
 * No clock and no socket inside: a table of sources with counts, decisions,
 * and once a minute a short report instead of a line per connection.
 */
#ifndef LISTEN_COUNT_H
#define LISTEN_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "listen/source.h"

#define COUNT_SOURCES_MAX	4096	/* sources told apart; the rest is one */
#define COUNT_LINES_MAX		50	/* report lines a minute, then a sum */

enum count_verdict {
	COUNT_TAKE = 0x5a,
	COUNT_SOURCE_FULL = 1,	/* this source has its share of logins under way */
	COUNT_LOGINS_FULL,	/* all sources together have */
	COUNT_CONNECTIONS_FULL
};

struct count_limits {
	uint32_t	max_unauth, max_per_source, max_connections;
};

/* What happened to a source since the last report. */
enum count_event { COUNT_TAKEN, COUNT_REFUSED, COUNT_LOGIN_FAILED, COUNT_GRACE_OVER, COUNT_PENALTY_REFUSED, COUNT_EVENTS };

struct counts;

struct counts *counts_new(void);
void counts_free(struct counts *c);

/* May one more connection come from "s"?  COUNT_TAKE counts it as not yet logged in. */
enum count_verdict counts_admit(struct counts *c, const struct count_limits *l,
    const struct source *s);
/* That connection has logged in. */
void counts_authed(struct counts *c, const struct source *s);
/* It is over. */
void counts_gone(struct counts *c, const struct source *s, int was_authed);
void counts_note(struct counts *c, const struct source *s, enum count_event e);

size_t counts_connections(const struct counts *c);
size_t counts_unauth(const struct counts *c);
/* How often "e" happened, to all sources, since the beginning. */
uint64_t counts_total(const struct counts *c, enum count_event e);

/*
 * Calls "line" for every source to which more happened than being taken (at
 * most COUNT_LINES_MAX times, then once for the sum of the rest with s NULL)
 * and begins anew.
 */
void counts_report(struct counts *c, void (*line)(void *arg,
    const struct source *s, const uint32_t *events), void *arg);

#endif
