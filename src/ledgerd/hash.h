/*
 * hash.h - the digest of an executable that is filed, a slice at a time.
 *
 * A file of 512 MiB takes half a second and more; meanwhile uses and ends of
 * sessions go on.  A question that needs one is put aside until it is there,
 * then asked again; its channel is not read meanwhile.
 */
#ifndef LEDGERD_HASH_H
#define LEDGERD_HASH_H

#include <stdint.h>
#include <sys/stat.h>

#include "request/request.h"

struct client;

/* As exe_hash_fn, for a client: at once when it is small; 1: later. */
int hash_exe(void *client, int fd, const struct stat *st,
    uint8_t digest[DIGEST_LEN]);
/* The next slice.  1: it is there, ask again. */
int hash_step(struct client *p);
void hash_free(struct client *p);

#endif
