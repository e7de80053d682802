/* accept.c - binds, accepts, asks the counts, and hands over to pair.c. */
#include "listen/accept.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/ledger.h"
#include "listen/pair.h"

#define BACKLOG		1024	/* libssh's 10 costs seconds of retransmits */
#define ACCEPT_BURST	16	/* then everybody else has a turn */
#define ACCEPT_PAUSE_MS	100	/* out of descriptors */

static int
open_one(const struct sockaddr_storage *at, int *out)
{
	socklen_t len = at->ss_family == AF_INET6 ?
	    sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	char text[SOURCE_MAX];
	int fd, on = 1;

	source_text(text, at);
	fd = socket(at->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    (at->ss_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &on, sizeof(on)) < 0) ||
	    bind(fd, (const struct sockaddr *)at, len) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		log_errno("cannot listen address=%s", text);
		fd_close(&fd);
		return ERR_SYS;
	}
	*out = fd;
	return 0;
}

static void
address_at(const struct gate *g, size_t i, struct sockaddr_storage *at)
{
	memcpy(at, g->now.settings.listen.p + i * sizeof(*at), sizeof(*at));
}

void
accept_log(const struct gate *g)
{
	struct sockaddr_storage at;
	char text[SOURCE_MAX];
	size_t i;

	for (i = 0; i < g->nlisteners; i++) {
		address_at(g, i, &at);
		log_info("gate open address=%s", source_text(text, &at));
	}
}

int
accept_open(struct gate *g)
{
	struct sockaddr_storage at;
	size_t i;
	int r;

	for (i = 0; i < g->now.settings.listen.n / sizeof(at); i++) {
		address_at(g, i, &at);
		if ((r = open_one(&at, &g->listeners[i])) != 0)
			return r;
		g->nlisteners = i + 1;
	}
	return 0;
}

static int
is_exempt(const struct gate *g, const struct sockaddr_storage *from)
{
	size_t i;

	for (i = 0; i < g->now.nexempt; i++)
		if (cidr_has(&g->now.exempt[i], from))
			return 1;
	return 0;
}

static const enum farewell words[] = {
	[COUNT_SOURCE_FULL] = FAREWELL_SOURCE_FULL,
	[COUNT_LOGINS_FULL] = FAREWELL_BUSY,
	[COUNT_CONNECTIONS_FULL] = FAREWELL_BUSY
};

/* A new client: one count, one decision. */
static void
take(struct gate *g, int fd, const struct sockaddr_storage *from)
{
	struct count_limits l = {
		.max_unauth = g->now.settings.max_unauth,
		.max_per_source = g->now.settings.max_unauth_per_source,
		.max_connections = g->now.settings.max_connections,
	};
	struct source key;
	int on = 1, exempt = is_exempt(g, from);
	int64_t now = clock_mono_ms();
	enum count_verdict v;

	if (ledger_is_stuck(g))		/* each would hold a descriptor here */
		l.max_connections = 0;
	source_key(&key, from);
	/* the log has these once a minute, by source */
	if (!exempt && penalties_refuse(g->penalties, &key, now)) {
		counts_note(g->counts, &key, COUNT_PENALTY_REFUSED);
		farewell_say(&g->farewells, fd, FAREWELL_PENALTY, now);
		return;
	}
	if (g->state == GATE_PATIENT) {
		counts_note(g->counts, &key, COUNT_REFUSED);
		farewell_say(&g->farewells, fd, FAREWELL_STOPPING, now);
		return;
	}
	if ((v = counts_admit(g->counts, &l, &key)) != COUNT_TAKE) {
		farewell_say(&g->farewells, fd, words[v], now);
		return;
	}
	(void)setsockopt(fd, SOL_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_TCP, TCP_QUICKACK, &on, sizeof(on));
	pair_start(g, fd, from, exempt);
}

void
accept_serve(struct gate *g, int listener)
{
	struct sockaddr_storage from;
	socklen_t len;
	int fd, i;

	for (i = 0; i < ACCEPT_BURST; i++) {
		len = sizeof(from);
		memset(&from, 0, sizeof(from));
		fd = accept4(listener, (struct sockaddr *)&from, &len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			take(g, fd, &from);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			log_errno("accept failed");
			g->accept_after = clock_mono_ms() + ACCEPT_PAUSE_MS;
			return;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
	}				/* anything else is that client's */
}

void
accept_close(struct gate *g)
{
	size_t i;

	for (i = 0; i < g->nlisteners; i++)
		fd_close(&g->listeners[i]);
	g->nlisteners = 0;
}
