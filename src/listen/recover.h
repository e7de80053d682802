/* recover.h - looks after recordings whose end nobody told: ledgerd asks, sekisho-record --recover reads, keyd seals. */
#ifndef LISTEN_RECOVER_H
#define LISTEN_RECOVER_H

#include "listen/gate.h"

struct pollfd;

/* RECOVER of ledgerd: queued, started in turn.  Answered by RECOVERED under the same id, in any order. */
int recover_ask(struct gate *g, struct msg *m);
/* The ledger that asked is gone: what waits is dropped, what runs ends unheard. */
void recover_forget(struct gate *g);
/* The gate stops: nothing more is begun. */
void recover_drain(struct gate *g);
int recover_is_running(const struct gate *g);
void recover_kill_all(struct gate *g);
/* Descriptors to poll, at most RECOVER_RUNNING; places without one are -1. */
void recover_watch(const struct gate *g, struct pollfd *p);
/* Read what place "i" of them said. */
void recover_serve(struct gate *g, size_t i);
/* Begin what may begin, kill what takes too long.  Returns when the next is. */
int64_t recover_timer(struct gate *g, int64_t now);
void recover_free_all(struct gate *g);

#endif
