/*
 * client.h - the SSH connection of one client, seen from the server: libssh behind our own types.
 *
 * Nothing is decided here.  What a client asks becomes one call of
 * "struct client_events"; whatever has no call there is refused.  No function
 * waits; the owner polls client_fd() for client_poll_events().
 */
#ifndef SSH_CLIENT_H
#define SSH_CLIENT_H

#include <stddef.h>
#include <stdint.h>

struct client;
struct lane;		/* one session channel: lane.h */

enum client_method {
	CLIENT_NONE = 1, CLIENT_KEY, CLIENT_PASSWORD, CLIENT_GSSAPI,
	CLIENT_OTHER
};

/*
 * ASKED: client_ask() was called; FAIL: try again; END: disconnect; LISTED:
 * the offered key may sign; PARTIAL: the signed key counts, a dialogue follows.
 */
enum client_verdict {
	CLIENT_ASKED, CLIENT_OK, CLIENT_FAIL, CLIENT_END, CLIENT_LISTED,
	CLIENT_PARTIAL
};

enum lane_start { LANE_EXEC, LANE_SHELL, LANE_SUBSYSTEM };

/*
 * Called from inside client_turn() and, for data and the end of a channel,
 * from lane_write(): a callee must not free a lane.  int: 0 accepted.
 */
struct client_events {
	/* Any method but keyboard-interactive: refused anyway; END disconnects. */
	enum client_verdict (*attempt)(void *ctx, enum client_method method,
	    const char *user);
	/*
	 * A plain key of at most KEY_BLOB_MAX bytes, as it is on the wire, where
	 * takes_keys is set.  Offered (LISTED or a refusal) or, "is_proven", with a good signature
	 * (PARTIAL or a refusal).
	 */
	enum client_verdict (*key)(void *ctx, const char *user,
	    const char *algorithm, const uint8_t *blob, size_t n,
	    int is_proven);
	/* A dialogue begins (user) or goes on (user NULL, n answers). */
	enum client_verdict (*dialogue)(void *ctx, const char *user,
	    char **answers, size_t n);
	/* A session channel; returns the argument of its calls, NULL: refused. */
	void *(*open)(void *ctx, struct lane *l);
	int (*pty)(void *arg, const char *term, int cols, int rows);
	int (*start)(void *arg, enum lane_start kind, const char *text);
	void (*env)(void *arg);
	void (*resize)(void *arg, int cols, int rows);
	void (*got_signal)(void *arg, const char *name);
	/* Returns how much was taken; the rest stays until lane_read(). */
	size_t (*data)(void *arg, const uint8_t *p, size_t n);
	void (*eof)(void *arg);
	void (*end_of_output)(void *arg);	/* eow@openssh.com */
	void (*closed)(void *arg);
	/* Forwards and the like: refused already; arg NULL: no channel. */
	void (*refused)(void *ctx, void *arg, const char *what,
	    const char *detail);
};

struct client_options {
	const char	*version;	/* after "SSH-2.0-" */
	const char	*banner;	/* "" : none */
	uint64_t	 rekey_bytes;	/* 0: the library's own default */
	int		 takes_keys;	/* a signature comes before the dialogue */
};

/* Everything that may touch a file happens here, before confinement.  NULL: logged. */
struct client *client_new(const struct client_options *o,
    const struct client_events *ev, void *ctx);
void client_free(struct client *c);
/* A private host key as text (OpenSSH, PEM or PKCS#8), one of each type.  "name" is for the log. */
int client_add_key(struct client *c, const char *name, const char *text);
/* Takes the connected socket over. */
int client_accept(struct client *c, int fd);

int client_fd(const struct client *c);
/* POLLIN, and POLLOUT while the library has something to write. */
short client_poll_events(const struct client *c);
/* Does output wait for the socket?  Then lane_write() must not be called. */
int client_is_blocked(const struct client *c);
/*
 * The socket is ready (or just accepted): go on, up to 32 reads.  ERR_CLOSED:
 * the connection is over, however it came; why is logged.
 */
int client_turn(struct client *c);
/*
 * To be called after lane_write(): the library takes one write, then wants to
 * hear that the socket has room.  It may also take what the client sent.
 * ERR_CLOSED: as client_turn().
 */
int client_settle(struct client *c);
/*
 * In the login: did the client send something of which no call came, and
 * nothing else behind it?  What needs no answer (IGNORE) looks the same.
 */
int client_is_unheard(const struct client *c);
/* Bytes the client has sent so far. */
uint64_t client_received(const struct client *c);
/* Ask "n" prompts (0 is allowed) from inside dialogue(). */
int client_ask(struct client *c, const char *name, const char *instruction,
    size_t n, char *const *prompts, const uint8_t *echo);
/* What client_end() will say. */
void client_set_goodbye(struct client *c, const char *text);
/*
 * Ask the client for any answer (keepalive@openssh.com), unless it owes one
 * already.  Not from inside a call of client_events.  ERR_CLOSED: as client_turn().
 */
int client_probe(struct client *c);
/* Says good-bye as far as the socket takes it at once. */
void client_end(struct client *c);

#endif
