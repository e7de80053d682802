/* copy.h - copies of files in memory that nothing can change any more. */
#ifndef LAUNCH_COPY_H
#define LAUNCH_COPY_H

#include <stdint.h>

/* Executable, sealed copy of a file of at most "max" bytes; -1: logged. */
int copy_sealed(int fd, const char *name, uint64_t max);
/* Seal against every change; 0 or ERR_SYS (logged). */
int copy_seal(int fd);
/* New, empty memfd that can be sealed; -1: logged. */
int copy_new(const char *name, int executable);

#endif
