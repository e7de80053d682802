/*
 * safe.h - recorded terminal bytes made safe for the terminal of a reader.
 *
 * TERM_SHOW keeps printable text, newline, CR, tab, backspace and colours
 * (SGR, rebuilt from its numbers).  TERM_PLAIN keeps printable text, newline
 * and tab alone.  Nothing else ever comes out:
 *	cursor movement, modes, reports (well-formed CSI, ESC x)	dropped
 *	OSC, DCS, APC, PM, SOS	SHOW: dropped; PLAIN: shown as visible text
 *	a sequence that is malformed, cut or longer than TERM_SEQUENCE_MAX,
 *	other control bytes, bytes that are not UTF-8, C1, bidi, invisible
 *	characters			shown as \xNN or \u{NNNN}
 * So an unfinished sequence cannot swallow what follows it.
 */
#ifndef TERM_SAFE_H
#define TERM_SAFE_H

#include <stddef.h>

#define TERM_SEQUENCE_MAX	256

enum term_mode { TERM_SHOW, TERM_PLAIN };

struct term_safe;

/* Takes finished bytes; what it returns other than 0 ends the run. */
typedef int term_sink(void *arg, const void *p, size_t n);

/* NULL: no memory. */
struct term_safe *term_safe_new(enum term_mode mode, term_sink *sink,
    void *arg);
void term_safe_free(struct term_safe *t);
/* Any bytes in any pieces: the result does not depend on where they are cut. */
int term_safe_put(struct term_safe *t, const void *p, size_t n);
/* The stream is over: shows what was unfinished, ends colours. */
int term_safe_end(struct term_safe *t);
/* Is the last character that came out a newline (or has none come out)? */
int term_safe_at_line_start(const struct term_safe *t);

#endif
