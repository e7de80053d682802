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

#include "listen/count.h"
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

/* Two processes of one command (record, exec), or one of a gateway word. */
struct kit {
	TAILQ_ENTRY(kit)	 entry;
	struct pair		*pair;	/* NULL: its monitor is gone */
	uint32_t		 id;	/* of NEED_KIT or NEED_WORD */
	struct child		*first, *second;
	int64_t			 kill_at;
};
TAILQ_HEAD(kit_list, kit);

enum pair_state { PAIR_STARTING = 1, PAIR_LOGIN = 2, PAIR_AUTHED = 4, PAIR_OVER = 8 };

/* One connection: monitor and net. */
struct pair {
	TAILQ_ENTRY(pair)	 entry;
	struct gate		*gate;
	uint64_t		 nr;
	enum pair_state		 state;
	int			 was_authed;
	struct source		 key;
	char			 source[SOURCE_MAX];
	struct chan		*chan;	/* to the monitor */
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
};

enum gate_state { GATE_LOADING, GATE_KEYS, GATE_LEDGER, GATE_OPEN, GATE_DRAINING, GATE_LEDGER_LAST, GATE_KEYS_LAST, GATE_OVER };

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
	struct kit_list		 kits;
	size_t			 nkits;
	struct counts		*counts;
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

	int64_t			 report_at, stop_end;
};

struct gate_args {
	int	 starter_fd;	/* channel to the starter */
	int	 pid_file_fd;	/* -1: none */
};
/* Everything: returns the exit status. */
int gate_run(const struct gate_args *a);

#endif
