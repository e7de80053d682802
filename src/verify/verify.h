/*
 * verify.h - the check of a whole store: FORMAT.md of src/ledger, section 7, point by point.
 *
 * One struct holds what is known so far.  Entries are read once, front to
 * back; each is hashed, checked and played into the model; heads are compared
 * with the tree when it has their size.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/note.h"
#include "verify/epochs.h"
#include "verify/heads.h"
#include "verify/model.h"
#include "verify/progress.h"
#include "verify/report.h"
#include "verify/state.h"
#include "verify/subject.h"
#include "verify/edge.h"
#include "verify/trail.h"

/* A head that somebody kept outside. */
struct outside {
	int		 is_given;
	int		 is_reached;	/* the tree had this size, and root was its root: */
	int		 is_same;
	struct note	 note;		/* of a state file only size and root */
	const char	*place;		/* "--head", "the state file" */
};

struct verify {
	struct subject	*subject;
	struct report	*report;
	struct model	 model;
	struct epochs	 epochs;
	struct heads	 heads;
	struct edge	 edge;		/* over the entries as they are */
	struct trail	 trail;		/* of the same */
	struct edge	 alt;		/* over the stored leaves, once they differ */
	int		 has_alt;
	struct outside	 outside, own;	/* --head; the state file's */
	struct state	*state;		/* NULL: everything is read */
	struct progress	*progress;	/* NULL: none is shown */
	int64_t		 only;		/* one session; 0: all */
	uint64_t	 recordings, skipped;	/* read; known from the state file */
	uint64_t	 bytes;		/* of recordings read */
};

struct verify_args {
	struct subject	*subject;
	const char	*head;		/* text of the note; NULL: none */
	size_t		 head_len;
	const char	*vkeys;		/* NULL: take those of the store */
	struct state	*state;
	struct progress	*progress;
	int64_t		 only;
};

/*
 * Everything, in order.  0: the report says it all; an error: the store could
 * not be read to the end (logged), and the report is of what was.
 */
int verify_run(struct verify *v, const struct verify_args *args,
    struct report *report);
void verify_free(struct verify *v);

/* --- inside ---------------------------------------------------------------------- */
/* entries.c */
void entries_begin(struct verify *v);
/* Play entries until there are "size" of them, or no more. */
int verify_play(struct verify *v, uint64_t size);
/* outside.c: the text of the head from outside, if there is one. */
void outside_check(struct verify *v, const char *text, size_t len);
/* tables.c */
int verify_tables(struct verify *v);
/* records.c */
int verify_records(struct verify *v);
/* extra.c */
int verify_extra(struct verify *v);

/* 1 when this is the root of the tree as it is now (of the stored leaves, when only that fits: *is_alt). */
int verify_is_root(const struct verify *v, const uint8_t root[32],
    int *is_alt);

#endif
