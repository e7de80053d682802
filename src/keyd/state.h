/*
 * state.h - what keyd keeps on the disk: the state file and the three kinds of records in it (README.md).
 */
#ifndef KEYD_STATE_H
#define KEYD_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "crypt/ed25519.h"

/* --- disk.c: the state file, blocks that are written in place --------------- */
#define DISK_BLOCK	4096		/* bytes: a page, and a sector of the largest disks */
#define DISK_BODY	(DISK_BLOCK - 16 - 32)	/* what is between the head and the digest */

enum disk_block {
	BLOCK_LOG,			/* the log key and the origin */
	BLOCK_EPOCH_A, BLOCK_EPOCH_B,	/* one in force, the other zero */
	BLOCK_LAST_A, BLOCK_LAST_B,	/* what was signed last, twice */
	BLOCKS
};
enum disk_found { FOUND_GOOD = 1, FOUND_ZERO, FOUND_BAD };

struct disk {
	int	 dir, file;
};

/*
 * Opens the directory and the file in it.  ERR_NOTFOUND: an empty directory
 * (or one where the first start was cut off): *d has "dir" and no "file".
 * ERR_FORMAT: something else is in there (logged).  ERR_STATE: another keyd
 * has it (logged).  ERR_SYS.  Until disk_close() nobody else can.
 */
int disk_open(struct disk *d, const char *path);
void disk_close(struct disk *d);
/* A file with every block zero, under a name that no start takes for the state. */
int disk_create(struct disk *d);
/* Gives the created file its name: from here on it is the state. */
int disk_finish(struct disk *d);
/* Body with its head and digest into the block, then synced.  ERR_SYS: logged; the block may be torn. */
int disk_put(const struct disk *d, enum disk_block at,
    const uint8_t body[DISK_BODY]);
/* Zeros over the whole block, synced. */
int disk_erase(const struct disk *d, enum disk_block at);
/* ERR_SYS, ERR_CRYPTO; else *found, and the body when FOUND_GOOD.  The caller wipes the body. */
int disk_get(const struct disk *d, enum disk_block at,
    uint8_t body[DISK_BODY], enum disk_found *found);

/* --- log.c: the key that stays ------------------------------------------------ */
struct log_key {
	char		 origin[ORIGIN_MAX + 1];
	uint8_t		 public[ED25519_LEN];
	struct ed25519	*key;
};

/* The origin of a new log.  ERR_FORMAT: the gate's name cannot be in one (logged). */
int log_name(struct log_key *l, const char *gate);
/* A new key for it, onto the disk. */
int log_make(const struct disk *d, struct log_key *l);
/* ERR_FORMAT: damaged (logged). */
int log_load(const struct disk *d, struct log_key *l);
void log_free(struct log_key *l);

/* --- slots.c: epoch keys ------------------------------------------------------- */
struct head {
	uint64_t	 size;		/* entries; 0: no head was signed yet */
	uint8_t		 root[DIGEST_LEN];
};

struct epoch_key {
	uint32_t	 nr;
	int64_t		 start_ns;
	struct head	 head;		/* the last one of the epochs before: the old key vouches for it, too */
	uint8_t		 public[ED25519_LEN];
	uint8_t		 signer[ED25519_LEN];	/* key of the epoch before; its own for epoch 1 */
	uint8_t		 signature[ED25519_SIGNATURE];
	struct ed25519	*key;
	enum disk_block	 at;
};

/*
 * A new key into the slot that "now" is not in; "now" NULL: epoch 1.  "head":
 * what was signed last.  On 0 it
 * is on the disk and *next has it; "now" still is there, too.
 */
int slots_make(const struct disk *d, const struct log_key *l,
    const struct epoch_key *now, const struct head *head, int64_t start_ns,
    struct epoch_key *next);
/* The newer whole one; the other slot is erased.  ERR_FORMAT: none, or not of this log (logged). */
int slots_load(const struct disk *d, const struct log_key *l,
    struct epoch_key *e);
void epoch_key_free(struct epoch_key *e);

/* --- last.c: what was signed last ----------------------------------------------- */
struct last {
	uint64_t	 writes;	/* of two copies the larger counts */
	struct head	 head;
	int64_t		 head_ns;	/* its time */
	int64_t		 until_ns;	/* no time beyond it was ever signed */
};

/* Both copies, each synced: one that rots leaves the other.  Counts "writes". */
int last_save(const struct disk *d, const struct log_key *l, struct last *s);
/* ERR_FORMAT: both are damaged or missing, or of another log (logged). */
int last_load(const struct disk *d, const struct log_key *l, struct last *s);

#endif
