/*
 * disk.h - how much room is left, and what the gate still does with it.
 *
 * FINE, WARN (said once), REFUSE (nothing new starts), END (what runs is ended).
 * A file beside the database is kept full of nothing.  When a write found no
 * room, a piece of it is given up, and no sooner: what is free, whoever fills
 * the disk takes.  Its last half is for the ends of sessions alone.
 */
#ifndef LEDGERD_DISK_H
#define LEDGERD_DISK_H

#include <stdint.h>

#include "request/request.h"
#include "wire/msg.h"

struct ledgerd;
struct client;
struct disk;

/* Bytes; warn >= refuse >= end.  All 0: no ladder. */
struct disk_limits {
	uint64_t	warn, refuse, end, reserve;
};

/*
 * The level at "free" bytes, coming from "now".  Worse at once; better only
 * with a tenth more than the limit, so that it does not flap.
 */
enum disk_level disk_judge(enum disk_level now, uint64_t free_bytes,
    const struct disk_limits *l);
#define DISK_FILES_WARN	1000	/* that there is still room for; each session is one */
/* The same for the number of files that there is room for (inodes); UINT64_MAX: not counted. */
enum disk_level disk_judge_files(enum disk_level now, uint64_t free_files);
/* "warn": for entries and log lines. */
const char *disk_level_name(enum disk_level level);

/*
 * "dir": of the database; "recordings": its directory's descriptor, which stays
 * the caller's.  A reserve that cannot be made is logged.  On a disk that is
 * full already it frees what a database needs to be opened, so it comes before
 * that.  ERR_SYS, ERR_NOMEM.
 */
int disk_open(const char *dir, int recordings, const struct disk_limits *l,
    struct disk **out);
void disk_free(struct disk *d);

/* Look (at most once a second unless "now" is wanted); a change is logged, written down and told to all monitors. */
int disk_look(struct ledgerd *ld, int is_now);
/* Milliseconds until the next look; -1: nobody needs one. */
int disk_wait_ms(const struct ledgerd *ld);
/* Tell one monitor that has just come, when not all is fine. */
int disk_tell(struct client *p);
/* For the word status: as of now; "room": until nothing new starts.  ERR_SYS. */
struct disk_facts {
	enum disk_level	level;
	uint64_t	free_bytes, room;
	uint64_t	free_files;	/* UINT64_MAX: not counted */
};
int disk_facts(struct ledgerd *ld, struct disk_facts *out);
/* Is there room beyond doubt, as far as the last look tells? */
int disk_has_room(const struct ledgerd *ld);
/* 0: go on.  ERR_DENIED: nothing new starts, *why says it. */
int disk_may_start(struct ledgerd *ld, struct req_refusal *why);
enum disk_use { DISK_FOR_ANY, DISK_FOR_ENDS };
/* A write found no room: 1 when a piece of the reserve was given up and it may be tried once more. */
int disk_make_room(struct ledgerd *ld, enum disk_use use);
/* Why there is no answer but this one: ERR_DENIED. */
int disk_is_full(struct req_refusal *why);

#endif
