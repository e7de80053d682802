/*
 * seals.h - the channel to sekisho-keyd: questions go out, seals come when they come.
 *
 * Nothing here waits.  A channel that is lost, silent or says what it may not
 * is one that gives no seals: how long that may last is the session's affair.
 */
#ifndef RECORDER_SEALS_H
#define RECORDER_SEALS_H

#include <stdint.h>

#include "record/header.h"
#include "record/writer.h"
#include "wire/chan.h"

enum seals_state {
	SEALS_NONE = 1 << 0,		/* no channel */
	SEALS_BINDING = 1 << 1,		/* SEAL_BOUND is awaited */
	SEALS_IDLE = 1 << 2,
	SEALS_ASKED = 1 << 3		/* SEALED is awaited */
};

struct seals {
	enum seals_state state;
	struct chan	*chan;		/* NULL: none */
	struct writer	*writer;	/* not owned; NULL before the header */
	struct header	*header;	/* not owned; until it is sealed: each SEAL_BOUND makes it anew */
	uint32_t	 id;		/* of the last question */
	unsigned int	 kind;		/* what it was about */
	uint8_t		 digest[SKR_DIGEST];
	unsigned int	 remade;	/* headers, for another epoch each */
	int64_t		 away_ns;	/* no answer or no channel since then; 0: all is well */
	int		 writer_error;	/* writing a seal failed: not keyd's doing */
};

void seals_init(struct seals *s);
void seals_close(struct seals *s);
/* Takes over "fd", a channel bound to this session; the one before is let go. */
void seals_take(struct seals *s, int fd, int64_t now_ns);
/* All that the channel has to say now.  An error is the writer's. */
int seals_hear(struct seals *s, int64_t now_ns);
/* Ask for the seal that the writer wants, if it can be asked now. */
void seals_ask(struct seals *s, int64_t now_ns);

#endif
