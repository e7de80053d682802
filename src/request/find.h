/* find.h - which approved request covers a bare command, and if none does, what to tell the operator. */
#ifndef REQUEST_FIND_H
#define REQUEST_FIND_H

#include "request/request.h"
#include "wire/snapshot.h"

/*
 * "list" holds requests that name "who" as operator.  0: list[*which] covers
 * exactly "argv" now.  Several may: with the same target, account and profile
 * the one-use request goes first, then the one that ends first; else
 * AMBIGUOUS.  None does: ERR_DENIED with the nearest one's difference, state
 * or window in *why, and its number in why->near.
 */
int find_request(struct request *const *list, size_t n,
    const struct snapshot *s, const char *who, char *const *argv,
    int64_t now, size_t *which, struct req_refusal *why);

/* Number (from 1) of the first word in which the two differ; 0: they are equal. */
size_t find_difference(char *const *a, char *const *b);

#endif
