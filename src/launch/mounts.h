/*
 * mounts.h - what the job sees of the file system.
 *
 * The launcher clones every mount it will need while it still sees the
 * host; the job's init puts them together in its own mount namespace:
 * everything read-only, the profile's paths writable but never executable,
 * private /tmp, /run, /dev and home, and this gate's own paths covered.
 */
#ifndef LAUNCH_MOUNTS_H
#define LAUNCH_MOUNTS_H

#include <stddef.h>

#include "launch/alias.h"
#include "launch/refusal.h"
#include "launch/seen.h"
#include "wire/msg.h"

enum mount_kind { MOUNT_WRITE, MOUNT_WRITE_EXEC, MOUNT_SOCKET };

struct mount_item {
	enum mount_kind	 kind;
	int		 fd;		/* detached copy of the mount */
	int		 is_dir;
	char		*path;		/* without symbolic links */
};

struct mounts {
	struct mount_item	*items;	/* parents before children */
	size_t			 n;
	char			*home;	/* to be private; NULL: left alone */
	int			 tmp_private, proc_private, run_writable;
	struct aliases		*host;	/* its mounts, read once */
	int			 events;	/* of the host's mounts since then (alias.h); -1 */
	char			**hide;	/* without symbolic links */
	char			**kernel;	/* proc and the like beneath writable paths: never writable */
};

/* Clone the mounts of the plan and find what must be hidden; paths that do not exist are left out. */
int mounts_open(struct mounts *m, const char *home, char *const *hide,
    const struct msg_plan *plan, struct refusal *why);
/* All-zero, without descriptors. */
void mounts_init(struct mounts *m);
void mounts_free(struct mounts *m);
/* Besides the plan's and the order's own, the paths whose kind the view depends on. */
int mounts_seen(struct seen *s);

/* In the job's init: build the view.  ERR_SYS: logged. */
int mounts_apply(const struct mounts *m);
/*
 * Seen once more that everything hidden is covered, after *events began to
 * tell of changes to this view.  ERR_SYS: logged.
 */
int mounts_watch(const struct mounts *m, int *events);
/* mkdir -p; ERR_SYS: logged. */
int mounts_make_dir(const char *path, unsigned int mode);
/* A fresh tmpfs; ERR_SYS: logged. */
int mounts_tmpfs(const char *path, unsigned long flags, const char *options);
/* Add MOUNT_ATTR_x to one mount; ERR_SYS: logged. */
int mounts_restrict(const char *path, unsigned long long attr);

#endif
