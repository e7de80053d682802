/* escape.c - foreign text made harmless and visible. */
#include "base/escape.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Ranges of characters that show nothing or change how others show (Unicode 15: Cc, Cf, Zl, Zp, fillers, tags, variation selectors, private use, surrogates). */
static const struct {
	unsigned int first, last;
} hidden[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },
	{ 0x034f, 0x034f }, { 0x0600, 0x0605 }, { 0x061c, 0x061c },
	{ 0x06dd, 0x06dd }, { 0x070f, 0x070f }, { 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xd800, 0xf8ff },
	{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff }
};

int
escape_is_plain(unsigned int cp)
{
	size_t i;

	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (cp >= hidden[i].first && cp <= hidden[i].last)
			return 0;
	return cp <= 0x10ffff;
}

size_t
escape_utf8(const void *bytes, size_t n, unsigned int *cp)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = bytes;
	size_t len, i;
	unsigned int c;

	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n < len)
		return 0;
	c = p[0] & (0xffU >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return len;
}

/* One character of p into piece; returns how many bytes of p it took. */
static size_t
one(const uint8_t *p, size_t n, const char *also, char piece[16])
{
	unsigned int cp;
	size_t len = escape_utf8(p, n, &cp);

	if (len == 0 || (len == 1 && !escape_is_plain(cp))) {
		snprintf(piece, 16, "\\x%02x", p[0]);
		return 1;
	}
	if (len == 1 && (cp == '\\' || strchr(also, (int)cp) != NULL))
		snprintf(piece, 16, "\\%c", (char)cp);
	else if (len == 2 && cp < 0xa0)
		snprintf(piece, 16, "\\u{%x}", cp);
	else if (!escape_is_plain(cp))
		snprintf(piece, 16, "\\u{%x}", cp);
	else {
		memcpy(piece, p, len);
		piece[len] = '\0';
	}
	return len;
}

/* Escapes p into out, keeping room for "..." so that a cut is always visible. */
static void
run(char *out, size_t size, const uint8_t *p, size_t n, const char *also)
{
	size_t used = 0, i = 0, took, len, safe = 0;
	char piece[16];

	if (size == 0)
		return;
	while (i < n) {
		took = one(p + i, n - i, also, piece);
		len = strlen(piece);
		if (len >= size - used)
			break;
		memcpy(out + used, piece, len);
		used += len;
		i += took;
		if (used + 4 <= size)
			safe = used;
	}
	out[used] = '\0';
	if (i < n && size >= 4)
		memcpy(out + safe, "...", 4);
}

char *
escape_to(char *out, size_t size, const void *p, size_t n)
{
	run(out, size, p, n, "");
	return out;
}

static char *
dup_with(const void *p, size_t n, size_t max, const char *also)
{
	size_t size = n < max / 10 ? n * 10 + 1 : max + 1;
	char *out;

	if ((out = malloc(size)) != NULL)
		run(out, size, p, n, also);
	return out;
}

char *
escape_dup(const void *p, size_t n, size_t max)
{
	return dup_with(p, n, max, "");
}

char *
escape_argv(char *const *argv, size_t max)
{
	struct buf *b = buf_new(max);
	char *word, *out = NULL;
	size_t i;
	int cut = 0, failed = 0;

	if (b == NULL)
		return NULL;
	for (i = 0; argv != NULL && argv[i] != NULL && !cut; i++) {
		word = dup_with(argv[i], strlen(argv[i]), max, "[]");
		if (word == NULL)
			goto out;
		if (buf_len(b) + strlen(word) + 8 > max)
			cut = 1;
		else if ((i > 0 && buf_put(b, " ", 1) != 0) ||
		    buf_put(b, "[", 1) != 0 ||
		    buf_put(b, word, strlen(word)) != 0 ||
		    buf_put(b, "]", 1) != 0)
			failed = 1;	/* there was room: no memory */
		str_wipe(word);
		if (failed)
			goto out;
	}
	if (cut)
		(void)buf_put(b, " ...", 4);
	if ((out = calloc(1, buf_len(b) + 1)) != NULL)
		memcpy(out, buf_data(b), buf_len(b));
out:
	buf_free(b);
	return out;
}
