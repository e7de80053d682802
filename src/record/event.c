/* event.c - event heads: a letter and two varints (LEB128, low seven bits first). */
#include "record/event.h"

#include <string.h>

#define VARINT_MAX	9

static size_t
put_varint(uint8_t *out, uint64_t v)
{
	size_t n = 0;

	while (v >= 0x80) {
		out[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	out[n++] = (uint8_t)v;
	return n;
}

static size_t
get_varint(const uint8_t *p, size_t n, uint64_t *v)
{
	uint64_t x = 0;
	size_t i;

	for (i = 0; i < n && i < VARINT_MAX; i++) {
		x |= (uint64_t)(p[i] & 0x7f) << (7 * i);
		if ((p[i] & 0x80) == 0) {
			*v = x;
			return i + 1;
		}
	}
	return 0;
}

size_t
event_put(uint8_t out[EVENT_HEAD_MAX], const struct event_head *e)
{
	size_t n = 1;

	out[0] = e->type;
	n += put_varint(out + n, e->delta_us & INT64_MAX);
	n += put_varint(out + n, e->len & INT64_MAX);
	return n;
}

size_t
event_get(const uint8_t *p, size_t n, struct event_head *e)
{
	size_t a, b;

	if (n == 0 || (a = get_varint(p + 1, n - 1, &e->delta_us)) == 0 ||
	    (b = get_varint(p + 1 + a, n - 1 - a, &e->len)) == 0)
		return 0;
	e->type = p[0];
	return 1 + a + b;
}

int
event_is_known(uint8_t type)
{
	return type != 0 && strchr("oir012sxDn", type) != NULL;
}
