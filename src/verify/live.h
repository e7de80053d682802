/* live.h - a gate that runs, asked over a channel of a person (src/ledgerd/README.md). */
#ifndef VERIFY_LIVE_H
#define VERIFY_LIVE_H

#include <stdint.h>

#include "verify/subject.h"

struct chan;

/* Connect to the local door; the descriptor, or -1 after saying why. */
int live_connect(const char *path);
/*
 * Begin over a connected descriptor, which is taken over.  only: the one
 * session that is checked, 0 for all.  ERR_DENIED: the gate said no (printed);
 * ERR_CLOSED, ERR_TIMEOUT, ERR_FORMAT: logged.
 */
int live_open(int fd, int64_t only, struct subject **out);
/*
 * Over a channel of the caller's, who has asked verify-begin and was told
 * "vkeys"; the numbers of its calls go on.  ERR_NOMEM.
 */
int live_new(struct chan *c, uint32_t *calls, const char *vkeys,
    struct subject **out);

#endif
