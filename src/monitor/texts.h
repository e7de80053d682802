/*
 * texts.h - every sentence the monitor shows to an operator.  All of them are
 * free of control characters, whatever foreign text is in them; lines end in
 * CR LF on a terminal.
 */
#ifndef MONITOR_TEXTS_H
#define MONITOR_TEXTS_H

#include <stdint.h>

/* All return a new string, NULL: no memory; the caller frees with str_wipe(). */

/*
 * "sekisho: refused [CODE] reason" and "next: COMMAND" ("" or NULL: no such
 * line).  Newlines inside "reason" become indented lines, so that none of
 * them can pass for one of ours.
 */
char *text_refused(const char *code, const char *reason, const char *next,
    int has_pty);

/* "sekisho: R12, use 1 of 1, S345, recorded": before the command, on a terminal. */
char *text_start(uint64_t request, uint32_t use, uint32_t uses,
    uint64_t session);

/* "sekisho: input is not read: R12 was approved with input = none" */
char *text_unread(uint64_t request, const char *input, int has_pty);

/* "sekisho: R12 ends in 10 minutes: its longest run is 4 h 0 min" */
char *text_warning(uint64_t request, int64_t left_s, int64_t longest_s,
    int has_pty);

/* "sekisho: the gate is stopping, R12 is ended in 3 seconds" */
char *text_stopping(uint64_t request, int64_t left_s, int has_pty);

#endif
