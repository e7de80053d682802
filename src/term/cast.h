/*
 * cast.h - a recording as asciicast v3, line by line.
 *
 * What comes out is ASCII: 0x20 to 0x7e and newlines, whatever was recorded.
 * All else is written as JSON's \uNNNN, so the file itself does nothing to a
 * terminal (what plays it does).  Bytes that are not UTF-8 become U+FFFD, as
 * Unicode recommends it (one for each maximal part); a character that was cut
 * by the end of an event comes with the next one of its stream.
 * Intervals are differences of times in whole microseconds: they add up.
 */
#ifndef TERM_CAST_H
#define TERM_CAST_H

#include <stddef.h>
#include <stdint.h>

#include "term/safe.h"

struct cast;

struct cast_head {
	unsigned int	 cols, rows;
	const char	*type;		/* of the terminal; "": not known */
	int64_t		 start_unix;
	const char	*command, *title;
};

/* Each has its own characters; the last two are input. */
enum cast_stream {
	CAST_TERMINAL, CAST_NOTICE, CAST_OUT, CAST_ERR, CAST_TYPED, CAST_STDIN,
	CAST_STREAMS
};

/* NULL: no memory. */
struct cast *cast_new(term_sink *sink, void *arg);
void cast_free(struct cast *t);

/*
 * The header first; then the others in any order, their times never going
 * back.  0, or what the sink returned.
 */
int cast_begin(struct cast *t, const struct cast_head *head);
/* is_cooked: a newline becomes CR LF, as a terminal would have made it. */
int cast_bytes(struct cast *t, uint64_t at_us, enum cast_stream stream,
    const void *p, size_t n, int is_cooked);
/* Its label is "what" and the bytes. */
int cast_marker(struct cast *t, uint64_t at_us, const char *what,
    const void *p, size_t n);
/* "80x24" as recorded; another text, or the size there is, writes nothing. */
int cast_resize(struct cast *t, uint64_t at_us, const void *p, size_t n);
/* A line for people, which players pass over. */
int cast_comment(struct cast *t, const void *p, size_t n);
/* What streams still held, then how it ended: an exit status, -1: not known. */
int cast_end(struct cast *t, uint64_t at_us, int status);

#endif
