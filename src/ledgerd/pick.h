/* pick.h - which request a bare command gets (inside src/ledgerd only). */
#ifndef LEDGERD_PICK_H
#define LEDGERD_PICK_H

#include "ledgerd/inside.h"

/* ERR_DENIED: none, "why" says so.  The caller frees *out with req_free(). */
int pick_request(struct client *p, char *const *argv, struct request **out,
    struct req_refusal *why);
/* Does another request than that of "x", which was picked, cover the command now?  1, 0 or an error. */
int pick_other(struct client *p, const struct pending *x);

#endif
