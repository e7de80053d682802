/*
 * landlock.h - a rule set for files and TCP ports, and its enforcement.
 *
 * Features are found by trying to create a rule set that uses them: the ABI
 * number of some kernels promises more than they do.
 */
#ifndef CONFINE_LANDLOCK_H
#define CONFINE_LANDLOCK_H

#include <stdint.h>

#include "confine/landlock_abi.h"

/* What this kernel can handle: masks of LL_FS_x, LL_NET_x and LL_SCOPE_x.  All zero: no Landlock. */
struct landlock_features {
	uint64_t	fs, net, scope;
	unsigned int	abi;	/* 0 .. 7: the highest whose features are all there */
};
void landlock_probe(struct landlock_features *f);

/*
 * New rule set that refuses everything in these masks; bits this kernel lacks
 * are dropped (compare with landlock_probe() first when they are required).
 * -1: logged.  The caller closes it.
 */
int landlock_new(uint64_t fs, uint64_t net, uint64_t scope);
/* The same with features probed once. */
int landlock_new_known(uint64_t fs, uint64_t net, uint64_t scope,
    const struct landlock_features *f);
/*
 * Allow "access" beneath what "fd" (O_PATH) or "path" names; rights that only
 * directories have are dropped for anything else, and so are bits the kernel
 * lacks.  A missing path is an error (logged).
 */
int landlock_allow_fd(int ruleset, int fd, uint64_t access);
/*
 * The same with features probed once and "mode" (st_mode) known: for hundreds
 * of rules.  ERR_FORMAT (not logged): "fd" is not what the mode says.
 */
int landlock_allow_known(int ruleset, int fd, uint32_t mode, uint64_t access,
    const struct landlock_features *f);
int landlock_allow_path(int ruleset, const char *path, uint64_t access);
/* Allow LL_NET_x on a TCP port. */
int landlock_allow_port(int ruleset, uint16_t port, uint64_t access);
/* For this process and its children, for ever.  no_new_privs (or CAP_SYS_ADMIN) must be set. */
int landlock_enforce(int ruleset);

#endif
