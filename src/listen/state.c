/* state.c - GATE_STATE to ledgerd when it changed, and one line a minute and source in the log. */
#include "listen/state.h"

#include <string.h>

#include "base/log.h"
#include "listen/child.h"

#define STATE_MS	2000	/* status is for people: fresh enough, and no flood */

void
state_forget(struct gate *g)
{
	g->is_told = 0;
	g->tell_at = 0;
}

/* All but the number of penalised sources, which has to be counted. */
static void
gather(const struct gate *g, struct msg_gate_state *s)
{
	memset(s, 0, sizeof(*s));
	s->connections = (uint32_t)counts_connections(g->counts);
	s->unauth = (uint32_t)counts_unauth(g->counts);
	s->kits = (uint32_t)g->nkits;
	s->warm_pairs = (uint32_t)g->pools[WARM_PAIR].n;
	s->warm_kits = (uint32_t)g->pools[WARM_KIT].n;
	s->penalised = g->told.penalised;
	s->taken = counts_total(g->counts, COUNT_TAKEN);
	s->refused = counts_total(g->counts, COUNT_REFUSED);
	s->login_failed = counts_total(g->counts, COUNT_LOGIN_FAILED);
	s->grace_over = counts_total(g->counts, COUNT_GRACE_OVER);
	s->penalty_refused = counts_total(g->counts, COUNT_PENALTY_REFUSED);
	s->opened = g->opened;
	s->is_draining = g->state > GATE_OPEN;
}

#define AND_SAME(type, field, max) && a->field == b->field

static int
is_same(const struct msg_gate_state *a, const struct msg_gate_state *b)
{
	return 1 FIELDS_gate_state(AND_SAME);
}

static int64_t
tell_timer(struct gate *g, int64_t now)
{
	struct msg_gate_state s;

	if (!g->ledger.is_ready || g->state < GATE_OPEN)
		return NEVER;
	gather(g, &s);
	if (g->is_told && is_same(&s, &g->told) && s.penalised == 0)
		return NEVER;
	if (now < g->tell_at)
		return g->tell_at;
	g->tell_at = now + STATE_MS;
	/* penalties end without anybody doing anything */
	s.penalised = (uint32_t)penalties_in_force(g->penalties, now);
	if ((g->is_told && is_same(&s, &g->told)) ||
	    chan_waiting(g->ledger.chan) != 0)
		return g->tell_at;
	g->told = s;
	g->is_told = 1;
	if (chan_put_gate_state(g->ledger.chan, 0, &s, NULL, 0) != 0)
		child_kill(g->ledger.child);
	return g->tell_at;
}

static void
report_line(void *arg, const struct source *s, const uint32_t *events)
{
	char text[SOURCE_MAX] = "(others)";

	(void)arg;
	if (s != NULL)
		source_key_text(text, s);
	log_info("connections source=%s taken=%u refused=%u "
	    "login_failed=%u grace_over=%u penalty_refused=%u seconds=%d",
	    text, events[COUNT_TAKEN], events[COUNT_REFUSED],
	    events[COUNT_LOGIN_FAILED], events[COUNT_GRACE_OVER],
	    events[COUNT_PENALTY_REFUSED], REPORT_MS / 1000);
}

int64_t
state_timer(struct gate *g, int64_t now)
{
	int64_t next;

	if (g->report_at <= now) {
		counts_report(g->counts, report_line, NULL);
		if (g->door_refused != 0)
			log_info("local door refused=%zu seconds=%d",
			    g->door_refused, REPORT_MS / 1000);
		g->door_refused = 0;
		g->report_at = now + REPORT_MS;
	}
	next = tell_timer(g, now);
	return next < g->report_at ? next : g->report_at;
}
