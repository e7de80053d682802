/* sgr.h - colours and weights of text (SGR), rebuilt from their numbers. */
#ifndef TERM_SGR_H
#define TERM_SGR_H

#include <stddef.h>

#define SGR_TEXT	128

/*
 * From a whole CSI sequence (ESC [ ... final).  Writes ESC [ numbers m with
 * the harmless ones of its numbers and returns its length; 0 when it is no
 * SGR, has none, or more than 16 numbers.  Blinking and concealed text are
 * not harmless.
 */
size_t sgr_rebuild(char out[SGR_TEXT], const void *seq, size_t n);

#endif
