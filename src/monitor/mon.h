/*
 * mon.h - the one state of a monitor, and what its files do with it (inside src/monitor only).
 *
 * Before MON_OPEN the monitor may block in PAM; from then on every question
 * carries a number and the answer is handled when it comes.
 */
#ifndef MONITOR_MON_H
#define MONITOR_MON_H

#include <stdint.h>

#include "login/login.h"
#include "monitor/idle.h"
#include "monitor/keys.h"
#include "monitor/trace.h"
#include "wire/chan.h"
#include "wire/snapshot.h"

enum mon_state {
	MON_START = 1 << 0,	/* no client yet */
	MON_AUTH = 1 << 1,	/* logging in */
	MON_OPEN = 1 << 2,	/* logged in */
	MON_LEAVING = 1 << 3	/* client gone, jobs are being ended */
};
#define MON_ANY	(MON_START | MON_AUTH | MON_OPEN | MON_LEAVING)

struct task;

struct mon {
	enum mon_state	 state;
	int		 is_over;	/* leave the loop */
	int		 status;	/* exit status then */
	struct msg_slice_monitor slice;
	struct snapshot	*snap;
	int		 recordings;	/* directory, opened before the confinement */

	struct chan	*d, *net, *ledger;
	int		 is_net_ready;
	int		 client;	/* socket until net is ready; -1 */
	char		*source;	/* address and port of the client */

	/* login (auth.c) */
	struct login	*warm;		/* keeps the modules of PAM loaded */
	struct login	*login;
	struct keys	 key;		/* the factor before PAM (keys.c) */
	int64_t		 conn_ms;	/* when the client came */
	char		*user;		/* set by a passed login, never again */
	uint32_t	 roles;		/* his, as the last snapshot had them */
	uint32_t	 tries, others;	/* failed dialogues; key offers and the like */
	int		 is_none_used;	/* the first one is free */
	int64_t		 answered_ms;	/* when the client last said something */

	/* questions to the ledger (ledger.c) */
	uint32_t	 last_call;	/* numbers for calls and kits */
	uint32_t	 resume_call;	/* RESUME waits for its answer; 0 */
	uint32_t	 loose;		/* entries without a task that wait for ACK */
	uint32_t	 loose_sum;	/* such entries made so far */
	int64_t		 ledger_gone_ms; /* 0: it is there */
	int64_t		 ledger_asked_ms; /* first PING without any answer; 0 */
	int		 is_ledger_stuck; /* we gave it up, nobody will bring a new one */
	int		 is_ledger_given_up; /* away longer than seal_grace */
	enum disk_level	 disk;		/* as the ledger said last */

	/* timers (timers.c) */
	struct idle	 idle;		/* idle.c */
	int64_t		 ping_ms;	/* next round of PING */
	int64_t		 net_seen_ms;
	uint32_t	 net_lines;	/* written down for net */
	int64_t		 drain_ms;	/* running jobs are ended then; 0 */
	int		 is_draining;	/* nothing new starts */
	int		 is_patient;	/* and what runs has all the time it needs */
	int		 is_bye_said;
	int		 is_revoked;	/* the person may do nothing more */

	int64_t		 traced[TRACE_LOGIN_ALL]; /* ns, with trace_time; 0: not yet */
	struct task	*tasks;
	uint32_t	 ntasks;
};

/* mon.c: "d", "net", "ledger" are taken over. */
struct mon *mon_new(int d, int net, int ledger);
void mon_free(struct mon *m);
/* Ends this process, and with it everything of the connection, after a line in the log was written. */
void mon_die(struct mon *m);
/* What chan_put_*() returned: a peer that is gone shows by itself, everything else is the end. */
void mon_sent(struct mon *m, int r);
/* Takes a LOG of net; past a bound (its own is lower) nothing is written any more. */
int mon_net_line(struct mon *m, struct msg *msg);
/* A number for a question. */
uint32_t mon_call(struct mon *m);

/* loop.c: one turn, waiting at most "timeout_ms" (-1: until something is due). */
void loop_turn(struct mon *m, int timeout_ms);

/* auth.c: keyboard-interactive, everything between CONN and AUTH_RESULT OK. */
int auth_on_start(void *ctx, struct msg *msg);
int auth_on_other(void *ctx, struct msg *msg);
int auth_on_late_abort(void *ctx, struct msg *msg);
/* May "name" be shown to PAM as it is? */
int auth_name_is_plain(const char *name);

/* policy.c: what sekishod says. */
int policy_on_snapshot(void *ctx, struct msg *msg);
int policy_on_conn(void *ctx, struct msg *msg);
int policy_on_drain(void *ctx, struct msg *msg);
/* A patient drain, and nothing is left to wait for: the client is told, and net goes. */
void policy_say_bye(struct mon *m);
/* Take what sekishod has sent so far, without waiting: a newer snapshot may be among it. */
void policy_catch_up(struct mon *m);
/* May this person hold a session here at all? */
int policy_may_log_in(const struct snapshot *s, const char *user);

/* ledger.c */
int ledger_on_new(void *ctx, struct msg *msg);
void ledger_lost(struct mon *m);
/* It has not answered since "since_ms" (seal_grace ago): as good as away since then. */
void ledger_silent(struct mon *m, int64_t since_ms);
void ledger_dispatch(struct mon *m, struct msg *msg);
/* DISK: the ledger measures, here it is obeyed. */
int ledger_on_disk(void *ctx, struct msg *msg);
/* An entry that belongs to no channel; dropped (and logged) past a bound. */
void ledger_note_refusal(struct mon *m, const char *code, const char *what,
    const char *reason);

/* timers.c: milliseconds until something is due (-1: nothing), and doing it. */
int timers_next_ms(const struct mon *m);
void timers_run(struct mon *m);

#endif
