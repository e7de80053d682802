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

#define DIGITS	"0123456789"
#define BASE64	DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/="
#define SIGNATURE_TEXT	92	/* id and signature in base64 */

/*
 * The line at *p: "text", then bytes of "set", then its end.  1: it is there
 * and *p stands behind it; 0: *p is the beginning of such a line and of no
 * more; -1: it is something else.
 */
static int
line_is(const char **p, const char *text, const char *set)
{
	size_t n = strlen(text), have = strlen(*p);

	if (strncmp(*p, text, have < n ? have : n) != 0)
		return -1;
	if (have <= n)
		return 0;
	*p += n;
	n = strspn(*p, set);
	if ((*p)[n] == '\0')
		return 0;
	if ((*p)[n] != '\n')
		return -1;
	*p += n + 1;
	return 1;
}

/* Every byte that is there is one that a head may have there, and the last signature is not whole. */
static int
is_beginning(const struct verify *v, const char *p)
{
	char log[ORIGIN_MAX + 8], epoch[ORIGIN_MAX + 8];
	const struct {
		const char *text, *set;
	} lines[] = {
		{ v->epochs.origin, "" }, { "", DIGITS }, { "", BASE64 },
		{ "time ", DIGITS }, { "", "" }, { log, BASE64 },
		{ epoch, BASE64 " " },
	};
	size_t i;
	int r = 1;

	(void)snprintf(log, sizeof(log), DASH "%s ", v->epochs.origin);
	(void)snprintf(epoch, sizeof(epoch), DASH "%s/e", v->epochs.origin);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]) && r == 1; i++)
		r = line_is(&p, lines[i].text, lines[i].set);
	return r == 0 && (i < 7 || strlen(p) < SIGNATURE_TEXT);
}

/*
 * What a death in the midst of a write leaves.  A head whose last line is
 * whole is no piece: only the empty line is missing, and it is judged.
 */
static int
torn(const struct verify *v, char *text, size_t len, size_t all,
    struct note *out)
{
	text[len] = '\0';
	if (all > NOTE_MAX || strlen(text) != len)
		return HEAD_BAD;
	if (note_parse(text, len, out, NULL, NULL) == 0)
		return HEAD_GOOD;
	return is_beginning(v, text) ? HEAD_TORN : HEAD_BAD;
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
		return torn(v, text, *len, all, out);
	if (all > NOTE_MAX || note_parse(text, --*len, out, NULL, NULL) != 0)
		return HEAD_BAD;
	return HEAD_GOOD;
}
