/*
 * cli.h - one gateway word: who asks, where it prints, whom it asks.
 *
 * A word is a function in words.c's table.  It returns the exit status; what
 * it prints is in out and err, flushed by whoever called it.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stddef.h>
#include <stdint.h>

#include "json/json.h"
#include "sekisho/code.h"

struct chan;
struct out;

struct cli {
	struct out	*out, *err;
	int		 in_fd, out_fd;	/* the client's stream */
	int		 control_fd;	/* closed by the gate: stop; -1: none */
	struct chan	*ledger;
	const char	*user;
	int		 pty;
	unsigned int	 cols, rows;	/* of the pty */
	uint32_t	 calls;		/* made so far; the id of the next */
	int		 wants_json;	/* --json was given: a refusal is an answer on out, too */
	int		 is_quiet;	/* the ledger's refusals are not told here: the caller does */
	char *const	*argv;		/* the whole line, for the entry of a refusal */
};

/* The body of the program: the exit status. */
int cli_main(int argc, char **argv);

/*
 * "sekisho: refused [CODE] reason" and "next: ..." on err, and its entry in the
 * ledger before; returns the status of the code.  "next" NULL or "": help about
 * the word.  With wants_json the same three as one document on out.
 */
int cli_refuse(struct cli *c, enum sekisho_code code, const char *next,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The ledger's answer; freed with reply_free(). */
struct reply {
	json_t	*v;		/* an object */
	char	*text;		/* its bytes as they came */
	size_t	 n;
	int	 fd;		/* -1: none came; closed by reply_free() */
	int	 more;
};

/*
 * Ask and wait.  0, or the exit status after saying why on err; then "out"
 * holds nothing.  "body" is taken over; NULL: no memory.
 */
int ledger_call(struct cli *c, const char *verb, json_t *body,
    struct reply *out);
void reply_free(struct reply *r);

/* Fields of a reply for printing: "" and 0 when missing or of another type. */
const char *field_str(const json_t *o, const char *key);
int64_t field_int(const json_t *o, const char *key);
const json_t *field_array(const json_t *o, const char *key);
/* Seconds of an ISO time; 0: null, missing or no time. */
int64_t field_time(const json_t *o, const char *key);

#endif
