/* last.c - what was signed last, in two copies: a gate that is set back is not signed for. */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "keyd/state.h"
#include "record/le.h"

#define LOG_AT		0		/* the log's public key: the copy belongs to it */
#define WRITES_AT	32
#define SIZE_AT		40
#define ROOT_AT		48
#define HEAD_AT		80
#define UNTIL_AT	88

int
last_save(const struct disk *d, const struct log_key *l, struct last *s)
{
	uint8_t body[DISK_BODY] = { 0 };
	int r;

	s->writes++;
	memcpy(body + LOG_AT, l->public, ED25519_LEN);
	le_put64(body + WRITES_AT, s->writes);
	le_put64(body + SIZE_AT, s->head.size);
	memcpy(body + ROOT_AT, s->head.root, DIGEST_LEN);
	le_put64(body + HEAD_AT, (uint64_t)s->head_ns);
	le_put64(body + UNTIL_AT, (uint64_t)s->until_ns);
	if ((r = disk_put(d, BLOCK_LAST_A, body)) != 0)
		return r;
	return disk_put(d, BLOCK_LAST_B, body);
}

/* 1: a whole copy; 0: torn or missing. */
static int
load_one(const struct disk *d, const struct log_key *l, enum disk_block at,
    struct last *s, int *r)
{
	uint8_t body[DISK_BODY];
	enum disk_found found;

	if (*r != 0 || (*r = disk_get(d, at, body, &found)) != 0 ||
	    found != FOUND_GOOD)
		return 0;
	if (memcmp(body + LOG_AT, l->public, ED25519_LEN) != 0) {
		*r = ERR_FORMAT;
		return 0;
	}
	s->writes = le_get64(body + WRITES_AT);
	s->head.size = le_get64(body + SIZE_AT);
	memcpy(s->head.root, body + ROOT_AT, DIGEST_LEN);
	s->head_ns = (int64_t)le_get64(body + HEAD_AT);
	s->until_ns = (int64_t)le_get64(body + UNTIL_AT);
	return 1;
}

int
last_load(const struct disk *d, const struct log_key *l, struct last *s)
{
	struct last a = { 0 }, b = { 0 };
	int r = 0, has_a, has_b;

	has_a = load_one(d, l, BLOCK_LAST_A, &a, &r);
	has_b = load_one(d, l, BLOCK_LAST_B, &b, &r);
	if (r == 0 && !has_a && !has_b)
		r = ERR_FORMAT;
	if (r == ERR_FORMAT)
		log_error("keys are damaged: what was signed last is not known, and a shorter ledger could be signed");
	if (r != 0)
		return r;
	*s = has_a && (!has_b || a.writes >= b.writes) ? a : b;
	/* the copy that a crash or the disk spoilt is made good before anything is signed */
	if (has_a && has_b && a.writes == b.writes)
		return 0;
	return last_save(d, l, s);
}
