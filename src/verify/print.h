/* print.h - what was found, for people and for programs. */
#ifndef VERIFY_PRINT_H
#define VERIFY_PRINT_H

#include <stdio.h>

#include "verify/verify.h"

/* Exit statuses (sekisho-verify(1)). */
#define STATUS_GOOD	0
#define STATUS_FAULT	1
#define STATUS_NO_HEAD	3	/* consistent, but nothing from outside was compared */
#define STATUS_USAGE	64
#define STATUS_AWAY	69
#define STATUS_UNREAD	74

struct print {
	FILE		*out;
	const char	*name;		/* before the last line: "sekisho-verify: " */
	int		 is_json, is_quiet;
	int		 error;		/* of verify_run(); 0: it came to its end */
	const char	*head;		/* how a head from outside is given: "--head FILE" */
};

int print_status(const struct verify *v, const struct print *p);
/* Everything.  The caller flushes. */
void print_report(const struct verify *v, const struct print *p);

#endif
