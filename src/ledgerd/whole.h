/* whole.h - the mark that says: this life of the gate has found the database whole already (inside src/ledgerd only). */
#ifndef LEDGERD_WHOLE_H
#define LEDGERD_WHOLE_H

#include <stdint.h>
#include <sys/types.h>

struct ledgerd;

#define WHOLE_TEXT	160
#define WHOLE_CALM_MS	600000	/* a life that began on trust has gone well for so long */

struct whole_mark {
	char	*database, *path;	/* and of its mark; NULL: there is none */
	char	 text[WHOLE_TEXT];	/* what it must hold in this life; "": it is not known */
	int64_t	 due_ms;		/* monotonic: to be written then; 0: not */
};

/* Which boot, and which process "parent" of it: while /proc can be read.  Unknown: nothing is ever trusted. */
void whole_begin(struct whole_mark *w, pid_t parent);
/*
 * Takes the mark beside the database away.  1: it was of this life and of this
 * file, so all of it need not be read again; 0: read it.
 */
int whole_take(struct whole_mark *w, const char *database);
/* It was read ("is_read") or trusted: the mark comes at once, or when all went well for long enough. */
void whole_found(struct whole_mark *w, int is_read);
/* Writes it when it is due. */
void whole_due(struct whole_mark *w);
/* Takes it away and forgets: an end in order, or one that may come from the database. */
void whole_end(struct whole_mark *w);

#endif
