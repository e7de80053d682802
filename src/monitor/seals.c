/* seals.c - says once for which session a seal channel is, before the recorder has it. */
#include "monitor/seals.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

int
seals_bind(const struct task *t, int fd)
{
	const struct msg_seal_bind bind = { .session = t->order.session,
		.uuid = t->order.uuid };
	struct chan *c;
	int copy, r;

	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 3)) < 0) {
		log_errno("dup failed");
		return ERR_SYS;
	}
	if ((c = chan_new(copy, PEER_M, PEER_K)) == NULL)
		return ERR_NOMEM;
	if ((r = chan_put_seal_bind(c, 0, &bind, NULL, 0)) == 0 &&
	    chan_waiting(c) != 0)
		r = ERR_LIMIT;		/* it must lie there before anything else does */
	chan_free(c);
	return r;
}

int
seals_on_new(void *ctx, struct msg *msg)
{
	struct task *t = ctx;
	struct msg_seals seals;
	int fd, r;

	if ((r = msg_seals_get(msg->body, &seals)) != 0)
		return r;
	if ((fd = msg_take_fd(msg, 0)) < 0)
		return ERR_FORMAT;
	if (t->record == NULL || !t->is_rec_asked)
		r = 0;			/* it ends, or never began */
	else if ((r = seals_bind(t, fd)) == 0)
		mon_sent(t->mon, chan_put_rec_seals(t->record, 0, NULL, &fd,
		    1));
	fd_close(&fd);
	/* keyd died once more: the recorder says so when its grace is over */
	return r == ERR_CLOSED || r == ERR_LIMIT ? 0 : r;
}
