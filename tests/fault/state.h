/*
 * state.h - the real sekisho-ledgerd, sekisho-keyd and sekisho-record (and
 * sekisho) in the hands of one process, which plays sekishod, the monitors,
 * the launcher, and the people behind them.
 *
 * One start of one program may be under a fault (struct fault).  A service
 * that dies is started again, without a fault and without a hand, as sekishod
 * does it; what its peers lost by that is theirs to do again.
 */
#ifndef TESTS_FAULT_STATE_H
#define TESTS_FAULT_STATE_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/chan.h"

#define WAIT_MS		20000	/* longer: the gate hangs, which is a failure */
#define RECOVERIES	4
#define SESSIONS_MAX	64
#define RESTARTS_MAX	4	/* of programs without a fault */

/* Numeric accounts: none of them need exist. */
#define LED_ID		62001
#define KEY_ID		62002
#define REC_ID		62003
#define WORD_ID		62004

enum program { KEYD, LEDGERD, RECORD, RECOVER, WORD, PROGRAMS };

/* What goes wrong, in which start of which program. */
struct fault {
	enum program	 program;
	unsigned int	 start;		/* 1: the first; 0: no fault */
	const char	*kind;		/* of inject; "nomem" */
	const char	*which;		/* of inject */
	const char	*n;		/* "12", "12+", "0" */
};

struct service {
	enum program	 program;
	pid_t		 pid;		/* 0: none */
	struct chan	*chan;
	unsigned int	 generation;	/* +1 for each start */
	int		 is_ready;
};

/* A recovery that runs or waits for its turn. */
struct rescue {
	uint32_t	 id;		/* of RECOVER; the slot is free when "what" has no session */
	struct msg_recover what;
	pid_t		 pid;
	struct chan	*chan;
	unsigned int	 asked_by;	/* generation of ledgerd */
	int		 is_told;
};

/* What is known of a session. */
struct known_session {
	uint64_t	 nr;
	uint32_t	 use;		/* acknowledged use, 0: none */
	int		 is_asked;	/* CONSUME was sent: a use may be taken */
	int		 is_ended;	/* JOB_ENDED was acknowledged */
	int		 is_whole;	/* ... after REC_ENDED */
	int		 is_disowned;	/* the ledger dropped its monitor, and so interrupted it */
	uint8_t		 how;
	int		 is_orphan;	/* its monitor died with all the rest */
	int		 is_recovered;	/* RECOVERED was passed on */
	char		*seen;		/* output that the client saw */
	size_t		 nseen;
	char		 path[64];	/* beneath recordings; "": no file */
};

struct person {
	const char	*name;
	struct chan	*monitor, *word;
	unsigned int	 generation;	/* of the ledgerd it talks to */
	int		 was_in;	/* has logged in once: RESUME from then on */
};

struct kit {
	pid_t		 pid;
	struct chan	*rec;
	int		 link, io, err;	/* the launcher's end, net's ends */
	int		 out, job_err;	/* the command's ends */
	uint64_t	 session;
	uint8_t		 uuid[UUID_LEN];
	char		*meta;		/* of its header */
	size_t		 nmeta;
	int		 is_asked, is_open;	/* REC_OPEN was sent, REC_OPENED came */
	int		 is_consumed;
	int		 is_unsealed;	/* REC_UNSEALED came */
	int		 is_dead;	/* so are its monitor and all the rest */
	struct msg_rec_ended ended;	/* when is_ended */
	int		 is_ended;
};

struct gate {
	char		 dir[64], bin[PATH_MAX], log[96], report[96];
	const char	*programs;	/* directory of the real ones */
	const char	*tools;		/* inject and nomem.so */
	struct fault	 fault;
	int		 all_die;	/* ... and everything else in the same moment */
	pid_t		 fault_pid;
	unsigned int	 starts[PROGRAMS];
	unsigned int	 restarts;
	struct service	 keyd, ledgerd;
	int		 is_bound;	/* to each other */
	unsigned int	 failed_recoveries;
	struct rescue	 recoveries[RECOVERIES];
	struct person	 alice, bob, carol;
	struct kit	*kit;		/* of the session that is prepared or runs */
	struct known_session sessions[SESSIONS_MAX];
	size_t		 nsessions;
	uint64_t	 request;	/* acknowledged; 0: none */
	char		 digest[65];
	int		 is_approved, is_judged;
	uint32_t	 epoch_s, seal_grace_s;
	uint32_t	 pause_ms;	/* of a session's output, for its checkpoints */
	uint32_t	 uses;
	uint64_t	 serial;
	uint32_t	 call;		/* id of the last question */
	int		 has_crowd;
	uint32_t	 crowd_id;	/* of what the crowd has asked; 0: nothing */
	unsigned int	 crowd_asked, crowd_acked;
	int		 is_stopping, is_used_up, is_mended;
	int		 kill_after_use;	/* program + 1 to kill behind the first CONSUMED; 0: none */
	long		 words_stride, words_from, words_faults;	/* stride 0: no words */
	long		 words_only;	/* number of the one wanted, 0: all */
	long		 ready_count;	/* of nomem, when READY came */
	char		 last_no[300];	/* last refusal */
	char		 why[512];	/* first thing that is wrong; "": nothing */
};

#endif
