/* requests.c - what the client asks after login: passed to the monitor, bounded and filtered, or refused. */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "net/net.h"

#define DEFAULT_COLS	80
#define DEFAULT_ROWS	24

static void
on_refused(void *ctx, void *arg, const char *what, const char *detail)
{
	struct net *n = ctx;
	struct channel *ch = arg;
	char word[65], more[257];
	struct msg_chan_refused m = { .what = word, .detail = more };
	size_t i;

	for (i = 0; i < n->ntold; i++)
		if (strcmp(n->told[i], what) == 0)
			return;
	if (n->ntold == KINDS_TOLD || n->state != NET_OPEN)
		return;
	n->told[n->ntold++] = what;
	memccpy(word, what, '\0', sizeof(word));
	memccpy(more, detail, '\0', sizeof(more));
	word[sizeof(word) - 1] = more[sizeof(more) - 1] = '\0';
	net_check(n, chan_put_chan_refused(n->mon,
	    ch == NULL ? NO_CHANNEL : ch->id, &m, NULL, 0));
}

static void *
on_open(void *ctx, struct lane *l)
{
	struct net *n = ctx;
	struct channel *ch;

	if (n->state != NET_OPEN || n->is_over)
		return NULL;
	if (n->nchannels >= n->slice.max_channels ||
	    n->nchannels >= CHANNELS_MAX) {
		on_refused(n, NULL, "session channel",
		    "more channels than allowed");
		return NULL;
	}
	if ((ch = channel_new(n, l)) == NULL)
		return NULL;
	net_check(n, chan_put_chan_open(n->mon, ch->id, NULL, NULL, 0));
	return ch;
}

static uint32_t
side(int v, uint32_t otherwise)
{
	if (v <= 0)
		return otherwise;
	return v > TTY_SIDE_MAX ? TTY_SIDE_MAX : (uint32_t)v;
}

/* Names of terminals are plain words; everything else in them is left out. */
static void
clean_term(char out[TERM_MAX + 1], const char *term)
{
	size_t len = 0;

	for (; *term != '\0' && len < TERM_MAX; term++)
		if ((*term >= 'A' && *term <= 'Z') ||
		    (*term >= 'a' && *term <= 'z') ||
		    (*term >= '0' && *term <= '9') ||
		    strchr("._+-", *term) != NULL)
			out[len++] = *term;
	out[len] = '\0';
	if (len == 0)
		memcpy(out, "dumb", sizeof("dumb"));
}

static int
on_pty(void *arg, const char *term, int cols, int rows)
{
	struct channel *ch = arg;
	char name[TERM_MAX + 1];
	struct msg_chan_pty m = { .term = name,
		.cols = side(cols, DEFAULT_COLS),
		.rows = side(rows, DEFAULT_ROWS) };

	if (ch->has_pty || ch->is_started)
		return 1;
	clean_term(name, term);
	ch->has_pty = 1;
	net_check(ch->net, chan_put_chan_pty(ch->net->mon, ch->id, &m, NULL,
	    0));
	return 0;
}

static int
start_exec(struct channel *ch, const char *text)
{
	size_t len = strlen(text);
	struct msg_chan_exec m = {
		.command = { (uint8_t *)(uintptr_t)text,
		    len > COMMAND_MAX ? COMMAND_MAX : len },
		.total = len > UINT32_MAX ? UINT32_MAX : (uint32_t)len
	};

	return chan_put_chan_exec(ch->net->mon, ch->id, &m, NULL, 0);
}

static int
start_subsystem(struct channel *ch, const char *text)
{
	char name[NAME_MAX_LEN + 1];
	struct msg_chan_subsystem m = { .name = name };

	memccpy(name, text, '\0', sizeof(name));
	name[NAME_MAX_LEN] = '\0';
	return chan_put_chan_subsystem(ch->net->mon, ch->id, &m, NULL, 0);
}

/* Success is answered at once; a refusal comes as text and status 77. */
static int
on_start(void *arg, enum lane_start kind, const char *text)
{
	struct channel *ch = arg;
	struct net *n = ch->net;
	int r;

	if (ch->is_started)
		return 1;
	ch->is_started = n->is_running = 1;
	if (kind == LANE_EXEC)
		r = start_exec(ch, text);
	else if (kind == LANE_SUBSYSTEM)
		r = start_subsystem(ch, text);
	else
		r = chan_put_chan_shell(n->mon, ch->id, NULL, NULL, 0);
	net_check(n, r);
	return r == 0 ? 0 : 1;
}

/* Every client sends LANG; it is not worth a word. */
static void
on_env(void *arg)
{
	struct channel *ch = arg;

	ch->net->env_dropped++;
}

static void
on_resize(void *arg, int cols, int rows)
{
	struct channel *ch = arg;
	struct msg_chan_resize m = { .cols = side(cols, DEFAULT_COLS),
		.rows = side(rows, DEFAULT_ROWS) };

	if (ch->has_pty && ch->is_started && !ch->has_exit)
		net_check(ch->net, chan_put_chan_resize(ch->net->mon, ch->id,
		    &m, NULL, 0));
}

static void
on_signal(void *arg, const char *signal)
{
	struct channel *ch = arg;
	char name[17];
	struct msg_chan_signal m = { .name = name };
	size_t len = strlen(signal);

	if (!ch->is_started || ch->has_exit || len == 0 || len > 16 ||
	    strspn(signal, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != len)
		return;
	memcpy(name, signal, len + 1);
	net_check(ch->net, chan_put_chan_signal(ch->net->mon, ch->id, &m, NULL,
	    0));
}

static size_t
on_data(void *arg, const uint8_t *p, size_t n)
{
	return relay_take(arg, p, n);
}

static void
on_eof(void *arg)
{
	struct channel *ch = arg;

	ch->got_eof = 1;
}

/*
 * With a terminal the same message may be a break (~B): there it means
 * nothing.  The loop acts on it; a write may be under way here.
 */
static void
on_end_of_output(void *arg)
{
	struct channel *ch = arg;

	if (!ch->has_pty && ch->is_started)
		ch->drops_output = 1;
}

static void
on_closed(void *arg)
{
	struct channel *ch = arg;

	ch->is_closed = 1;
}

const struct client_events requests_events = {
	.attempt = auth_on_attempt,
	.key = auth_on_key,
	.dialogue = auth_on_dialogue,
	.open = on_open,
	.pty = on_pty,
	.start = on_start,
	.env = on_env,
	.resize = on_resize,
	.got_signal = on_signal,
	.data = on_data,
	.eof = on_eof,
	.end_of_output = on_end_of_output,
	.closed = on_closed,
	.refused = on_refused
};
