/* lane.h - one session channel of a client. */
#ifndef SSH_LANE_H
#define SSH_LANE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct lane;

/* What the client lets us send now; 0 also when output waits for the socket. */
size_t lane_room(const struct lane *l);
/* Send to stdout or stderr; may take less (a rekey).  ERR_CLOSED: nothing can be sent any more. */
ssize_t lane_write(struct lane *l, int is_err, const void *p, size_t n);
/* Bytes the library still holds because data() did not take them. */
size_t lane_held(const struct lane *l);
/*
 * Take them.  Give room for all of lane_held(): every read lets the client
 * send more, however much is left.
 */
ssize_t lane_read(struct lane *l, void *p, size_t n);
/* The end: status, or a signal's name without SIG when "signal" is not "". */
void lane_exit(struct lane *l, uint32_t status, const char *signal);
/* EOF and CLOSE; nothing can be sent after it. */
void lane_close(struct lane *l);
/* Never from inside a callback; and not before the client closed, too, or never will. */
void lane_free(struct lane *l);

#endif
