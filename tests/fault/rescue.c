/* rescue.c - recordings without an end: looked after by sekisho-record --recover, as sekishod has it done. */
#include "tests/fault/gate.h"

#include <string.h>
#include <unistd.h>

#include "base/err.h"

void
rescue_free(struct rescue *x)
{
	msg_recover_free(&x->what);
	chan_free(x->chan);
	memset(x, 0, sizeof(*x));
}

int
rescue_ask(struct gate *g, struct msg *m)
{
	struct rescue *x;
	size_t i;

	for (i = 0; i < RECOVERIES; i++)
		if (g->recoveries[i].what.session == 0)
			break;
	if (i == RECOVERIES)
		return gate_wrong(g, "more recoveries than sessions");
	x = &g->recoveries[i];
	if (msg_recover_get(m->body, &x->what) != 0)
		return gate_wrong(g, "RECOVER cannot be read");
	x->id = m->id;
	x->asked_by = g->ledgerd.generation;
	return 0;
}

/* The ledger that asked is told; another one asks again. */
static int
tell(struct gate *g, struct rescue *x,
    const struct msg_recovered *said)
{
	if (g->ledgerd.is_ready && x->asked_by == g->ledgerd.generation &&
	    chan_put_recovered(g->ledgerd.chan, x->id, said, NULL, 0) == 0 &&
	    said->result != RECOVERY_FAILED)
		gate_session(g, said->session)->is_recovered = 1;
	return 0;
}

static int
start(struct gate *g, struct rescue *x)
{
	int seals, r;

	if ((r = gate_seal_channel(g, x->what.session, &x->what.uuid,
	    &seals)) != 0)
		return r == ERR_CLOSED ? 0 : -1;	/* later */
	r = gate_start(g, RECOVER, &x->pid, &x->chan);
	if (r >= 0)	/* its death is seen as its end of file */
		(void)chan_put_recover(x->chan, x->id, &x->what, &seals, 1);
	close(seals);
	return r < 0 ? -1 : 0;
}

int
rescue_serve(struct gate *g, struct rescue *x)
{
	struct msg_recovered said = { 0 };
	struct msg m;
	int r;

	if (x->what.session == 0)
		return 0;
	if (x->chan == NULL)
		return start(g, x);
	while ((r = chan_recv(x->chan, &m)) == 0) {
		if (m.type == MSG_RECOVERED && !x->is_told) {
			if (msg_recovered_get(m.body, &said) != 0)
				r = gate_wrong(g, "RECOVERED cannot be read");
			else
				r = tell(g, x, &said);
			x->is_told = 1;
			msg_recovered_free(&said);
			memset(&said, 0, sizeof(said));
		} else if (m.type == MSG_READY)
			fault_note_ready(g, RECOVER);
		msg_done(&m);
		if (r != 0)
			return -1;
	}
	if (r == 1)
		return 0;
	(void)spawn_reap(g, RECOVER, &x->pid);
	if (!x->is_told) {
		g->failed_recoveries++;
		said.session = x->what.session;
		said.result = RECOVERY_FAILED;
		(void)tell(g, x, &said);
	}
	rescue_free(x);
	return 0;
}
