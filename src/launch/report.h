/*
 * report.h - the few fixed-size messages between the launcher and its two
 * children, the job's init and the job before its exec.
 */
#ifndef LAUNCH_REPORT_H
#define LAUNCH_REPORT_H

#include <stdint.h>

enum report_kind {
	REPORT_FAILED = 1,	/* either: text says why; the sender exits */
	REPORT_PTY,		/* init: fd = master of the job's terminal */
	REPORT_JOB,		/* init: fd = pidfd of the job; value = REPORT_DID_x */
	REPORT_RULES,		/* to the job: fd = its Landlock rule set; none: no Landlock */
	REPORT_HOST,		/* to the job: the rules for the host's tree are in it */
	REPORT_CONFINE,		/* to the init: the command needs the processor no more, give up your rights */
	REPORT_CONFINED,	/* init: done */
	REPORT_LOADING,		/* job: the filter comes next; value = number its listener will have */
	REPORT_ENDED,		/* init: value = status of the job as wait(2) gives it */
	REPORT_GO,		/* to the job: execute */
	REPORT_TERM,		/* to the init: SIGTERM to all */
	REPORT_SIGNAL,		/* to the init: this signal to the group in front of the terminal, or the command's */
	REPORT_PEEK,		/* to the init: struct peek_question in text */
	REPORT_PEEKED		/* its answer: strings of PEEK_LEN bytes each */
};

/* Limits of the namespace that this kernel let the init set. */
enum { REPORT_DID_MEMFD = 1, REPORT_DID_PIDS = 2, REPORT_DID_LOGIN = 4 };

struct report {
	uint32_t	kind;
	int32_t		value;
	char		text[248];
};

/* "fd" may be -1.  ERR_CLOSED: the other end is gone.  ERR_SYS: logged. */
int report_send(int sock, enum report_kind kind, int value, const char *text,
    int fd);
/* The same for a report that is already filled in. */
int report_send_whole(int sock, const struct report *r, int fd);
/*
 * Waits up to "timeout_ms".  ERR_CLOSED: the other end is gone.  *fd is -1
 * when none came; text is terminated.
 */
int report_recv(int sock, struct report *r, int *fd, int timeout_ms);
/* From now on log lines of this process become REPORT_FAILED's text. */
void report_keep_log(void);
/* Sends the last log line as REPORT_FAILED and exits. */
void report_fail(int sock, const char *what) __attribute__((noreturn));

#endif
