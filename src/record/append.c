/* append.c - writes frames in full or fails for good. */
#include "record/append.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

int
append_init(struct append *a, int fd)
{
	memset(a, 0, sizeof(*a));
	a->fd = fd;
	reserve_init(&a->reserve, fd);
	crc32c_init(&a->crc);
	a->sha = sha256_new();
	return a->sha == NULL ? ERR_NOMEM : 0;
}

void
append_close(struct append *a)
{
	sha256_free(a->sha);
	a->sha = NULL;
}

static void
explain(struct append *a, const char *step)
{
	const char *text = strerrordesc_np(errno);

	log_errno("recording: %s failed offset=%llu", step,
	    (unsigned long long)a->offset);
	snprintf(a->why, sizeof(a->why), "%s: %s", step,
	    text != NULL ? text : "unknown error");
}

/* Remember the first error; errno says why. */
static int
failed(struct append *a, const char *step)
{
	explain(a, step);
	a->error = ERR_SYS;
	return a->error;
}

/* Room for "n" bytes more and the reserve behind them. */
static int
make_room(struct append *a, size_t n)
{
	int r;

	if (a->is_full || a->is_last)
		return 0;		/* this is what it was kept for */
	r = reserve_grow(&a->reserve, a->offset + n + APPEND_RESERVE);
	if (r == ERR_LIMIT) {
		explain(a, "room for more");
		a->is_full = 1;
	} else if (r != 0)
		return failed(a, "fallocate");
	return r;
}

/*
 * All pieces or an error.  A short write is followed by another try for the
 * rest, which then says what the matter is (ENOSPC).
 */
static int
write_all(struct append *a, struct iovec *v, size_t n)
{
	ssize_t got;

	a->is_dirty = 1;
	while (n > 0) {
		got = writev(a->fd, v, (int)n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failed(a, "write");
		a->offset += (uint64_t)got;
		while (n > 0 && (size_t)got >= v->iov_len) {
			got -= (ssize_t)v->iov_len;
			v++;
			n--;
		}
		if (n > 0) {
			v->iov_base = (uint8_t *)v->iov_base + got;
			v->iov_len -= (size_t)got;
		}
	}
	return 0;
}

int
append_header(struct append *a, const void *p, size_t n)
{
	struct iovec v = { (void *)(uintptr_t)p, n };

	if (a->error != 0)
		return a->error;
	if ((a->error = make_room(a, n)) != 0 ||
	    (a->error = chain_start(a->sha, p, n, a->chain)) != 0)
		return a->error;
	return write_all(a, &v, 1);
}

int
append_frame(struct append *a, uint8_t type, uint8_t flags, uint64_t segment,
    const struct iovec *payload, size_t n)
{
	struct frame f = { .type = type, .flags = flags,
		.segment = (uint16_t)segment, .seq = a->seq };
	struct iovec v[1 + APPEND_PARTS];
	uint8_t head[SKR_HEAD];
	size_t i;
	int r;

	if (a->error != 0)
		return a->error;
	if (a->seq == UINT32_MAX) {	/* the number may not come again */
		snprintf(a->why, sizeof(a->why), "too many frames");
		a->error = ERR_LIMIT;
		return a->error;
	}
	for (i = 0; i < n; i++) {
		f.len += (uint32_t)payload[i].iov_len;
		v[1 + i] = payload[i];
	}
	if ((r = make_room(a, sizeof(head) + f.len)) != 0)
		return r;
	frame_put(head, &f);
	f.crc = frame_crc(&a->crc, head, payload, n);
	frame_put(head, &f);
	if ((a->error = chain_add(a->sha, head, payload, n, a->chain)) != 0)
		return a->error;
	v[0].iov_base = head;
	v[0].iov_len = sizeof(head);
	a->seq++;
	return write_all(a, v, 1 + n);
}

int
append_sync(struct append *a)
{
	if (a->error != 0)
		return a->error;
	if (!a->is_dirty)
		return 0;
	if (fdatasync(a->fd) != 0)
		return failed(a, "fdatasync");
	a->is_dirty = 0;
	return 0;
}
