/* fields.h - the fields that each kind of entry must have (FORMAT.md, section 6). */
#ifndef VERIFY_FIELDS_H
#define VERIFY_FIELDS_H

#include <stddef.h>

#include "json/json.h"

#define FIELDS_WHY	160

/* 1: it has them.  0: "why" says what is wrong. */
int fields_are_good(const json_t *e, char why[FIELDS_WHY]);

#endif
