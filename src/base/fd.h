/* fd.h - small helpers around descriptors. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>
#include <stdint.h>

/* All bytes or an error (logged).  ERR_CLOSED: end of file before "n" (read) or EPIPE (write). */
int fd_read_full(int fd, void *p, size_t n);
int fd_write_full(int fd, const void *p, size_t n);
int fd_set_nonblock(int fd, int on);
int fd_set_cloexec(int fd, int on);
/* Closes *fd unless it is -1 and sets it to -1. */
void fd_close(int *fd);
/* Whole file of at most "max" bytes.  ERR_LIMIT when longer.  The caller frees with mem_wipe(). */
int fd_read_all(int fd, size_t max, uint8_t **out, size_t *n);
/* New sealed memfd (WRITE GROW SHRINK SEAL) with these bytes; executable only when asked.  -1: failed (logged). */
int fd_sealed(const char *name, const void *p, size_t n, int executable);
/* Closes every descriptor from "lowest" upward. */
void fd_close_from(int lowest);

#endif
