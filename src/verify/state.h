/*
 * state.h - what an earlier check has seen: a head of one's own, and the records that were whole then.
 *
 * A text file: "sekisho-verify 1", then "origin NAME", "log_key HEX", "tree
 * SIZE ROOT", then "S345 CHAIN BYTES" for each record.  Whoever can write it
 * can make a check believe it, so it belongs where the auditor alone writes.
 */
#ifndef VERIFY_STATE_H
#define VERIFY_STATE_H

#include <stdint.h>

#include "base/limits.h"

struct map;

struct state {
	char		 origin[ORIGIN_MAX + 1];	/* "": there was no file */
	uint8_t		 log_key[32];
	uint64_t	 size;
	uint8_t		 root[32];
	struct map	*sessions;	/* nr, chain, bytes */
};

/* An empty one.  NULL: no memory. */
struct state *state_new(void);
void state_free(struct state *s);
/* ERR_FORMAT: not such a file (logged). */
int state_read(struct state *s, int fd);
/* Was this record whole, with this chain and of this length? */
int state_knows(const struct state *s, int64_t nr, const uint8_t chain[32],
    uint64_t bytes);
int state_add(struct state *s, int64_t nr, const uint8_t chain[32],
    uint64_t bytes);
/* The whole file.  ERR_SYS: logged. */
int state_write(const struct state *s, int fd);

#endif
