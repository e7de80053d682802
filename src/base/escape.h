/*
 * escape.h - makes foreign text harmless before it meets a terminal, a log or a table.
 *
 * Printable ASCII and printable UTF-8 stay.  Everything else becomes visible
 * ASCII: bytes below 0x20, DEL, C1, bytes that are not UTF-8 as \xNN; bidi
 * controls, zero-width and other invisible characters as \u{NNNN}; backslash
 * as \\.  The result holds no control byte at all.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>

/* New string, at most "max" bytes of result, with "..." when cut (max >= 3).  NULL: no memory.  The caller frees it with str_wipe(). */
char *escape_dup(const void *p, size_t n, size_t max);
/* The same into "out" of "size" bytes, always terminated; returns out. */
char *escape_to(char *out, size_t size, const void *p, size_t n);
/* [sed] [-i] [s/a b/c d/]: each word escaped, in brackets; ']' and '[' inside a word are escaped too.  NULL: no memory; free with str_wipe(). */
char *escape_argv(char *const *argv, size_t max);
/*
 * Length in bytes of the character at p (n > 0) and its code point.  0 when
 * the bytes are not well-formed UTF-8 (RFC 3629).
 */
size_t escape_utf8(const void *p, size_t n, unsigned int *cp);
/* Would this code point be shown as it is? */
int escape_is_plain(unsigned int cp);

#endif
