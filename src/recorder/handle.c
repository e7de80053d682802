/* handle.c - messages of the monitor and of the launcher: what may be said when, and what it does. */
#include "recorder/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/role.h"
#include "recorder/start.h"

/* Letters of FORMAT.md that the launcher may record; bytes, size, exit are the recorder's own. */
#define LAUNCHER_EVENTS	"Dn"
#define HEADER_WAIT_NS	INT64_C(5000000000)	/* for its seal, at most seal_grace */

static int
on_ping(void *ctx, struct msg *m)
{
	struct session *s = ctx;
	int r = chan_put_pong(s->monitor, m->id, NULL, NULL, 0);

	return r == ERR_CLOSED ? 0 : r;
}

/* The file must be one that can only grow. */
static int
take_file(struct session *s, struct msg *m)
{
	int flags;

	if ((s->file = msg_take_fd(m, 0)) < 0) {
		log_error("REC_OPEN without a file");
		return ERR_FORMAT;
	}
	if ((flags = fcntl(s->file, F_GETFL)) < 0 ||
	    (flags & O_APPEND) == 0 || (flags & O_ACCMODE) != O_WRONLY) {
		log_error("the recording is not append-only flags=%x", flags);
		return ERR_DENIED;
	}
	return 0;
}

/* What the header will say; keyd's answer to SEAL_BIND adds the epoch. */
static void
prepare_header(struct session *s)
{
	struct header *h = &s->header;

	start_read_clock(&s->clock);
	memset(h, 0, sizeof(*h));
	memcpy(h->uuid, s->open.uuid.p, sizeof(h->uuid));
	h->meta = s->open.meta.p;
	h->meta_len = s->open.meta.n;
	h->clock = s->clock;
}

static int
on_open(void *ctx, struct msg *m)
{
	struct session *s = ctx;
	int64_t now = clock_mono_ns();
	int fd, r;

	if ((r = msg_rec_open_get(m->body, &s->open)) != 0)
		return r;
	if (s->open.uuid.n != SKR_UUID)
		return ERR_FORMAT;
	if ((r = take_file(s, m)) != 0)
		return r;
	if ((fd = msg_take_fd(m, 1)) < 0) {
		log_error("REC_OPEN without a channel to the keys");
		return ERR_FORMAT;
	}
	s->seals.header = &s->header;
	seals_take(&s->seals, fd, now);
	if ((s->writer = writer_new(s->file, s->sync_ms)) == NULL)
		return ERR_NOMEM;
	s->seals.writer = s->writer;
	s->open_id = m->id;
	s->pty = s->open.pty != 0;
	prepare_header(s);
	s->state = SESSION_HEADER;
	s->until_ns = now + (s->grace_ns < HEADER_WAIT_NS ? s->grace_ns :
	    HEADER_WAIT_NS);
	role_title("sekisho-record: S%llu",
	    (unsigned long long)s->open.session);
	return 0;
}

/* keyd is another: the open question is put to it again. */
static int
on_seals(void *ctx, struct msg *m)
{
	struct session *s = ctx;
	struct msg_rec_seals none;
	int fd, r;

	if ((r = msg_rec_seals_get(m->body, &none)) != 0)
		return r;
	if ((fd = msg_take_fd(m, 0)) < 0) {
		log_error("REC_SEALS without a channel");
		return ERR_FORMAT;
	}
	if (s->state == SESSION_DONE)
		fd_close(&fd);
	else
		seals_take(&s->seals, fd, clock_mono_ns());
	return 0;
}

static int
on_notice(void *ctx, struct msg *m)
{
	struct session *s = ctx;
	struct msg_rec_notice n;
	int r;

	if ((r = msg_rec_notice_get(m->body, &n)) != 0)
		return r;
	r = n.show ? session_show(s, n.text.p, n.text.n) :
	    session_record(s, 'n', n.text.p, n.text.n);
	msg_rec_notice_free(&n);
	return r;
}

static int
on_resize(void *ctx, struct msg *m)
{
	struct msg_rec_resize z;
	char text[32];
	int r, n;

	if ((r = msg_rec_resize_get(m->body, &z)) != 0)
		return r;
	n = snprintf(text, sizeof(text), "%ux%u", z.cols, z.rows);
	return session_record(ctx, 'r', text, (size_t)n);
}

static int
on_signal(void *ctx, struct msg *m)
{
	struct msg_rec_signal g;
	int r;

	if ((r = msg_rec_signal_get(m->body, &g)) != 0)
		return r;
	r = session_record(ctx, 's', g.name, strlen(g.name));
	msg_rec_signal_free(&g);
	return r;
}

/* What crossed the end on its way: descriptors are closed, nothing else happens. */
static int
on_late(void *ctx, struct msg *m)
{
	(void)ctx;
	(void)m;
	return 0;
}

static int
on_end(void *ctx, struct msg *m)
{
	struct session *s = ctx;
	int r;

	if (s->has_end)
		return ERR_STATE;
	if ((r = msg_rec_end_get(m->body, &s->end)) != 0)
		return r;
	s->end_id = m->id;
	s->has_end = 1;
	if (s->state == SESSION_FULL)
		return 0;
	s->state = SESSION_ENDING;
	s->drain_until_ns = clock_mono_ns() +
	    (int64_t)s->end.drain_ms * 1000000;
	fd_close(&s->in.source);
	fd_close(&s->in.sink);
	s->in.off = s->in.end = 0;
	return 0;
}

/* SESSION_HEADER is missing: until the header is sealed nobody listens. */
#define STATES_OVER	(SESSION_ENDING | SESSION_FULL | SESSION_LAST | \
			 SESSION_DONE)

static int
on_end_late(void *ctx, struct msg *m)
{
	const struct session *s = ctx;

	(void)m;
	return s->status != 0 ? 0 : ERR_STATE;	/* after REC_FAILED it may cross END */
}

static const struct msg_rule monitor_rules[] = {
	{ SESSION_START,	MSG_REC_OPEN,	on_open },
	{ SESSION_OPEN,		MSG_REC_NOTICE,	on_notice },
	{ SESSION_OPEN,		MSG_REC_RESIZE,	on_resize },
	{ SESSION_OPEN,		MSG_REC_SIGNAL,	on_signal },
	{ SESSION_OPEN | SESSION_FULL,	MSG_REC_END,	on_end },
	{ SESSION_LAST | SESSION_DONE,	MSG_REC_END,	on_end_late },
	{ SESSION_OPEN | STATES_OVER,	MSG_REC_SEALS,	on_seals },
	{ STATES_OVER,		MSG_REC_NOTICE, on_late },
	{ STATES_OVER,		MSG_REC_RESIZE, on_late },
	{ STATES_OVER,		MSG_REC_SIGNAL, on_late },
	{ SESSION_START | SESSION_OPEN | STATES_OVER, MSG_PING, on_ping },
};

int
session_from_monitor(struct session *s, struct msg *m)
{
	return msg_dispatch(monitor_rules,
	    sizeof(monitor_rules) / sizeof(monitor_rules[0]), s->state, s, m);
}

static int
give_output(struct session *s, struct msg *m, size_t out, size_t err)
{
	s->out.source = msg_take_fd(m, out);
	if (err != 0)
		s->err.source = msg_take_fd(m, err);
	return fd_set_nonblock(s->out.source, 1) != 0 ||
	    (err != 0 && fd_set_nonblock(s->err.source, 1) != 0) ?
	    ERR_SYS : 0;
}

/* The command's input end "fd" meets the client's; at the end there is no input any more. */
static int
give_input(struct session *s, int fd)
{
	if (s->state == SESSION_ENDING) {
		fd_close(&fd);
		return 0;
	}
	s->in.sink = fd;
	s->in.source = s->io;
	s->io = -1;
	return fd_set_nonblock(fd, 1);
}

static int
on_pipes(void *ctx, struct msg *m)
{
	struct session *s = ctx;
	struct msg_pipes p;
	int r, fd;

	if ((r = msg_pipes_get(m->body, &p)) != 0)
		return r;
	if (s->has_pipes || (p.pty != 0) != (s->pty != 0) ||
	    (p.pty ? m->nfds != 1 : m->nfds != 2 && m->nfds != 3)) {
		log_error("unexpected PIPES pty=%u fds=%zu", p.pty, m->nfds);
		return ERR_FORMAT;
	}
	s->has_pipes = 1;
	if (m->nfds == 2)			/* this command has no input */
		return give_output(s, m, 0, 1);
	if (m->nfds == 3) {
		fd = msg_take_fd(m, 0);
		if ((r = give_output(s, m, 1, 2)) != 0) {
			fd_close(&fd);
			return r;
		}
		return give_input(s, fd);
	}
	if ((r = give_output(s, m, 0, 0)) != 0)
		return r;
	if ((fd = fcntl(s->out.source, F_DUPFD_CLOEXEC, 3)) < 0) {
		log_errno("dup failed");
		return ERR_SYS;
	}
	return give_input(s, fd);
}

static int
on_event(void *ctx, struct msg *m)
{
	struct session *s = ctx;
	struct msg_event e;
	int r;

	if ((r = msg_event_get(m->body, &e)) != 0)
		return r;
	if (e.type == 0 || strchr(LAUNCHER_EVENTS, e.type) == NULL) {
		log_error("the launcher may not record type=%u", e.type);
		r = ERR_DENIED;
	} else if ((r = session_record(s, e.type, e.body.p, e.body.n)) == 0)
		r = session_show(s, e.text.p, e.text.n);
	msg_event_free(&e);
	return r;
}

static const struct msg_rule link_rules[] = {
	/* sent before REC_END, though we may hear it after: a short command */
	{ SESSION_OPEN | SESSION_ENDING,	MSG_PIPES,	on_pipes },
	{ SESSION_OPEN | SESSION_ENDING,	MSG_EVENT,	on_event },
	{ SESSION_FULL | SESSION_LAST | SESSION_DONE,	MSG_PIPES, on_late },
	{ SESSION_FULL | SESSION_LAST | SESSION_DONE,	MSG_EVENT, on_late },
};

int
session_from_link(struct session *s, struct msg *m)
{
	return msg_dispatch(link_rules,
	    sizeof(link_rules) / sizeof(link_rules[0]), s->state, s, m);
}
