/* look.c - a table of look-alikes (Unicode UTS 39 confusables, the part that meets command lines). */
#include "request/look.h"

#include <string.h>

#include "base/escape.h"

static const struct {
	unsigned int	first, last;
	char		like;
} table[] = {
	{ 0x00a0, 0x00a0, ' ' }, { 0x1680, 0x1680, ' ' },
	{ 0x2000, 0x200a, ' ' }, { 0x202f, 0x202f, ' ' },
	{ 0x205f, 0x205f, ' ' }, { 0x3000, 0x3000, ' ' },
	{ 0x2800, 0x2800, ' ' },
	{ 0x2018, 0x201b, '\'' }, { 0x02bc, 0x02bc, '\'' },
	{ 0x00b4, 0x00b4, '\'' }, { 0x2032, 0x2032, '\'' },
	{ 0x201c, 0x201f, '"' }, { 0x2033, 0x2033, '"' },
	{ 0x2010, 0x2015, '-' }, { 0x2212, 0x2212, '-' },
	{ 0x2043, 0x2043, '-' }, { 0xfe58, 0xfe58, '-' },
	{ 0x2024, 0x2024, '.' }, { 0x2044, 0x2044, '/' },
	{ 0x2215, 0x2215, '/' }, { 0x29f8, 0x29f8, '/' },
	{ 0x037e, 0x037e, ';' }, { 0x2223, 0x2223, '|' },
	{ 0xff01, 0xff5e, '!' },		/* full width ASCII */
	/* Cyrillic */
	{ 0x0430, 0x0430, 'a' }, { 0x0435, 0x0435, 'e' },
	{ 0x043e, 0x043e, 'o' }, { 0x0440, 0x0440, 'p' },
	{ 0x0441, 0x0441, 'c' }, { 0x0443, 0x0443, 'y' },
	{ 0x0445, 0x0445, 'x' }, { 0x0456, 0x0456, 'i' },
	{ 0x0458, 0x0458, 'j' }, { 0x0455, 0x0455, 's' },
	{ 0x04bb, 0x04bb, 'h' }, { 0x0501, 0x0501, 'd' },
	{ 0x051b, 0x051b, 'q' }, { 0x051d, 0x051d, 'w' },
	{ 0x0410, 0x0410, 'A' }, { 0x0412, 0x0412, 'B' },
	{ 0x0415, 0x0415, 'E' }, { 0x041a, 0x041a, 'K' },
	{ 0x041c, 0x041c, 'M' }, { 0x041d, 0x041d, 'H' },
	{ 0x041e, 0x041e, 'O' }, { 0x0420, 0x0420, 'P' },
	{ 0x0421, 0x0421, 'C' }, { 0x0422, 0x0422, 'T' },
	{ 0x0423, 0x0423, 'Y' }, { 0x0425, 0x0425, 'X' },
	{ 0x0405, 0x0405, 'S' }, { 0x0406, 0x0406, 'I' },
	{ 0x0408, 0x0408, 'J' },
	/* Greek */
	{ 0x0391, 0x0391, 'A' }, { 0x0392, 0x0392, 'B' },
	{ 0x0395, 0x0395, 'E' }, { 0x0396, 0x0396, 'Z' },
	{ 0x0397, 0x0397, 'H' }, { 0x0399, 0x0399, 'I' },
	{ 0x039a, 0x039a, 'K' }, { 0x039c, 0x039c, 'M' },
	{ 0x039d, 0x039d, 'N' }, { 0x039f, 0x039f, 'O' },
	{ 0x03a1, 0x03a1, 'P' }, { 0x03a4, 0x03a4, 'T' },
	{ 0x03a5, 0x03a5, 'Y' }, { 0x03a7, 0x03a7, 'X' },
	{ 0x03bf, 0x03bf, 'o' }, { 0x03bd, 0x03bd, 'v' },
	{ 0x03b1, 0x03b1, 'a' }
};

char
look_like(unsigned int cp)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (cp >= table[i].first && cp <= table[i].last)
			return cp >= 0xff01 && cp <= 0xff5e ?
			    (char)(cp - 0xff01 + '!') : table[i].like;
	return 0;
}

int
look_is_letter(unsigned int cp)
{
	return cp >= 0x0370 && cp <= 0x052f && look_like(cp) != 0 &&
	    cp != 0x037e;
}

int
look_is_mixed(const char *word, unsigned int *first)
{
	size_t n = strlen(word), len, i;
	unsigned int cp;
	int ascii = 0, alike = 0, other = 0;

	for (i = 0; i < n; i += len) {
		if ((len = escape_utf8(word + i, n - i, &cp)) == 0)
			return 0;
		if (len == 1)
			ascii |= (cp >= 'a' && cp <= 'z') ||
			    (cp >= 'A' && cp <= 'Z');
		else if (look_is_letter(cp)) {
			if (!alike)
				*first = cp;
			alike = 1;
		} else
			other = 1;
	}
	return ascii && alike && !other;
}
