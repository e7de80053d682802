/* trace.c - instants of a login and of a command, told as one line each. */
#include "monitor/trace.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "monitor/mon.h"
#include "monitor/task.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* What a line shows; sekisho-monitor(8) explains the same names. */
static const struct trace_span task_spans[] = {
	{ "lookup",	TRACE_LOOKUP,	TRACE_ORDER },
	{ "kit",	TRACE_NEED_KIT,	TRACE_KIT },
	{ "file",	TRACE_KIT,	TRACE_ASKED },
	{ "prepare",	TRACE_KIT,	TRACE_PREPARED },
	{ "header",	TRACE_KIT,	TRACE_REC_OPENED },
	{ "consume",	TRACE_CONSUME,	TRACE_CONSUMED },
	{ "exec",	TRACE_GO,	TRACE_GONE },
	{ "start",	TRACE_EXEC,	TRACE_GO },
	{ "run",	TRACE_GONE,	TRACE_JOB_EXIT },
	{ "drain",	TRACE_REC_END,	TRACE_REC_ENDED },
	{ "ended",	TRACE_JOB_ENDED, TRACE_ACK },
	{ "end",	TRACE_JOB_EXIT,	TRACE_CHAN_EXIT },
	{ "total",	TRACE_EXEC,	TRACE_CHAN_EXIT },
};

static const struct trace_span login_spans[] = {
	{ "ready",	TRACE_CONN,	TRACE_GIVEN },
	{ "kex",	TRACE_GIVEN,	TRACE_START },
	{ "prompt",	TRACE_START,	TRACE_PROMPT },
	{ "client",	TRACE_PROMPT,	TRACE_ANSWER },
	{ "pam",	TRACE_ANSWER,	TRACE_CHECKED },
	{ "session",	TRACE_CHECKED,	TRACE_SESSION },
	{ "entry",	TRACE_SESSION,	TRACE_ENTRY },
	{ "result",	TRACE_ANSWER,	TRACE_RESULT },
	{ "total",	TRACE_CONN,	TRACE_RESULT },
};

void
trace_spans(char *out, size_t room, const int64_t *at_ns,
    const struct trace_span *spans, size_t n)
{
	size_t i, len = 0;
	int more;

	out[0] = '\0';
	for (i = 0; i < n; i++) {
		int64_t from = at_ns[spans[i].from], to = at_ns[spans[i].to];

		if (from == 0 || to == 0)
			continue;
		more = snprintf(out + len, room - len, " %s_us=%" PRId64,
		    spans[i].name, (to - from) / 1000);
		if (more < 0 || (size_t)more >= room - len) {
			out[len] = '\0';
			return;
		}
		len += (size_t)more;
	}
}

/* Questions come again (another prompt, LOOKUP under a newer policy): the last answers count, else the first instant. */
void
trace_mark(struct mon *m, enum trace_login step)
{
	if (m->slice.trace_time && (m->traced[step] == 0 ||
	    step == TRACE_ANSWER))
		m->traced[step] = clock_mono_ns();
}

void
trace_login(struct mon *m)
{
	char line[TRACE_LINE];

	if (!m->slice.trace_time)
		return;
	trace_spans(line, sizeof(line), m->traced, login_spans,
	    COUNT(login_spans));
	log_info("trace login user=%s%s", m->user == NULL ? "" : m->user,
	    line);
}

void
trace_step(struct task *t, enum trace_task step)
{
	if (t->mon->slice.trace_time && t->traced[step] == 0)
		t->traced[step] = clock_mono_ns();
}

void
trace_task(const struct task *t)
{
	char line[TRACE_LINE];

	if (!t->mon->slice.trace_time || !t->has_order)
		return;
	trace_spans(line, sizeof(line), t->traced, task_spans,
	    COUNT(task_spans));
	log_info("trace session=S%" PRIu64 "%s", t->order.session, line);
}
