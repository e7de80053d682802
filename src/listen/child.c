/* child.c - what the main process knows of the processes its starter runs. */
#include "listen/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/starter.h"

struct child *
child_start(struct gate *g, enum role_kind kind, const int *fds, size_t nfds,
    void (*gone)(struct gate *, struct child *, int status))
{
	struct msg_start start = { .kind = (uint8_t)kind };
	struct child *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	c->id = ++g->next_id;
	c->kind = kind;
	c->pidfd = -1;
	c->gone = gone;
	if (chan_put_start(g->starter, c->id, &start, fds, nfds) != 0) {
		log_error("cannot reach the starter");
		free(c);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&g->children, c, entry);
	return c;
}

void
child_kill(struct child *c)
{
	if (c == NULL)
		return;
	c->is_kill_wanted = 1;
	if (c->pidfd >= 0 && syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL,
	    NULL, 0) < 0 && errno != ESRCH)
		log_errno("kill failed pid=%d", (int)c->pid);
}

int
child_slice(struct gate *g, enum role_kind kind, int fd)
{
	static const enum peer peers[ROLE_KINDS] = {
		[ROLE_MONITOR] = PEER_M, [ROLE_NET] = PEER_N,
		[ROLE_RECORD] = PEER_R, [ROLE_EXEC] = PEER_X,
		[ROLE_LEDGERD] = PEER_G, [ROLE_WORD] = PEER_W,
		[ROLE_KEYD] = PEER_K, [ROLE_RECOVER] = PEER_R,
	};
	struct msg_slice slice = { .body = g->now.slices[kind] };
	struct chan *c;
	int copy, r;

	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 3)) < 0) {
		log_errno("dup failed");
		return ERR_SYS;
	}
	if ((c = chan_new(copy, PEER_D, peers[kind])) == NULL)
		return ERR_NOMEM;
	if ((r = chan_put_slice(c, 0, &slice, NULL, 0)) == 0 &&
	    chan_waiting(c) != 0)
		r = ERR_LIMIT;		/* it must lie there before the start */
	chan_free(c);
	return r;
}

int
child_guess(const struct blob *guess, int fd)
{
	struct msg_guess m = { .body = *guess };
	struct chan *c;
	int copy, r;

	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 3)) < 0) {
		log_errno("dup failed");
		return ERR_SYS;
	}
	if ((c = chan_new(copy, PEER_D, PEER_X)) == NULL)
		return ERR_NOMEM;
	if ((r = chan_put_guess(c, 0, &m, NULL, 0)) == 0 &&
	    chan_waiting(c) != 0)
		r = ERR_LIMIT;
	chan_free(c);
	return r;
}

static void
drop(struct gate *g, struct child *c, int status)
{
	TAILQ_REMOVE(&g->children, c, entry);
	c->gone(g, c, status);
	fd_close(&c->pidfd);
	free(c);
}

static int
on_started(void *ctx, struct msg *m)
{
	struct gate *g = ctx;
	struct msg_started started = { 0 };
	struct child *c;
	int r;

	if ((r = msg_started_get(m->body, &started)) != 0)
		return r;
	for (c = TAILQ_FIRST(&g->children); c != NULL;
	    c = TAILQ_NEXT(c, entry))
		if (c->id == m->id)
			break;
	if (c == NULL || c->pid != 0)
		return ERR_STATE;
	if (started.pid == 0) {
		drop(g, c, -1);
		return 0;
	}
	c->pid = (pid_t)started.pid;
	c->pidfd = msg_take_fd(m, 0);
	if (c->is_kill_wanted)
		child_kill(c);
	return 0;
}

static int
on_exited(void *ctx, struct msg *m)
{
	struct gate *g = ctx;
	struct msg_exited exited = { 0 };
	struct child *c;
	int r;

	if ((r = msg_exited_get(m->body, &exited)) != 0)
		return r;
	for (c = TAILQ_FIRST(&g->children); c != NULL;
	    c = TAILQ_NEXT(c, entry))
		if (c->pid != 0 && c->pid == (pid_t)exited.pid)
			break;
	if (c != NULL)
		drop(g, c, (int)exited.status);
	return 0;
}

int
child_serve(struct gate *g)
{
	static const struct msg_rule rules[] = {
		{ 1, MSG_STARTED,	on_started },
		{ 1, MSG_EXITED,	on_exited },
	};
	struct msg m;
	int r;

	if ((r = chan_flush(g->starter)) != 0)
		return r;
	while ((r = chan_recv(g->starter, &m)) == 0) {
		r = msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 1,
		    g, &m);
		msg_done(&m);
		if (r != 0)
			return r;
	}
	return r == 1 ? 0 : r;
}

void
child_free_all(struct gate *g)
{
	struct child *c;

	while ((c = TAILQ_FIRST(&g->children)) != NULL) {
		TAILQ_REMOVE(&g->children, c, entry);
		fd_close(&c->pidfd);
		free(c);
	}
}
