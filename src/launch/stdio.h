/* stdio.h - what the job reads and writes: pipes to the recorder, or a terminal; and approved input. */
#ifndef LAUNCH_STDIO_H
#define LAUNCH_STDIO_H

#include <stdint.h>

#include "crypt/sha256.h"
#include "launch/refusal.h"
#include "wire/chan.h"
#include "wire/msg.h"

enum input_kind { INPUT_NONE, INPUT_TTY, INPUT_PIPE, INPUT_DIGEST };

struct stdio {
	enum input_kind	 kind;
	int		 pty;
	int		 job[3];	/* become the job's 0, 1, 2; -1: the terminal, or for INPUT_NONE its own /dev/null */
	int		 rec[3];	/* the recorder's ends: in, out, err */
	int		 collect;	/* read end of approved input, -1: none */
	int		 copy;		/* what was read of it so far */
	uint64_t	 bytes, max;
	struct sha256	*run;
	uint8_t		 want[SHA256_LEN];
};

void stdio_init(struct stdio *s);
void stdio_free(struct stdio *s);
/* Decide what standard input is and make the pipes.  Refused with INPUT. */
int stdio_open(struct stdio *s, const struct msg_prepare *order,
    uint64_t input_max, struct refusal *why);
/* Hand the recorder its ends (without a terminal) and close our copies. */
int stdio_send(struct stdio *s, struct chan *link);
/*
 * Read what is there of the approved input without blocking.  1: more to
 * come; 0: complete, equal to the digest, and sealed as the job's input.
 */
int stdio_collect(struct stdio *s, struct refusal *why);
/* Close the job's ends here: it has its own now. */
void stdio_close_job(struct stdio *s);

#endif
