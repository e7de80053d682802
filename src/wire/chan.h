/*
 * chan.h - one end of a message channel (SOCK_SEQPACKET, one frame a packet).
 *
 * A channel knows who it is and who the other end is; a message that the
 * table does not let that peer send is an error before anybody reads its body.
 * Sending never blocks: what the socket does not take waits here, bounded.
 */
#ifndef WIRE_CHAN_H
#define WIRE_CHAN_H

#include <stddef.h>
#include <stdint.h>

#include "wire/msg.h"

struct chan;

struct msg {
	enum msg_type	 type;
	uint32_t	 id;
	struct buf	*body;
	int		 fds[FDS_MAX];	/* CLOEXEC; -1 once taken */
	size_t		 nfds;
};

/* A pair of connected descriptors (CLOEXEC).  ERR_SYS: logged. */
int chan_pair(int fds[2]);

/* Takes "fd" over (closed by chan_free, also when this fails).  NULL: no memory. */
struct chan *chan_new(int fd, enum peer self, enum peer peer);
void chan_free(struct chan *c);
/* The descriptor to poll; never closed by the caller. */
int chan_fd(const struct chan *c);
/* POLLIN, and POLLOUT while something waits to be sent. */
short chan_events(const struct chan *c);
/* Bytes that wait to be sent. */
size_t chan_waiting(const struct chan *c);

/*
 * Send a body; the descriptors are duplicated, the caller keeps its own.
 * ERR_LIMIT: the peer lets more than 4 MiB pile up: give it up.
 * ERR_CLOSED: gone.  ERR_INTERNAL: this end may not say that.
 */
int chan_send(struct chan *c, enum msg_type type, uint32_t id,
    const struct buf *body, const int *fds, size_t nfds);
/* Send what waits, as far as the socket takes it. */
int chan_flush(struct chan *c);
/*
 * From here on nothing is sent, all waits; chan_let_go() sends it.  For answers
 * that count only when something else has come true.
 */
void chan_hold(struct chan *c);
int chan_let_go(struct chan *c);
/* Block until all that waits is sent or "timeout_ms" is over (-1: for ever). */
int chan_drain(struct chan *c, int timeout_ms);

/*
 * The next message without blocking.  1: none there now.  ERR_CLOSED: end of
 * file.  ERR_FORMAT, ERR_LIMIT, ERR_DENIED (not this peer's to say): logged,
 * the peer must be given up.  On 0 the caller calls msg_done().
 */
int chan_recv(struct chan *c, struct msg *m);
/* The same, waiting up to "timeout_ms" (-1: for ever); ERR_TIMEOUT. */
int chan_wait(struct chan *c, struct msg *m, int timeout_ms);
/*
 * Wait for SLICE, the first message of every process.  *body is to be read with
 * msg_slice_KIND_get() of the own kind; the caller frees it.  Errors as
 * chan_wait(); ERR_STATE: another message (logged).
 */
int chan_slice(struct chan *c, int timeout_ms, struct buf **body);
/* Frees the body and closes descriptors nobody took. */
void msg_done(struct msg *m);
/* Hands over descriptor "i" (the caller closes it); -1: there is none. */
int msg_take_fd(struct msg *m, size_t i);

/* Encode and send in one: CHAN_SEND(c, LOOKUP, lookup, id, &lookup, fds, nfds). */
typedef int msg_putter(struct buf *, const void *);
int chan_send_with(struct chan *c, enum msg_type type, uint32_t id,
    int (*put)(struct buf *, const void *), const void *m, const int *fds,
    size_t nfds);
#define MSG(NAME, name, nr, from, to, fds)				\
	int chan_put_##name(struct chan *c, uint32_t id,		\
	    const struct msg_##name *m, const int *fdv, size_t nfdv);
#include "wire/msg.def"
#undef MSG

/*
 * What a peer may ask and when: one const array.  "states" is a mask of the
 * owner's own states.  Not in it: ERR_DENIED, logged.
 */
struct msg_rule {
	unsigned int	 states;
	enum msg_type	 type;
	int		(*handler)(void *ctx, struct msg *m);
};
int msg_dispatch(const struct msg_rule *rules, size_t n, unsigned int state,
    void *ctx, struct msg *m);

#endif
