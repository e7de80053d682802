/* report.c - messages between the launcher and its children. */
#include "launch/report.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

/* The last line a child wanted to log: it has no descriptor of its own for that. */
static char last_line[244];

int
report_send(int sock, enum report_kind kind, int value, const char *text,
    int fd)
{
	struct report r = { .kind = kind, .value = value };

	if (text != NULL)
		snprintf(r.text, sizeof(r.text), "%s", text);
	return report_send_whole(sock, &r, &fd, fd >= 0 ? 1 : 0);
}

/* Room for the descriptors of one report. */
union control {
	struct cmsghdr	 head;
	char		 room[CMSG_SPACE(REPORT_FDS * sizeof(int))];
};

int
report_send_whole(int sock, const struct report *r, const int *fds, size_t n)
{
	union control control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)r, sizeof(*r) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cm;

	if (n > REPORT_FDS)
		return ERR_LIMIT;
	if (n > 0) {
		mh.msg_control = control.room;
		mh.msg_controllen = CMSG_SPACE(n * sizeof(int));
		if ((cm = CMSG_FIRSTHDR(&mh)) == NULL)
			return ERR_INTERNAL;	/* there is room: never */
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(cm), fds, n * sizeof(int));
	}
	if (sendmsg(sock, &mh, MSG_NOSIGNAL) != (ssize_t)sizeof(*r)) {
		if (errno == EPIPE || errno == ECONNRESET)
			return ERR_CLOSED;	/* it ended by itself just now */
		log_errno("report not sent");
		return ERR_SYS;
	}
	return 0;
}

/*
 * The kernel cuts what does not fit, and what finds no free number: half of
 * them is another order than the one that was given.  The room is rounded
 * up, so one more than REPORT_FDS can have come.
 */
static int
take_fds(struct msghdr *mh, int fds[REPORT_FDS], size_t *n)
{
	struct cmsghdr *cm = CMSG_FIRSTHDR(mh);
	size_t came, i;
	int fd;

	if (cm != NULL && cm->cmsg_level == SOL_SOCKET &&
	    cm->cmsg_type == SCM_RIGHTS) {
		came = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (came <= REPORT_FDS && (mh->msg_flags & MSG_CTRUNC) == 0) {
			memcpy(fds, CMSG_DATA(cm), came * sizeof(int));
			*n = came;
			return 0;
		}
		for (i = 0; i < came; i++) {
			memcpy(&fd, CMSG_DATA(cm) + i * sizeof(int),
			    sizeof(fd));
			close(fd);
		}
	} else if ((mh->msg_flags & MSG_CTRUNC) == 0)
		return 0;
	log_error("descriptors of a report were cut off");
	return ERR_LIMIT;
}

int
report_recv_all(int sock, struct report *r, int fds[REPORT_FDS], size_t *n,
    int timeout_ms)
{
	union control control;
	struct iovec iov = { r, sizeof(*r) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	struct pollfd p = { .fd = sock, .events = POLLIN };
	int was_reset = 0;
	ssize_t got;

	*n = 0;
	do
		got = poll(&p, 1, timeout_ms);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return ERR_TIMEOUT;
	/* what the other end left unread is told once, before its last report */
	do
		got = recvmsg(sock, &mh, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (got < 0 && (errno == EINTR ||
	    (errno == ECONNRESET && was_reset++ == 0)));
	if (got == 0 || (got < 0 && errno == ECONNRESET))
		return ERR_CLOSED;
	if (got != (ssize_t)sizeof(*r)) {
		log_errno("report not received len=%zd", got);
		return ERR_SYS;
	}
	r->text[sizeof(r->text) - 1] = '\0';
	return take_fds(&mh, fds, n);
}

int
report_recv(int sock, struct report *r, int *fd, int timeout_ms)
{
	int fds[REPORT_FDS], e;
	size_t n;

	e = report_recv_all(sock, r, fds, &n, timeout_ms);
	*fd = n > 0 ? fds[0] : -1;
	while (n > 1)			/* nobody sends that */
		close(fds[--n]);
	return e;
}

static void
keep_line(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	snprintf(last_line, sizeof(last_line), "%s", line);
}

void
report_keep_log(void)
{
	last_line[0] = '\0';
	log_set_sink(keep_line, NULL);
}

void
report_fail(int sock, const char *what)
{
	char text[244];

	if (last_line[0] != '\0')
		snprintf(text, sizeof(text), "%s: %.180s", what, last_line);
	else
		snprintf(text, sizeof(text), "%s", what);
	(void)report_send(sock, REPORT_FAILED, 0, text, -1);
	_exit(1);
}
