/* door.c - the socket for people of this host: bound before the confinement, one question to the kernel a caller. */
#include "listen/door.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/ledger.h"

#define BACKLOG		64	/* callers beyond it wait inside connect() */
#define DOOR_BURST	8	/* then everybody else has a turn */
#define PAUSE_MS	100	/* out of descriptors */
#define DOOR_MODE	0666	/* who may say what is decided by uid, behind it */

/*
 * A name left by a gate that was killed is taken away; one behind which
 * somebody answers is not, and neither is anything but a socket.
 */
static int
clear_name(const struct sockaddr_un *at)
{
	struct stat st;
	int fd, r;

	if (lstat(at->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : ERR_SYS;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return ERR_SYS;
	}
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ERR_SYS;
	r = connect(fd, (const struct sockaddr *)at, sizeof(*at));
	close(fd);
	if (r == 0 || errno != ECONNREFUSED) {
		errno = EADDRINUSE;
		return ERR_SYS;
	}
	return unlink(at->sun_path) < 0 ? ERR_SYS : 0;
}

int
door_open(struct gate *g)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const char *path = g->now.settings.door;
	int fd = -1;

	if (path[0] == '\0')
		return 0;
	if (strlen(path) >= sizeof(at.sun_path)) {
		log_error("local door: path too long path=%s", path);
		return ERR_LIMIT;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (clear_name(&at) != 0 ||
	    (fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0)) < 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
	    chmod(path, DOOR_MODE) < 0 || listen(fd, BACKLOG) < 0) {
		log_errno("cannot open the local door path=%s", path);
		fd_close(&fd);
		return ERR_SYS;
	}
	g->door = fd;
	return 0;
}

int
door_admit(struct door_count *c, uint32_t uid, int64_t second)
{
	size_t i;

	if (c->second != second) {
		c->second = second;
		c->n = 0;
	}
	for (i = 0; i < c->n; i++)
		if (c->uids[i].uid == uid)
			break;
	if (i == c->n) {
		if (c->n == DOOR_UIDS)
			return 0;
		c->uids[c->n].uid = uid;
		c->uids[c->n++].taken = 0;
	}
	if (c->uids[i].taken >= DOOR_PER_UID)
		return 0;
	c->uids[i].taken++;
	return 1;
}

/* One caller: who connected, not who uses the socket now. */
static void
take(struct gate *g, int fd)
{
	struct ucred who = { .pid = 0 };
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 ||
	    len != sizeof(who)) {
		log_errno("caller at the local door unknown");
		return;
	}
	if (ledger_is_stuck(g) || !door_admit(&g->door_count, who.uid,
	    clock_mono_ms() / 1000)) {
		g->door_refused++;
		return;
	}
	if (ledger_bind_local(g, who.uid, fd) != 0)
		log_debug("no ledger for a caller at the local door");
}

void
door_serve(struct gate *g)
{
	int fd, i;

	for (i = 0; i < DOOR_BURST; i++) {
		if ((fd = accept4(g->door, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
			take(g, fd);
			close(fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			log_errno("accept failed at the local door");
			g->accept_after = clock_mono_ms() + PAUSE_MS;
			return;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
	}
}

void
door_close(struct gate *g)
{
	fd_close(&g->door);
}
