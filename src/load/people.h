/* people.h - inside src/load: lists of names and @groups, expanded. */
#ifndef LOAD_PEOPLE_H
#define LOAD_PEOPLE_H

#include "load/policy.h"

#define SYSTEM_PREFIX	"_sekisho-"	/* our own accounts */

/*
 * Names of "words" with each @group replaced by its members, sorted, each
 * once.  "file", "line" and "key" are for p->error (no such group).
 */
int people_expand(struct policy *p, char *const *words, const char *file,
    int line, const char *key, char ***out);
/* Sorts a vector by strcmp. */
void people_sort(char **names);

#endif
