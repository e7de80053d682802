/* review_lines.h - the lines of a sheet: "! " before what stands under attention, "  " before all else. */
#ifndef CLI_REVIEW_LINES_H
#define CLI_REVIEW_LINES_H

#include "cli/cli.h"

struct marks {
	struct cli	*c;
	const json_t	*attention;
	const char	*session;	/* whose lines; "" : the job's */
};

/*
 * "what": under which name attention speaks of it; NULL: never.  All values are
 * escaped but those of mark_safe().
 */
int mark_is(const struct marks *s, const char *what);
/* Mark and label; the rest of the line is the caller's. */
void mark_begin(const struct marks *s, const char *what, const char *label);
/* No line for "" without a mark. */
void mark_line(const struct marks *s, const char *what, const char *label,
    const char *value);
void mark_number(const struct marks *s, const char *what, const char *label,
    int64_t v, const char *unit);
/* Text that is escaped already; wiped.  NULL: there was no memory for it. */
void mark_safe(const struct marks *s, const char *what, const char *label,
    char *text);
/* No line for a time that is null. */
void mark_time(const struct marks *s, const char *what, const char *label,
    const json_t *o, const char *key);
/* Who has looked at it, and how much of it: [{"by", "percent"}]. */
void mark_seen(const struct marks *s, const json_t *list);

/* review_session.c: one session as it ran, with what its recording says itself. */
void review_session(struct cli *c, const json_t *attention,
    const json_t *session);

#endif
