/* disk.c - the ladder of a disk that fills up. */
#include "ledgerd/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/inside.h"

#define LOOK_MS		1000	/* a recording at full speed fills what lies between two levels in less than a minute */
#define RESERVE_NAME	"reserve"
#define MEGA		(1024 * 1024)
#define PIECES		16	/* of the reserve: one holds the ends of some sessions */
#define FILES_REFUSE	100	/* kept: SQLite lays some beside a database, heads and days are others */
#define START_ROOM	MEGA	/* bytes: what SQLite lays beside a database, and the first entries */

struct disk {
	struct disk_limits	 limits;
	int			 dir, recordings;	/* directories on the two file systems */
	int			 reserve;		/* -1: none */
	uint64_t		 held;			/* bytes in it */
	enum disk_level		 level;
	uint64_t		 free_bytes;		/* at the last look */
	uint64_t		 free_files;		/* MAX: nobody counts them there */
	int64_t			 look_ms;		/* when the next is due */
};

static enum disk_level
level_at(uint64_t free_bytes, const struct disk_limits *l, uint64_t part)
{
	if (free_bytes < l->end + l->end / 100 * part)
		return DISK_END;
	if (free_bytes < l->refuse + l->refuse / 100 * part)
		return DISK_REFUSE;
	return free_bytes < l->warn + l->warn / 100 * part ? DISK_WARN :
	    DISK_FINE;
}

enum disk_level
disk_judge(enum disk_level now, uint64_t free_bytes,
    const struct disk_limits *l)
{
	enum disk_level worse = level_at(free_bytes, l, 0);
	enum disk_level better = level_at(free_bytes, l, 10);

	if (worse >= now)
		return worse;
	return better < now ? better : now;
}

/* What runs needs no other file, so it is never ended for want of one. */
static enum disk_level
files_level_at(uint64_t free_files, uint64_t part)
{
	if (free_files < FILES_REFUSE + FILES_REFUSE / 100 * part)
		return DISK_REFUSE;
	return free_files < DISK_FILES_WARN + DISK_FILES_WARN / 100 * part ?
	    DISK_WARN : DISK_FINE;
}

enum disk_level
disk_judge_files(enum disk_level now, uint64_t free_files)
{
	enum disk_level worse = files_level_at(free_files, 0);
	enum disk_level better = files_level_at(free_files, 10);

	if (worse >= now)
		return worse;
	return better < now ? better : now;
}

const char *
disk_level_name(enum disk_level level)
{
	static const char *const names[] = {
		[DISK_FINE] = "fine", [DISK_WARN] = "warn",
		[DISK_REFUSE] = "refuse", [DISK_END] = "end"
	};

	return level >= DISK_FINE && level <= DISK_END ? names[level] : "?";
}

static int
room(int dir, uint64_t *out, uint64_t *files)
{
	struct statfs st;

	if (fstatfs(dir, &st) < 0) {
		log_errno("room on the disk unknown");
		return ERR_SYS;
	}
	*out = (uint64_t)st.f_bavail * (uint64_t)st.f_bsize;
	*files = st.f_files == 0 ? UINT64_MAX : (uint64_t)st.f_ffree;
	return 0;
}

static void
fill_reserve(struct disk *d)
{
	struct stat st;

	if (d->reserve < 0 || d->held >= d->limits.reserve)
		return;
	if (fallocate(d->reserve, 0, 0, (off_t)d->limits.reserve) < 0)
		log_errno("no reserve for the last entries bytes=%llu",
		    (unsigned long long)d->limits.reserve);
	if (fstat(d->reserve, &st) == 0)
		d->held = (uint64_t)st.st_size;
}

/* The next piece, but no more than down to "floor".  Its blocks are free; the file stays. */
static int
give_up_piece(struct disk *d, uint64_t floor)
{
	uint64_t piece = d->limits.reserve / PIECES + 1, left;

	if (d->reserve < 0 || d->held <= floor)
		return 0;
	left = d->held - floor > piece ? d->held - piece : floor;
	if (ftruncate(d->reserve, (off_t)left) < 0) {
		log_errno("reserve not given up");
		return 0;
	}
	d->held = left;
	log_warn("a piece of the reserve for the last entries is given up "
	    "left=%llu", (unsigned long long)left);
	return 1;
}

/* The worse of the two file systems. */
static int
room_of_both(const struct disk *d, uint64_t *bytes, uint64_t *files)
{
	uint64_t b = UINT64_MAX, f = UINT64_MAX;
	int r;

	if ((r = room(d->dir, bytes, files)) != 0 ||
	    (d->recordings >= 0 && (r = room(d->recordings, &b, &f)) != 0))
		return r;
	if (b < *bytes)
		*bytes = b;
	if (f < *files)
		*files = f;
	return 0;
}

/* A reserve of an earlier life, or a new one; on a full disk a beginning. */
static int
take_reserve(struct disk *d)
{
	uint64_t free_bytes, files;
	struct stat st;
	int r;

	if (fstat(d->reserve, &st) == 0)
		d->held = (uint64_t)st.st_size;
	if ((r = room(d->dir, &free_bytes, &files)) != 0)
		return r;
	if (level_at(free_bytes, &d->limits, 0) <= DISK_WARN)
		fill_reserve(d);
	while (free_bytes < START_ROOM &&
	    give_up_piece(d, d->limits.reserve / 2))
		if ((r = room(d->dir, &free_bytes, &files)) != 0)
			return r;
	return 0;
}

int
disk_open(const char *dir, int recordings, const struct disk_limits *l,
    struct disk **out)
{
	struct disk *d;

	*out = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return ERR_NOMEM;
	d->limits = *l;
	d->recordings = recordings;
	d->level = DISK_FINE;
	d->reserve = -1;
	d->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir < 0) {
		log_errno("cannot open path=%s", dir);
		free(d);
		return ERR_SYS;
	}
	d->reserve = openat(d->dir, RESERVE_NAME, O_RDWR | O_CREAT |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (d->reserve < 0 && errno != EROFS)	/* then the database says it */
		log_errno("no reserve for the last entries path=%s/%s", dir,
		    RESERVE_NAME);
	else if (d->reserve >= 0 && take_reserve(d) != 0) {
		disk_free(d);
		return ERR_SYS;
	}
	*out = d;
	return 0;
}

void
disk_free(struct disk *d)
{
	if (d == NULL)
		return;
	fd_close(&d->reserve);
	fd_close(&d->dir);
	free(d);
}

int
disk_tell(struct client *p)
{
	const struct disk *d = p->ld->disk;
	struct msg_disk m = { 0 };

	if (d == NULL || d->level == DISK_FINE)
		return 0;
	m.level = (uint8_t)d->level;
	return chan_put_disk(p->chan, 0, &m, NULL, 0);
}

static void
tell_all(struct ledgerd *ld)
{
	struct msg_disk m = { .level = (uint8_t)ld->disk->level };
	struct client *p;

	for (p = ld->clients; p != NULL; p = p->next)
		if (p->monitor == NULL && p->user[0] != '\0' && !p->is_gone &&
		    chan_put_disk(p->chan, 0, &m, NULL, 0) != 0)
			p->is_gone = 1;
}

static int
write_down(struct ledgerd *ld)
{
	struct disk *d = ld->disk;
	json_t *e = book_entry("disk", NULL);
	int r;

	if ((r = entry_text(e, "level", disk_level_name(d->level))) != 0 ||
	    (r = entry_int(e, "free", (int64_t)d->free_bytes)) != 0) {
		json_decref(e);
		return r;
	}
	r = book_alone(ld, e);
	return r == ERR_FULL ? 0 : r;	/* the log has it */
}

static int
change(struct ledgerd *ld, enum disk_level level)
{
	struct disk *d = ld->disk;

	d->level = level;
	store_set_tight(ld->store, level != DISK_FINE);
	log_write(level == DISK_FINE ? LOG_INFO : LOG_WARN,
	    "disk level=%s free_mb=%llu files=%lld", disk_level_name(level),
	    (unsigned long long)(d->free_bytes / MEGA),
	    (long long)d->free_files);
	tell_all(ld);
	return write_down(ld);
}

int
disk_look(struct ledgerd *ld, int is_now)
{
	struct disk *d = ld->disk;
	enum disk_level level, files;
	int64_t now = clock_mono_ms();
	int r;

	if (d == NULL || d->limits.warn == 0 || (!is_now && now < d->look_ms))
		return 0;
	d->look_ms = now + LOOK_MS;
	if ((r = room_of_both(d, &d->free_bytes, &d->free_files)) != 0)
		return r;
	level = disk_judge(d->level, d->free_bytes, &d->limits);
	files = disk_judge_files(d->level, d->free_files);
	if (files > level)
		level = files;
	if (level <= DISK_WARN)
		fill_reserve(d);
	return level == d->level ? 0 : change(ld, level);
}

int
disk_facts(struct ledgerd *ld, struct disk_facts *out)
{
	const struct disk *d = ld->disk;
	int r = 0;

	*out = (struct disk_facts){ .level = DISK_FINE };
	if (d == NULL ||
	    (r = room_of_both(d, &out->free_bytes,
	    &out->free_files)) != 0)
		return r;
	out->level = d->level;
	if (out->free_bytes > d->limits.refuse)
		out->room = out->free_bytes - d->limits.refuse;
	return 0;
}

int
disk_has_room(const struct ledgerd *ld)
{
	return ld->disk == NULL || ld->disk->level <= DISK_WARN;
}

int
disk_wait_ms(const struct ledgerd *ld)
{
	int64_t left;

	if (ld->disk == NULL || ld->disk->limits.warn == 0 ||
	    ld->nmonitors == 0)
		return -1;
	left = ld->disk->look_ms - clock_mono_ms();
	return left < 0 ? 0 : (int)left;
}

int
disk_may_start(struct ledgerd *ld, struct req_refusal *why)
{
	int r;

	if ((r = disk_look(ld, 1)) != 0)
		return r;
	if (ld->disk == NULL || ld->disk->level < DISK_REFUSE)
		return 0;
	if (ld->disk->free_files < DISK_FILES_WARN)
		return req_refuse(why, SEKISHO_CODE_UNAVAILABLE, "",
		    "the gate's disk is nearly full (room for %llu more "
		    "files, df -i), nothing new starts: tell an administrator",
		    (unsigned long long)ld->disk->free_files);
	return req_refuse(why, SEKISHO_CODE_UNAVAILABLE, "",
	    "the gate's disk is nearly full (%llu MB left), nothing new "
	    "starts: tell an administrator",
	    (unsigned long long)(ld->disk->free_bytes / MEGA));
}

int
disk_make_room(struct ledgerd *ld, enum disk_use use)
{
	struct disk *d = ld->disk;

	if (d == NULL || !give_up_piece(d, use == DISK_FOR_ENDS ? 0 :
	    d->limits.reserve / 2))
		return 0;
	d->look_ms = 0;
	if (d->level != DISK_END) {
		d->level = DISK_END;
		log_error("the disk is full: what runs is ended");
		tell_all(ld);
	}
	return 1;
}

int
disk_is_full(struct req_refusal *why)
{
	return req_refuse(why, SEKISHO_CODE_UNAVAILABLE, "",
	    "the gate's disk is full: tell an administrator");
}
