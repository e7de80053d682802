/* review.h - the sheet of a job: the plan beside what ran, and what deserves attention. */
#ifndef CLI_REVIEW_H
#define CLI_REVIEW_H

#include "cli/cli.h"

#define FACTS_REFUSED	20		/* refusals by the sandbox named for each session */
#define FACTS_BYTES	(64ULL << 20)	/* of a recording, read for them */
#define FACTS_RECORDS	200		/* recordings opened for one sheet */

/*
 * What a recording says itself: "argv", "exe", "exe_digest", "input",
 * "operator", "profile", "profile_digest", "request", "revision", "run_as",
 * "session", "target", "uuid" of its head, "refused": [{"args", "at_ms",
 * "call", "comm"}] of its events (only when "look"), "refused_total" and
 * "looked": all, part or head.  A recording that cannot be read gives {"problem"}.
 * NULL: no memory.
 */
json_t *facts_of(int fd, int look);

/*
 * Everything in a sheet (with "found" in its sessions) that differs from the
 * plan or deserves a second look: [{"session", "text", "what"}], in the order
 * of the sessions, session "" for the job.  Pure.  NULL: no memory.
 */
json_t *attention_of(const json_t *sheet);

/* The sheet in full for people; "attention" is in it. */
void review_sheet(struct cli *c, const json_t *sheet);
/* A table of jobs; returns an exit status. */
int review_table(struct cli *c, const json_t *jobs);

#endif
