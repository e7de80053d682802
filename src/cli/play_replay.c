/* play_replay.c - a recording at its own pace. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/escape.h"
#include "cli/out.h"
#include "cli/play.h"
#include "record/reader.h"
#include "term/safe.h"

#define PAUSE_MAX_NS	2000000000LL	/* a longer silence tells the reader nothing */
#define STOPPED		2		/* q, ^C, or the gate: not an error */

struct replay {
	struct cli	*c;
	struct term_safe *safe;
	int64_t		 speed;
	uint64_t	 shown_ns;	/* time of the event shown last */
	uint64_t	 passed;	/* events behind us */
	int64_t		 due_ns;	/* moment the next one is counted from */
	int		 reads_keys;
};

/* A key that ends the replay, or the end of input. */
static int
wants_to_stop(struct replay *p)
{
	char keys[64];
	ssize_t n, i;

	n = read(p->c->in_fd, keys, sizeof(keys));
	if (n < 0)
		return errno != EINTR && errno != EAGAIN;
	if (n == 0) {
		p->reads_keys = 0;	/* ssh -n: play on */
		return 0;
	}
	for (i = 0; i < n; i++)
		if (keys[i] == 'q' || keys[i] == 'Q' || keys[i] == '\x03' ||
		    keys[i] == '\x04')
			return 1;
	return 0;
}

/* Waits until "until_ns" of the clock that only goes forward; STOPPED, or 0. */
static int
wait_until(struct replay *p, int64_t until_ns)
{
	struct pollfd fds[2];
	int64_t left;
	int n;

	while ((left = until_ns - clock_mono_ns()) > 0) {
		fds[0] = (struct pollfd){ .events = POLLIN,
			.fd = p->reads_keys ? p->c->in_fd : -1 };
		fds[1] = (struct pollfd){ .events = POLLIN,
			.fd = p->c->control_fd };
		n = poll(fds, 2, (int)((left + 999999) / 1000000));
		if (n < 0 && errno != EINTR)
			return ERR_SYS;
		if (n <= 0)
			continue;
		if ((fds[1].revents & (POLLHUP | POLLERR | POLLIN)) != 0)
			return STOPPED;
		if (fds[0].revents != 0 && wants_to_stop(p))
			return STOPPED;
	}
	return 0;
}

/* The silence before an event, at the reader's speed. */
static int
keep_pace(struct replay *p, uint64_t time_ns)
{
	int64_t gap = time_ns > p->shown_ns ?
	    (int64_t)(time_ns - p->shown_ns) : 0;
	int r;

	p->shown_ns = time_ns;
	gap /= p->speed;
	if (gap > PAUSE_MAX_NS)
		gap = PAUSE_MAX_NS;
	if (!p->c->pty || gap == 0)
		return 0;
	if ((r = out_flush(p->c->out)) != 0)
		return r;
	p->due_ns += gap;
	if (p->due_ns < clock_mono_ns() - PAUSE_MAX_NS)
		p->due_ns = clock_mono_ns();	/* a slow line: do not hurry after it */
	return wait_until(p, p->due_ns);
}

static int
on_event(struct replay *p, const struct reader_event *e)
{
	int r;

	if (e->type != 'o' && e->type != '1' && e->type != '2' &&
	    e->type != 'n')
		return 0;
	if ((r = keep_pace(p, e->time_ns)) != 0)
		return r;
	return term_safe_put(p->safe, e->p, e->n);
}

static int
to_out(void *arg, const void *p, size_t n)
{
	out_safe(arg, p, n);
	return 0;
}

/* Plays to the end; 1 when it was reached. */
static int
play(struct replay *p, struct reader *reader)
{
	struct reader_event e;
	int r;

	p->due_ns = clock_mono_ns();
	while ((r = reader_next(reader, &e)) == 0) {
		if ((r = on_event(p, &e)) != 0)
			return r;
		if (!p->c->pty && (r = out_flush(p->c->out)) != 0)
			return r;
		p->passed++;
	}
	return r;
}

int
play_percent(struct reader *r, uint64_t shown, uint64_t read)
{
	struct reader_event e;
	uint64_t all = read;

	while (reader_next(r, &e) == 0)
		all++;
	if (shown >= all)
		return 100;
	/* at most one for each byte of a file: no overflow */
	return (int)(shown * 100 / all);
}

int
play_replay(struct cli *c, int fd, int64_t nr, int64_t speed, int *percent)
{
	struct replay p = { .c = c, .speed = speed, .reads_keys = c->pty };
	struct reader *reader = NULL;
	int r = ERR_NOMEM, status;

	*percent = 0;
	p.safe = term_safe_new(c->pty ? TERM_SHOW : TERM_PLAIN, to_out,
	    c->out);
	if (p.safe != NULL && (r = reader_open(fd, &reader)) == 0)
		r = play(&p, reader);
	if (p.safe != NULL) {
		(void)term_safe_end(p.safe);
		if (!term_safe_at_line_start(p.safe))
			out_text(c->out, "\n");
	}
	if (r == 1)
		status = play_end(c, reader, nr, 1);
	else if (r == STOPPED || r == ERR_CLOSED)
		status = 0;
	else
		status = cli_refuse(c, SEKISHO_CODE_DATA, NULL,
		    "the recording of S%" PRId64 " cannot be read (%s)", nr,
		    err_name(r));
	if (r == 1)
		*percent = 100;
	else if (reader != NULL && status == 0)
		*percent = play_percent(reader, p.passed, p.passed + 1);
	term_safe_free(p.safe);
	reader_free(reader);
	return status;
}

/* How the command itself ended; escaped. */
static void
end_words(char out[200], const struct reader_result *s)
{
	char signal[80];

	if (s->state == READER_UNFINISHED)
		snprintf(out, 200, "has no end: it runs, or its recorder was killed");
	else if (s->state != READER_COMPLETE)
		(void)escape_to(out, 200, s->text, strlen(s->text));
	else if (s->end.signal[0] != '\0')
		snprintf(out, 200, "ended by signal %s", escape_to(signal,
		    sizeof(signal), s->end.signal, strlen(s->end.signal)));
	else if (s->end.how == SKR_HOW_NOT_RUN)
		snprintf(out, 200, "never ran");
	else if (!s->has_exit)
		snprintf(out, 200, "broke off");
	else
		snprintf(out, 200, "ended with status %u", s->end.status);
}

char *
play_end_text(const struct reader *r, int64_t nr)
{
	const struct reader_result *s = reader_result(r);
	char words[200], *reason = NULL, *text = NULL;

	end_words(words, s);
	if (!s->has_end || s->end.reason[0] == '\0') {
		if (asprintf(&text, "S%" PRId64 " %s", nr, words) < 0)
			return NULL;
		return text;
	}
	reason = escape_dup(s->end.reason, strlen(s->end.reason), 1024);
	if (reason == NULL || asprintf(&text, "S%" PRId64 " %s: %s", nr, words,
	    reason) < 0)
		text = NULL;
	str_wipe(reason);
	return text;
}

int
play_end(struct cli *c, const struct reader *r, int64_t nr, int is_shown)
{
	const struct reader_result *s = reader_result(r);
	char *text;

	if (is_shown) {
		text = play_end_text(r, nr);
		out_printf(c->out, "-- %s\n", out_whole(c->out, text));
		str_wipe(text);
	}
	if (s->state == READER_COMPLETE || s->state == READER_RECOVERED ||
	    s->state == READER_UNFINISHED)
		return 0;
	return cli_refuse(c, SEKISHO_CODE_DATA, NULL,
	    "the recording of S%" PRId64 " is damaged: only what is good was shown",
	    nr);
}
