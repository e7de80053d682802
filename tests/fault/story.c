/* story.c - a request from its filing to its verdict; each step is done again until it is acknowledged. */
#include "tests/fault/gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/sha256.h"

#define CONST(s)	((char *)(uintptr_t)(s))
#define SOURCE		CONST("192.0.2.7:4711")
#define TRIES		6	/* of one step: a fault is one, its consequences some */

static char *const ARGV[] = { CONST("sed"), CONST("-i"), CONST("s/a/b/"),
	CONST("f"), NULL };
static char *const NO_WORDS[] = { NULL };

static const char *
text_of(const json_t *v, const char *key)
{
	const char *s = json_string_value(json_object_get(v, key));

	return s == NULL ? "" : s;
}

static int64_t
number_of(const json_t *v, const char *key)
{
	return (int64_t)json_integer_value(json_object_get(v, key));
}

/* A question whose answer must be yes; *v is the caller's.  ERR_DENIED: no. */
static int
ask(struct gate *g, struct person *p, const char *verb, const char *question,
    json_t **v)
{
	char code[CODE_MAX + 1];
	int r;

	if ((r = person_ask(g, p, verb, question, code, v)) != 0)
		return r;
	if (strcmp(code, "OK") == 0)
		return 0;
	snprintf(g->last_no, sizeof(g->last_no), "%s: [%s] %s", verb, code,
	    text_of(*v, "reason"));
	json_decref(*v);
	*v = NULL;
	return ERR_DENIED;
}

static int
try_file(struct gate *g)
{
	char question[256];
	json_t *v;
	int r;

	snprintf(question, sizeof(question), "{\"argv\":[\"sed\",\"-i\","
	    "\"s/a/b/\",\"f\"],\"reason\":\"because\",\"uses\":%u}", g->uses);
	if ((r = ask(g, &g->alice, "request-new", question, &v)) != 0)
		return r;
	g->request = (uint64_t)number_of(v, "nr");
	snprintf(g->digest, sizeof(g->digest), "%s", text_of(v, "digest"));
	json_decref(v);
	return 0;
}

static int
try_approve(struct gate *g)
{
	char question[160];
	json_t *v;
	int r, is_done;

	snprintf(question, sizeof(question), "{\"id\":%" PRIu64 "}",
	    g->request);
	if ((r = ask(g, &g->bob, "request-show", question, &v)) != 0)
		return r;
	is_done = strcmp(text_of(v, "state"), "approved") == 0;
	snprintf(question, sizeof(question), "{\"id\":%" PRIu64 ","
	    "\"revision\":1,\"code\":\"%s\",\"message\":\"fine\"}",
	    g->request, text_of(v, "code"));
	json_decref(v);
	if (!is_done) {
		if ((r = ask(g, &g->bob, "request-approve", question, &v)) != 0)
			return r;
		json_decref(v);
	}
	g->is_approved = 1;
	return 0;
}

/* --- one use ---------------------------------------------------------------------- */
static int
look_up(struct gate *g, struct msg_order *o, uint8_t digest[DIGEST_LEN])
{
	/* first as it is typed, then by its number: run R1 */
	struct msg_lookup l = { .user = CONST("alice"), .source = SOURCE,
		.request = g->nsessions == 0 ? 0 : g->request,
		.argv = (char **)(uintptr_t)(g->nsessions == 0 ? ARGV :
		    NO_WORDS) };
	struct msg_refused no = { 0 };
	struct msg m;
	int r;

	if ((r = person_up(g, &g->alice)) != 0 ||
	    (r = chan_put_lookup(g->alice.monitor, ++g->call, &l, NULL,
	    0)) != 0 || (r = person_answer(g, &g->alice, &m)) != 0) {
		person_down(&g->alice);
		return r;
	}
	if (m.type == MSG_ORDER) {
		if (sha256_mem(buf_data(m.body), buf_len(m.body), digest) != 0 ||
		    msg_order_get(m.body, o) != 0)
			r = gate_wrong(g, "ORDER cannot be read");
	} else if (m.type == MSG_REFUSED &&
	    msg_refused_get(m.body, &no) == 0) {
		g->is_used_up = strcmp(no.code, "USED-UP") == 0;
		snprintf(g->last_no, sizeof(g->last_no), "LOOKUP: [%s] %s",
		    no.code, no.reason);
		r = ERR_DENIED;
	} else
		r = gate_wrong(g, "LOOKUP is answered with %s",
		    msg_name(m.type));
	msg_refused_free(&no);
	msg_done(&m);
	return r;
}

/* The answer to CONSUME: no use is acknowledged twice. */
static int
take(struct gate *g, struct known_session *s, struct msg *m)
{
	struct msg_consumed done;
	size_t i;

	if (m->type != MSG_CONSUMED)
		return ERR_DENIED;
	if (msg_consumed_get(m->body, &done) != 0)
		return gate_wrong(g, "CONSUMED cannot be read");
	for (i = 0; i < g->nsessions; i++)
		if (g->sessions[i].use == done.use)
			return gate_wrong(g, "use %u is taken twice",
			    done.use);
	s->use = done.use;
	g->kit->is_consumed = 1;
	return 0;
}

static int
consume(struct gate *g, const struct msg_order *o,
    const uint8_t order[DIGEST_LEN], uint8_t header[DIGEST_LEN])
{
	struct known_session *s = gate_session(g, o->session);
	struct msg_consume q = { .session = o->session,
		.order_digest = { (uint8_t *)(uintptr_t)order, DIGEST_LEN },
		.exe_digest = o->exe_digest, .features = CONST("landlock=5"),
		.header_digest = { header, DIGEST_LEN } };
	struct msg m;
	int r;

	crowd_ask(g);
	if (g->alice.generation != g->ledgerd.generation) {
		crowd_take(g);
		return ERR_CLOSED;	/* its order is forgotten */
	}
	s->is_asked = 1;
	r = chan_put_consume(g->alice.monitor, ++g->call, &q, NULL, 0);
	if (r == 0)
		r = person_answer(g, &g->alice, &m);
	crowd_take(g);
	if (r != 0) {
		person_down(&g->alice);
		return r;
	}
	r = take(g, s, &m);
	msg_done(&m);
	return r;
}

/* Was the session interrupted when the ledger dropped its monitor, or only its RESUME lost? */
static void
look_after(struct gate *g, struct known_session *s)
{
	char question[48];
	json_t *v;
	int i;

	snprintf(question, sizeof(question), "{\"id\":%" PRIu64 "}", s->nr);
	for (i = 0; i < TRIES && s->is_disowned; i++) {
		if (ask(g, &g->carol, "session-show", question, &v) != 0)
			continue;
		s->is_disowned = strcmp(text_of(v, "state"),
		    "interrupted") == 0;
		json_decref(v);
		return;
	}
}

/* Until it is in the ledger: the same again after each restart. */
static int
tell_end(struct gate *g, struct known_session *s, uint8_t how)
{
	const struct msg_rec_ended *e = &g->kit->ended;
	struct msg_job_ended end = { .session = s->nr, .how = how,
		.signal = CONST(""), .reason = CONST(""),
		.in_bytes = e->in_bytes, .out_bytes = e->out_bytes,
		.err_bytes = e->err_bytes,
		.duration_ms = e->duration_ms, .chain = e->chain };
	static uint8_t zero[DIGEST_LEN];
	struct msg m;
	int i, r = 0;

	if (end.chain.n != DIGEST_LEN) {
		end.chain.p = zero;
		end.chain.n = DIGEST_LEN;
	}
	for (i = 0; i < 2 * TRIES && g->why[0] == '\0' &&
	    !g->kit->is_dead; i++) {
		if (i == TRIES && !fault_mend(g))
			break;
		if (person_up(g, &g->alice) != 0)
			continue;
		crowd_ask(g);
		if (g->alice.monitor == NULL)
			continue;
		r = chan_put_job_ended(g->alice.monitor, ++g->call, &end,
		    NULL, 0);
		if (r == 0)
			r = person_answer(g, &g->alice, &m);
		crowd_take(g);
		if (r == 0) {
			r = m.type == MSG_ACK ? 0 : ERR_DENIED;
			msg_done(&m);
			if (r == 0) {
				s->is_ended = 1;
				s->how = how;
				look_after(g, s);
				return 0;
			}
		}
		person_down(&g->alice);
	}
	return g->kit->is_dead ? ERR_CLOSED : gate_wrong(g, "S%" PRIu64
	    ": its end is not taken", s->nr);
}

/* From the order to the end in the ledger. */
static int
run_order(struct gate *g, const struct msg_order *o,
    const uint8_t digest[DIGEST_LEN])
{
	struct known_session *s = gate_session(g, o->session);
	struct msg_job_started started = { .session = o->session };
	uint8_t header[DIGEST_LEN], how = JOB_NOT_RUN;
	int r;

	if ((r = kit_new(g, o)) == 0 && (r = kit_open(g, header)) == 0)
		r = consume(g, o, digest, header);
	if (r == 0) {
		how = JOB_RAN;
		if (g->kill_after_use)
			fault_kill(g);
		if (g->alice.monitor != NULL)
			(void)chan_put_job_started(g->alice.monitor, 0,
			    &started, NULL, 0);
		r = kit_play(g);
	}
	if (g->all_die)			/* whoever died is looked for */
		(void)gate_turn(g, 0);
	if (g->why[0] == '\0' && g->kit->is_asked && !g->kit->is_dead) {
		if (r != 0 && how == JOB_RAN)
			how = JOB_RECORD;
		if (kit_end(g, how) != 0 && how == JOB_RAN)
			how = JOB_RECORD;
	}
	s->is_whole = g->kit->is_ended;
	if (g->all_die)
		(void)gate_turn(g, 0);
	if (g->kit->is_dead)
		how = JOB_NOT_RUN;	/* so far as anybody can say */
	else
		kit_drop_empty(g);
	if (g->why[0] == '\0' && !g->kit->is_dead)
		(void)tell_end(g, s, how);
	kit_free(g);
	return g->why[0] != '\0' ? ERR_INTERNAL : how == JOB_RAN ? 0 :
	    ERR_DENIED;
}

static int
try_run(struct gate *g)
{
	struct msg_order o = { 0 };
	uint8_t digest[DIGEST_LEN];
	int r;

	if ((r = look_up(g, &o, digest)) == 0)
		r = run_order(g, &o, digest);
	msg_order_free(&o);
	return g->is_used_up ? 0 : r;
}

/* Nobody claims it any more: it is over when the ledger has waited long enough. */
static int
wait_orphan(struct gate *g, struct known_session *s)
{
	char question[48];
	const char *state;
	json_t *v;
	int i;

	snprintf(question, sizeof(question), "{\"id\":%" PRIu64 "}", s->nr);
	for (i = 0; i < 300; i++) {
		if (ask(g, &g->carol, "session-show", question, &v) != 0) {
			if (g->why[0] != '\0')
				return -1;
			if (strstr(g->last_no, "NOT-FOUND") != NULL)
				return 0;	/* no use was taken */
			continue;
		}
		state = text_of(v, "state");
		s->is_orphan = 0;
		if (strcmp(state, "interrupted") != 0 &&
		    strcmp(state, "running") != 0)
			s->is_recovered = 1;	/* told, and not heard */
		s->is_disowned = strcmp(state, "interrupted") == 0;
		if (strcmp(state, "running") != 0)
			i = 1000;
		json_decref(v);
		if (i < 1000 && gate_turn(g, 100) != 0)
			return -1;
	}
	return i >= 1000 ? 0 :
	    gate_wrong(g, "S%" PRIu64 " runs for ever", s->nr);
}

static int
wait_orphans(struct gate *g)
{
	size_t i;

	for (i = 0; i < g->nsessions; i++)
		if (g->sessions[i].is_orphan &&
		    wait_orphan(g, &g->sessions[i]) != 0)
			return -1;
	return 0;
}

/* --- the verdict -------------------------------------------------------------------- */
/* The sheet is read, and what it shows is found adequate. */
static int
try_judge(struct gate *g)
{
	int r, is_done;
	json_t *v;

	if ((r = ask(g, &g->carol, "review-show", "{\"id\":1}", &v)) != 0)
		return r;
	is_done = json_is_object(json_object_get(v, "verdict"));
	json_decref(v);
	if (!is_done) {
		if ((r = ask(g, &g->carol, "review-verdict", "{\"id\":1,"
		    "\"verdict\":\"adequate\",\"message\":\"\"}", &v)) != 0)
			return r;
		json_decref(v);
	}
	g->is_judged = 1;
	return 0;
}

/* --- the whole ------------------------------------------------------------------------ */
static int
until_done(struct gate *g, const char *what, int (*step)(struct gate *))
{
	int i;

	g->last_no[0] = '\0';
	for (i = 0; i < 2 * TRIES; i++) {
		if (i == TRIES && !fault_mend(g))
			break;
		if (step(g) == 0 && g->why[0] == '\0')
			return 0;
		if (g->why[0] != '\0')
			return -1;
	}
	return gate_wrong(g, "%s does not work any more: %s", what, g->last_no);
}

int
story(struct gate *g)
{
	if (gate_up(g) != 0 ||
	    until_done(g, "filing", try_file) != 0 ||
	    until_done(g, "approving", try_approve) != 0)
		return -1;
	while (!g->is_used_up)
		if (until_done(g, "running", try_run) != 0)
			return -1;
	if (wait_orphans(g) != 0 ||
	    until_done(g, "judging", try_judge) != 0)
		return -1;
	return wait_orphans(g) != 0 ? -1 : gate_settle(g);
}
