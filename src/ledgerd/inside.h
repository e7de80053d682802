/*
 * inside.h - what the files of this folder share: one struct for the daemon, one for each peer.
 *
 * A handler returns 0, or an error: then its peer is dropped, and if the store
 * is broken the daemon stops.
 */
#ifndef LEDGERD_INSIDE_H
#define LEDGERD_INSIDE_H

#include <stdint.h>

#include "json/json.h"
#include "ledger/refused.h"
#include "ledger/tree.h"
#include "ledgerd/keys.h"
#include "ledgerd/tally.h"
#include "ledgerd/whole.h"
#include "request/request.h"
#include "store/store.h"
#include "wire/chan.h"
#include "wire/snapshot.h"

#define MONITORS_MAX	2048		/* more than sekishod lets live */
#define PENDING_MAX	(2 * CHANNELS_MAX)	/* looked up, not yet consumed */
#define PERSONS_MAX	CHANNELS_MAX	/* gateway words at one time of one monitor */
#define PERSONS_SUM_MAX	4096		/* and of all: descriptors must not run out */
#define CALLS_MAX	20000		/* questions of one gateway word */
#define SESSION_BLOCK	64		/* session numbers reserved at once */

/* An order that was given to a monitor and waits for CONSUME. */
struct pending {
	struct pending	*next;
	uint64_t	 session, request;
	uint32_t	 revision, step;
	uint8_t		 uuid[UUID_LEN];
	uint8_t		 order_digest[DIGEST_LEN];
	uint8_t		 request_digest[DIGEST_LEN];
	uint8_t		 account[DIGEST_LEN];	/* run_account() of then */
	int		 was_refused;	/* CONSUME said no */
	int		 is_found;	/* by its command, not by its number */
	int64_t		 until_ms;	/* monotonic: a use is kept in mind for it until then */
};

struct running {
	struct running	*next;
	uint64_t	 session;
};

enum client_state { PS_NEW = 1, PS_IN = 2 };

struct disk;
struct hashing;
struct live;
struct unjudged;
struct recover;
struct unknown;
struct backoff;
struct ledgerd;

struct client {
	struct client	*next;
	struct ledgerd	*ld;
	struct chan	*chan;
	struct client	*monitor;	/* of a person's channel; NULL: is a monitor */
	unsigned int	 state;		/* enum client_state */
	char		 source[SOURCE_MAX + 1];
	char		 user[USER_MAX + 1];	/* "" before LOGIN */
	struct pending	*pending;
	struct running	*running;
	unsigned int	 npending, npersons, ncalls;
	uint64_t	 opened;	/* recording handed out last, to be read; 0 */
	int		 has_recording;	/* some file was handed out */
	int		 is_checking;	/* "verify-begin" is in the ledger */
	uint64_t	 sheet_job, sheet_next;	/* sheet under way: its job, the page that comes next */
	struct hashing	*hash;		/* hash.c: an executable that is being read; NULL: none */
	struct msg_call	 later;		/* the question that waits for it, and its id */
	uint32_t	 later_id;
	int		 is_root;	/* uid 0 at the local door: nobody, who may ask for the status */
	int		 is_gone;
};

struct ledgerd {
	struct chan	*d;
	struct store	*store;
	struct snapshot	*snap;		/* NULL: none yet, everything is refused */
	struct refused	*refused;
	struct unknown	*unknown;	/* names of its minutes */
	struct backoff	*backoff;	/* NULL: a test without it */
	struct keys	*keys;		/* NULL: a test without them */
	char		 heads_note[NOTE_MAX + 1];	/* the newest head, "" before the first */
	char		 vkeys[2 * VKEY_MAX + 2];	/* text of heads/gate.vkeys; "" before the first epoch */
	struct client	*clients;
	struct client	 door;		/* stands where a monitor would for people of this host; has no channel */
	unsigned int	 nmonitors, npersons;
	unsigned int	 turn;		/* of the people: how many were asked so far */
	uint32_t	 people_ms;	/* for their questions in one round, after one */
	char		**command_dirs;
	int		 recordings;	/* directory, -1: none */
	struct whole_mark whole;		/* all 0: a test without it */
	struct disk	*disk;		/* NULL: no ladder */
	struct recover	*recover;	/* NULL: a test without it */
	uint32_t	 seal_grace_s;
	uint32_t	 epoch_s;	/* an epoch's life */
	uint64_t	 next_session, reserved;	/* [next, reserved) may be given */
	int64_t		 orphans_at_ms;	/* monotonic; 0: done */
	struct pollfd	*fds;		/* room of the poll loop */
	size_t		 fds_room;
	int		 is_draining, is_done;
	struct live	*live;		/* NULL: not loaded yet */
	struct unjudged	*unjudged;	/* NULL: not loaded yet */
	struct tally	 tally;
	int64_t		 growth, growth_ms;	/* growth.c: bytes a day, kept until then */
	struct msg_gate_state gate;	/* what sekishod said of itself last */
	int64_t		 gate_at_ms;	/* when, monotonic; 0: never */
	int		 is_grouped;	/* group.c: what is asked now shares one commit */
	int64_t		 quiet_ms;	/* monotonic: from then on nobody has asked anything for long enough */
	int64_t		 group_ms;	/* ... which comes at this moment at the latest */
};

/* --- loop.c ---------------------------------------------------------------- */
/* Until DRAIN is done or sekishod is gone: 0; the store broke: ERR_SYS. */
int ledgerd_loop(struct ledgerd *ld);
/* One round of it: wait, serve, bury the dead, do what is due. */
int ledgerd_step(struct ledgerd *ld);
/* --- client.c ---------------------------------------------------------------- */
struct client *client_new(struct ledgerd *ld, int fd, struct client *monitor);
void client_free(struct client *p);
int client_refuse(struct client *p, uint32_t id, const struct req_refusal *why);
/* The same with its ledger entry before it: a refusal that nobody can see later did not happen. */
int client_no(struct client *p, uint32_t id, const struct req_refusal *why,
    const char *asked);
int client_ack(struct client *p, uint32_t id);

/* --- book.c ------------------------------------------------------------------ */
/* Append an entry within the transaction; takes "e" over, NULL is ERR_NOMEM. */
int book_add(struct ledgerd *ld, json_t *e);
/* An entry that stands alone: its own transaction. */
int book_alone(struct ledgerd *ld, json_t *e);
/* New entry with this moment's time. */
json_t *book_entry(const char *what, const char *who);
/* The entry about a refusal: code, reason, what was asked. */
json_t *book_refusal(const struct client *p, const char *code, const char *what,
    const char *reason);
/* Write the finished minutes of refused logins ("all": every minute). */
int book_refused(struct ledgerd *ld, int all);
/* A session number that was never given before. */
int book_session(struct ledgerd *ld, uint64_t *nr);
/* Entries so far, those of the open transaction as well. */
int book_size(struct ledgerd *ld, uint64_t *size);
/* When entry "ix" was written, unix seconds. */
int book_time(struct ledgerd *ld, uint64_t ix, int64_t *at);
/* The tree's nodes in the database. */
struct tree_store book_tree(struct ledgerd *ld);
/* Does the tree's right edge fit the entries?  ERR_FORMAT: no, logged. */
int book_check(struct ledgerd *ld);
/* First transaction of a life: the gate-start entry and the first block. */
int book_start(struct ledgerd *ld, const char *gate);
/* Last one: what waits, the gate-stop entry, the numbers given back.  The store stays open. */
int book_stop(struct ledgerd *ld);

/* --- the handlers, one file for each kind of peer or subject ------------------- */
int on_daemon(struct ledgerd *ld, struct msg *m);
int on_monitor(struct client *p, struct msg *m);
int on_call(void *ctx, struct msg *m);
/* A slice of the executable that a question waits for; with the last one it is answered. */
int call_go_on(struct client *p);

int on_login(void *ctx, struct msg *m);
int on_login_failed(void *ctx, struct msg *m);
int on_logout(void *ctx, struct msg *m);
int on_bind(void *ctx, struct msg *m);
int on_resume(void *ctx, struct msg *m);
int on_lookup(void *ctx, struct msg *m);
int on_consume(void *ctx, struct msg *m);
int on_job_started(void *ctx, struct msg *m);
int on_job_ended(void *ctx, struct msg *m);
int on_refusal(void *ctx, struct msg *m);
/* The job (request, revision, operator), made at its first use.  Within the transaction of the use. */
int job_for_use(struct ledgerd *ld, const struct request *r,
    const char *operator, int64_t started, uint64_t *job);
/* A monitor is gone: what ran under it is interrupted. */
int job_monitor_gone(struct client *p);
/* Running sessions that no monitor has claimed are interrupted. */
int job_orphans(struct ledgerd *ld, const char *reason);
/* Does one of the monitors answer for this session? */
int job_is_owned(const struct ledgerd *ld, uint64_t session);
int job_owns(const struct client *p, uint64_t session);
/*
 * end.c: session row and entry `end` in one transaction; "x": it never got its
 * use.  Without a chain its recording is wanted recovered.
 */
int job_end(struct client *p, const struct msg_job_ended *b,
    const struct pending *x, const char *state);
/* A running session that nobody answers for any more. */
int job_interrupt(struct ledgerd *ld, uint64_t session, const char *reason);
/* "timeout", of enum job_end. */
const char *end_name(uint8_t how);
/* recording.c: for reading; -1: not there (errno). */
int recording_open(const struct ledgerd *ld, const uint8_t uuid[UUID_LEN],
    uint64_t nr);
/* Is it there, and not empty? */
int recording_is_there(const struct ledgerd *ld, const uint8_t uuid[UUID_LEN],
    uint64_t nr);
/* A session row, state running; use 0: none.  Within a transaction. */
int run_write_session(struct client *p, const struct pending *x,
    const struct request *r, uint32_t use, int64_t started);
/* SHA-256 of an account's numbers and home: what the launcher was or will be told of it. */
int run_account(const struct snapshot *s, const char *name,
    uint8_t digest[DIGEST_LEN]);
struct pending *run_find(struct client *p, uint64_t session);
void run_forget(struct client *p, uint64_t session);
/* From here on it is interrupted when this monitor goes. */
int run_own(struct client *p, uint64_t session);
void run_disown(struct client *p, uint64_t session);

#endif
