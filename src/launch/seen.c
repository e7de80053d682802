/* seen.c - paths and directories, remembered and compared. */
#include "launch/seen.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "launch/sys.h"

/* Which file, who may what with it; for directories that were read, when an entry came or went. */
struct look {
	uint64_t		 dev, ino, mount;
	uint32_t		 mode, uid, gid;
	struct statx_timestamp	 mtime, ctime;
};

struct seen_item {
	char		*path;
	char		*real;		/* NULL: it led nowhere */
	int		 is_dir;	/* its entries were read */
	struct look	 look;
};

#define MASK	(STATX_BASIC_STATS | STATX_MNT_ID)

/* linux/magic.h of Debian 12 lacks some. */
#define MAGIC_BTRFS	0x9123683eL
#define MAGIC_EROFS	0xe0f5e1e2L
#define MAGIC_RAMFS	0x858458f6L

/* "times": they count too. */
static int
look_at(int dir, const char *path, int flags, int times, struct look *l)
{
	struct statx x;

	memset(l, 0, sizeof(*l));
	if (statx(dir, path, flags, MASK, &x) < 0)
		return ERR_NOTFOUND;
	l->dev = (uint64_t)x.stx_dev_major << 32 | x.stx_dev_minor;
	l->ino = x.stx_ino;
	if ((x.stx_mask & STATX_MNT_ID) != 0)
		l->mount = x.stx_mnt_id;
	l->mode = x.stx_mode;
	l->uid = x.stx_uid;
	l->gid = x.stx_gid;
	if (times) {
		l->mtime = x.stx_mtime;
		l->ctime = x.stx_ctime;
	}
	return 0;
}

static int
same_time(const struct statx_timestamp *a, const struct statx_timestamp *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static int
same_look(const struct look *a, const struct look *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->mount == b->mount &&
	    a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
	    same_time(&a->mtime, &b->mtime) && same_time(&a->ctime, &b->ctime);
}

static struct seen_item *
add(struct seen *s, const char *path)
{
	struct seen_item *items, *it;
	size_t room = s->room == 0 ? 64 : 2 * s->room;

	if (s->n == s->room) {
		items = reallocarray(s->items, room, sizeof(*items));
		if (items == NULL)
			return NULL;
		s->items = items;
		s->room = room;
	}
	it = &s->items[s->n];
	memset(it, 0, sizeof(*it));
	if ((it->path = strdup(path)) == NULL)
		return NULL;
	s->n++;
	return it;
}

int
seen_path(struct seen *s, const char *path)
{
	struct seen_item *it = add(s, path);

	if (it == NULL)
		return ERR_NOMEM;
	if ((it->real = realpath(path, NULL)) == NULL)
		return errno == ENOMEM ? ERR_NOMEM : 0;
	/* gone already: it cannot be the same later */
	if (look_at(AT_FDCWD, it->real, AT_SYMLINK_NOFOLLOW, 0,
	    &it->look) != 0)
		s->is_unsure = 1;
	return 0;
}

int
seen_list(struct seen *s, char *const *list)
{
	int r = 0;

	for (; r == 0 && list != NULL && *list != NULL; list++)
		r = seen_path(s, *list);
	return r;
}

/* Local ones that keep a directory's times themselves; a network's may be seconds old. */
static int
keeps_times(int fd)
{
	static const long kinds[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
		MAGIC_BTRFS, F2FS_SUPER_MAGIC, TMPFS_MAGIC, MAGIC_RAMFS,
		OVERLAYFS_SUPER_MAGIC, SQUASHFS_MAGIC, MAGIC_EROFS };
	struct statfs fs;
	size_t i;

	if (fstatfs(fd, &fs) < 0)
		return 0;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (fs.f_type == kinds[i])
			return 1;
	return 0;
}

int
seen_dir(struct seen *s, int fd, const char *path)
{
	struct seen_item *it = add(s, path);
	int64_t quiet = clock_unix() - SEEN_QUIET_S;

	if (it == NULL || (it->real = strdup(path)) == NULL)
		return ERR_NOMEM;
	it->is_dir = 1;
	if (look_at(fd, "", AT_EMPTY_PATH, 1, &it->look) != 0 ||
	    !keeps_times(fd) || it->look.ctime.tv_sec >= quiet)
		s->is_unsure = 1;	/* a time that anybody can set is not asked */
	return 0;
}

/* The usual case first: no symbolic link then, none now, so the path is the file's only name here. */
static int
same_path(const struct seen_item *it)
{
	struct look now;
	struct stat st;
	char *real;
	int fd, same;

	if (it->real == NULL)
		return stat(it->path, &st) < 0;
	if (strcmp(it->path, it->real) == 0) {
		fd = sys_open_plain(it->path);
		same = fd >= 0 && look_at(fd, "", AT_EMPTY_PATH, 0,
		    &now) == 0 && same_look(&it->look, &now);
		fd_close(&fd);
		return same;
	}
	if ((real = realpath(it->path, NULL)) == NULL)
		return 0;
	same = strcmp(real, it->real) == 0 && look_at(AT_FDCWD, real,
	    AT_SYMLINK_NOFOLLOW, 0, &now) == 0 && same_look(&it->look, &now);
	free(real);
	return same;
}

static int
same_dir(const struct seen_item *it)
{
	struct look now;

	return look_at(AT_FDCWD, it->path, AT_SYMLINK_NOFOLLOW, 1,
	    &now) == 0 && same_look(&it->look, &now);
}

int
seen_same(const struct seen *s)
{
	const struct seen_item *it;

	if (s->is_unsure)
		return 0;
	for (it = s->items; it < s->items + s->n; it++)
		if (!(it->is_dir ? same_dir(it) : same_path(it)))
			return 0;
	return 1;
}

void
seen_free(struct seen *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->items[i].path);
		free(s->items[i].real);
	}
	free(s->items);
	memset(s, 0, sizeof(*s));
}
