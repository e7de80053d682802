/* export.c - a recording as asciicast v3: what the operator saw, and what the gate says of it. */
#include "cli/export.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "cli/out.h"
#include "cli/play.h"
#include "cli/request_text.h"
#include "record/reader.h"
#include "term/cast.h"

#define PIECE_MAX	32768	/* bytes that may wait before somebody looks whether they can go out */
#define COLS_DEFAULT	80	/* of a session without a terminal */
#define ROWS_DEFAULT	24
#define SIGNAL_STATUS	128	/* a shell's status of a signal is that much more */
#define LABEL_MAX	4096	/* of a marker: a refusal by the sandbox fits */

struct export {
	struct cli	*c;
	struct cast	*cast;
	int		 has_input;
	int		 has_pty;
	size_t		 waiting;	/* bytes since the last flush */
	uint64_t	 at_us;		/* of the last event */
	int		 status;	/* -1: not known */
};

static int
to_out(void *arg, const void *p, size_t n)
{
	struct export *x = arg;

	out_safe(x->c->out, p, n);
	x->waiting += n;
	if (x->waiting < PIECE_MAX)
		return 0;
	x->waiting = 0;
	return out_flush(x->c->out);
}

/* What the recording's own head says, for whoever plays the file. */
static int
begin(struct export *x, const struct reader_head *head, int64_t nr)
{
	json_t *meta = NULL;
	char title[1024], *command;
	struct cast_head h = { .cols = COLS_DEFAULT, .rows = ROWS_DEFAULT,
		.start_unix = head->start_unix_ns / 1000000000 };
	int64_t cols, rows;
	int r;

	/* of our own recorder it is an object; another one is told of without it */
	r = json_read(head->meta, head->meta_len, &meta);
	if (r == ERR_NOMEM)
		return r;
	if (r != 0)
		meta = json_object();
	command = argv_text(field_array(meta, "argv"));
	cols = field_int(meta, "cols");
	rows = field_int(meta, "rows");
	x->has_pty = cols > 0 && rows > 0;
	if (x->has_pty) {
		h.cols = cols > UINT16_MAX ? UINT16_MAX : (unsigned int)cols;
		h.rows = rows > UINT16_MAX ? UINT16_MAX : (unsigned int)rows;
	}
	h.type = field_str(meta, "term");
	h.command = out_whole(x->c->out, command);
	snprintf(title, sizeof(title), "S%" PRId64 ": %.200s as %.200s on "
	    "%.200s, %.40s (not verified)", nr, field_str(meta, "operator"),
	    field_str(meta, "run_as"), field_str(meta, "target"),
	    field_str(meta, "request"));
	h.title = title;
	if ((r = cast_begin(x->cast, &h)) == 0) {
		snprintf(title, sizeof(title), "whether this is all of S%" PRId64
		    " and unchanged says the recording alone: ssh GATE verify S%"
		    PRId64 ", or sekisho-verify(1)", nr, nr);
		r = cast_comment(x->cast, title, strlen(title));
	}
	if (r == 0)
		r = cast_comment(x->cast, head->meta, head->meta_len);
	str_wipe(command);
	json_decref(meta);
	return r;
}

/* "what" and the text of the event, without line ends behind it. */
static int
mark(struct export *x, const char *what, const struct reader_event *e)
{
	size_t n = e->n;

	while (n > 0 && (e->p[n - 1] == '\n' || e->p[n - 1] == '\r'))
		n--;
	return cast_marker(x->cast, x->at_us, what, e->p, n > LABEL_MAX ?
	    LABEL_MAX : n);
}

/* "7", or "SIGKILL" as a shell tells it. */
static int
exit_status(const struct reader_event *e)
{
	char text[32];
	int64_t v;
	int i;

	snprintf(text, sizeof(text), "%.*s", e->n < sizeof(text) ? (int)e->n :
	    (int)sizeof(text) - 1, (const char *)e->p);
	if (num_parse(text, 0, 255, &v) == 0)
		return (int)v;
	for (i = 1; i < NSIG; i++)
		if (strncmp(text, "SIG", 3) == 0 && sigabbrev_np(i) != NULL &&
		    strcmp(text + 3, sigabbrev_np(i)) == 0)
			return SIGNAL_STATUS + i;
	return 255;
}

/* A line of the gate: where it stands, and what the operator saw of it. */
static int
notice(struct export *x, const struct reader_event *e)
{
	int r = mark(x, "", e);

	return r != 0 ? r : cast_bytes(x->cast, x->at_us, CAST_NOTICE, e->p,
	    e->n, !x->has_pty);
}

static int
on_event(struct export *x, const struct reader_event *e)
{
	x->at_us = e->time_ns / 1000;
	switch (e->type) {
	case 'o':
		return cast_bytes(x->cast, x->at_us, CAST_TERMINAL, e->p, e->n,
		    0);
	case '1':
		return cast_bytes(x->cast, x->at_us, CAST_OUT, e->p, e->n, 1);
	case '2':
		return cast_bytes(x->cast, x->at_us, CAST_ERR, e->p, e->n, 1);
	case 'i':
		return !x->has_input ? 0 : cast_bytes(x->cast, x->at_us,
		    CAST_TYPED, e->p, e->n, 0);
	case '0':
		return !x->has_input ? 0 : cast_bytes(x->cast, x->at_us,
		    CAST_STDIN, e->p, e->n, 0);
	case 'r':
		return cast_resize(x->cast, x->at_us, e->p, e->n);
	case 'n':
		return notice(x, e);
	case 's':
		return mark(x, "signal ", e);
	case 'D':
		return mark(x, "refused by the sandbox ", e);
	case 'x':
		x->status = exit_status(e);
		break;
	default:
		break;
	}
	return 0;
}

/* How it ended, when that is not by itself; then the last line, which says that the export is whole. */
static int
finish(struct export *x, const struct reader *reader, int64_t nr)
{
	char *how = play_end_text(reader, nr);
	const char *text = out_whole(x->c->out, how);
	int r = 0;

	if (reader_result(reader)->state != READER_COMPLETE || x->status < 0)
		r = cast_marker(x->cast, x->at_us, text, "", 0);
	if (r == 0)
		r = cast_end(x->cast, x->at_us, x->status);
	if (r == 0)
		r = cast_comment(x->cast, text, strlen(text));
	str_wipe(how);
	return r;
}

int
export_cast(struct cli *c, int fd, int64_t nr, int has_input)
{
	struct export x = { .c = c, .has_input = has_input, .status = -1 };
	struct reader *reader = NULL;
	struct reader_event e;
	int r = ERR_NOMEM, status;

	if ((x.cast = cast_new(to_out, &x)) != NULL &&
	    (r = reader_open(fd, &reader)) == 0)
		r = begin(&x, reader_head(reader), nr);
	while (r == 0 && (r = reader_next(reader, &e)) == 0)
		r = on_event(&x, &e);
	if (r == 1 && (r = finish(&x, reader, nr)) == 0)
		status = play_end(c, reader, nr, 0);
	else if (r == ERR_CLOSED)
		status = 0;		/* nobody reads any more */
	else
		status = cli_refuse(c, SEKISHO_CODE_DATA, NULL,
		    "the recording of S%" PRId64 " cannot be read (%s)", nr,
		    err_name(r));
	cast_free(x.cast);
	reader_free(reader);
	return status;
}
