/* play_text.c - a recording as plain text, a line at a time for each stream. */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/out.h"
#include "cli/play.h"
#include "record/reader.h"
#include "term/safe.h"

#define LINE_ROOM	4096	/* longer lines go on in the next one */

enum { OUTPUT, ERRORS, INPUT, STREAMS };

static const char *const prefixes[STREAMS] = { "  ", "2 ", "< " };

struct line {
	struct out	*out;
	const char	*prefix;
	struct term_safe *safe;
	size_t		 n;
	char		 room[LINE_ROOM];
};

struct text {
	struct cli	*c;
	enum play_stream only;
	uint64_t	 shown, all;	/* events, of those read so far */
	int		 is_shown;	/* the one at hand */
	struct line	 lines[STREAMS];
};

static void
end_line(struct line *l)
{
	out_text(l->out, l->prefix);
	out_safe(l->out, l->room, l->n);
	out_text(l->out, "\n");
	l->n = 0;
}

/* A term_sink: safe bytes of one stream into its line. */
static int
collect(void *arg, const void *p, size_t n)
{
	struct line *l = arg;
	const char *s = p;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '\n') {
			end_line(l);
			continue;
		}
		/* never between the bytes of one character */
		if (l->n >= LINE_ROOM - 8 && (s[i] & 0xc0) != 0x80)
			end_line(l);
		l->room[l->n++] = s[i];
	}
	return 0;
}

/* The same for a stream that is shown alone: as it comes. */
static int
pass(void *arg, const void *p, size_t n)
{
	struct line *l = arg;

	out_safe(l->out, p, n);
	return 0;
}

/* Line by line, with what the gate says. */
static int
has_lines(const struct text *t)
{
	return t->only == PLAY_ALL || t->only == PLAY_NO_INPUT;
}

static int
put(struct text *t, int stream, const uint8_t *p, size_t n)
{
	if (has_lines(t) ? t->only == PLAY_NO_INPUT && stream == INPUT :
	    (int)t->only != stream + 1)
		return 0;
	t->is_shown = 1;
	return term_safe_put(t->lines[stream].safe, p, n);
}

/* Typed text: Enter is CR there. */
static int
put_typed(struct text *t, const uint8_t *p, size_t n)
{
	size_t i;
	int r = 0;

	for (i = 0; i < n && r == 0; i++)
		r = put(t, INPUT, p[i] == '\r' ? (const uint8_t *)"\n" :
		    p + i, 1);
	return r;
}

/* What the gate itself recorded: whole lines, never in the middle of others. */
static void
marker(struct text *t, const char *what, const uint8_t *p, size_t n)
{
	struct out *o = t->c->out;
	char *copy;
	size_t i;

	if (!has_lines(t))
		return;
	for (i = 0; i < STREAMS; i++)
		if (t->lines[i].n > 0)
			end_line(&t->lines[i]);
	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	out_printf(o, "-- %s", what);
	if (n > 0) {
		copy = strndup((const char *)p, n);
		out_foreign(o, out_whole(o, copy), 8192);
		str_wipe(copy);
	}
	out_text(o, "\n");
}

static int
on_event(void *arg, const struct reader_event *e)
{
	struct text *t = arg;

	switch (e->type) {
	case 'o':
	case '1':
		return put(t, OUTPUT, e->p, e->n);
	case '2':
		return put(t, ERRORS, e->p, e->n);
	case '0':
		return put(t, INPUT, e->p, e->n);
	case 'i':
		return put_typed(t, e->p, e->n);
	case 'r':
		marker(t, "window ", e->p, e->n);
		break;
	case 's':
		marker(t, "signal ", e->p, e->n);
		break;
	case 'D':
		marker(t, "refused by the sandbox ", e->p, e->n);
		break;
	case 'n':
		marker(t, "notice ", e->p, e->n);
		break;
	case 'x':
		marker(t, "exit ", e->p, e->n);
		break;
	default:
		marker(t, "event ", &e->type, 1);
		break;
	}
	return 0;
}

static int
text_init(struct text *t, struct cli *c)
{
	size_t i;

	t->c = c;
	for (i = 0; i < STREAMS; i++) {
		t->lines[i].out = c->out;
		t->lines[i].prefix = prefixes[i];
		t->lines[i].safe = term_safe_new(TERM_PLAIN,
		    has_lines(t) ? collect : pass, &t->lines[i]);
		if (t->lines[i].safe == NULL)
			return ERR_NOMEM;
	}
	return 0;
}

static void
text_end(struct text *t)
{
	size_t i;

	for (i = 0; i < STREAMS; i++) {
		if (t->lines[i].safe != NULL)
			(void)term_safe_end(t->lines[i].safe);
		if (t->lines[i].n > 0)
			end_line(&t->lines[i]);
		term_safe_free(t->lines[i].safe);
	}
	mem_wipe(t, sizeof(*t));
}

/* The next event, counted when any of it was shown. */
static int
pass_event(struct text *t, const struct reader_event *e)
{
	int r;

	t->all++;
	t->is_shown = t->only == PLAY_ALL;
	if ((r = on_event(t, e)) == 0 && (r = out_flush(t->c->out)) == 0)
		t->shown += t->is_shown != 0;
	return r;
}

int
play_text(struct cli *c, int fd, int64_t nr, enum play_stream only,
    int *percent)
{
	struct text *t = calloc(1, sizeof(*t));
	struct reader *reader = NULL;
	struct reader_event e;
	int r = ERR_NOMEM, status;

	*percent = 0;
	if (t != NULL)
		t->only = only;
	if (t != NULL && (r = text_init(t, c)) == 0 &&
	    (r = reader_open(fd, &reader)) == 0)
		while (r == 0 && (r = reader_next(reader, &e)) == 0)
			r = pass_event(t, &e);
	if (t != NULL) {
		*percent = reader == NULL ? 0 :
		    play_percent(reader, t->shown, t->all);
		text_end(t);
	}
	if (r == 1)
		status = play_end(c, reader, nr, only == PLAY_ALL ||
		    only == PLAY_NO_INPUT);
	else if (r == ERR_CLOSED)
		status = 0;		/* nobody reads any more */
	else
		status = cli_refuse(c, SEKISHO_CODE_DATA, NULL,
		    "the recording of S%" PRId64 " cannot be read (%s)", nr,
		    err_name(r));
	reader_free(reader);
	return status;
}
