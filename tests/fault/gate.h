/*
 * gate.h - the real sekisho-ledgerd, sekisho-keyd and sekisho-record (and
 * sekisho) in the hands of one process, which plays sekishod, the monitors,
 * the launcher, and the people behind them.
 *
 * One start of one program may be under a fault (struct fault).  A service
 * that dies is started again, without a fault and without a hand, as sekishod
 * does it; what its peers lost by that is theirs to do again.
 */
#ifndef TESTS_FAULT_GATE_H
#define TESTS_FAULT_GATE_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "json/json.h"
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
	int		 is_stopping, is_used_up, is_mended;
	int		 kill_after_use;	/* program + 1 to kill behind the first CONSUMED; 0: none */
	long		 words_stride, words_from, words_faults;	/* stride 0: no words */
	long		 ready_count;	/* of nomem, when READY came */
	char		 last_no[300];	/* last refusal */
	char		 why[512];	/* first thing that is wrong; "": nothing */
};

/* --- gate.c: what sekishod does ------------------------------------------------ */
/* A fresh gate below "dir", which is there and empty. */
void gate_init(struct gate *g, const char *dir);
/* Services up and bound, however often they died meanwhile; -1: see "why". */
int gate_up(struct gate *g);
/*
 * The next message on a channel of ours; everything else that wants something
 * of sekishod is served meanwhile.  ERR_CLOSED: its peer is gone.
 */
int gate_wait(struct gate *g, struct chan *c, struct msg *m);
/* One turn of that serving, for at most "ms". */
int gate_turn(struct gate *g, int ms);
/* The same as gate_wait(), of this type and with this id; another one is a failure. */
int gate_expect(struct gate *g, struct chan *c, enum msg_type type,
    uint32_t id, struct msg *m);
/* All recoveries that were asked for are told. */
int gate_settle(struct gate *g);
/* In order: ledgerd drained, then keyd.  -1: one did not end well. */
int gate_stop(struct gate *g);
/* A new channel from keyd: bound to a session ("uuid"), or to none yet.  ERR_CLOSED: keyd is gone. */
int gate_seal_channel(struct gate *g, uint64_t session,
    const struct blob *uuid, int *fd);
/* Says once what is wrong. */
int gate_wrong(struct gate *g, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Ends a service that lives on with a lasting fault ("12+"), once: 1, and another one is started. */
int gate_mend(struct gate *g);
/* Under nomem: so many allocations until READY. */
void gate_note_ready(struct gate *g, enum program p);
/* SIGKILL to the one that kill_after_use names, once. */
void gate_kill(struct gate *g);
struct known_session *gate_session(struct gate *g, uint64_t nr);

/* --- spawn.c: processes --------------------------------------------------------- */
/* "fds" become 3, 4, ...; 0: could not. */
pid_t spawn(struct gate *g, enum program p, const int *fds, size_t n);
/* Body of SLICE for a program. */
int spawn_slice(const struct gate *g, enum program p, struct chan *c);
/* Waits for its end: exit status, or 128 + signal; complains of a signal other than KILL. */
int spawn_reap(struct gate *g, enum program p, pid_t *pid);
/* Kills (also what inject runs) and waits. */
void spawn_kill(pid_t *pid);
/* The sealed policy. */
int spawn_policy(const struct gate *g);

/* --- person.c: monitors' and people's channels ------------------------------------ */
/* Logged in, or resumed, at the ledgerd of now; ERR_CLOSED: it went away again. */
int person_up(struct gate *g, struct person *p);
void person_down(struct person *p);
/* The next message of its monitor's channel that is not DISK. */
int person_answer(struct gate *g, struct person *p, struct msg *m);
/*
 * A question over the person's own channel: *code is the answer's, *body its
 * document (json_decref).  ERR_CLOSED: no answer came.
 */
int person_ask(struct gate *g, struct person *p, const char *verb,
    const char *question, char code[CODE_MAX + 1], json_t **body);

/* --- kit.c: a recorder and its file ------------------------------------------------ */
/* A recorder that is READY; ERR_CLOSED: it died. */
int kit_new(struct gate *g, const struct msg_order *o);
void kit_free(struct gate *g);
/* A new file, REC_OPEN; header: its digest, DIGEST_LEN bytes. */
int kit_open(struct gate *g, uint8_t *header);
/* Output, a notice and a line more go through; what came out is the session's "seen". */
int kit_play(struct gate *g);
/* REC_END; the answer is left in g->kit->ended. */
int kit_end(struct gate *g, uint8_t how);
/* As the monitor does it before it tells the end: a recording that never began is no file. */
void kit_drop_empty(struct gate *g);
/* keyd is another one: a new channel for the recorder. */
void kit_seals(struct gate *g);

/* --- words.c: gateway words ----------------------------------------------------------- */
/* After the story: each of its words with each "words_stride"-th allocation failing. */
int words_sweep(struct gate *g);

/* --- story.c, check.c ----------------------------------------------------------------- */
/* File, approve, run until the uses are taken, judge: each step until it is acknowledged. */
int story(struct gate *g);
/* Everything that was acknowledged is there. */
int check_facts(struct gate *g);
/* Keep the newest head that was written as DIR.NAME. */
void check_keep_head(const struct gate *g, const char *name);
/* sekisho-verify is content with the stopped gate, with and without a head. */
int check_store(struct gate *g);

#endif
