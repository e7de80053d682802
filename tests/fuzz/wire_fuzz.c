/* wire_fuzz.c - every message's decoder on any bytes; what decodes must encode to the same bytes.  links: wire */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "wire/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define MSG(NAME, name, nr, from, to, fds)				\
	case MSG_##NAME: {						\
		struct msg_##name m;					\
		struct buf *again;					\
									\
		if (msg_##name##_get(b, &m) != 0)			\
			break;						\
		again = buf_new(MESSAGE_MAX);				\
		if (again == NULL || msg_##name##_put(again, &m) != 0 || \
		    buf_len(again) != n - 2 ||				\
		    memcmp(buf_data(again), p + 2, n - 2) != 0)		\
			abort();					\
		buf_free(again);					\
		msg_##name##_free(&m);					\
		break;							\
	}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf *b;

	if (n < 2 || (b = buf_new(n)) == NULL)
		return 0;
	if (buf_put(b, p + 2, n - 2) == 0) {
		switch (p[0] << 8 | p[1]) {
#include "wire/msg.def"
		default:
			break;
		}
	}
	buf_free(b);
	return 0;
}
