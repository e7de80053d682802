/* term_fuzz.c - any bytes as recorded output: what comes out is harmless, and the same wherever it is cut.  links: term */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "term/safe.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int
collect(void *arg, const void *p, size_t n)
{
	return buf_put(arg, p, n);
}

/* Length of ESC [ numbers m at p; 0: it is none. */
static size_t
colour_at(const uint8_t *p, size_t n)
{
	size_t i = 2;

	if (n < 4 || p[0] != 0x1b || p[1] != '[')
		return 0;
	while (i < n && ((p[i] >= '0' && p[i] <= '9') || p[i] == ';'))
		i++;
	return i < n && i > 2 && p[i] == 'm' ? i + 1 : 0;
}

static void
must_be_harmless(enum term_mode mode, const uint8_t *p, size_t n)
{
	const char *also = mode == TERM_SHOW ? "\n\t\r\b" : "\n\t";
	unsigned int cp;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		if (mode == TERM_SHOW && (len = colour_at(p + i, n - i)) > 0)
			continue;
		len = escape_utf8(p + i, n - i, &cp);
		if (len == 0 || cp == 0 || (!escape_is_plain(cp) &&
		    (cp >= 0x80 || strchr(also, (int)cp) == NULL)))
			abort();
	}
}

/* All of "p" in pieces of at most "piece". */
static struct buf *
run(enum term_mode mode, const uint8_t *p, size_t n, size_t piece)
{
	struct buf *b = buf_new(16 * n + 64);
	struct term_safe *t = term_safe_new(mode, collect, b);
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = n - i < piece ? n - i : piece;
		if (term_safe_put(t, p + i, len) != 0)
			abort();
	}
	if (term_safe_end(t) != 0)
		abort();
	term_safe_free(t);
	return b;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum term_mode modes[] = { TERM_SHOW, TERM_PLAIN };
	struct buf *whole, *cut;
	size_t i;

	for (i = 0; i < 2; i++) {
		whole = run(modes[i], p, n, n + 1);
		cut = run(modes[i], p, n, 1 + n % 7);
		must_be_harmless(modes[i], buf_data(whole), buf_len(whole));
		if (buf_len(whole) != buf_len(cut) || memcmp(buf_data(whole),
		    buf_data(cut), buf_len(cut)) != 0)
			abort();
		buf_free(whole);
		buf_free(cut);
	}
	return 0;
}
