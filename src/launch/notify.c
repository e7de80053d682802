/* notify.c - answers to calls that the profile does not allow. */
#include "launch/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "launch/names.h"
#include "launch/peek.h"
#include "launch/tell.h"

/* Rounds of one visit: the loop has other peers too. */
#define ROUNDS_MAX	64

/* The kernel may know longer structs than the headers do. */
union notif {
	struct seccomp_notif		 n;
	char				 room[256];
};
union answer {
	struct seccomp_notif_resp	 r;
	char				 room[256];
};

/* u32 big-endian numbers. */
static int
is_listed(const struct blob *list, unsigned int nr)
{
	const uint8_t *p = list->p;
	size_t i;

	for (i = 0; i + 4 <= list->n; i += 4)
		if (((unsigned int)p[i] << 24 | (unsigned int)p[i + 1] << 16 |
		    (unsigned int)p[i + 2] << 8 | (unsigned int)p[i + 3]) == nr)
			return 1;
	return 0;
}

/*
 * The command's own end of its socket closes at its exec and only there, so
 * at this moment, while the caller is held, the answer is exact.
 */
static int
is_still_ours(const struct job *j)
{
	struct pollfd p = { .fd = j->sock, .events = POLLIN };

	return j->sock >= 0 && poll(&p, 1, 0) == 0;
}

static void
read_comm(pid_t pid, char *out, size_t size)
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0) {
		n = read(fd, out, size - 1);
		close(fd);
	}
	if (n > 0 && out[n - 1] == '\n')
		n--;
	out[n > 0 ? n : 0] = '\0';
}

static int
answer(int listener, uint64_t id, int error, uint32_t flags)
{
	union answer a = { .room = { 0 } };

	a.r.id = id;
	a.r.error = error;
	a.r.flags = flags;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &a) < 0 &&
	    errno != ENOENT) {		/* the caller died meanwhile */
		log_errno("refusal not answered");
		return -1;
	}
	return 0;
}

/* The strings among the arguments, as far as they can be read now. */
static void
read_strings(struct refused_call *c, struct job *j)
{
	unsigned int strings, n = call_args(c->nr, &strings), i, k = 0;
	char text[PEEK_MAX][PEEK_LEN];
	uint64_t at[PEEK_MAX];
	unsigned int which[PEEK_MAX];

	for (i = 0; i < n && i < 6 && k < PEEK_MAX; i++)
		if ((strings & 1U << i) != 0) {
			which[k] = i;
			at[k++] = c->args[i];
		}
	if (k == 0 || peek_ask(j, c->pid, at, k, text) != 0)
		return;
	for (i = 0; i < k; i++)
		memcpy(c->text[which[i]], text[i], PEEK_LEN);
}

/* Count, and tell when this call is new. */
static void
note(struct notify *n, struct job *j, struct chan *link,
    const struct seccomp_notif *call, int quiet)
{
	unsigned int nr = (unsigned int)call->data.nr;
	unsigned int slot = nr < NOTIFY_CALLS ? nr : NOTIFY_CALLS - 1;
	struct refused_call c = { .nr = nr, .pid = (pid_t)call->pid };

	n->total++;
	if (n->count[slot]++ > 0 || quiet || n->told >= n->told_max)
		return;
	n->told++;
	read_comm(c.pid, c.comm, sizeof(c.comm));
	memcpy(c.args, call->data.args, sizeof(c.args));
	read_strings(&c, j);
	tell_refused(&c, j, link);
}

static enum notify_verdict
serve_one(struct notify *n, struct job *j, struct chan *link,
    const struct seccomp_notif *call)
{
	unsigned int nr = (unsigned int)call->data.nr;

	if (is_still_ours(j)) {
		(void)answer(j->listener, call->id, 0,
		    SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		return NOTIFY_GO_ON;
	}
	note(n, j, link, call, is_listed(&j->plan.quiet, nr));
	if (j->plan.kill_on_refuse || is_listed(&j->plan.kill, nr))
		return NOTIFY_KILL;
	return answer(j->listener, call->id, -EPERM, 0) == 0 ?
	    NOTIFY_GO_ON : NOTIFY_KILL;
}

enum notify_verdict
notify_serve(struct notify *n, struct job *j, struct chan *link)
{
	struct pollfd p = { .fd = j->listener, .events = POLLIN };
	union notif call;
	int round;

	for (round = 0; round < ROUNDS_MAX; round++) {
		if (poll(&p, 1, 0) <= 0 || (p.revents & POLLIN) == 0)
			return NOTIFY_GO_ON;
		memset(&call, 0, sizeof(call));
		if (ioctl(j->listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
			if (errno == ENOENT || errno == EINTR)
				continue;	/* the caller died meanwhile */
			log_errno("refusal not received");
			return NOTIFY_KILL;
		}
		if (serve_one(n, j, link, &call.n) == NOTIFY_KILL)
			return NOTIFY_KILL;
	}
	return NOTIFY_GO_ON;
}

void
notify_summary(const struct notify *n, const struct job *j, struct chan *link)
{
	if (n->total > 0)
		tell_summary(n->count, NOTIFY_CALLS, n->total, j, link);
}
