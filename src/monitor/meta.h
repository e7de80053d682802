/* meta.h - canonical JSON about a session, for the head of its recording. */
#ifndef MONITOR_META_H
#define MONITOR_META_H

#include "base/buf.h"
#include "monitor/task.h"

/*
 * Appends one JSON object, keys sorted, no blanks: argv, cols, exe,
 * exe_digest, gate, input, label, login, operator, profile, profile_digest,
 * request, request_digest, revision, rows, run_as, session, source, step,
 * target, term, ticket, uuid; cols, rows and term only with a terminal.
 * ERR_LIMIT: longer than "b" takes.
 */
int meta_put(struct buf *b, const struct task *t);

/* Appends a JSON string.  What is no UTF-8 becomes U+FFFD. */
int meta_put_string(struct buf *b, const char *s);

#endif
