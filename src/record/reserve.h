/*
 * reserve.h - room behind the end of a growing file that nobody else can take.
 *
 * fallocate(2) with FALLOC_FL_KEEP_SIZE: the blocks are the file's before its
 * size says so.  A file system that cannot do it is written to without.
 */
#ifndef RECORD_RESERVE_H
#define RECORD_RESERVE_H

#include <stdint.h>

struct reserve {
	int	 fd;		/* not owned */
	int	 is_off;	/* the file system cannot */
	uint64_t end;		/* bytes from the front that have their place */
};

void reserve_init(struct reserve *r, int fd);
/*
 * Have a place for all bytes up to "end", a step more for large files.
 * ERR_LIMIT: the disk, the quota or the file is full (errno says which); ERR_SYS.
 */
int reserve_grow(struct reserve *r, uint64_t end);

#endif
