/* relay.c - reads and writes of one direction; never blocks. */
#include "recorder/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

int
relay_init(struct relay *r)
{
	memset(r, 0, sizeof(*r));
	r->source = r->sink = -1;
	r->mem = malloc(RELAY_SIZE);
	return r->mem == NULL ? ERR_NOMEM : 0;
}

void
relay_close(struct relay *r)
{
	fd_close(&r->source);
	fd_close(&r->sink);
	/* the rest was never there: wiping it would make it */
	if (r->mem != NULL)
		explicit_bzero(r->mem, r->used);
	free(r->mem);
	r->mem = NULL;
	r->off = r->end = 0;
}

size_t
relay_waiting(const struct relay *r)
{
	return r->end - r->off;
}

size_t
relay_room(const struct relay *r)
{
	return RELAY_SIZE - relay_waiting(r);
}

/* All room at the end. */
static void
compact(struct relay *r)
{
	if (r->off == 0)
		return;
	if (r->end > r->off)
		memmove(r->mem, r->mem + r->off, r->end - r->off);
	r->end -= r->off;
	r->off = 0;
}

static void
touch(struct relay *r, size_t end)
{
	if (end > r->used)
		r->used = end;
}

static ssize_t
read_once(struct relay *r, uint8_t *p, size_t room)
{
	ssize_t got;

	do
		got = read(r->source, p, room);
	while (got < 0 && errno == EINTR);
	return got;
}

/* The first read gave nothing ("got"): not now, or never again. */
static int
nothing(struct relay *r, ssize_t got)
{
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 1;
	/* EIO: every process on the other side of a pty is gone */
	if (got < 0 && errno != EIO && errno != ECONNRESET)
		log_errno("read failed fd=%d", r->source);
	fd_close(&r->source);
	return ERR_CLOSED;
}

/*
 * A terminal gives 4 KiB at a time: gathered, they are one event, one write
 * to the file and one to the client instead of sixteen.  An end behind some
 * bytes is met again by the next call.
 */
int
relay_read(struct relay *r, const uint8_t **p, size_t *n)
{
	size_t room;
	ssize_t got;

	if (r->source < 0)
		return 1;
	compact(r);
	room = RELAY_SIZE - r->end;
	if (room == 0)
		return 1;
	if (room > RELAY_READ)
		room = RELAY_READ;
	*p = r->mem + r->end;
	*n = 0;
	do {
		got = read_once(r, r->mem + r->end + *n, room - *n);
		if (got > 0)
			*n += (size_t)got;
	} while (got >= (ssize_t)RELAY_MORE && *n < RELAY_ENOUGH &&
	    *n < room);
	if (*n == 0)
		return nothing(r, got);
	touch(r, r->end + *n);
	return 0;
}

void
relay_commit(struct relay *r, size_t n)
{
	if (r->sink >= 0)
		r->end += n;
}

int
relay_put(struct relay *r, const void *p, size_t n)
{
	if (r->sink < 0)
		return 0;
	if (n > relay_room(r))
		return ERR_LIMIT;
	compact(r);
	memcpy(r->mem + r->end, p, n);
	r->end += n;
	touch(r, r->end);
	return 0;
}

void
relay_write(struct relay *r)
{
	ssize_t got;

	while (r->sink >= 0 && r->off < r->end) {
		got = write(r->sink, r->mem + r->off, r->end - r->off);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (got < 0) {
			if (errno != EPIPE && errno != ECONNRESET &&
			    errno != EIO)
				log_errno("write failed fd=%d", r->sink);
			fd_close(&r->sink);
			r->off = r->end = 0;
			return;
		}
		r->off += (size_t)got;
	}
	if (r->off == r->end)
		r->off = r->end = 0;
}
