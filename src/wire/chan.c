/* chan.c - message channels over SOCK_SEQPACKET with descriptors. */
#include "wire/chan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

/* Root has too many descriptors under way: others take theirs meanwhile. */
#define CROWDED_TRIES	200
#define CROWDED_MS	5

/* A peer that does not read this much is not slow, it is stuck or hostile. */
#define WAITING_MAX	(4U << 20)

/* A frame that the socket did not take yet. */
struct waiting {
	struct waiting	*next;
	struct buf	*frame;
	int		 fds[FDS_MAX];
	size_t		 nfds;
};

struct chan {
	int		 fd;
	enum peer	 self, peer;
	int		 is_held;
	struct waiting	*first, **last;
	size_t		 bytes;
	uint8_t		*packet;	/* receive room, MESSAGE_MAX + head */
};

int
chan_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		log_errno("socketpair failed");
		return ERR_SYS;
	}
	return 0;
}

struct chan *
chan_new(int fd, enum peer self, enum peer peer)
{
	struct chan *c;

	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    (c->packet = malloc(MESSAGE_MAX + MSG_HEAD)) == NULL) {
		free(c);
		close(fd);
		return NULL;
	}
	c->fd = fd;
	c->self = self;
	c->peer = peer;
	c->last = &c->first;
	return c;
}

static void
waiting_free(struct waiting *w)
{
	size_t i;

	for (i = 0; i < w->nfds; i++)
		fd_close(&w->fds[i]);
	buf_free(w->frame);
	free(w);
}

void
chan_free(struct chan *c)
{
	struct waiting *w;

	if (c == NULL)
		return;
	while ((w = c->first) != NULL) {
		c->first = w->next;
		waiting_free(w);
	}
	fd_close(&c->fd);
	free(c->packet);		/* each packet was wiped; a wipe of all of it would make it resident */
	free(c);
}

int
chan_fd(const struct chan *c)
{
	return c->fd;
}

short
chan_events(const struct chan *c)
{
	return (short)(POLLIN | (c->first != NULL ? POLLOUT : 0));
}

size_t
chan_waiting(const struct chan *c)
{
	return c->bytes;
}

/* One packet out.  1: the socket is full. */
static int
transmit(struct chan *c, const struct buf *frame, const int *fds, size_t nfds)
{
	union {
		struct cmsghdr	 head;
		char		 room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
	} control = { 0 };
	struct iovec iov;
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cm;
	int tries = 0;
	ssize_t n;

	iov.iov_base = (void *)(uintptr_t)buf_data(frame);
	iov.iov_len = buf_len(frame);
	if (nfds > 0) {
		mh.msg_control = control.room;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		if ((cm = CMSG_FIRSTHDR(&mh)) == NULL)
			return ERR_INTERNAL;	/* there is room: never */
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(cm), fds, sizeof(int) * nfds);
	}
	do
		n = sendmsg(c->fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && (errno == EINTR || (errno == ETOOMANYREFS &&
	    ++tries < CROWDED_TRIES && poll(NULL, 0, CROWDED_MS) == 0)));
	if (n >= 0)
		return 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return 1;
	if (errno == EPIPE || errno == ECONNRESET)
		return ERR_CLOSED;
	log_errno("sendmsg failed fd=%d", c->fd);
	return ERR_SYS;
}

/* Keep a frame with its own copies of the descriptors for later. */
static int
put_off(struct chan *c, struct buf *frame, const int *fds, size_t nfds)
{
	struct waiting *w;
	size_t i;

	if (c->bytes + buf_len(frame) > WAITING_MAX)
		return ERR_LIMIT;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < nfds; i++) {
		w->fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		if (w->fds[i] < 0) {
			log_errno("dup failed");
			waiting_free(w);
			return ERR_SYS;
		}
		w->nfds++;
	}
	w->frame = frame;
	c->bytes += buf_len(frame);
	*c->last = w;
	c->last = &w->next;
	return 0;
}

int
chan_send(struct chan *c, enum msg_type type, uint32_t id,
    const struct buf *body, const int *fds, size_t nfds)
{
	const struct msg_row *row = msg_row((unsigned int)type);
	struct buf *frame;
	int r;

	if (row == NULL || (row->from & (unsigned int)c->self) == 0 ||
	    (row->to & (unsigned int)c->peer) == 0 || nfds > row->fds) {
		log_error("may not send msg=%s", msg_name((unsigned int)type));
		return ERR_INTERNAL;
	}
	if ((frame = buf_new(MESSAGE_MAX + MSG_HEAD)) == NULL)
		return ERR_NOMEM;
	r = msg_frame_put(frame, type, id, nfds,
	    body == NULL ? NULL : buf_data(body),
	    body == NULL ? 0 : buf_len(body));
	if (r == 0)
		r = c->is_held || c->first != NULL ? 1 :
		    transmit(c, frame, fds, nfds);
	if (r == 1 && (r = put_off(c, frame, fds, nfds)) == 0)
		return 0;
	buf_free(frame);
	return r;
}

int
chan_flush(struct chan *c)
{
	struct waiting *w;
	int r;

	while (!c->is_held && (w = c->first) != NULL) {
		if ((r = transmit(c, w->frame, w->fds, w->nfds)) != 0)
			return r == 1 ? 0 : r;
		c->bytes -= buf_len(w->frame);
		if ((c->first = w->next) == NULL)
			c->last = &c->first;
		waiting_free(w);
	}
	return 0;
}

void
chan_hold(struct chan *c)
{
	c->is_held = 1;
}

int
chan_let_go(struct chan *c)
{
	c->is_held = 0;
	return chan_flush(c);
}

/*
 * Wait until the socket is ready for "events" or the end of the time is
 * reached; timeout_ms < 0 means that there is none.
 */
static int
await(const struct chan *c, short events, int timeout_ms, int64_t end)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	int64_t left = timeout_ms < 0 ? -1 : end - clock_mono_ms();
	int r;

	if (timeout_ms >= 0 && left < 0)
		left = 0;
	r = poll(&p, 1, (int)left);
	if (r == 0)
		return ERR_TIMEOUT;
	if (r < 0 && errno != EINTR) {
		log_errno("poll failed");
		return ERR_SYS;
	}
	return 0;
}

int
chan_drain(struct chan *c, int timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;
	int r;

	do
		if ((r = chan_flush(c)) != 0 || c->first == NULL)
			return r;
	while ((r = await(c, POLLOUT, timeout_ms, end)) == 0);
	return r;
}

void
msg_done(struct msg *m)
{
	size_t i;

	for (i = 0; i < m->nfds; i++)
		fd_close(&m->fds[i]);
	m->nfds = 0;
	buf_free(m->body);
	m->body = NULL;
}

int
msg_take_fd(struct msg *m, size_t i)
{
	int fd;

	if (i >= m->nfds)
		return -1;
	fd = m->fds[i];
	m->fds[i] = -1;
	return fd;
}

/* Collects the descriptors of a packet.  ERR_LIMIT when the kernel had to drop some. */
static int
collect_fds(struct msghdr *mh, struct msg *m)
{
	struct cmsghdr *cm;
	size_t n;

	for (cm = CMSG_FIRSTHDR(mh); cm != NULL; cm = CMSG_NXTHDR(mh, cm)) {
		if (cm->cmsg_level != SOL_SOCKET ||
		    cm->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (n > FDS_MAX - m->nfds)
			return ERR_LIMIT;
		memcpy(&m->fds[m->nfds], CMSG_DATA(cm), n * sizeof(int));
		m->nfds += n;
	}
	return (mh->msg_flags & (MSG_CTRUNC | MSG_TRUNC)) != 0 ?
	    ERR_LIMIT : 0;
}

/* Is this frame one that this peer may send, with as many bytes and descriptors as it says? */
static int
check_frame(const struct chan *c, const struct msg_head *h, struct msg *m)
{
	const struct msg_row *row = msg_row(h->type);

	if (row == NULL || (row->from & (unsigned int)c->peer) == 0 ||
	    (row->to & (unsigned int)c->self) == 0)
		return ERR_DENIED;
	if (h->len != buf_len(m->body) || h->nfds != m->nfds)
		return ERR_FORMAT;
	if (m->nfds > row->fds)
		return ERR_LIMIT;
	m->type = row->type;
	m->id = h->id;
	return 0;
}

int
chan_recv(struct chan *c, struct msg *m)
{
	union {
		struct cmsghdr	 head;
		char		 room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
	} control;
	struct iovec iov = { c->packet, MESSAGE_MAX + MSG_HEAD };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	struct msg_head h = { 0 };
	ssize_t n;
	int r, was_reset = 0;

	memset(m, 0, sizeof(*m));
	/*
	 * A peer that left with something of ours unread is told once, before
	 * what it said itself; that is there, and its end of file behind it.
	 */
	do
		n = recvmsg(c->fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR ||
	    (errno == ECONNRESET && was_reset++ == 0)));
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 1;
	if (n == 0 || (n < 0 && (errno == ECONNRESET || errno == EPIPE)))
		return ERR_CLOSED;
	if (n < 0) {
		log_errno("recvmsg failed fd=%d", c->fd);
		return ERR_SYS;
	}
	if ((r = collect_fds(&mh, m)) == 0) {
		if ((m->body = buf_new(MESSAGE_MAX + MSG_HEAD)) == NULL)
			r = ERR_NOMEM;
		else if ((r = buf_put(m->body, c->packet, (size_t)n)) == 0 &&
		    (r = msg_head_get(m->body, &h)) == 0)
			r = check_frame(c, &h, m);
	}
	explicit_bzero(c->packet, (size_t)n);	/* PAM answers pass here */
	if (r != 0) {
		log_error("bad message from=%x msg=%s(%u) len=%zd error=%s",
		    (unsigned int)c->peer, msg_name(h.type), h.type, n,
		    err_name(r));
		msg_done(m);
	}
	return r;
}

int
chan_wait(struct chan *c, struct msg *m, int timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;
	int r;

	do {
		if ((r = chan_flush(c)) != 0 && r != ERR_CLOSED)
			return r;
		if ((r = chan_recv(c, m)) != 1)
			return r;
	} while ((r = await(c, chan_events(c), timeout_ms, end)) == 0);
	return r;
}

int
chan_slice(struct chan *c, int timeout_ms, struct buf **body)
{
	struct msg_slice slice = { 0 };
	struct buf *b = NULL;
	struct msg m;
	int r;

	if ((r = chan_wait(c, &m, timeout_ms)) != 0)
		return r;
	if (m.type != MSG_SLICE) {
		log_error("SLICE expected msg=%s",
		    msg_name((unsigned int)m.type));
		r = ERR_STATE;
	} else
		r = msg_slice_get(m.body, &slice);
	msg_done(&m);
	if (r == 0 && (b = buf_new(PLAN_MAX)) == NULL)
		r = ERR_NOMEM;
	if (r == 0)
		r = buf_put(b, slice.body.p, slice.body.n);
	msg_slice_free(&slice);
	if (r != 0) {
		buf_free(b);
		return r;
	}
	*body = b;
	return 0;
}

int
chan_send_with(struct chan *c, enum msg_type type, uint32_t id,
    int (*put)(struct buf *, const void *), const void *m, const int *fds,
    size_t nfds)
{
	struct buf *body;
	int r;

	if ((body = buf_new(MESSAGE_MAX)) == NULL)
		return ERR_NOMEM;
	if ((r = put(body, m)) == 0)
		r = chan_send(c, type, id, body, fds, nfds);
	else
		log_error("cannot encode msg=%s error=%s",
		    msg_name((unsigned int)type), err_name(r));
	buf_free(body);
	return r;
}

#define MSG(NAME, name, nr, from, to, fds)				\
	static int							\
	encode_##name(struct buf *b, const void *m)			\
	{								\
		return msg_##name##_put(b, m);				\
	}								\
									\
	int								\
	chan_put_##name(struct chan *c, uint32_t id,			\
	    const struct msg_##name *m, const int *fdv, size_t nfdv)	\
	{								\
		static const struct msg_##name none;			\
									\
		return chan_send_with(c, MSG_##NAME, id, encode_##name,	\
		    m == NULL ? &none : m, fdv, nfdv);			\
	}
#include "wire/msg.def"
#undef MSG

int
msg_dispatch(const struct msg_rule *rules, size_t n, unsigned int state,
    void *ctx, struct msg *m)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rules[i].type == m->type && (rules[i].states & state) != 0)
			return rules[i].handler(ctx, m);
	log_error("message not allowed now msg=%s state=%x",
	    msg_name((unsigned int)m->type), state);
	return ERR_DENIED;
}
