/* refusal.h - why something was not prepared or not started: one code, one sentence. */
#ifndef LAUNCH_REFUSAL_H
#define LAUNCH_REFUSAL_H

#include "sekisho/code.h"

struct refusal {
	enum sekisho_code	 code;
	char			 reason[512];	/* escaped by refuse() */
};

/*
 * Fills "why" and logs one line; returns ERR_DENIED.  The first reason
 * stays: a caller further up may call it again without harm.
 */
int refuse(struct refusal *why, enum sekisho_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
