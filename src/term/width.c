/* width.c - columns of characters.  Needs no locale, so it works in an empty root. */
#include "term/width.h"

#include <string.h>

#include "base/escape.h"

/* Unicode 15, coarse: a wrong guess only costs alignment. */
static const struct {
	unsigned int first, last;
	size_t columns;
} ranges[] = {
	{ 0x0300, 0x036f, 0 }, { 0x0483, 0x0489, 0 }, { 0x0591, 0x05bd, 0 },
	{ 0x0610, 0x061a, 0 }, { 0x064b, 0x065f, 0 }, { 0x0e31, 0x0e31, 0 },
	{ 0x0e34, 0x0e3a, 0 }, { 0x0e47, 0x0e4e, 0 }, { 0x1100, 0x115f, 2 },
	{ 0x1ab0, 0x1aff, 0 }, { 0x1dc0, 0x1dff, 0 }, { 0x20d0, 0x20ff, 0 },
	{ 0x2e80, 0x3029, 2 }, { 0x302a, 0x302d, 0 }, { 0x302e, 0x303e, 2 },
	{ 0x3041, 0x3098, 2 }, { 0x3099, 0x309a, 0 }, { 0x309b, 0xa4cf, 2 },
	{ 0xac00, 0xd7a3, 2 }, { 0xf900, 0xfaff, 2 }, { 0xfe20, 0xfe2f, 0 },
	{ 0xfe30, 0xfe6f, 2 }, { 0xff00, 0xff60, 2 }, { 0xffe0, 0xffe6, 2 },
	{ 0x1f300, 0x1f64f, 2 }, { 0x1f680, 0x1f6ff, 2 },
	{ 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 }
};

static size_t
columns_of(unsigned int cp)
{
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return ranges[i].columns;
	return 1;
}

/* Walks at most "limit" columns; *bytes is where it stopped. */
static size_t
walk(const char *s, size_t limit, size_t *bytes)
{
	size_t n = strlen(s), i = 0, len, used = 0, w;
	unsigned int cp;

	while (i < n) {
		len = escape_utf8(s + i, n - i, &cp);
		w = len == 0 ? 1 : columns_of(cp);
		if (w > limit - used)
			break;
		used += w;
		i += len == 0 ? 1 : len;
	}
	*bytes = i;
	return used;
}

size_t
term_width(const char *s)
{
	size_t bytes;

	return walk(s, (size_t)-1, &bytes);
}

size_t
term_fit(const char *s, size_t columns)
{
	size_t bytes;

	(void)walk(s, columns, &bytes);
	return bytes;
}
