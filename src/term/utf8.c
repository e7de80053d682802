/* utf8.c - a decoder that gives one mistake for each maximal part of a character (Unicode 15, chapter 3.9). */
#include "term/utf8.h"

/* The first byte of a character; 0: it is none. */
static int
begin(struct utf8 *u, uint8_t byte)
{
	u->low = 0x80;
	u->high = 0xbf;
	if (byte >= 0xc2 && byte <= 0xdf) {
		u->left = 1;
		u->cp = byte & 0x1f;
	} else if (byte >= 0xe0 && byte <= 0xef) {
		u->left = 2;
		u->cp = byte & 0x0f;
		if (byte == 0xe0)
			u->low = 0xa0;		/* shorter forms */
		else if (byte == 0xed)
			u->high = 0x9f;		/* surrogates */
	} else if (byte >= 0xf0 && byte <= 0xf4) {
		u->left = 3;
		u->cp = byte & 0x07;
		if (byte == 0xf0)
			u->low = 0x90;
		else if (byte == 0xf4)
			u->high = 0x8f;		/* above U+10FFFF */
	} else
		return 0;
	return 1;
}

enum utf8_step
utf8_step(struct utf8 *u, uint8_t byte, uint32_t *cp)
{
	if (u->left == 0) {
		if (byte >= 0x80)
			return begin(u, byte) ? UTF8_MORE : UTF8_BAD;
		*cp = byte;
		return UTF8_CHAR;
	}
	if (byte < u->low || byte > u->high) {
		u->left = 0;
		return UTF8_BAD_AGAIN;
	}
	u->low = 0x80;
	u->high = 0xbf;
	u->cp = u->cp << 6 | (byte & 0x3f);
	if (--u->left > 0)
		return UTF8_MORE;
	*cp = u->cp;
	return UTF8_CHAR;
}
