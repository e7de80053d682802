/*
 * report.h - the few fixed-size messages between the launcher and its two
 * children, the job's init and the job before its exec.
 */
#ifndef LAUNCH_REPORT_H
#define LAUNCH_REPORT_H

#include <stddef.h>
#include <stdint.h>

enum report_kind {
	REPORT_FAILED = 1,	/* either: text says why; the sender exits */
	REPORT_VIEW,		/* init: fd = mountinfo of the finished view, when it is built ahead */
	REPORT_JOB,		/* init: fd = pidfd of the job; did = REPORT_DID_x */
	REPORT_RULES,		/* to the job: fd = its Landlock rule set; none: no Landlock */
	REPORT_HOST,		/* to the job: the rules for the host's tree are in it */
	REPORT_WAITING,		/* job: everything ahead of the order is done */
	REPORT_ORDER,		/* to the job: the order is on the slate; value = which descriptors come, 1 << enum order_fd */
	REPORT_PTY,		/* job: fd = master of its terminal */
	REPORT_CONFINE,		/* to the init: the command needs the processor no more, give up your rights */
	REPORT_CONFINED,	/* init: done */
	REPORT_LOADING,		/* job: the filter comes next; value = number its listener will have; did = REPORT_DID_LOGIN or 0 */
	REPORT_OWNER,		/* to the init: text = whose job it is, "S12"; fd = master of its terminal, none: it has none */
	REPORT_ENDED,		/* init: value = status of the job as wait(2) gives it */
	REPORT_GO,		/* to the job: execute */
	REPORT_TERM,		/* to the init: SIGTERM to all */
	REPORT_SIGNAL,		/* to the init: this signal to the group in front of the terminal, or the command's */
	REPORT_PEEK,		/* to the init: struct peek_question in text */
	REPORT_PEEKED		/* its answer: strings of PEEK_LEN bytes each */
};

/* What this kernel let the init, and the job, do. */
enum { REPORT_DID_MEMFD = 1, REPORT_DID_PIDS = 2, REPORT_DID_LOGIN = 4 };

#define REPORT_FDS	5	/* of REPORT_ORDER */

struct report {
	uint32_t	kind;
	int32_t		value;
	uint32_t	did;
	char		text[244];
};

/* "fd" may be -1.  ERR_CLOSED: the other end is gone.  ERR_SYS: logged. */
int report_send(int sock, enum report_kind kind, int value, const char *text,
    int fd);
/* The same for a report that is already filled in, with "n" descriptors. */
int report_send_whole(int sock, const struct report *r, const int *fds,
    size_t n);
/*
 * Waits up to "timeout_ms".  ERR_CLOSED: the other end is gone.  *fd is -1
 * when none came; text is terminated.
 */
int report_recv(int sock, struct report *r, int *fd, int timeout_ms);
/*
 * The same for up to REPORT_FDS descriptors; *n: how many came.  ERR_LIMIT:
 * more were sent, or they found no free number (logged).
 */
int report_recv_all(int sock, struct report *r, int fds[REPORT_FDS],
    size_t *n, int timeout_ms);
/* From now on log lines of this process become REPORT_FAILED's text. */
void report_keep_log(void);
/* Sends the last log line as REPORT_FAILED and exits. */
void report_fail(int sock, const char *what) __attribute__((noreturn));

#endif
