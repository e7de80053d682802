/* keys_inside.h - what keys.c, heads.c and heads_file.c share; nobody else includes it. */
#ifndef LEDGERD_KEYS_INSIDE_H
#define LEDGERD_KEYS_INSIDE_H

#include <limits.h>

#include "ledgerd/inside.h"

#define HEAD_EVERY_MS	200	/* entries of a moment share a head: a signature and two syncs each */
#define RETRY_MS	5000	/* what keyd or the disk did not take is tried again after this */
#define LAST_HEAD_MS	5000	/* at the end; half of what sekishod gives a hung ledger */

/* An epoch that keyd has told of and that is not yet acknowledged. */
struct epoch {
	uint32_t	nr;		/* 0: none */
	uint32_t	id;		/* of its message */
	int64_t		start;
	uint8_t		key[NOTE_KEY];
	uint64_t	head_size;	/* of the last head before it */
	uint8_t		head_root[TREE_HASH];
	uint8_t		signature[NOTE_SIGNATURE];
};

struct keys {
	struct chan	*chan;		/* NULL: keyd is away */
	int		 is_known;	/* KEYS came on this channel and fits */
	int		 is_deaf;	/* they did not: nothing more is heard on it */
	char		 wrong[128];	/* why nothing new may start; "" all is well */
	int64_t		 unsigned_ms;	/* monotonic: since when a head is missing; 0: none is */

	/* who keyd is: from the ledger's epochs, else from KEYS; origin "" before both */
	char		 origin[ORIGIN_MAX + 1];
	uint8_t		 log_key[NOTE_KEY];
	struct epoch	 last;		/* the newest in the ledger */
	struct epoch	 waiting;
	int64_t		 epoch_try_ms;

	/* heads: signed last, as keyd says; asked for */
	uint64_t	 size, asked_size;
	uint8_t		 root[TREE_HASH], asked_root[TREE_HASH];
	int		 is_due, is_asked;
	uint32_t	 asked_id;
	int64_t		 next_ms;	/* no head is asked for before */
	int64_t		 head_at;	/* of the newest: keyd's time, unix ns; 0: none in this life */
	int64_t		 ahead_ns;	/* keyd's clock before ours, when it came */

	/* where they are kept */
	char		 path[PATH_MAX];
	int		 dir, file;	/* file: of "day", -1: none open */
	int		 has_vkeys;	/* gate.vkeys is there */
	char		 day[sizeof("2026-11-24")];
	int		 syslog;
	int		 is_fatal;	/* a sync failed */
};

/* --- heads.c: what KEYS says of the last head, what HEAD_SIGN is answered */
int heads_compare(struct ledgerd *ld);
int on_head_signed(void *ctx, struct msg *m);
int on_head_refused(void *ctx, struct msg *m);
int heads_ask(struct ledgerd *ld);

/* --- heads_file.c */
/* Append to the file of its day, synced.  ERR_FULL: not kept, and nothing of it is left.  ERR_SYS: a sync failed (is_fatal). */
int heads_keep(struct keys *k, const struct note *n, const char *text,
    size_t len);
/* To the log and the system's. */
void heads_tell(const struct keys *k, const struct note *n, const char *text);
/* gate.vkeys, if it is not there yet.  ERR_FULL: not now.  ERR_SYS: a sync failed (is_fatal). */
int heads_vkeys(struct keys *k, const char *text);

/* --- epochs.c: entries of epochs */
/* The newest epoch of the ledger and the text of gate.vkeys, at start. */
int epochs_load(struct ledgerd *ld);
/* The text of gate.vkeys, from the ledger; the file, when it is missing.  Errors as heads_vkeys(); ERR_NOMEM. */
int epochs_vkeys(struct ledgerd *ld);
int on_epoch(void *ctx, struct msg *m);
/* Write down the one that waits, then ACK. */
int epochs_write(struct ledgerd *ld);

#endif
