/*
 * gate.h - the state of sekishod's main process, shared by the files of this folder.
 *
 * One struct gate, built in gate_run() and passed down.  All work happens in
 * the loop of loop.c; nothing blocks.
 */
#ifndef LISTEN_GATE_H
#define LISTEN_GATE_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "base/cidr.h"
#include "listen/count.h"
#include "listen/farewell.h"
#include "listen/penalty.h"
#include "listen/source.h"
#include "wire/chan.h"
#include "wire/msg.h"

#define LISTEN_MAX		8	/* addresses: what SETTINGS has room for */
#define LOAD_TIMEOUT_MS		30000	/* sekisho-load that takes longer is killed */
#define FAILURES_MAX		5	/* of ledgerd or of keyd within this time: the gate stops */
#define FAILURES_MS		60000
#define LEDGER_STOP_MS		10000	/* its last entry and checkpoint */
#define KEYS_STOP_MS		5000	/* nothing is open in it when the ledger is gone */
#define NET_LINGER_MS		2000	/* net still tells the client why */
#define LOGIN_LINGER_MS		5000	/* a monitor inside PAM whose net died */
#define ORPHAN_MS		60000	/* a kit writes END after its monitor died */
#define KITS_MAX		80	/* of one monitor: CHANNELS_MAX and some that are ending */
#define KITS_TOTAL_MAX		4096	/* pids and descriptors of all together */
#define REPORT_MS		60000
#define RECOVER_RUNNING		4	/* recordings read at a time: two cores, and sessions go first */
#define RECOVER_QUEUE_MAX	KITS_TOTAL_MAX	/* as many as can have run when the gate died */
#define RECOVER_MS		600000	/* 90 s for the lock, the rest to read some 100 GB */
#define DOOR_UIDS		64	/* local callers told apart within one second */
#define DOOR_PER_UID		50	/* taken of one of them in it: a script in a loop, not a flood */
#define EXEMPT_MAX		64	/* networks without penalties: what the configuration lets through */
#define NEVER			INT64_MAX

struct gate;
struct pair;

/* A process that the starter was asked for.  pid 0: not started yet. */
struct child {
	TAILQ_ENTRY(child)	 entry;
	uint32_t		 id;	/* of START */
	enum role_kind		 kind;
	pid_t			 pid;
	int			 pidfd;
	int			 is_kill_wanted;
	/* It ended (status of waitpid), or could not be started (-1); freed afterwards. */
	void			 (*gone)(struct gate *, struct child *,
				    int status);
	void			*owner;
};
TAILQ_HEAD(child_list, child);

/* What is started before anybody needs it. */
enum warm_kind { WARM_PAIR, WARM_KIT, WARM_WORD, WARM_KINDS };

/* The spare ones of one kind (warm.h). */
struct pool {
	size_t			 n;
	int64_t			 short_since;	/* NEVER: as many as there shall be */
	int64_t			 start_at;	/* not before: a pause after deaths */
	int64_t			 failures[FAILURES_MAX];
	size_t			 nfailures;
};

/* The descriptors of a kit that its monitor gets; in the order of KIT, or of WORD_KIT without the second. */
enum kit_end { KIT_FIRST, KIT_SECOND, KIT_IO, KIT_ERR, KIT_ENDS };

/* Two processes of one command (record, exec), or one of a gateway word. */
struct kit {
	TAILQ_ENTRY(kit)	 entry;
	enum warm_kind		 kind;
	int			 is_spare;	/* nobody's yet: first in the list */
	int			 is_spoilt;	/* ... and will be nobody's */
	int64_t			 born;
	int			 ends[KIT_ENDS]; /* of a spare one; -1 */
	struct blob		 guess;	/* what its launcher was told to expect */
	struct pair		*pair;	/* NULL: its monitor is gone */
	uint32_t		 id;	/* of NEED_KIT or NEED_WORD */
	struct child		*first, *second;
	int64_t			 kill_at;
};
TAILQ_HEAD(kit_list, kit);

enum pair_state { PAIR_STARTING = 1, PAIR_WARM = 2, PAIR_LOGIN = 4, PAIR_AUTHED = 8, PAIR_OVER = 16 };

/* Monitor and net: of one connection, or waiting for one. */
struct pair {
	TAILQ_ENTRY(pair)	 entry;
	struct gate		*gate;
	uint64_t		 nr;
	enum pair_state		 state;
	int			 is_spare;	/* no connection yet, counts nowhere: first in the list */
	int			 is_dropped;	/* we end it ourselves */
	int64_t			 born;
	int			 was_ready, was_authed;
	int			 is_exempt;	/* from penalties */
	int			 has_failed;	/* tried to log in, in vain */
	int			 is_judged;	/* got its penalty, or is not to get one */
	struct source		 key;
	char			 source[SOURCE_MAX];
	struct chan		*chan;	/* to the monitor */
	int			 ledger_fd;	/* of a spare one: what ledgerd gets with the connection */
	struct child		*monitor, *net;
	int64_t			 grace_end;	/* NEVER once logged in */
	int64_t			 kill_at;
	size_t			 kits;
	int			 is_limit_told;
};
TAILQ_HEAD(pair_list, pair);

/* A process that lives as long as the gate: ledgerd, keyd (service.h). */
struct service {
	enum role_kind		 kind;
	enum peer		 peer;
	const char		*name;
	struct chan		*chan;
	struct child		*child;
	int			 is_ready;
	int64_t			 failures[FAILURES_MAX];
	size_t			 nfailures;
	int64_t			 start_at;	/* NEVER: not waiting */
	int64_t			 stuck_at;	/* it is killed then; NEVER: it takes what we say */
};

struct recover_job;		/* recover.c */
TAILQ_HEAD(recover_list, recover_job);

/* Whom the local door let in within this second (door.h). */
struct door_count {
	int64_t			 second;
	size_t			 n;
	struct {
		uint32_t	 uid, taken;
	}			 uids[DOOR_UIDS];
};

/* What a run of sekisho-load brought so far. */
struct loaded {
	struct msg_settings	 settings;
	int			 has_settings;
	struct blob		 slices[ROLE_KINDS];
	int			 snapshot_fd;
	struct cidr		 exempt[EXEMPT_MAX];
	size_t			 nexempt;
};

/* In this order.  GATE_PATIENT: no new connections, those there are may take their time. */
enum gate_state { GATE_LOADING, GATE_KEYS, GATE_LEDGER, GATE_OPEN, GATE_PATIENT, GATE_DRAINING, GATE_LEDGER_LAST, GATE_KEYS_LAST, GATE_OVER };

struct gate {
	enum gate_state		 state;
	int			 was_open;
	int			 status;	/* exit status once over */
	int			 pid_file_fd;
	int			 signals;
	struct chan		*starter;
	uint32_t		 next_id;
	struct child_list	 children;
	struct pair_list	 pairs;
	size_t			 npairs;	/* spare ones too */
	struct kit_list		 kits;
	size_t			 nkits;		/* without spare ones */
	struct pool		 pools[WARM_KINDS];
	struct blob		 guess;	/* what was asked for last: the next spare kits expect it */
	int64_t			 served_at;	/* somebody was, last */
	int64_t			 warm_step_at;	/* the next spare one not before */
	struct counts		*counts;
	struct penalties	*penalties;
	struct farewells	 farewells;	/* clients that were told why not */
	uint64_t		 next_pair;
	int			 listeners[LISTEN_MAX];
	size_t			 nlisteners;
	int64_t			 accept_after;	/* out of descriptors: a pause */

	struct loaded		 now;		/* in force */
	uint64_t		 serial;	/* of its snapshot; 0: none yet */
	struct loaded		 next;		/* being read */
	struct chan		*load_chan;
	struct child		*load;
	int			 is_reload_wanted;
	int64_t			 reload_at, load_end;

	struct service		 ledger, keyd;
	struct recover_list	 recoveries;	/* queued */
	size_t			 nrecoveries;
	struct recover_job		*recovering[RECOVER_RUNNING];

	int			 door;		/* -1: none */
	struct door_count	 door_count;
	size_t			 door_refused;	/* since the last report */

	struct msg_gate_state	 told;		/* to ledgerd (state.h) */
	int			 is_told;
	int64_t			 tell_at;
	int64_t			 opened;	/* unix seconds */

	int64_t			 report_at, stop_end;
};

struct gate_args {
	int	 starter_fd;	/* channel to the starter */
	int	 pid_file_fd;	/* -1: none */
};
/* Everything: returns the exit status. */
int gate_run(const struct gate_args *a);

#endif
