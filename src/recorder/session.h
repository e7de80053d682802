/*
 * session.h - one recorded session: what is recorded, what is relayed, in which order.
 *
 * Nothing reaches a sink before the writer has appended it.  A failed append
 * ends everything: no byte goes anywhere afterwards.
 */
#ifndef RECORDER_SESSION_H
#define RECORDER_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "record/header.h"
#include "record/writer.h"
#include "recorder/relay.h"
#include "wire/chan.h"

enum session_state {
	SESSION_START = 1 << 0,		/* no file yet */
	SESSION_OPEN = 1 << 1,		/* header is on disk */
	SESSION_ENDING = 1 << 2,	/* REC_END came: output is drained */
	SESSION_DONE = 1 << 3		/* END is on disk: the rest is delivered */
};

struct session {
	enum session_state state;
	struct chan	*monitor, *link;	/* link: NULL once gone */
	struct writer	*writer;
	int		 file;
	uint32_t	 sync_ms;
	struct header_clock clock;	/* boot id and state, read before confinement */
	uint8_t		 pty;
	int		 io;			/* from net, until PIPES wants it */
	int		 has_pipes;
	struct relay	 in, out, err;
	struct msg_rec_end end;			/* what REC_END said */
	uint32_t	 end_id;
	int64_t		 drain_until_ns;
	int		 is_out_shut, is_err_shut;
	int		 failed;		/* an append failed: relay nothing */
};

/* Takes all descriptors over (session_close() closes them).  ERR_NOMEM. */
int session_init(struct session *s, int monitor, int io, int err, int link);
void session_close(struct session *s);

/* What the monitor and the launcher say.  An error ends the process. */
int session_from_monitor(struct session *s, struct msg *m);
int session_from_link(struct session *s, struct msg *m);

/* Record an event now.  On failure s->failed is set and the writer knows why. */
int session_record(struct session *s, uint8_t type, const void *p, size_t n);
/* Record text as a note and show it to the operator where notices go. */
int session_show(struct session *s, const void *p, size_t n);

/* Move bytes of every direction once; "ready" as poll(2) said. */
struct session_ready {
	int in, out, err;
};
int session_relay(struct session *s, const struct session_ready *ready);
/* May this relay read now? */
int session_wants(const struct session *s, const struct relay *r);
/* While ENDING: write END when all output is recorded or time is over.  Shuts streams down whose end was reached. */
int session_progress(struct session *s);
/* The monitor went away: END(lost) unless it is there already. */
int session_lost(struct session *s);
/* DONE and delivered, as far as there is anybody to deliver to. */
int session_is_delivered(const struct session *s);

#endif
