/* recording.h - creates recording files beneath a directory that was opened before the confinement. */
#ifndef MONITOR_RECORDING_H
#define MONITOR_RECORDING_H

#include <stdint.h>
#include <sys/types.h>

#include "wire/msg.h"

/* Unix seconds of a UUIDv7: the ledger derives the same path from it.  ERR_FORMAT: it is none. */
int recording_day(const struct blob *uuid, int64_t *at);

/*
 * New file YYYY/MM/DD/S<session>.skr (UTC day of "at", unix seconds), 0440,
 * group "gid", append only; directories above the day's are synced.  The
 * descriptor goes to *fd; it carries a write lock of the open file
 * (fcntl(2), F_OFD_SETLK), which lives as long as anybody has it: who looks
 * after a broken recording waits for that.  *day is its directory, for
 * recording_settle().  ERR_CONFLICT: there is such a file; ERR_SYS (logged);
 * nothing is left open then.
 */
int recording_create(int dir, uint64_t session, int64_t at, gid_t gid,
    int *fd, int *day);
/* The file is in its directory on the disk: before anything runs, but not before the recorder may begin.  ERR_SYS: logged. */
int recording_settle(int fd, int day);

/* Take it away again when it is empty: its header was never written, so it is no recording. */
void recording_drop_empty(int dir, uint64_t session, int64_t at);

#endif
