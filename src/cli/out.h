/*
 * out.h - the one way to a reader: own text and escaped text, made safe once more at the door.
 *
 * Whatever passes out_put() other than newline, tab and plain characters is
 * escaped there, so a caller's mistake cannot act on a terminal.  A newline
 * in foreign text is the caller's to escape: out_foreign() does.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stddef.h>

struct out;

/* "fd" stays the caller's.  crlf: newline becomes CR LF (the reader's terminal is raw).  NULL: no memory. */
struct out *out_new(int fd, int crlf);
/* Flushes nothing.  NULL is allowed. */
void out_free(struct out *o);

/* Nothing is returned: the first failure stops all output and out_flush() tells. */
void out_put(struct out *o, const void *p, size_t n);
void out_text(struct out *o, const char *s);
void out_printf(struct out *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Escaped, at most "max" bytes of result. */
void out_foreign(struct out *o, const char *s, size_t max);
/* "text" itself; NULL, there was no memory to make it: "?", and the output has failed. */
const char *out_whole(struct out *o, const char *text);
/* Bytes that term/safe.h has made safe already: newlines are adapted, nothing else. */
void out_safe(struct out *o, const void *p, size_t n);
/* One JSON document and a newline: characters that show nothing or act become \uNNNN, which means the same. */
void out_json(struct out *o, const char *json, size_t n);
/* 0, or an error when anything since the beginning could not be written. */
int out_flush(struct out *o);

#endif
