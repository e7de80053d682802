/* split.h - Landlock rules around hidden paths: a cover may fall, what was never granted stays refused. */
#ifndef LAUNCH_SPLIT_H
#define LAUNCH_SPLIT_H

#include <stdint.h>

#include "confine/landlock.h"
#include "launch/seen.h"

struct split {
	int				 ruleset;
	struct landlock_features	 features;
	char *const			*hide;	/* without symbolic links; may be NULL */
	char *const			*skip;	/* no rule for these and what is beneath: they are others inside; may be NULL */
	uint64_t			 covers;	/* device of the empty file that covers files; 0: none yet */
	struct seen			*seen;	/* directories whose entries were read go here; NULL: nowhere */
};

/* "path" is "dir" or beneath it; both without symbolic links. */
int split_is_beneath(const char *path, const char *dir);

/*
 * Allow "access" beneath "path" but for what is hidden: directories above a
 * hidden path may be listed, each other entry found there now gets the access
 * by a rule of its own.  What appears there later is refused.  A path that
 * does not exist needs no rule.  ERR_SYS: logged.
 */
int split_allow(const struct split *s, const char *path, uint64_t access);
/* A hidden path: if the empty file is seen there, it may be read. */
int split_allow_cover(const struct split *s, const char *path);

#endif
