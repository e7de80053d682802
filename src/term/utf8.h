/* utf8.h - characters out of bytes that come in pieces and may be wrong. */
#ifndef TERM_UTF8_H
#define TERM_UTF8_H

#include <stdint.h>

#define UTF8_WRONG	0xfffdU

/* All zero at the beginning of a stream. */
struct utf8 {
	uint32_t	 cp;
	uint8_t		 left;		/* continuation bytes to come */
	uint8_t		 low, high;	/* what the next one may be */
};

enum utf8_step { UTF8_MORE, UTF8_CHAR, UTF8_BAD, UTF8_BAD_AGAIN };

/*
 * One byte further.  CHAR: *cp is a character.  BAD: what was begun, with this
 * byte, is none.  BAD_AGAIN: what was begun is none, and this byte is to be
 * given once more.
 */
enum utf8_step utf8_step(struct utf8 *u, uint8_t byte, uint32_t *cp);

#endif
