/* strv.h - NULL-terminated vectors of strings, as execve(2) takes them. */
#ifndef BASE_STRV_H
#define BASE_STRV_H

#include <stddef.h>

/* NULL counts 0. */
size_t strv_len(char *const *v);
/* Same words in the same order, byte for byte. */
int strv_equal(char *const *a, char *const *b);
/* Is "s" one of the words? */
int strv_has(char *const *v, const char *s);
/* Deep copy; NULL: no memory.  The caller frees with strv_free(). */
char **strv_dup(char *const *v);
/* Append a copy of "s" to *v (which may be NULL).  ERR_NOMEM leaves *v alone. */
int strv_add(char ***v, const char *s);
/* Wipes and frees.  NULL is allowed. */
void strv_free(char **v);

#endif
