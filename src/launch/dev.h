/* dev.h - the job's own /dev: six harmless nodes, its own terminals, its own shared memory. */
#ifndef LAUNCH_DEV_H
#define LAUNCH_DEV_H

/* An empty file nobody may read, for mounting over what must be hidden. */
#define DEV_EMPTY_FILE	"/dev/.empty"

/* Build /dev; it can still be written.  ERR_SYS: logged. */
int dev_private(void);
/* Take DEV_EMPTY_FILE away and make /dev read-only. */
int dev_finish(void);

#endif
