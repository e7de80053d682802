/* copy.h - a store on a disk, as the thing that is checked.  Needs SQLite: not for the gateway's words. */
#ifndef VERIFY_COPY_H
#define VERIFY_COPY_H

#include "verify/report.h"
#include "verify/subject.h"

/*
 * DIR is a state directory or a copy of one (FORMAT.md, section 1).  What
 * SQLite finds wrong with the file is reported.  ERR_SYS: something cannot be
 * opened (logged).  ERR_FORMAT: the database cannot be read at all (reported).
 * Freed with ops->free().
 */
int copy_open(const char *dir, struct report *report, struct subject **out);

#endif
