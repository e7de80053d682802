/*
 * net.h - the body of sekisho-net: carries messages and bytes between one client and its monitor.
 *
 * It decides nothing.  auth.c holds the login's conversation, channel.c the
 * table of session channels, requests.c what the client asks, monitor.c what
 * the monitor says, relay.c the bytes, loop.c the one poll loop, alive.c the
 * question whether the client is there, watch.c what ends a loop that does
 * not turn.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/limits.h"
#include "ssh/client.h"
#include "ssh/lane.h"
#include "wire/chan.h"

enum net_state { NET_START = 1 << 0, NET_LOGIN = 1 << 1, NET_OPEN = 1 << 2 };

/* Bytes on their way that could not be given away yet. */
struct rest {
	uint8_t	*p;
	size_t	 from, to;
};

struct channel {
	struct net	*net;
	struct lane	*lane;
	uint32_t	 id;
	int		 has_pty, is_started, has_streams, reads_input, has_exit;
	int		 is_deaf;	/* CHAN_NO_INPUT came */
	int		 is_done;	/* status, EOF and CLOSE are sent */
	int		 is_closed;	/* by the client */
	int		 got_eof;	/* the client sends nothing more */
	int		 sent_eof;	/* and the recorder knows */
	int		 takes_nothing;	/* the recorder stopped reading: drop */
	int		 drops_output;	/* the client wants no more stdout */
	int64_t		 moved_ms;	/* when a byte last went through; 0: not since the last PING */
	int		 told_unread;
	int		 fd[2];		/* in/out, err; -1: none */
	int		 at_end[2];	/* nothing more comes from it */
	int		 is_ready[2];	/* poll found something to read in it */
	int		 turn;		/* which of them may write first */
	struct rest	 in, out[2];
	uint32_t	 status;
	char		 signal[17];
};

struct auth {
	int	 is_open;		/* prompts wait for answers */
	size_t	 prompts;
	int	 is_key_asked;		/* KEY waits for its result */
	char	*user;			/* fixed by the first factor or dialogue */
	unsigned int nones, keys, shown, others, dialogues;
	int64_t	 unheard_ms;		/* the client is given up then; 0: nothing is unanswered */
	uint64_t unheard;		/* bytes it had sent */
};

#define KINDS_TOLD	16
#define NO_CHANNEL	UINT32_MAX	/* as id: of no channel that is there */

struct net {
	enum net_state	 state;
	int		 is_over;	/* leave the loop */
	struct chan	*mon;
	struct client	*client;
	struct msg_slice_net slice;
	struct auth	 auth;
	struct channel	*channels[CHANNELS_MAX];
	size_t		 nchannels;
	size_t		 first;		/* whose turn it is to write first */
	uint32_t	 next_id;
	uint64_t	 env_dropped;
	const char	*told[KINDS_TOLD];	/* kinds of refusal already reported */
	size_t		 ntold;
	int		 is_running;	/* a channel was started: no more QUICKACK */
	unsigned int	 lines;		/* logged */
	int64_t		 moved_ms;	/* the same of channels that are closed by now */
	uint64_t	 heard;		/* bytes of the client, when we last looked */
	int64_t		 alive_ms;	/* when the client is asked (again), or given up */
	unsigned int	 asked;		/* questions since it last said something */
};

/* sekisho-net's main. */
int net_main(int argc, char **argv);

/* loop.c: until the client or the monitor is gone. */
void net_loop(struct net *n);
/* client_turn(), quick while the login lasts. */
int loop_client_turn(struct net *n);
/* The monitor cannot be told any more: end. */
void net_check(struct net *n, int r);

/* auth.c */
enum client_verdict auth_on_attempt(void *ctx, enum client_method method,
    const char *user);
enum client_verdict auth_on_key(void *ctx, const char *user,
    const char *algorithm, const uint8_t *blob, size_t nblob, int is_proven);
enum client_verdict auth_on_dialogue(void *ctx, const char *user,
    char **answers, size_t nanswers);

/* Milliseconds until a client is given up whose request the library dropped; -1: there is none. */
int auth_wait_ms(const struct net *n);
/* To be called each turn. */
void auth_turn(struct net *n);

/* requests.c */
extern const struct client_events requests_events;

/* monitor.c: handle what is there; ERR_*: the monitor is gone or wrong. */
int monitor_read(struct net *n);

/* channel.c */
struct channel *channel_new(struct net *n, struct lane *l);
struct channel *channel_find(struct net *n, uint32_t id);
void channel_close_streams(struct channel *ch);
/* Text of ours for the client's stderr (pty: the screen).  ERR_LIMIT: too much waits. */
int channel_text(struct channel *ch, const uint8_t *p, size_t n);
/* Is everything written and the status known?  Then say so and close. */
void channel_settle(struct channel *ch);
/* Frees channels that both sides closed, tells the monitor. */
void channel_sweep(struct net *n);
void channel_free_all(struct net *n);

/* relay.c */
/* Bytes from the client; returns how many were taken. */
size_t relay_take(struct channel *ch, const uint8_t *p, size_t n);
/* Give the recorder what waits, then the client's EOF. */
void relay_input(struct channel *ch);
/* Does input wait for the recorder? */
int relay_has_input(const struct channel *ch);
/* May anything be read from stream "i" now? */
int relay_wants(const struct channel *ch, int i);
/* At most one write to the client. */
void relay_output(struct channel *ch);
void rest_free(struct rest *r);

/* alive.c: is there still a client? */
/* Did it say something since the last time? */
void alive_listen(struct net *n);
/* Milliseconds until it is asked (again) or given up; -1: never. */
int alive_wait_ms(const struct net *n);
/* Ask, or give up, when the time has come. */
void alive_turn(struct net *n);

/* watch.c: once before the confinement; then every turn of the loop. */
int watch_start(void);
void watch_turn(void);

#endif
