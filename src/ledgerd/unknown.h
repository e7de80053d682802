/*
 * unknown.h - what was typed as a user name and is none, until the entry of its minute is written.
 *
 * The table holds no name whose commitment is in no entry: a death before it
 * loses the names with the counts.
 */
#ifndef LEDGERD_UNKNOWN_H
#define LEDGERD_UNKNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "json/json.h"

struct ledgerd;
struct unknown;

/* "name" of n bytes, of the minute that begins at "minute"; *commitment is SHA-256(salt || name). */
int unknown_keep(struct ledgerd *ld, const char *name, size_t n,
    int64_t minute, uint8_t commitment[32]);
/* The entry of a finished minute, and the rows of its names; takes "e" over.  Its own transaction. */
int unknown_book(struct ledgerd *ld, json_t *e);
/* Forget those of minutes that are over ("all": every one): their entry is written, or the day had too many. */
void unknown_forget(struct ledgerd *ld, int64_t now, int all);

#endif
