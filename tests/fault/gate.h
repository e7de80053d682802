/* gate.h - what the files of tests/fault do with the gate of state.h. */
#ifndef TESTS_FAULT_GATE_H
#define TESTS_FAULT_GATE_H

#include "json/json.h"
#include "tests/fault/state.h"

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
/* A service that is gone; what was bound to it is not any more. */
void gate_service_dead(struct gate *g, struct service *s);
/* A channel and a process at its other end, with its slice; 1: it did not take that. */
int gate_start(struct gate *g, enum program p, pid_t *pid, struct chan **c);
/* Says once what is wrong. */
int gate_wrong(struct gate *g, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct known_session *gate_session(struct gate *g, uint64_t nr);

/* --- fault.c ------------------------------------------------------------------------ */
/* Ends a service that lives on with a lasting fault ("12+"), once: 1, and another one is started. */
int fault_mend(struct gate *g);
/* Under nomem: so many allocations until READY. */
void fault_note_ready(struct gate *g, enum program p);
/* SIGKILL to the one that kill_after_use names, once. */
void fault_kill(struct gate *g);
/* With all_die: has the one under the fault just died, everything does. */
void fault_spread(struct gate *g);

/* --- rescue.c: recordings whose recorder was killed -------------------------------- */
/* RECOVER came from the ledger. */
int rescue_ask(struct gate *g, struct msg *m);
/* Starts it, hears it, tells the ledger; a free slot is no work. */
int rescue_serve(struct gate *g, struct rescue *x);
void rescue_free(struct rescue *x);

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

/* --- crowd.c: with has_crowd others ask in the same moment ------------------------- */
/* Right before alice's monitor asks, and behind its answer. */
void crowd_ask(struct gate *g);
void crowd_take(struct gate *g);
/* What it was acknowledged is in the ledger, and nothing that it did not say. */
int crowd_check(struct gate *g);

/* --- meta.c ---------------------------------------------------------------------- */
/* META of a recording; the caller frees. */
char *meta_of(const struct msg_order *o, size_t *n);

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
