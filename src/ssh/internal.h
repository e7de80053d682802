/* internal.h - what the files of src/ssh share; nobody else includes libssh. */
#ifndef SSH_INTERNAL_H
#define SSH_INTERNAL_H

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <libssh/callbacks.h>

#include "ssh/client.h"
#include "ssh/lane.h"

struct client {
	ssh_bind		 bind;
	ssh_session		 session;
	ssh_event		 event;
	struct ssh_server_callbacks_struct callbacks;
	struct ssh_counter_struct counter, raw;
	const struct client_events *ev;
	void			*ctx;
	char			*banner;
	int			 fd;
	int			 is_ready;	/* first key exchange is over */
	int			 takes_keys;
	int			 is_served;	/* the login has begun */
	uint64_t		 heard;		/* packets up to the last that reached us as a call */
	int			 is_ending;	/* END was said: answer nothing more */
	struct lane		*lanes;
	ssh_message		 asking;	/* the message that client_ask() answers */
};

struct lane {
	struct lane		*next;
	struct client		*client;
	ssh_channel		 channel;
	struct ssh_channel_callbacks_struct callbacks;
	void			*arg;
	size_t			 held;
	int			 got_eof;
};

/* login.c: everything before and about the login. */
/* What the client sent so far has reached us. */
void login_heard(struct client *c);
void login_set_callbacks(struct client *c);
/* Counted and refused: SSH_AUTH_DENIED. */
int login_attempt(struct client *c, enum client_method method,
    const char *user);

/* key.c: publickey, the callback of the library. */
int key_on_auth(ssh_session s, const char *user, struct ssh_key_struct *key,
    char state, void *arg);

/* lane.c */
ssh_channel lane_on_open(ssh_session s, void *arg);
/* Their channels are about to go: from now on they only take being freed. */
void lane_orphan_all(struct client *c);
/* The lane of a message's channel; NULL: none. */
struct lane *lane_of(struct client *c, ssh_channel ch);

/* refuse.c: forwards, X11, tun, unknown requests. */
/* 1: refuse, 0: answered. */
int refuse_message(struct client *c, ssh_message msg);

#endif
