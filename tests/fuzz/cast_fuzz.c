/*
 * cast_fuzz.c - any bytes as events of a recording: what comes out is a header and lines of JSON, ASCII, and
 * the text of a stream does not depend on where it was cut.
 * links: term json
 *
 * The input is a list of (kind, length, bytes).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "json/json.h"
#include "term/cast.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
must(int yes)
{
	if (!yes)
		abort();
}

static int
collect(void *arg, const void *p, size_t n)
{
	return buf_put(arg, p, n);
}

/* One event of the input. */
static void
event(struct cast *t, uint64_t at, uint8_t kind, const uint8_t *p, size_t n)
{
	switch (kind % 10) {
	case 6:
		must(cast_marker(t, at, "what ", p, n) == 0);
		break;
	case 7:
		must(cast_resize(t, at, p, n) == 0);
		break;
	case 8:
		must(cast_comment(t, p, n) == 0);
		break;
	default:
		must(cast_bytes(t, at, (enum cast_stream)(kind % 10 % 6), p, n,
		    kind >= 128) == 0);
		break;
	}
}

/* A line of an event: interval, code, text.  Its text goes behind "all" when it is of "code". */
static void
check_line(const char *line, size_t n, char code, struct buf *all)
{
	json_error_t e;
	json_t *v = json_loadb(line, n, JSON_REJECT_DUPLICATES |
	    JSON_ALLOW_NUL, &e);
	const char *kind;

	must(json_is_array(v) && json_array_size(v) == 3);
	must(json_is_real(json_array_get(v, 0)) &&
	    json_real_value(json_array_get(v, 0)) >= 0);
	kind = json_string_value(json_array_get(v, 1));
	must(kind != NULL && strlen(kind) == 1 && strchr("oirmx", *kind));
	must(json_is_string(json_array_get(v, 2)));
	if (*kind == code)
		must(buf_put(all, json_string_value(json_array_get(v, 2)),
		    json_string_length(json_array_get(v, 2))) == 0);
	json_decref(v);
}

/* All lines; "all" takes the texts of "code". */
static void
check(const struct buf *b, char code, struct buf *all)
{
	const char *s = (const char *)buf_data(b), *end = s + buf_len(b);
	const char *nl;
	json_t *head;
	size_t i;

	for (i = 0; i < buf_len(b); i++)
		must((s[i] >= 0x20 && s[i] <= 0x7e) || s[i] == '\n');
	must(end > s && end[-1] == '\n');
	nl = memchr(s, '\n', (size_t)(end - s));
	head = json_loadb(s, (size_t)(nl - s), 0, NULL);
	must(json_is_object(head));
	json_decref(head);
	for (s = nl + 1; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (*s != '#')
			check_line(s, (size_t)(nl - s), code, all);
	}
}

static struct cast *
start(struct buf **b, size_t n)
{
	static const struct cast_head h = { .cols = 80, .rows = 24,
		.type = "x", .command = "c", .title = "t" };
	struct cast *t;

	*b = buf_new(64 * n + 4096);
	t = cast_new(collect, *b);
	must(*b != NULL && t != NULL && cast_begin(t, &h) == 0);
	return t;
}

/* All of it as output of a terminal, in pieces of at most "piece". */
static struct buf *
text(const uint8_t *p, size_t n, size_t piece)
{
	struct buf *b, *all = buf_new(8 * n + 64);
	struct cast *t = start(&b, n);
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = n - i < piece ? n - i : piece;
		must(cast_bytes(t, i, CAST_TERMINAL, p + i, len, 0) == 0);
	}
	must(cast_end(t, n, 0) == 0);
	check(b, 'o', all);
	cast_free(t);
	buf_free(b);
	return all;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf *b, *all = buf_new(1 << 20), *whole, *cut;
	struct cast *t;
	size_t i, len;

	/* a line for each byte would be the longest */
	if (n > 4096)
		n = 4096;
	t = start(&b, n);
	for (i = 0; i + 2 <= n; i += 2 + len) {
		len = p[i + 1] > n - i - 2 ? n - i - 2 : p[i + 1];
		event(t, i, p[i], p + i + 2, len);
	}
	must(cast_end(t, n, n % 2 ? -1 : 7) == 0);
	check(b, 0, all);
	cast_free(t);
	buf_free(b);
	buf_free(all);
	whole = text(p, n, n + 1);
	cut = text(p, n, 1 + n % 7);
	must(buf_len(whole) == buf_len(cut) && (buf_len(cut) == 0 ||
	    memcmp(buf_data(whole), buf_data(cut), buf_len(cut)) == 0));
	buf_free(whole);
	buf_free(cut);
	return 0;
}
