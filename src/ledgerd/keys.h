/*
 * keys.h - the other end of keyd: epochs that become entries, heads that are asked for and kept.
 *
 * Whatever keyd does wrong, or whatever it finds wrong with the ledger, only
 * what is new stops: entries are written and read as before.
 */
#ifndef LEDGERD_KEYS_H
#define LEDGERD_KEYS_H

#include "ledger/note.h"
#include "request/request.h"
#include "wire/chan.h"

struct keys;
struct ledgerd;

/* A socket for heads to the system's log, made before the confinement; -1: none. */
int keys_syslog(void);
/*
 * "dir" is that of the heads; "syslog" is taken over.  Reads the last epoch
 * from the ledger.  ERR_FORMAT: the ledger's epochs are not sound (logged).
 */
int keys_new(struct ledgerd *ld, const char *dir, int syslog);
void keys_free(struct keys *k);

/* BIND_KEYS: a new channel, in place of the one before. */
int on_bind_keys(void *ctx, struct msg *m);
/* For poll(): -1 while there is no channel. */
int keys_fd(const struct ledgerd *ld);
short keys_events(const struct ledgerd *ld);
/* What keyd says; an error is the ledger's own (store, a head that did not reach the disk) and stops it. */
int keys_serve(struct ledgerd *ld, short revents);
/* An entry was added: another head is wanted. */
void keys_grew(struct ledgerd *ld);
/* Milliseconds until keys_due() has something to do; -1: nothing waits. */
int keys_wait_ms(const struct ledgerd *ld);
int keys_due(struct ledgerd *ld);
/* After the last entry: wait a bounded time for the head that covers it. */
int keys_finish(struct ledgerd *ld);

/* For the word status. */
struct keys_facts {
	const char	*wrong;		/* why nothing new may start; "" : all is well */
	int64_t		 unsigned_ms;	/* for so long a head has been missing */
	uint64_t	 size;		/* covered by the newest head */
	int64_t		 head_at, ahead_ns;	/* unix ns; 0: none in this life */
	uint32_t	 epoch;		/* 0: none */
	int64_t		 epoch_start;	/* unix ns */
};
void keys_tell(const struct ledgerd *ld, struct keys_facts *out);

/* 0, or ERR_DENIED and *why: no keys for longer than the grace, or they do not belong to this ledger. */
int keys_may_start(const struct ledgerd *ld, struct req_refusal *why);
/* The same for filings, which may wait for keys that are away. */
int keys_may_file(const struct ledgerd *ld, struct req_refusal *why);

#endif
