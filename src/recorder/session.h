/*
 * session.h - one recorded session: what is recorded, what is relayed, in which order.
 *
 * Nothing reaches a sink before the writer has appended it.  A failed append
 * ends everything: no byte goes anywhere afterwards.  Nothing waits for a
 * seal but the header, before anything runs, and END.
 */
#ifndef RECORDER_SESSION_H
#define RECORDER_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "record/header.h"
#include "record/writer.h"
#include "recorder/haste.h"
#include "recorder/relay.h"
#include "recorder/seals.h"
#include "wire/chan.h"

#define SESSION_EXIT_RECORD	74	/* EX_IOERR: the recording failed */
#define SESSION_EXIT_KEYS	69	/* EX_UNAVAILABLE: no seal, so nothing was started */

enum session_state {
	SESSION_START = 1 << 0,		/* no file yet */
	SESSION_HEADER = 1 << 1,	/* the header waits for its seal */
	SESSION_OPEN = 1 << 2,		/* header is on disk */
	SESSION_ENDING = 1 << 3,	/* REC_END came: output is drained */
	SESSION_FULL = 1 << 4,		/* REC_FAILED said: REC_END may still tell how it ended */
	SESSION_LAST = 1 << 5,		/* END waits for its seal */
	SESSION_DONE = 1 << 6		/* END is on disk: the rest is delivered */
};

struct session {
	enum session_state state;
	struct chan	*monitor, *link;	/* link: NULL once gone */
	struct writer	*writer;
	int		 file;
	uint32_t	 sync_ms;
	int64_t		 grace_ns;	/* seal_grace */
	struct seals	 seals;
	struct msg_rec_open open;	/* what REC_OPEN said */
	uint32_t	 open_id;
	struct header	 header;
	int64_t		 until_ns;	/* end of HEADER, FULL or LAST */
	int		 is_unsealed_told;
	struct header_clock clock;	/* boot id and state, read before confinement */
	uint8_t		 pty;
	int		 io;			/* from net, until PIPES wants it */
	int		 has_pipes;
	struct relay	 in, out, err;
	struct haste	 haste;			/* of "out" */
	struct msg_rec_end end;			/* what REC_END said */
	uint32_t	 end_id;
	int		 has_end;
	int64_t		 drain_until_ns;
	int		 is_out_shut, is_err_shut;
	int64_t		 out_gone_ns;		/* nobody took output any more from then on; 0: somebody does */
	int		 failed;		/* an append failed: relay nothing */
	int		 is_keys;		/* no seal for the header: nothing was started */
	int		 status;		/* to exit with, once END is there */
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
/* Record and relay what output there is now. */
int session_drain(struct session *s);
/* May this relay read now? */
int session_wants(const struct session *s, const struct relay *r);

/* What came from keyd ("is_ready": poll(2) says that something did), and whether it took too long. */
int session_seals(struct session *s, int is_ready);

/* finish.c */

/* Ends what is to be ended now: drained, waited long enough.  Shuts streams down whose end was reached. */
int session_progress(struct session *s);
/* Milliseconds until session_progress() or session_seals() has something to do; -1: nothing. */
int session_due_ms(const struct session *s, int64_t now_ns);
/* The monitor went away: END(lost) unless one is on its way.  1: there is nothing to end. */
int session_lost(struct session *s);
/* The file is full: say so, let every stream go, and wait a little for how it ended. */
int session_full(struct session *s);
/* DONE and delivered, as far as there is anybody to deliver to. */
int session_is_delivered(const struct session *s);

#endif
