/*
 * seen.h - what was looked at of the host's files, and whether it still looks the same.
 *
 * A cage that was built before its order (cage.h) rests on how paths
 * resolved and on which entries some directories had.  Whoever looks puts it
 * here first; when the order comes everything must be as it was, or the
 * cage is built anew.  Mounts are not seen here: the kernel tells of those.
 */
#ifndef LAUNCH_SEEN_H
#define LAUNCH_SEEN_H

#include <stddef.h>

struct seen_item;
struct seen {
	struct seen_item	*items;
	size_t			 n, room;
	int			 is_unsure;	/* a change could go unnoticed: never the same */
};

/* The path resolves to this file, or to none: type, owner and mode count, content does not.  ERR_NOMEM. */
int seen_path(struct seen *s, const char *path);
/* The same for each path of a list, which may be NULL. */
int seen_list(struct seen *s, char *const *list);
/*
 * "fd" is the directory "path" (no symbolic links), and its entries are read
 * after this.  Directories that changed within SEEN_QUIET_S, and those of
 * file systems whose times cannot be relied on, make the whole unsure.
 */
int seen_dir(struct seen *s, int fd, const char *path);
/* 1: all of it is as it was. */
int seen_same(const struct seen *s);
/* All-zero again. */
void seen_free(struct seen *s);

/*
 * Times of files have the resolution of a clock tick (10 ms at worst): a
 * second change in the tick of the first leaves no trace.  So a directory
 * must have been quiet for longer than that before it is read.
 */
#define SEEN_QUIET_S	1

#endif
