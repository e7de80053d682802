/*
 * json.h - JSON by jansson: the canonical form, and reading with types checked.
 *
 * Canonical: JSON_COMPACT and sorted keys, UTF-8, integers only, no NUL.
 * Two equal values always give equal bytes; digests and ledger entries are
 * made from these bytes.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* New string of the canonical form; *n without the NUL.  ERR_FORMAT: a real number inside.  The caller frees with str_wipe(). */
int json_canonical(const json_t *v, char **out, size_t *n);
/*
 * Parse exactly one document: duplicate keys, reals, NUL in strings, more
 * than 32 levels and anything behind the value are ERR_FORMAT.  The caller
 * frees with json_decref().
 */
int json_read(const void *p, size_t n, json_t **out);

/*
 * Typed look-ups in an object.  A missing key gives the default and 0; the
 * wrong type is ERR_FORMAT.  Strings stay owned by the object.
 */
int json_want_str(const json_t *o, const char *key, const char *def, const char **s);
int json_want_int(const json_t *o, const char *key, int64_t def, int64_t min, int64_t max, int64_t *v);
int json_want_bool(const json_t *o, const char *key, int def, int *v);
/* Array of strings as a vector of copies; the caller frees with strv_free(). */
int json_want_strv(const json_t *o, const char *key, char ***v);
/* Every key of the object is in the NULL-terminated list; else ERR_FORMAT and *unknown names the first. */
int json_only_keys(const json_t *o, const char *const *keys, const char **unknown);
/* NULL-terminated vector as array; NULL: no memory or not UTF-8. */
json_t *json_from_strv(char *const *v);
/* String from bytes that may be anything: escaped (base/escape.h) when not clean UTF-8. */
json_t *json_text(const char *s);

#endif
