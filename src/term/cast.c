/* cast.c - asciicast v3: a header object, then [interval, code, text] a line. */
#include "term/cast.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "term/utf8.h"

#define SIDE_MAX	65535U	/* columns and rows are u16 to those who play it */
#define SIZE_TEXT	12	/* "65535x65535" and its end */

struct stream {
	struct utf8	 utf8;
	int		 last_cr;	/* the last character was CR */
};

struct cast {
	term_sink	*sink;
	void		*arg;
	int		 failed;
	uint64_t	 at_us;		/* of the line written last */
	unsigned int	 cols, rows;
	int		 is_open;	/* a line was begun and wants its end */
	struct stream	 streams[CAST_STREAMS];
	char		 out[1024];
	size_t		 nout;
};

struct cast *
cast_new(term_sink *sink, void *arg)
{
	struct cast *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->sink = sink;
	t->arg = arg;
	return t;
}

void
cast_free(struct cast *t)
{
	mem_wipe(t, sizeof(*t));
}

static int
flush(struct cast *t)
{
	if (t->nout > 0 && t->failed == 0)
		t->failed = t->sink(t->arg, t->out, t->nout);
	t->nout = 0;
	return t->failed;
}

static void
put(struct cast *t, const char *s, size_t n)
{
	if (n > sizeof(t->out) - t->nout)
		(void)flush(t);
	memcpy(t->out + t->nout, s, n);
	t->nout += n;
}

static void
put_text(struct cast *t, const char *s)
{
	put(t, s, strlen(s));
}

/* \uNNNN, two of them above U+FFFF. */
static void
put_escape(struct cast *t, uint32_t cp)
{
	char text[16];

	if (cp >= 0x10000)
		snprintf(text, sizeof(text), "\\u%04x\\u%04x",
		    (unsigned int)(0xd800 + ((cp - 0x10000) >> 10)),
		    (unsigned int)(0xdc00 + ((cp - 0x10000) & 0x3ff)));
	else
		snprintf(text, sizeof(text), "\\u%04x", (unsigned int)cp);
	put_text(t, text);
}

/* One character inside a JSON string. */
static void
put_char(struct cast *t, uint32_t cp)
{
	char c = (char)cp;

	if (cp == '"' || cp == '\\') {
		put(t, "\\", 1);
		put(t, &c, 1);
	} else if (cp == '\n')
		put(t, "\\n", 2);
	else if (cp == '\r')
		put(t, "\\r", 2);
	else if (cp == '\t')
		put(t, "\\t", 2);
	else if (cp < 0x20 || cp > 0x7e)
		put_escape(t, cp);
	else
		put(t, &c, 1);
}

/* Begins the line of an event, unless this event has begun it. */
static void
open_line(struct cast *t, uint64_t at_us, char code)
{
	char text[64];
	uint64_t gap = at_us > t->at_us ? at_us - t->at_us : 0;

	if (t->is_open)
		return;
	snprintf(text, sizeof(text), "[%" PRIu64 ".%06u,\"%c\",\"",
	    gap / 1000000, (unsigned int)(gap % 1000000), code);
	put_text(t, text);
	t->at_us += gap;
	t->is_open = 1;
}

static int
close_line(struct cast *t)
{
	if (t->is_open)
		put_text(t, "\"]\n");
	t->is_open = 0;
	return flush(t);
}

/* In a comment: what is no plain ASCII as JSON would write it, so that a JSON text stays one. */
static void
put_plain(struct cast *t, uint32_t cp)
{
	char c = (char)cp;

	if (cp < 0x20 || cp > 0x7e)
		put_escape(t, cp);
	else
		put(t, &c, 1);
}

/* A whole text, as far as it is UTF-8. */
static void
put_whole(struct cast *t, const void *bytes, size_t n,
    void (*put_one)(struct cast *t, uint32_t cp))
{
	const uint8_t *p = bytes;
	struct utf8 u = { 0 };
	enum utf8_step step;
	uint32_t cp = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		step = utf8_step(&u, p[i], &cp);
		if (step == UTF8_CHAR)
			put_one(t, cp);
		else if (step != UTF8_MORE)
			put_one(t, UTF8_WRONG);
		if (step == UTF8_BAD_AGAIN)
			i--;
	}
	if (u.left > 0)
		put_one(t, UTF8_WRONG);
}

static void
put_member(struct cast *t, const char *name, const char *value)
{
	put_text(t, name);
	put_whole(t, value, strlen(value), put_char);
	put_text(t, "\"");
}

static unsigned int
side(unsigned int v)
{
	return v == 0 ? 1 : v > SIDE_MAX ? SIDE_MAX : v;
}

int
cast_begin(struct cast *t, const struct cast_head *h)
{
	char text[96];

	t->cols = side(h->cols);
	t->rows = side(h->rows);
	snprintf(text, sizeof(text), "{\"version\":3,\"term\":{\"cols\":%u,"
	    "\"rows\":%u", t->cols, t->rows);
	put_text(t, text);
	if (*h->type != '\0')
		put_member(t, ",\"type\":\"", h->type);
	snprintf(text, sizeof(text), "},\"timestamp\":%" PRId64,
	    h->start_unix < 0 ? 0 : h->start_unix);
	put_text(t, text);
	put_member(t, ",\"command\":\"", h->command);
	put_member(t, ",\"title\":\"", h->title);
	put_text(t, "}\n");
	return flush(t);
}

int
cast_bytes(struct cast *t, uint64_t at_us, enum cast_stream stream,
    const void *bytes, size_t n, int is_cooked)
{
	struct stream *s = &t->streams[stream];
	char code = stream == CAST_TYPED || stream == CAST_STDIN ? 'i' : 'o';
	const uint8_t *p = bytes;
	enum utf8_step step;
	uint32_t cp = 0;
	size_t i;

	for (i = 0; i < n && t->failed == 0; i++) {
		if ((step = utf8_step(&s->utf8, p[i], &cp)) == UTF8_MORE)
			continue;
		if (step != UTF8_CHAR)
			cp = UTF8_WRONG;
		if (step == UTF8_BAD_AGAIN)
			i--;
		open_line(t, at_us, code);
		if (is_cooked && cp == '\n' && !s->last_cr)
			put_char(t, '\r');
		put_char(t, cp);
		s->last_cr = cp == '\r';
	}
	return close_line(t);
}

int
cast_marker(struct cast *t, uint64_t at_us, const char *what, const void *p,
    size_t n)
{
	open_line(t, at_us, 'm');
	put_whole(t, what, strlen(what), put_char);
	put_whole(t, p, n, put_char);
	return close_line(t);
}

/* Digits of a side from the front of *s, which goes on behind them; 0: none, or too large. */
static unsigned int
read_side(const char **s)
{
	unsigned int v = 0;

	while (**s >= '0' && **s <= '9' && v <= SIDE_MAX)
		v = v * 10 + (unsigned int)(*(*s)++ - '0');
	return v <= SIDE_MAX ? v : 0;
}

int
cast_resize(struct cast *t, uint64_t at_us, const void *p, size_t n)
{
	char text[2 * SIZE_TEXT];	/* for whatever two numbers a compiler thinks of */
	const char *s = text;
	unsigned int cols, rows;

	if (n >= SIZE_TEXT)
		return t->failed;
	memcpy(text, p, n);
	text[n] = '\0';
	cols = read_side(&s);
	if (cols == 0 || *s++ != 'x' || (rows = read_side(&s)) == 0 ||
	    s != text + n || (cols == t->cols && rows == t->rows))
		return t->failed;
	t->cols = cols;
	t->rows = rows;
	open_line(t, at_us, 'r');
	snprintf(text, sizeof(text), "%ux%u", cols, rows);
	put_text(t, text);
	return close_line(t);
}

int
cast_comment(struct cast *t, const void *p, size_t n)
{
	put_text(t, "# ");
	put_whole(t, p, n, put_plain);
	put_text(t, "\n");
	return flush(t);
}

int
cast_end(struct cast *t, uint64_t at_us, int status)
{
	static const char wrong[] = "\xff";	/* one mistake for what was begun */
	char text[16];
	int i;

	for (i = 0; i < CAST_STREAMS; i++) {
		if (t->streams[i].utf8.left == 0)
			continue;
		memset(&t->streams[i].utf8, 0, sizeof(t->streams[i].utf8));
		(void)cast_bytes(t, at_us, (enum cast_stream)i, wrong, 1, 0);
	}
	if (status >= 0) {
		open_line(t, at_us, 'x');
		snprintf(text, sizeof(text), "%d", status);
		put_text(t, text);
	}
	return close_line(t);
}
