/* tell.h - words and JSON for what the sandbox refused; everything foreign is escaped here. */
#ifndef LAUNCH_TELL_H
#define LAUNCH_TELL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "launch/job.h"
#include "wire/chan.h"

struct refused_call {
	unsigned int	 nr;
	pid_t		 pid;
	char		 comm[32];
	uint64_t	 args[6];
	char		 text[6][80];	/* what args[n] points at; "": not known */
};

/* Type of such a frame in the record: src/record/FORMAT.md. */
#define EVENT_REFUSED	'D'

/* One EVENT to the recorder.  Never blocks; what cannot be sent is logged. */
void tell_refused(const struct refused_call *c, const struct job *j,
    struct chan *link);
void tell_summary(const uint32_t *count, size_t n, uint32_t total,
    const struct job *j, struct chan *link);
/* Any other remark, for the record and the operator: `what` is a stable word. */
void tell_remark(const char *what, const char *text, const struct job *j,
    struct chan *link);

/* Both texts of one refusal, as tell_refused() sends them (exposed for its test). */
void tell_body(char *out, size_t size, const struct refused_call *c);
void tell_text(char *out, size_t size, const struct refused_call *c,
    const char *profile, const char *eol);

#endif
