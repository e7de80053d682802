/* texts.c - sentences for the operator; golden texts are in tests/unit/monitor/texts_test.c. */
#include "monitor/texts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/limits.h"

#define TEXT_MAX	(8 * (REASON_MAX + NEXT_MAX))

/*
 * Append foreign text.  The ledger escapes what it quotes, so a backslash
 * stays as it is here; what could still act on a terminal becomes \xNN.
 * "br" is put for a newline, NULL: a newline is escaped too.
 */
static int
put_safe(struct buf *b, const char *s, const char *br)
{
	size_t n = strlen(s), len, i;
	unsigned int cp;
	char hex[5];
	int r = 0;

	while (n > 0 && r == 0) {
		if (*s == '\n' && br != NULL) {
			r = buf_put(b, br, strlen(br));
			len = 1;
		} else if ((len = escape_utf8(s, n, &cp)) != 0 &&
		    escape_is_plain(cp))
			r = buf_put(b, s, len);
		else {
			len = len == 0 ? 1 : len;
			for (i = 0; i < len && r == 0; i++) {
				snprintf(hex, sizeof(hex), "\\x%02x",
				    (unsigned char)s[i]);
				r = buf_put(b, hex, 4);
			}
		}
		s += len;
		n -= len;
	}
	return r;
}

static int
put_plain(struct buf *b, const char *s)
{
	return buf_put(b, s, strlen(s));
}

char *
text_refused(const char *code, const char *reason, const char *next,
    int has_pty)
{
	const char *end = has_pty ? "\r\n" : "\n";
	const char *more = has_pty ? "\r\n  " : "\n  ";
	struct buf *b;
	char *out = NULL;

	if ((b = buf_new(TEXT_MAX)) == NULL)
		return NULL;
	if (put_plain(b, "sekisho: refused [") != 0 ||
	    put_safe(b, code, NULL) != 0 || put_plain(b, "] ") != 0 ||
	    put_safe(b, reason == NULL ? "" : reason, more) != 0 ||
	    put_plain(b, end) != 0)
		goto out;
	if (next != NULL && next[0] != '\0' &&
	    (put_plain(b, "next: ") != 0 || put_safe(b, next, NULL) != 0 ||
	    put_plain(b, end) != 0))
		goto out;
	if ((out = calloc(1, buf_len(b) + 1)) != NULL)
		memcpy(out, buf_data(b), buf_len(b));
out:
	buf_free(b);
	return out;
}

static char *line(int has_pty, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "sekisho: ", the text, end of line. */
static char *
line(int has_pty, const char *fmt, ...)
{
	char *text = NULL, *out = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	if (asprintf(&out, "sekisho: %s%s", text, has_pty ? "\r\n" : "\n") < 0)
		out = NULL;
	str_wipe(text);
	return out;
}

char *
text_start(uint64_t request, uint32_t use, uint32_t uses, uint64_t session)
{
	return line(1, "R%" PRIu64 ", use %u of %u, S%" PRIu64 ", recorded",
	    request, use, uses, session);
}

char *
text_unread(uint64_t request, const char *input, int has_pty)
{
	/* the only words whose input is not read: none, and tty without one */
	if (strcmp(input, "none") == 0)
		return line(has_pty, "input is not read: R%" PRIu64
		    " was approved with input = none", request);
	return line(has_pty, "input is not read: R%" PRIu64
	    " was approved with input = tty and there is no terminal (ssh -t)",
	    request);
}

char *
text_warning(uint64_t request, int64_t left_s, int64_t longest_s, int has_pty)
{
	return line(has_pty, "R%" PRIu64 " ends in %" PRId64
	    " min: its longest run is %" PRId64 " h %" PRId64 " min",
	    request, (left_s + 59) / 60, longest_s / 3600,
	    longest_s % 3600 / 60);
}

char *
text_stopping(uint64_t request, int64_t left_s, int has_pty)
{
	return line(has_pty, "the gate is stopping, R%" PRIu64
	    " is ended in %" PRId64 " s", request, left_s);
}
