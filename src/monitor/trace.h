/*
 * trace.h - where the time of one login or one command went: instants, and one line in the log at the end.
 *
 * Off (setting trace_time) nothing is read and nothing written.
 */
#ifndef MONITOR_TRACE_H
#define MONITOR_TRACE_H

#include <stddef.h>
#include <stdint.h>

struct mon;
struct task;

/* In the order in which they usually come.  The first instant of each counts, 0: it never came. */
enum trace_task {
	TRACE_EXEC,		/* CHAN_EXEC came */
	TRACE_LOOKUP,		/* LOOKUP sent */
	TRACE_ORDER,		/* ORDER came */
	TRACE_NEED_KIT,		/* NEED_KIT sent */
	TRACE_KIT,		/* KIT came */
	TRACE_ASKED,		/* PREPARE and REC_OPEN sent: the file is there */
	TRACE_PREPARED,		/* PREPARED came */
	TRACE_REC_OPENED,	/* REC_OPENED came */
	TRACE_CONSUME,		/* CONSUME sent */
	TRACE_CONSUMED,		/* CONSUMED came */
	TRACE_GO,		/* GO sent */
	TRACE_GONE,		/* GONE came */
	TRACE_JOB_EXIT,		/* JOB_EXIT came */
	TRACE_REC_END,		/* REC_END sent */
	TRACE_REC_ENDED,	/* REC_ENDED came */
	TRACE_JOB_ENDED,	/* JOB_ENDED sent */
	TRACE_ACK,		/* its ACK came */
	TRACE_CHAN_EXIT,	/* CHAN_EXIT sent */
	TRACE_TASK_ALL
};

enum trace_login {
	TRACE_CONN,		/* CONN came: a client is there */
	TRACE_GIVEN,		/* net has it */
	TRACE_START,		/* AUTH_START came: key exchange is over */
	TRACE_PROMPT,		/* first AUTH_PROMPT sent */
	TRACE_ANSWER,		/* last answers came */
	TRACE_CHECKED,		/* PAM has judged */
	TRACE_SESSION,		/* PAM session opened */
	TRACE_ENTRY,		/* the ledger has written it */
	TRACE_RESULT,		/* AUTH_RESULT sent */
	TRACE_LOGIN_ALL
};

void trace_mark(struct mon *m, enum trace_login step);
/* "trace login user=alice kex_us=..." */
void trace_login(struct mon *m);
void trace_step(struct task *t, enum trace_task step);
/* "trace session=S3 lookup_us=..." */
void trace_task(const struct task *t);

/* One figure of a line: the microseconds between two instants. */
struct trace_span {
	const char	*name;
	unsigned int	 from, to;
};
#define TRACE_LINE	512
/* " name_us=123" for each span whose both ends are there (not 0), in ns.  Cut at "room". */
void trace_spans(char *out, size_t room, const int64_t *at_ns,
    const struct trace_span *spans, size_t n);

#endif
