/* meta.c - a writer of the few JSON values the monitor needs; it reads none. */
#include "monitor/meta.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"

static int
put(struct buf *b, const char *s)
{
	return buf_put(b, s, strlen(s));
}

/* As jansson writes it: short forms where JSON has them, \u00XX for other controls, UTF-8 as it is. */
static int
put_ascii(struct buf *b, char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t";
	static const char letter[] = "\"\\bfnrt";
	const char *at = c == '\0' ? NULL : strchr(plain, c);
	char text[8];

	if (at != NULL)
		snprintf(text, sizeof(text), "\\%c", letter[at - plain]);
	else if ((unsigned char)c < 0x20)
		snprintf(text, sizeof(text), "\\u%04X", (unsigned int)c);
	else
		return buf_put(b, &c, 1);
	return put(b, text);
}

int
meta_put_string(struct buf *b, const char *s)
{
	size_t n = strlen(s), len;
	unsigned int cp;
	int r;

	if ((r = put(b, "\"")) != 0)
		return r;
	while (n > 0 && r == 0) {
		len = escape_utf8(s, n, &cp);
		if (len == 0) {
			r = put(b, "\xef\xbf\xbd");
			len = 1;
		} else if (len == 1)
			r = put_ascii(b, *s);
		else
			r = buf_put(b, s, len);
		s += len;
		n -= len;
	}
	return r != 0 ? r : put(b, "\"");
}

/* ,"key": or {"key": for the first. */
static int
key(struct buf *b, const char *name)
{
	int r;

	if ((r = put(b, buf_data(b)[buf_len(b) - 1] == '{' ? "\"" : ",\"")) != 0 ||
	    (r = put(b, name)) != 0)
		return r;
	return put(b, "\":");
}

static int
text(struct buf *b, const char *name, const char *value)
{
	int r;

	if ((r = key(b, name)) != 0)
		return r;
	return meta_put_string(b, value == NULL ? "" : value);
}

static int
number(struct buf *b, const char *name, uint64_t value)
{
	char s[24];
	int r;

	if ((r = key(b, name)) != 0)
		return r;
	snprintf(s, sizeof(s), "%" PRIu64, value);
	return put(b, s);
}

/* "R12", "S345" */
static int
id(struct buf *b, const char *name, char letter, uint64_t value)
{
	char s[24];

	snprintf(s, sizeof(s), "%c%" PRIu64, letter, value);
	return text(b, name, s);
}

static int
hex(struct buf *b, const char *name, const struct blob *v)
{
	char s[2 * DIGEST_LEN + 1] = "";
	size_t i;

	for (i = 0; i < v->n && i < DIGEST_LEN; i++)
		snprintf(s + 2 * i, 3, "%02x", v->p[i]);
	return text(b, name, s);
}

static int
uuid(struct buf *b, const char *name, const struct blob *v)
{
	char s[40] = "";
	size_t i, n = 0;

	for (i = 0; i < v->n && i < UUID_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			s[n++] = '-';
		snprintf(s + n, 3, "%02x", v->p[i]);
		n += 2;
	}
	return text(b, name, s);
}

static int
words(struct buf *b, const char *name, char *const *v)
{
	size_t i;
	int r;

	if ((r = key(b, name)) != 0 || (r = put(b, "[")) != 0)
		return r;
	for (i = 0; v != NULL && v[i] != NULL; i++)
		if ((i > 0 && (r = put(b, ",")) != 0) ||
		    (r = meta_put_string(b, v[i])) != 0)
			return r;
	return put(b, "]");
}

int
meta_put(struct buf *b, const struct task *t)
{
	const struct msg_order *o = &t->order;
	const struct mon *m = t->mon;
	int r;

	if ((r = put(b, "{")) != 0 ||
	    (r = words(b, "argv", o->argv)) != 0 ||
	    (t->has_pty && (r = number(b, "cols", t->cols)) != 0) ||
	    (r = text(b, "exe", o->exe)) != 0 ||
	    (r = hex(b, "exe_digest", &o->exe_digest)) != 0 ||
	    (r = text(b, "gate", m->slice.gate)) != 0 ||
	    (r = text(b, "input", o->input)) != 0 ||
	    (r = text(b, "label", o->label)) != 0 ||
	    (r = text(b, "login", "keyboard-interactive")) != 0 ||
	    (r = text(b, "operator", o->operator)) != 0 ||
	    (r = text(b, "profile", o->profile)) != 0 ||
	    (r = hex(b, "profile_digest", &o->profile_digest)) != 0 ||
	    (r = id(b, "request", 'R', o->request)) != 0 ||
	    (r = hex(b, "request_digest", &o->request_digest)) != 0 ||
	    (r = number(b, "revision", o->revision)) != 0 ||
	    (t->has_pty && (r = number(b, "rows", t->rows)) != 0) ||
	    (r = text(b, "run_as", o->run_as)) != 0 ||
	    (r = id(b, "session", 'S', o->session)) != 0 ||
	    (r = text(b, "source", m->source)) != 0 ||
	    (r = number(b, "step", o->step)) != 0 ||
	    (r = text(b, "target", o->target)) != 0 ||
	    (t->has_pty && (r = text(b, "term", t->term)) != 0) ||
	    (r = text(b, "ticket", o->ticket)) != 0 ||
	    (r = uuid(b, "uuid", &o->uuid)) != 0)
		return r;
	return put(b, "}");
}
