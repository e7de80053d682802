/* out.c - buffered output with a last guard against bytes that act. */
#include "cli/out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/log.h"

#define ROOM	16384
#define PIECE	16	/* bytes of one escaped character */

struct out {
	int	 fd;
	int	 crlf;
	int	 failed;
	char	 last;		/* byte that went out last */
	size_t	 used;
	char	 room[ROOM];
};

struct out *
out_new(int fd, int crlf)
{
	struct out *o;

	if ((o = calloc(1, sizeof(*o))) == NULL)
		return NULL;
	o->fd = fd;
	o->crlf = crlf;
	return o;
}

void
out_free(struct out *o)
{
	mem_wipe(o, o == NULL ? 0 : sizeof(*o));
}

/* One write(2); waits when the descriptor does not block. */
static ssize_t
write_some(int fd, const char *p, size_t n)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	ssize_t w;

	while ((w = write(fd, p, n)) < 0) {
		if (errno == EAGAIN)
			(void)poll(&wait, 1, -1);
		else if (errno != EINTR)
			return w;
	}
	return w;
}

int
out_flush(struct out *o)
{
	size_t done = 0;
	ssize_t w;

	while (done < o->used && o->failed == 0) {
		w = write_some(o->fd, o->room + done, o->used - done);
		if (w >= 0) {
			done += (size_t)w;
			continue;
		}
		o->failed = errno == EPIPE || errno == ECONNRESET ?
		    ERR_CLOSED : ERR_SYS;
		if (o->failed == ERR_SYS)
			log_errno("cannot write to the client");
	}
	o->used = 0;
	return o->failed;
}

static void
add(struct out *o, const char *p, size_t n)
{
	if (n > ROOM - o->used)
		(void)out_flush(o);
	memcpy(o->room + o->used, p, n);
	o->used += n;
	o->last = p[n - 1];
}

void
out_safe(struct out *o, const void *p, size_t n)
{
	const char *s = p;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '\n' && o->crlf && o->last != '\r')
			add(o, "\r", 1);
		add(o, s + i, 1);
	}
}

void
out_put(struct out *o, const void *p, size_t n)
{
	const char *s = p;
	char piece[PIECE];
	unsigned int cp = 0;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = escape_utf8(s + i, n - i, &cp);
		if (len > 0 &&
		    (escape_is_plain(cp) || cp == '\n' || cp == '\t')) {
			out_safe(o, s + i, len);
			continue;
		}
		len = len == 0 ? 1 : len;
		escape_to(piece, sizeof(piece), s + i, len);
		add(o, piece, strlen(piece));
	}
}

void
out_text(struct out *o, const char *s)
{
	out_put(o, s, strlen(s));
}

void
out_printf(struct out *o, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		o->failed = ERR_NOMEM;
		return;
	}
	out_put(o, text, (size_t)n);
	str_wipe(text);
}

const char *
out_whole(struct out *o, const char *text)
{
	if (text != NULL)
		return text;
	o->failed = ERR_NOMEM;
	return "?";
}

void
out_foreign(struct out *o, const char *s, size_t max)
{
	char *text;

	if ((text = escape_dup(s, strlen(s), max)) == NULL) {
		o->failed = ERR_NOMEM;
		return;
	}
	out_text(o, text);
	str_wipe(text);
}

/* A character of a JSON string as \uNNNN, as two of them above U+FFFF. */
static void
add_json_escape(struct out *o, unsigned int cp)
{
	char piece[PIECE];
	int n;

	if (cp >= 0x10000)
		n = snprintf(piece, sizeof(piece), "\\u%04x\\u%04x",
		    0xd800 + ((cp - 0x10000) >> 10),
		    0xdc00 + ((cp - 0x10000) & 0x3ff));
	else
		n = snprintf(piece, sizeof(piece), "\\u%04x", cp);
	add(o, piece, (size_t)n);
}

void
out_json(struct out *o, const char *json, size_t n)
{
	unsigned int cp;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = escape_utf8(json + i, n - i, &cp);
		if (len == 0) {
			len = 1;
			cp = 0xfffd;	/* no JSON writer makes this */
		}
		if (len > 0 && cp != 0xfffd && escape_is_plain(cp))
			add(o, json + i, len);
		else
			add_json_escape(o, cp);
	}
	out_text(o, "\n");
}
