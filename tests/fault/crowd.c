/*
 * crowd.c - others who ask in the same moment as alice: the parts of one group.
 *
 * carol's question keeps the ledger busy while bob's monitor tells a refusal
 * and alice's asks for a use or tells an end; both are ready then, and share a
 * commit.  What bob's was acknowledged must be there, what died may be.
 */
#include "tests/fault/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define CONST(s)	((char *)(uintptr_t)(s))
#define SOURCE		CONST("192.0.2.7:4711")
#define WORDS		"told by the crowd"

void
crowd_ask(struct gate *g)
{
	struct msg_call q = { .verb = CONST("audit-log"),
		.body = { (uint8_t *)(uintptr_t)"{}", 2 } };
	struct msg_refusal no = { .user = CONST("bob"), .source = SOURCE,
		.code = CONST("SYNTAX"), .what = CONST(WORDS),
		.reason = CONST("no") };

	g->crowd_id = 0;
	if (!g->has_crowd || person_up(g, &g->bob) != 0 ||
	    person_up(g, &g->carol) != 0 ||
	    g->bob.generation != g->ledgerd.generation)
		return;
	g->crowd_id = ++g->call;
	if (chan_put_call(g->carol.word, g->crowd_id, &q, NULL, 0) != 0)
		person_down(&g->carol);
	g->crowd_asked++;
	if (chan_put_refusal(g->bob.monitor, g->crowd_id, &no, NULL, 0) != 0)
		person_down(&g->bob);
}

void
crowd_take(struct gate *g)
{
	struct msg m;

	if (g->crowd_id == 0)
		return;
	if (g->bob.monitor != NULL && person_answer(g, &g->bob, &m) == 0) {
		if (m.type == MSG_ACK && m.id == g->crowd_id)
			g->crowd_acked++;
		msg_done(&m);
	} else
		person_down(&g->bob);
	if (g->carol.word == NULL || gate_wait(g, g->carol.word, &m) != 0)
		person_down(&g->carol);
	else
		msg_done(&m);
	g->crowd_id = 0;
}

static unsigned int
count(const json_t *entries)
{
	unsigned int n = 0;
	const char *asked;
	size_t i;

	for (i = 0; i < json_array_size(entries); i++) {
		asked = json_string_value(json_object_get(json_object_get(
		    json_array_get(entries, i), "entry"), "asked"));
		n += asked != NULL && strcmp(asked, WORDS) == 0;
	}
	return n;
}

int
crowd_check(struct gate *g)
{
	char question[64], code[CODE_MAX + 1];
	unsigned int found = 0, tries = 0;
	json_int_t next = 0, before = -1;
	json_t *v;

	while (g->has_crowd && next != before && tries < 8) {
		snprintf(question, sizeof(question), "{\"after\":%lld}",
		    (long long)next);
		if (person_ask(g, &g->carol, "audit-log", question, code,
		    &v) != 0 || strcmp(code, "OK") != 0) {
			tries++;
			continue;
		}
		found += count(json_object_get(v, "entries"));
		before = next;
		next = json_integer_value(json_object_get(v, "next"));
		if (json_array_size(json_object_get(v, "entries")) == 0)
			next = before;
		json_decref(v);
	}
	if (tries == 8)
		return gate_wrong(g, "the log is not shown");
	if (found < g->crowd_acked || found > g->crowd_asked)
		return gate_wrong(g, "of the crowd %u are in the ledger: %u "
		    "acknowledged, %u asked", found, g->crowd_acked,
		    g->crowd_asked);
	return 0;
}
