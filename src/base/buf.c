/* buf.c - bounded byte buffer: one allocation, an offset of what was taken, a hard limit. */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

struct buf {
	uint8_t	*mem;
	size_t	 off;		/* taken */
	size_t	 end;		/* put */
	size_t	 size;		/* allocated */
	size_t	 limit;
};

struct buf *
buf_new(size_t limit)
{
	struct buf *b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return NULL;
	b->limit = limit;
	return b;
}

void
buf_free(struct buf *b)
{
	if (b == NULL)
		return;
	mem_wipe(b->mem, b->size);
	free(b);
}

void
buf_reset(struct buf *b)
{
	if (b->mem != NULL)
		explicit_bzero(b->mem, b->end);
	b->off = b->end = 0;
}

size_t
buf_len(const struct buf *b)
{
	return b->end - b->off;
}

const uint8_t *
buf_data(const struct buf *b)
{
	return b->mem == NULL ? (const uint8_t *)"" : b->mem + b->off;
}

/* Room for "n" more bytes; moves what is left to the front first. */
static int
reserve(struct buf *b, size_t n)
{
	size_t len = buf_len(b), size;
	uint8_t *mem;

	if (n > b->limit || len > b->limit - n)
		return ERR_LIMIT;
	if (b->off > 0 && b->size - b->end < n) {
		memmove(b->mem, b->mem + b->off, len);
		b->off = 0;
		b->end = len;
	}
	if (b->size - b->end >= n)
		return 0;
	size = b->size < 128 ? 128 : b->size;
	while (size - b->end < n)
		size *= 2;
	if (size > b->limit)
		size = b->limit;
	if ((mem = malloc(size)) == NULL)
		return ERR_NOMEM;
	if (len > 0)
		memcpy(mem, b->mem + b->off, len);
	mem_wipe(b->mem, b->size);
	b->mem = mem;
	b->off = 0;
	b->end = len;
	b->size = size;
	return 0;
}

int
buf_put(struct buf *b, const void *p, size_t n)
{
	int r;

	if ((r = reserve(b, n)) != 0)
		return r;
	if (n > 0)
		memcpy(b->mem + b->end, p, n);
	b->end += n;
	return 0;
}

/* Big-endian integer of "n" bytes. */
static int
put_uint(struct buf *b, uint64_t v, size_t n)
{
	uint8_t raw[8];
	size_t i;

	for (i = 0; i < n; i++)
		raw[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	return buf_put(b, raw, n);
}

static int
get_uint(struct buf *b, size_t n, uint64_t *v)
{
	uint64_t x = 0;
	size_t i;

	if (buf_len(b) < n)
		return ERR_FORMAT;
	for (i = 0; i < n; i++)
		x = x << 8 | b->mem[b->off + i];
	b->off += n;
	*v = x;
	return 0;
}

int
buf_put_u8(struct buf *b, uint8_t v)
{
	return put_uint(b, v, 1);
}

int
buf_put_u16(struct buf *b, uint16_t v)
{
	return put_uint(b, v, 2);
}

int
buf_put_u32(struct buf *b, uint32_t v)
{
	return put_uint(b, v, 4);
}

int
buf_put_u64(struct buf *b, uint64_t v)
{
	return put_uint(b, v, 8);
}

int
buf_put_bytes(struct buf *b, const void *p, size_t n)
{
	int r;

	if (n > UINT32_MAX - 4)
		return ERR_LIMIT;
	if ((r = reserve(b, n + 4)) != 0 ||
	    (r = buf_put_u32(b, (uint32_t)n)) != 0)
		return r;
	return buf_put(b, p, n);
}

int
buf_put_str(struct buf *b, const char *s)
{
	return buf_put_bytes(b, s, strlen(s));
}

int
buf_get(struct buf *b, void *p, size_t n)
{
	if (buf_len(b) < n)
		return ERR_FORMAT;
	if (n > 0)
		memcpy(p, b->mem + b->off, n);
	b->off += n;
	return 0;
}

int
buf_get_u8(struct buf *b, uint8_t *v)
{
	uint64_t x;
	int r;

	if ((r = get_uint(b, 1, &x)) == 0)
		*v = (uint8_t)x;
	return r;
}

int
buf_get_u16(struct buf *b, uint16_t *v)
{
	uint64_t x;
	int r;

	if ((r = get_uint(b, 2, &x)) == 0)
		*v = (uint16_t)x;
	return r;
}

int
buf_get_u32(struct buf *b, uint32_t *v)
{
	uint64_t x;
	int r;

	if ((r = get_uint(b, 4, &x)) == 0)
		*v = (uint32_t)x;
	return r;
}

int
buf_get_u64(struct buf *b, uint64_t *v)
{
	return get_uint(b, 8, v);
}

/* Where the next counted piece starts and how long it is; nothing moves. */
static int
peek_piece(const struct buf *b, size_t max, const uint8_t **p, size_t *n)
{
	size_t len = buf_len(b), want;

	if (len < 4)
		return ERR_FORMAT;
	*p = b->mem + b->off;
	want = (size_t)(*p)[0] << 24 | (size_t)(*p)[1] << 16 |
	    (size_t)(*p)[2] << 8 | (*p)[3];
	*p += 4;
	if (want > max)
		return ERR_LIMIT;
	if (want > len - 4)
		return ERR_FORMAT;
	*n = want;
	return 0;
}

int
buf_get_str(struct buf *b, size_t max, char **out)
{
	const uint8_t *p;
	size_t n;
	char *s;
	int r;

	if ((r = peek_piece(b, max, &p, &n)) != 0)
		return r;
	if (memchr(p, 0, n) != NULL)
		return ERR_FORMAT;
	if ((s = malloc(n + 1)) == NULL)
		return ERR_NOMEM;
	memcpy(s, p, n);
	s[n] = '\0';
	b->off += 4 + n;
	*out = s;
	return 0;
}

int
buf_get_bytes(struct buf *b, size_t max, uint8_t **out, size_t *n)
{
	const uint8_t *p;
	uint8_t *copy = NULL;
	size_t len;
	int r;

	if ((r = peek_piece(b, max, &p, &len)) != 0)
		return r;
	if (len > 0) {
		if ((copy = malloc(len)) == NULL)
			return ERR_NOMEM;
		memcpy(copy, p, len);
	}
	b->off += 4 + len;
	*out = copy;
	*n = len;
	return 0;
}

void
buf_skip(struct buf *b, size_t n)
{
	b->off += n < buf_len(b) ? n : buf_len(b);
}

void
str_wipe(char *s)
{
	if (s != NULL)
		mem_wipe(s, strlen(s));
}

void
mem_wipe(void *p, size_t n)
{
	if (p == NULL)
		return;
	explicit_bzero(p, n);
	free(p);
}
