/* epochs.h - the gate's keys in order (FORMAT.md, section 5), from the keys that the checker was given. */
#ifndef VERIFY_EPOCHS_H
#define VERIFY_EPOCHS_H

#include <stdint.h>

#include "base/limits.h"
#include "verify/model.h"
#include "verify/trail.h"

struct epoch {
	int64_t	 start_ns;
	uint8_t	 key[32];
	uint64_t head_size;	/* of the last head signed before it; 0: none */
	int	 has_head;	/* a good one, in heads/ */
	int	 is_good;	/* its entry is sound and was signed by the key before */
};

struct epochs {
	struct epoch	*v;		/* v[0] is epoch 1 */
	uint32_t	 n;
	char		 origin[ORIGIN_MAX + 1];	/* "": not known */
	uint8_t		 log_key[32], first_key[32];
	int		 is_given;	/* the three above are the checker's own, or the store's vkeys */
};

/*
 * The text of gate.vkeys: the log key and the key of epoch 1.  ERR_FORMAT
 * leaves "e" alone.
 */
int epochs_keys(struct epochs *e, const char *vkeys);
void epochs_free(struct epochs *e);

/*
 * An `epoch` entry, number "ix"; "trail" holds the tree so far, NULL: it is
 * known that entries were changed, no head fits.  0, ERR_NOMEM, ERR_CRYPTO.
 */
int epochs_play(struct epochs *e, struct report *report,
    const struct trail *trail, uint64_t ix, const json_t *entry);

/* NULL: there is no entry of it, or not a good one. */
const struct epoch *epochs_get(const struct epochs *e, uint32_t nr);
/* Was it in force at that time? */
int epochs_covers(const struct epochs *e, uint32_t nr, int64_t time_ns);

#endif
