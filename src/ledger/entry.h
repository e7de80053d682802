/*
 * entry.h - one entry of the ledger: a JSON object, stored as canonical bytes.
 *
 * An entry is a row (index, bytes) written in the transaction of the change it
 * tells of.  The hash tree over these rows is made from the same bytes.
 */
#ifndef LEDGER_ENTRY_H
#define LEDGER_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "json/json.h"

#define ENTRY_MAX	65535		/* an entry bundle counts in u16 */

/* {"at", "at_ns", "what", "who"}; who NULL: nobody.  NULL: no memory.  Free with json_decref(). */
json_t *entry_new(int64_t at_ns, const char *what, const char *who);
/* Add a text that may be anything (escaped when it is not clean). */
int entry_text(json_t *e, const char *key, const char *s);
int entry_int(json_t *e, const char *key, int64_t v);
/* 64 hex digits. */
int entry_digest(json_t *e, const char *key, const uint8_t *digest);
/* "R12", "S345": a letter and a number. */
int entry_id(json_t *e, const char *key, char letter, uint64_t nr);
/* Takes "v" over, also when it fails. */
int entry_json(json_t *e, const char *key, json_t *v);
/* The bytes.  ERR_LIMIT: more than ENTRY_MAX.  The caller frees with str_wipe(). */
int entry_bytes(const json_t *e, char **out, size_t *n);

#endif
