/*
 * inside.h - what the files of this folder share: one struct for the process, one for each seal channel.
 *
 * A handler returns 0, or an error: then its peer is dropped.  What is wrong
 * with ourselves (disk, keys) is said with keyd_broken(), and the process stops.
 */
#ifndef KEYD_INSIDE_H
#define KEYD_INSIDE_H

#include <stddef.h>
#include <stdint.h>

#include "keyd/state.h"
#include "wire/chan.h"

#define KEYD_OK		0
#define KEYD_IOERR	74		/* EX_IOERR: the state cannot be written or synced */
#define KEYD_CONFIG	78		/* EX_CONFIG: damaged or foreign state, no slice, no confinement */

/* --- the process ------------------------------------------------------------------ */
#define SEALS_MAX	4096		/* seal channels; sekishod lets fewer sessions live */
#define BOUNDS_MAX	16		/* headers of another epoch on one channel: one an hour would be many */

enum seal_state {
	SEAL_NEW = 1 << 0,		/* waits for SEAL_BIND */
	SEAL_FRESH = 1 << 1,		/* bound, nothing sealed: a header may come */
	SEAL_OPEN = 1 << 2,		/* checkpoints, then the end */
	SEAL_RECOVERY = 1 << 3,		/* one mark */
	SEAL_OVER = 1 << 4		/* nothing more */
};

struct keyd;

struct seals {				/* one seal channel */
	struct seals	*next;
	struct keyd	*k;
	struct chan	*chan;
	unsigned int	 state;		/* enum seal_state */
	uint64_t	 session;
	uint8_t		 uuid[UUID_LEN];
	unsigned int	 nbounds;
	int		 is_gone;
};

struct keyd {
	struct chan	*d;		/* sekishod */
	struct chan	*ledger;	/* NULL: ledgerd is away */
	struct seals	*seals;
	size_t		 nseals;
	struct disk	 disk;
	struct log_key	 log;
	struct epoch_key now;
	struct last	 last;
	int64_t		 time_ns;	/* the last one given out */
	int64_t		 epoch_mono_ms;	/* when this process first had "now" */
	uint32_t	 epoch_s;
	int		 is_acked;	/* the entry of "now" is in the ledger */
	int		 is_asked;	/* ledgerd was told of it and has not answered */
	int		 was_overdue;	/* that it does not answer was said */
	int		 was_late;	/* "the clock went back" was said */
	int		 is_done, status;
	struct pollfd	*fds;
	size_t		 fds_room;
};

/* Loads the state, or makes it in an empty directory.  Returns an exit status; the reason is logged. */
int keyd_open(struct keyd *k, const char *dir, const char *gate,
    uint32_t epoch_s);
/* Wipes and closes everything. */
void keyd_close(struct keyd *k);
/* What stops the process: logged by who saw it.  Returns its argument. */
int keyd_broken(struct keyd *k, int err);

/* --- time.c: a clock that never goes back ------------------------------------------ */
/*
 * A moment later than all that were given out, in this life and before: on the
 * disk stands a time that none has passed, moved on in steps of TIME_STEP_NS.
 */
#define TIME_STEP_NS	INT64_C(1000000000)
int time_next(struct keyd *k, int64_t *t);
/* The same without the disk, for who writes "last" anyway. */
int64_t time_peek(struct keyd *k);
void time_start(struct keyd *k);

/* --- epoch.c ------------------------------------------------------------------------- */
/* A new key when it is time; ERR_...: keyd_broken(). */
int epoch_turn(struct keyd *k);
/* How long poll() may wait for that, milliseconds; -1: nothing is due. */
int epoch_wait_ms(const struct keyd *k);
/* The key is twice as old as it may be (of this process's life) and ledgerd has not taken note of it: it signs nothing. */
int epoch_is_overdue(struct keyd *k);

/* --- head.c: the channel to ledgerd ---------------------------------------------------- */
/* A new one instead of the old: KEYS and EPOCH go out.  Takes "fd" over. */
int ledger_bind(struct keyd *k, int fd);
void ledger_drop(struct keyd *k);
int ledger_tell_epoch(struct keyd *k);
/* One message of ledgerd's. */
int on_ledger(struct keyd *k, struct msg *m);

/* --- seal.c: seal channels --------------------------------------------------------------- */
/* One from SEAL_CHANNEL; takes "fd" over.  uuid NULL: SEAL_BIND will come; else for a recovery. */
int seals_new(struct keyd *k, int fd, uint64_t session, const uint8_t *uuid);
void seals_free(struct seals *s);
/* What waits goes out, then at most "max" messages come in; whatever goes wrong, only this channel is lost. */
void seals_serve(struct seals *s, int max);
/* Buries what is gone. */
void seals_sweep(struct keyd *k);

/* --- loop.c ------------------------------------------------------------------------------- */
/* Until sekishod is gone: 0; else the status to stop with. */
int keyd_loop(struct keyd *k);
/* One round: wait, serve, bury, rotate.  0, or that status. */
int keyd_step(struct keyd *k);

#endif
