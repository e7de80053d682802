/*
 * farewell.h - the last word to a client that is not served: why, and what to do.
 *
 * One write of fixed bytes: our version line and a packet DISCONNECT, which
 * RFC 4253 11.1 allows before any key exchange and ssh(1) shows.  Nothing is
 * read.  Closing at once would lose it: the client's own version line then
 * meets a closed socket, and the reset that answers it drops what was not read
 * yet.  So the socket is kept until the client has gone, for FAREWELL_MS at
 * most, and of FAREWELLS_MAX of them the oldest is closed for a new one.
 */
#ifndef LISTEN_FAREWELL_H
#define LISTEN_FAREWELL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define FAREWELLS_MAX	64	/* descriptors; beyond it a flood pays with its own texts */
#define FAREWELL_MS	2000	/* a client that reads goes at once; several round trips of the slowest line */
#define FAREWELL_BYTES	160	/* of the longest one: always taken by an empty socket */

enum farewell {
	FAREWELL_PENALTY,	/* the source has a penalty */
	FAREWELL_SOURCE_FULL,	/* its share of logins under way is used */
	FAREWELL_BUSY,		/* all sources together have used theirs, or nobody could be logged in now */
	FAREWELL_STOPPING,	/* the gate drains */
	FAREWELL_KINDS
};

struct farewells {
	size_t	 n;
	struct {
		int	 fd;
		int64_t	 until;
	}	 at[FAREWELLS_MAX];	/* oldest first */
};

/* What is sent, at most FAREWELL_BYTES: its length.  No state. */
size_t farewell_bytes(enum farewell why, uint8_t *out);
/* Say it on "fd", which is ours from now on. */
void farewell_say(struct farewells *f, int fd, enum farewell why, int64_t now);
/* Fill f->n entries: only the client's going is waited for. */
void farewell_watch(const struct farewells *f, struct pollfd *set);
/* After poll(), with the same entries and nothing said between: those who went. */
void farewell_serve(struct farewells *f, const struct pollfd *set, size_t n);
/* Close those whose time is over; when the next one is, INT64_MAX: none waits. */
int64_t farewell_timer(struct farewells *f, int64_t now);
void farewell_close_all(struct farewells *f);

#endif
