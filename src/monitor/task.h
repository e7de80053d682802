/*
 * task.h - what one SSH channel asks for, from CHAN_OPEN to its end (inside src/monitor only).
 */
#ifndef MONITOR_TASK_H
#define MONITOR_TASK_H

#include "monitor/mon.h"

enum task_state {
	TASK_NEW = 1 << 0,	/* opened */
	TASK_PTY = 1 << 1,	/* and has a terminal */
	TASK_REFUSING = 1 << 2,	/* REFUSAL waits for ACK */
	TASK_LOOKUP = 1 << 3,	/* LOOKUP waits for ORDER */
	TASK_KIT = 1 << 4,	/* NEED_KIT waits for KIT */
	TASK_PREPARE = 1 << 5,	/* PREPARED and REC_OPENED are awaited */
	TASK_CONSUME = 1 << 6,	/* CONSUME waits for CONSUMED */
	TASK_GO = 1 << 7,	/* GO waits for GONE */
	TASK_RUN = 1 << 8,	/* the job runs */
	TASK_ENDING = 1 << 9,	/* REC_END waits for REC_ENDED */
	TASK_SEALING = 1 << 10,	/* JOB_ENDED waits for ACK */
	TASK_BIND = 1 << 11,	/* BIND waits for BOUND */
	TASK_WORD_KIT = 1 << 12, /* NEED_WORD waits for WORD_KIT */
	TASK_WORD = 1 << 13,	/* a gateway word runs */
	TASK_DONE = 1 << 14,	/* CHAN_EXIT sent, net has not closed yet */
	TASK_CLOSED = 1 << 15	/* forgotten at the end of the turn */
};
#define TASK_FRESH	(TASK_NEW | TASK_PTY)
#define TASK_STARTED	((TASK_CLOSED - 1) & ~TASK_FRESH)	/* all between */
#define TASK_WITH_KIT	(TASK_PREPARE | TASK_CONSUME | TASK_GO | TASK_RUN | \
	TASK_ENDING)
#define TASK_WITH_JOB	(TASK_GO | TASK_RUN)
#define TASK_COMMAND	(TASK_LOOKUP | TASK_KIT | TASK_PREPARE | \
	TASK_CONSUME | TASK_WITH_JOB)	/* a command on its way or running */
#define TASK_ASKING	(TASK_REFUSING | TASK_LOOKUP | TASK_CONSUME | \
	TASK_SEALING | TASK_BIND)	/* the ledger owes an answer */

/* With those whose channel is closed already: started commands, then the connection. */
#define TASKS_STARTED_MAX	CHANNELS_MAX
#define TASKS_MAX		(2 * CHANNELS_MAX)
#define TASK_WARN_S	600	/* before the longest run is over */

/* How it ended: "how" 0 is not yet, an empty code means the command's own status counts. */
struct verdict {
	enum job_end	 how;
	char		 code[CODE_MAX + 1];
	char		*reason, *next;
	uint32_t	 status;
	char		 signal[17];
};

struct task {
	struct task	*next;
	struct mon	*mon;
	enum task_state	 state;
	uint32_t	 id;		/* net's number of the channel */
	int		 is_closed;	/* net has closed it: nothing to say there */
	char		*term;
	uint32_t	 cols, rows;
	uint32_t	 told_cols, told_rows;	/* what record and exec were told of them */
	int		 has_pty;
	char		 early_signal[17];	/* that came before GO; "": none */

	/* what was asked */
	char		**argv;
	uint64_t	 request;	/* by number; 0: by argv */
	uint32_t	 step;
	char		*what;		/* the same, escaped, for entries */
	uint32_t	 call;		/* number of the open question; 0 */
	int		 asked_again;	/* LOOKUP once more under a newer snapshot */
	unsigned int	 nmissed;	/* its requests were used up by others so often */
	int		 is_again;	/* once this session is sealed, LOOKUP another time */

	/* the order, and what the ledger said about it */
	int		 has_order, is_consumed;
	int		 is_started, is_start_told;	/* GONE came; the ledger heard so */
	struct msg_order order;
	uint8_t		 order_digest[DIGEST_LEN];
	struct msg_consumed use;

	/* record and exec, or a word */
	uint32_t	 kit;		/* its number at sekishod; 0 */
	struct chan	*record, *exec, *word;
	int		 io, err, bound;	/* descriptors not yet handed on; -1 */
	int		 seals;		/* the same: the recorder's channel to keyd */
	int		 has_streams, is_unread_told;
	int		 is_deaf;	/* net was told that nothing will read its input */
	int		 is_rec_asked, is_rec_open, is_prepared, is_warned;
	int		 has_unread;	/* told before the record could take it */
	int		 is_abandoned;	/* the kit is killed at its end */
	uint8_t		 exe_digest[DIGEST_LEN];
	uint8_t		 header_digest[DIGEST_LEN];	/* of the recording, once is_rec_open */
	char		*features;
	struct msg_rec_ended totals;
	uint32_t	 refusals;

	struct verdict	 end;
	int64_t		 due_ms;	/* what is awaited must have come by then; 0 */
	uint32_t	 longest_s;	/* that the job may run; 0: no end */
	int64_t		 run_until_ms;	/* the same as an instant; 0 */
	int64_t		 record_seen_ms, exec_seen_ms;
	int64_t		 moved_ms;	/* when a byte was seen moving in its terminal (idle.c); 0: not yet */
	int64_t		 traced[TRACE_TASK_ALL];	/* ns, with trace_time; 0: not yet */
};

/* task.c */
struct task *task_new(struct mon *m, uint32_t id);
/* The task of net's channel "id" that net has not closed; NULL. */
struct task *task_find(struct mon *m, uint32_t id);
/* The task that waits for the answer to call "nr" of the ledger; NULL. */
struct task *task_of_call(struct mon *m, uint32_t nr);
/* The task whose kit has this number; NULL. */
struct task *task_of_kit(struct mon *m, uint32_t nr);
/* Go on to "to"; a move that is not in the table is our own mistake and ends the process. */
void task_move(struct task *t, enum task_state to);
/* As it was before its LOOKUP; the kit is dropped already. */
void task_renew(struct task *t);
/* Closes channels to record, exec and word; they end by themselves. */
void task_drop_kit(struct task *t);
/* The same, and has sekishod kill them. */
void task_kill_kit(struct task *t);
/* Frees tasks that are TASK_CLOSED. */
void task_sweep(struct mon *m);
void task_free(struct task *t);

/* channel.c: CHAN_* of net. */
int channel_on_open(void *ctx, struct msg *msg);
int channel_on_refused(void *ctx, struct msg *msg);
void channel_dispatch(struct mon *m, struct msg *msg);
/* Record and exec hear of the client's size when they can and do not know it yet. */
void channel_tell_size(struct task *t);
/* The first signal that came while the job was made ready: ^C, most likely. */
void channel_tell_early(struct task *t);
/* The client cannot be reached any more; "grace_ms" as JOB_KILL has it. */
void channel_client_gone(struct task *t, uint32_t grace_ms);

/* command.c: from the exec string to an order that was compared. */
void command_begin(struct task *t, const uint8_t *p, size_t n, size_t total);
void command_shell(struct task *t);
void command_subsystem(struct task *t, const char *name);
/* Refused here and not by the ledger: an entry first, then the text. */
void command_refuse(struct task *t, const char *code, const char *reason,
    const char *next);
int command_on_order(void *ctx, struct msg *msg);
int command_on_refused(void *ctx, struct msg *msg);
/* Its request was used up by somebody else meanwhile, but another one fits. */
int command_on_look_again(void *ctx, struct msg *msg);
/* The session that came to nothing is sealed: from LOOKUP on once more. */
void command_again(struct task *t);
/* "R12" or "R12.3": 0 and the numbers, else ERR_FORMAT. */
int command_parse_run(const char *s, uint64_t *request, uint32_t *step);

/* kit.c: record and exec, from KIT to GO. */
int kit_on_ready(void *ctx, struct msg *msg);
int kit_on_kit(void *ctx, struct msg *msg);
int kit_on_failed(void *ctx, struct msg *msg);
int kit_on_prepared(void *ctx, struct msg *msg);
int kit_on_rec_opened(void *ctx, struct msg *msg);
int kit_on_consumed(void *ctx, struct msg *msg);
/* That input is not read, once, when there was some. */
void kit_tell_unread(struct task *t);
/* A line in the record; shown to the operator when "show". */
void kit_notice(struct task *t, char *text, int show);

/* job.c: what record and exec say, and that they say nothing any more. */
/* JOB_STARTED, if it has started and the ledger has not heard so. */
void job_tell_start(struct task *t);
void job_record_says(struct task *t, struct msg *msg);
void job_exec_says(struct task *t, struct msg *msg);
void job_record_lost(struct task *t, const char *why);
void job_exec_lost(struct task *t);

/* word.c: gateway words. */
void word_begin(struct task *t);
int word_on_bound(void *ctx, struct msg *msg);
int word_on_kit(void *ctx, struct msg *msg);
void word_dispatch(struct task *t, struct msg *msg);
void word_lost(struct task *t);

/* finish.c: every way a task can end.  "next" NULL: what usually helps. */
/* What the client will be told. */
void finish_say(struct task *t, const char *code, const char *reason,
    const char *next);
/* Nothing was started and the ledger knows: text, status, done. */
void finish_refused(struct task *t, const char *code, const char *reason,
    const char *next);
/* The order is not carried out: record closed, ledger told, text. */
void finish_not_run(struct task *t, const char *code, const char *reason,
    const char *next);
/* End what runs: TERM, "grace_ms", KILL.  The first reason stays. */
void finish_stop(struct task *t, enum job_end how, const char *code,
    const char *reason, uint32_t grace_ms);
/* The job's tree is gone: close the record. */
void finish_record(struct task *t);
/* The launcher is gone, and with it the tree; what is left of it is recorded. */
void finish_lost(struct task *t);
/* The same for one that does not answer: sekishod kills it as soon as END is written. */
void finish_abandon_exec(struct task *t);
/* sekishod gave no processes in time. */
void finish_no_kit(struct task *t);
/* The end could not be recorded. */
void finish_unrecorded(struct task *t);
/* The recorder has answered REC_ENDED. */
void finish_ended(struct task *t);
/* The recorder cannot write, but is there to say so: the job is ended, its END awaited. */
void finish_failing(struct task *t);
/* The record is closed or lost: tell the ledger. */
void finish_seal(struct task *t);
/* All is written: text and status to the client. */
void finish_task(struct task *t);
int finish_on_ack(void *ctx, struct msg *msg);
int finish_on_refused(void *ctx, struct msg *msg);
/* (Again) send what waits for an ACK: REFUSAL or JOB_ENDED. */
void finish_tell_ledger(struct task *t);

#endif
