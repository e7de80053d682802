/*
 * peek.h - the strings that a refused call's arguments point at, for the text of the refusal.
 *
 * Best effort and never a basis for a decision: the job can change them at
 * any moment.  The init reads them, because it can see nothing but the job.
 */
#ifndef LAUNCH_PEEK_H
#define LAUNCH_PEEK_H

#include <stdint.h>
#include <sys/types.h>

#include "launch/job.h"
#include "launch/report.h"

#define PEEK_MAX	3	/* strings of one call */
#define PEEK_LEN	80	/* bytes of each, with NUL */

struct peek_question {
	int32_t		pid;	/* as the init counts */
	uint32_t	n;
	uint64_t	at[PEEK_MAX];
};
_Static_assert(sizeof(struct peek_question) <= 244 &&
    PEEK_MAX * PEEK_LEN <= 244, "fits a report");

/* The init's side. */
void peek_answer(int sock, const struct report *question);
/*
 * The launcher's side: waits a moment at most.  Strings that could not be
 * read are empty; ERR_TIMEOUT, ERR_CLOSED: none could.
 */
int peek_ask(struct job *j, pid_t pid, const uint64_t *at, unsigned int n,
    char out[PEEK_MAX][PEEK_LEN]);

#endif
