/*
 * exe.h - the executable: found, hashed, and from then on unable to change.
 *
 * A root-owned file on a path that nobody else can write is executed from
 * its own descriptor; everything else, and every script, from a sealed copy
 * in memory.  Holding a descriptor alone is not enough: the file could be
 * rewritten in place after hashing.
 */
#ifndef LAUNCH_EXE_H
#define LAUNCH_EXE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/limits.h"
#include "launch/refusal.h"

struct exe {
	int	 fd;		/* what is executed, CLOEXEC */
	int	 script_fd;	/* approved script bytes, sealed; -1: none */
	int	 is_copy;	/* fd is a sealed memfd */
	int	 is_hashed;	/* digest is there */
	int	 is_script;	/* fd begins with "#!": must stay open over exec */
	dev_t	 dev;		/* of the file, when it is no copy */
	ino_t	 ino;
	char	*path;		/* where it is, without symbolic links */
	char	*shebang_arg;	/* of the approved script; NULL: none */
	char	**needed;	/* its interpreter and loaders */
	uint8_t	 digest[DIGEST_LEN];
};

/* All-zero and descriptors -1. */
void exe_init(struct exe *e);
void exe_free(struct exe *e);
/*
 * Open "path", and make it unchangeable where it is not.  It may not be
 * executed before exe_hash().  Refused with CHANGED (other content than
 * "want"), NOT-FOUND or SANDBOX.
 */
int exe_open(struct exe *e, const char *path, const uint8_t *want,
    struct refusal *why);
/* Compare with "want": only now it is what was approved.  Refused with CHANGED or SANDBOX. */
int exe_hash(struct exe *e, const uint8_t *want, struct refusal *why);
/* The approved script's bytes: its #! line must name the executable. */
int exe_script(struct exe *e, const uint8_t *p, size_t n,
    struct refusal *why);
/* 1: "real" (no symbolic links) and every folder above belong to root and nobody else can write them. */
int exe_path_is_safe(const char *real);
/* Interpreter of a "#!" line in p[0..n): new strings, *arg NULL when there is none.  ERR_FORMAT: not such a line. */
int exe_shebang(const uint8_t *p, size_t n, char **interpreter, char **arg);

#endif
