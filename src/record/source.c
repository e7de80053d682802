/* source.c - a window that slides over a file. */
#include "record/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

#define WINDOW_MIN	(128U << 10)

void
source_file(struct source *s, int fd)
{
	memset(s, 0, sizeof(*s));
	s->fd = fd;
}

void
source_mem(struct source *s, const void *p, size_t n)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
	s->mem = p;
	s->mem_len = n;
}

void
source_close(struct source *s)
{
	mem_wipe(s->window, s->room);
	s->window = NULL;
	s->room = s->len = 0;
}

/* Move the window to "offset", keeping what it already has from there on. */
static int
slide(struct source *s, uint64_t offset, size_t want)
{
	size_t keep = 0, room = s->room;
	uint8_t *window;

	if (offset >= s->at && offset - s->at < s->len)
		keep = s->len - (size_t)(offset - s->at);
	if (want > room)
		room = want < WINDOW_MIN ? WINDOW_MIN : want;
	if (room == s->room) {
		if (keep > 0)
			memmove(s->window, s->window + (s->len - keep), keep);
	} else {
		if ((window = malloc(room)) == NULL)
			return ERR_NOMEM;
		if (keep > 0)
			memcpy(window, s->window + (s->len - keep), keep);
		mem_wipe(s->window, s->room);
		s->window = window;
		s->room = room;
	}
	s->at = offset;
	s->len = keep;
	return 0;
}

static int
fill(struct source *s, size_t want)
{
	ssize_t got;

	while (s->len < want) {
		got = pread(s->fd, s->window + s->len, s->room - s->len,
		    (off_t)(s->at + s->len));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			log_errno("read of a recording failed");
			return ERR_SYS;
		}
		if (got == 0)
			return 0;
		s->len += (size_t)got;
	}
	return 0;
}

int
source_view(struct source *s, uint64_t offset, size_t want,
    const uint8_t **p, size_t *n)
{
	int r;

	if (s->fd < 0) {
		*n = offset < s->mem_len ? (size_t)(s->mem_len - offset) : 0;
		*p = *n == 0 ? (const uint8_t *)"" : s->mem + offset;
		return 0;
	}
	if (offset < s->at || offset - s->at > s->len ||
	    s->len - (size_t)(offset - s->at) < want) {
		if ((r = slide(s, offset, want)) != 0 ||
		    (r = fill(s, want)) != 0)
			return r;
	}
	*p = s->window + (offset - s->at);
	*n = s->len - (size_t)(offset - s->at);
	return 0;
}

int
source_size(const struct source *s, uint64_t *n)
{
	struct stat st;

	if (s->fd < 0) {
		*n = s->mem_len;
		return 0;
	}
	if (fstat(s->fd, &st) != 0) {
		log_errno("size of a recording unknown");
		return ERR_SYS;
	}
	*n = (uint64_t)st.st_size;
	return 0;
}
