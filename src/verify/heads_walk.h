/* heads_walk.h - head after head out of the day files. */
#ifndef VERIFY_HEADS_WALK_H
#define VERIFY_HEADS_WALK_H

#include "verify/heads.h"

#define HEAD_GOOD	0	/* *out is it */
#define HEAD_BAD	1	/* there is one, and it is not well formed */
#define HEAD_TORN	2	/* at the end of a file: the true beginning of one */
#define HEAD_NONE	3

/* One of the four, or an error below 0.  "place": "heads/2026-11-24.heads head 12". */
int heads_walk_next(struct verify *v, struct heads_walk *w, struct note *out,
    char place[REPORT_PLACE], char *text, size_t *len);
void heads_walk_end(struct heads_walk *w);

#endif
