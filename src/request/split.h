/*
 * split.h - an SSH exec string becomes an argv vector: blanks, quotes, backslash, and no shell.
 *
 * Rules (DESIGN section 5)
 *   - words are separated by blanks (space, tab);
 *   - '...' is literal; in "..." a backslash takes the next '"' or '\'
 *     literally and is itself otherwise; outside quotes a backslash takes the
 *     next character literally;
 *   - unquoted | & ; < > ( ) $ * ? [ ` and newline anywhere, ~ and # at a
 *     word's start are errors, because a shell would give them a meaning that
 *     nobody here does; { } ! = % ^ ] are plain;
 *   - bytes that are not UTF-8, control characters, invisible and
 *     direction-changing characters are errors, quoted or not; so are, in
 *     words, blanks, quotes, dashes and signs that only look like ASCII's, and
 *     a mixture of ASCII letters with nothing but look-alikes of them;
 *   - behind a gateway word, the text of --reason and -m runs up to the next
 *     word that begins with "--"; it is cut at blanks only, everything visible
 *     is allowed in it, and one pair of quotes around all of it is taken off.
 */
#ifndef REQUEST_SPLIT_H
#define REQUEST_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#define SPLIT_REASON	256

struct split_error {
	size_t	 at;			/* byte where it went wrong */
	char	 reason[SPLIT_REASON];	/* a sentence, already safe to show */
	char	*corrected;		/* line that would be taken as plain words, or NULL; free with str_wipe() */
};

/*
 * ERR_FORMAT: *e is filled.  ERR_LIMIT: the same (too long, too many words).
 * ERR_NOMEM.  On 0 the caller frees *argv with strv_free(); it has at least
 * one word.  "total" is how long the string was before anybody cut it.
 */
int split_command(const uint8_t *p, size_t n, size_t total, char ***argv,
    struct split_error *e);

/* One line that split_command() turns into exactly "argv".  NULL: no memory; free with str_wipe(). */
char *split_quote(char *const *argv);

/* Is this first word reserved for the gate itself (DESIGN section 5)? */
int split_is_gateway_word(const char *word);

#endif
