/* heads_walk.c - where one head ends: at the empty line behind a signature. */
#include "verify/heads_walk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "verify/verify.h"

#define DASH	"\xe2\x80\x94 "

void
heads_walk_end(struct heads_walk *w)
{
	fd_close(&w->fd);
	free(w->room);
	w->room = NULL;
}

/* The next byte of the open file; -1: no more; below: an error. */
static int
next_byte(struct heads_walk *w)
{
	ssize_t n;

	if (w->at < w->n)
		return (uint8_t)w->room[w->at++];
	while ((n = read(w->fd, w->room, HEADS_ROOM)) < 0 && errno == EINTR)
		continue;
	if (n < 0) {
		log_errno("heads cannot be read");
		return ERR_SYS;
	}
	w->at = 0;
	w->n = (size_t)n;
	return n == 0 ? -1 : (uint8_t)w->room[w->at++];
}

/*
 * One head with the empty line behind it, at most NOTE_MAX bytes of it kept.
 * 1: read; 0: the file is over; below 0: an error.  *len 0 and 0: nothing is left.
 */
static int
read_one(struct heads_walk *w, char *text, size_t *len, size_t *all)
{
	size_t line = 0;	/* bytes of the present line */
	int is_signature = 0, c;
	char start[sizeof(DASH)];

	for (*len = *all = 0; (c = next_byte(w)) >= 0; ) {
		if (*len < NOTE_MAX)
			text[(*len)++] = (char)c;
		(*all)++;
		if (c != '\n') {
			if (line < strlen(DASH))
				start[line] = (char)c;
			line++;
			continue;
		}
		if (line == 0 && is_signature)
			return 1;
		is_signature = line >= strlen(DASH) &&
		    memcmp(start, DASH, strlen(DASH)) == 0;
		line = 0;
	}
	return c == -1 ? 0 : c;
}

static int
open_next(struct verify *v, struct heads_walk *w)
{
	const struct subject_ops *ops = v->subject->ops;
	int r;

	if (w->room == NULL && (w->room = malloc(HEADS_ROOM)) == NULL)
		return ERR_NOMEM;
	if ((r = ops->head_open(v->subject, v->heads.names[w->file],
	    &w->fd)) != 0)
		return r;
	w->at = w->n = 0;
	w->nr = 0;
	return 0;
}

int
heads_walk_next(struct verify *v, struct heads_walk *w, struct note *out,
    char place[REPORT_PLACE], char *text, size_t *len)
{
	size_t all = 0;
	int r;

	for (;; w->file++) {
		if (w->file >= v->heads.n)
			return HEAD_NONE;
		if (w->fd < 0 && (r = open_next(v, w)) != 0)
			return r;
		if ((r = read_one(w, text, len, &all)) < 0)
			return r;
		if (all > 0)
			break;
		fd_close(&w->fd);
	}
	(void)snprintf(place, REPORT_PLACE, "heads/%s head %" PRIu64,
	    v->heads.names[w->file], ++w->nr);
	if (r == 0)
		return HEAD_TORN;
	if (all > NOTE_MAX || note_parse(text, --*len, out, NULL, NULL) != 0)
		return HEAD_BAD;
	return HEAD_GOOD;
}
