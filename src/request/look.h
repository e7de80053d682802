/* look.h - characters that look like others; shared by the splitter and by the warnings of a filing. */
#ifndef REQUEST_LOOK_H
#define REQUEST_LOOK_H

#include <stddef.h>

/*
 * What a reader would take this non-ASCII character for: a blank, a quote, a
 * dash, an ASCII letter or sign.  0: nothing.
 */
char look_like(unsigned int cp);
/* Is it a letter (of Greek or Cyrillic) that look_like() knows? */
int look_is_letter(unsigned int cp);
/*
 * Does the word mix ASCII letters with letters that all only look like them?
 * *cp is the first of those.  The word is well-formed UTF-8.
 */
int look_is_mixed(const char *word, unsigned int *cp);

#endif
