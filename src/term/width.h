/* width.h - how many columns text takes, for tables. */
#ifndef TERM_WIDTH_H
#define TERM_WIDTH_H

#include <stddef.h>

/* Columns of escaped text (base/escape.h): wide East Asian characters take 2, combining ones 0. */
size_t term_width(const char *s);
/* Bytes of the longest beginning of "s" that takes at most "columns". */
size_t term_fit(const char *s, size_t columns);

#endif
