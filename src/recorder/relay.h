/* relay.h - one direction of bytes: a source, a bounded buffer, a sink; nothing waits for the other direction. */
#ifndef RECORDER_RELAY_H
#define RECORDER_RELAY_H

#include <stddef.h>
#include <stdint.h>

#define RELAY_SIZE	(256U << 10)	/* bytes that may wait for the sink */
#define RELAY_READ	(128U << 10)	/* most of one event, one frame */
#define RELAY_ENOUGH	(60U << 10)	/* then no further read: with one of 4 KiB more it is what net takes at once */
#define RELAY_MORE	2048U		/* a read of so much may have left something: a terminal gives 4 KiB at a time */

struct relay {
	int	 source, sink;		/* owned; -1: none, ended or gone */
	uint8_t	*mem;
	size_t	 off, end;		/* what waits */
	size_t	 used;			/* bytes of mem ever touched */
};

/* No descriptors yet.  ERR_NOMEM. */
int relay_init(struct relay *r);
void relay_close(struct relay *r);

size_t relay_waiting(const struct relay *r);
/* Room behind what waits. */
size_t relay_room(const struct relay *r);

/*
 * What is there now, at most RELAY_READ bytes, behind what waits: *p, *n are
 * the new bytes, which must be recorded before relay_commit() lets them go.
 * 1: nothing to read now.  ERR_CLOSED: end of file (the source is closed).
 */
int relay_read(struct relay *r, const uint8_t **p, size_t *n);
void relay_commit(struct relay *r, size_t n);
/* Append bytes already recorded.  ERR_LIMIT: no room. */
int relay_put(struct relay *r, const void *p, size_t n);
/* Write what waits as far as the sink takes it.  A sink that is gone is closed and what waits is dropped: it is recorded. */
void relay_write(struct relay *r);

#endif
