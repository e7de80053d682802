/*
 * heads.h - the signed heads of heads/ (FORMAT.md, sections 4 and 7).
 *
 * They are read twice: once beside the entries, where the tree has their
 * sizes; once when all epochs are known, for signatures and order.
 */
#ifndef VERIFY_HEADS_H
#define VERIFY_HEADS_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/note.h"
#include "verify/report.h"

struct verify;

#define HEADS_ROOM	65536

/* Walks over the heads of all files. */
struct heads_walk {
	size_t	 file;			/* number of the open one */
	int	 fd;
	uint64_t nr;			/* of the head in its file, from 1 */
	size_t	 at, n;			/* of room */
	char	*room;
};

struct heads {
	char		**names;	/* of the day files, sorted */
	size_t		  n;
	struct heads_walk walk;		/* of the first reading */
	int		  has_next, is_over;
	struct note	  next;		/* not yet compared */
	char		  place[REPORT_PLACE];
	struct note	  last;		/* of the second reading: the newest good one */
	int		  has_last;
};

/* Names, and the first head. */
int heads_begin(struct verify *v);
/* All heads whose size the tree has now are compared with its root. */
int heads_at(struct verify *v);
/* Those that are left are of a larger tree than there is: a gate that runs may still have it. */
int heads_finish(struct verify *v);
/* Signatures, epochs, order; what the newest one covers. */
int heads_check(struct verify *v);
void heads_free(struct heads *h);

#endif
