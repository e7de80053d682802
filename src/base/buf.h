/* buf.h - a bounded byte buffer.  Every byte that crosses a process boundary passes through it. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* New empty buffer that will never hold more than "limit" bytes.  NULL: no memory. */
struct buf *buf_new(size_t limit);
/* Wipes the contents and frees.  NULL is allowed. */
void buf_free(struct buf *b);
/* Forgets (and wipes) everything; the limit stays. */
void buf_reset(struct buf *b);

/* Bytes not yet taken, and where they start: valid until the next call that puts. */
size_t buf_len(const struct buf *b);
const uint8_t *buf_data(const struct buf *b);

/* Append.  ERR_LIMIT or ERR_NOMEM leave "b" as it was.  Integers are big-endian. */
int buf_put(struct buf *b, const void *p, size_t n);
int buf_put_u8(struct buf *b, uint8_t v);
int buf_put_u16(struct buf *b, uint16_t v);
int buf_put_u32(struct buf *b, uint32_t v);
int buf_put_u64(struct buf *b, uint64_t v);
/* u32 length, then the bytes.  A string must not be NULL. */
int buf_put_str(struct buf *b, const char *s);
int buf_put_bytes(struct buf *b, const void *p, size_t n);

/* Take from the front.  ERR_FORMAT (too short) leaves "b" and *out unchanged. */
int buf_get(struct buf *b, void *p, size_t n);
int buf_get_u8(struct buf *b, uint8_t *v);
int buf_get_u16(struct buf *b, uint16_t *v);
int buf_get_u32(struct buf *b, uint32_t *v);
int buf_get_u64(struct buf *b, uint64_t *v);
/*
 * Take a string of at most "max" bytes.  ERR_FORMAT (short, or holds a NUL)
 * and ERR_LIMIT leave "b" and *out unchanged.  The caller frees *out with
 * str_wipe().
 */
int buf_get_str(struct buf *b, size_t max, char **out);
/* Same for bytes; *out is NULL when *n is 0; the caller frees with mem_wipe(). */
int buf_get_bytes(struct buf *b, size_t max, uint8_t **out, size_t *n);
/* Drop "n" bytes from the front (at most what is there). */
void buf_skip(struct buf *b, size_t n);

/* Wipe and free.  NULL is allowed. */
void str_wipe(char *s);
void mem_wipe(void *p, size_t n);

#endif
