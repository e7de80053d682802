/* keys.h - inside src/load: one file of keys.d. */
#ifndef LOAD_KEYS_H
#define LOAD_KEYS_H

#include <stddef.h>

#include "config/error.h"
#include "wire/snapshot.h"

#define KEYS_MAX	32	/* of one person: more are no longer looked after by anybody */
#define KEY_LINE_MAX	8192	/* RSA of 16384 bits has 2770 letters; the rest is comment */

/*
 * The keys in "text" (the file "file" of "person"), appended to s->keys.
 * ERR_FORMAT: *e says FILE:LINE and what is wrong.
 */
int keys_parse(struct snapshot *s, const char *person, const char *file,
    const char *text, size_t n, struct conf_error *e);

#endif
