/* event.h - events inside the compressed stream: u8 type, varint delta_us, varint len, bytes. */
#ifndef RECORD_EVENT_H
#define RECORD_EVENT_H

#include <stddef.h>
#include <stdint.h>

#define EVENT_HEAD_MAX	19	/* type, two varints of at most 9 bytes */

struct event_head {
	uint8_t		 type;
	uint64_t	 delta_us;
	uint64_t	 len;
};

/* Bytes written to "out"; both numbers must be below 2^63. */
size_t event_put(uint8_t out[EVENT_HEAD_MAX], const struct event_head *e);
/* Bytes taken from the front of "p"; 0: cut, or a varint longer than 9 bytes. */
size_t event_get(const uint8_t *p, size_t n, struct event_head *e);
/* Is this type one that FORMAT.md defines and this version writes? */
int event_is_known(uint8_t type);

#endif
