/* person.c - a monitor's channel to the ledger, and the channel of the person behind it. */
#include "tests/fault/gate.h"

#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"

#define CONST(s)	((char *)(uintptr_t)(s))
#define SOURCE		CONST("192.0.2.7:4711")

void
person_down(struct person *p)
{
	chan_free(p->word);
	chan_free(p->monitor);
	p->word = p->monitor = NULL;
}

int
person_answer(struct gate *g, struct person *p, struct msg *m)
{
	int r;

	while ((r = gate_wait(g, p->monitor, m)) == 0 && m->type == MSG_DISK)
		msg_done(m);
	return r;
}

/* The session of the kit goes on under the new channel. */
static int
say_resume(struct gate *g, struct person *p)
{
	struct msg_resume m = { .user = CONST(p->name), .source = SOURCE };
	uint8_t list[8];
	size_t i;

	if (p == &g->alice && g->kit != NULL && g->kit->is_consumed) {
		for (i = 0; i < 8; i++)
			list[i] = (uint8_t)(g->kit->session >> (56 - 8 * i));
		m.sessions.p = list;
		m.sessions.n = sizeof(list);
	}
	return chan_put_resume(p->monitor, ++g->call, &m, NULL, 0);
}

static int
log_in(struct gate *g, struct person *p)
{
	struct msg_login m = { .user = CONST(p->name), .source = SOURCE,
		.method = CONST("pam") };
	struct msg answer;
	int r;

	r = p->was_in ? say_resume(g, p) :
	    chan_put_login(p->monitor, ++g->call, &m, NULL, 0);
	if (r != 0 || (r = person_answer(g, p, &answer)) != 0)
		return r;
	if (answer.type != MSG_ACK) {
		r = ERR_DENIED;		/* perhaps the fault: once more */
		if (p == &g->alice && g->kit != NULL && g->kit->is_consumed) {
			g->kit->is_consumed = 0;
			gate_session(g, g->kit->session)->is_disowned = 1;
		}
	} else
		p->was_in = 1;
	msg_done(&answer);
	return r;
}

static int
bind_word(struct gate *g, struct person *p)
{
	struct msg_bind b = { .user = CONST(p->name), .source = SOURCE };
	struct msg m;
	int r, fd;

	if ((r = chan_put_bind(p->monitor, ++g->call, &b, NULL, 0)) != 0 ||
	    (r = person_answer(g, p, &m)) != 0)
		return r;
	if (m.type != MSG_BOUND)
		r = ERR_DENIED;
	else if ((fd = msg_take_fd(&m, 0)) >= 0)
		p->word = chan_new(fd, PEER_W, PEER_G);
	msg_done(&m);
	return r != 0 ? r : p->word == NULL ? ERR_INTERNAL : 0;
}

int
person_up(struct gate *g, struct person *p)
{
	struct msg_bind_monitor m = { .conn = 1, .source = SOURCE };
	int w[2], r;

	if (gate_turn(g, 0) != 0)
		return ERR_INTERNAL;
	if (p->word != NULL && p->generation == g->ledgerd.generation)
		return 0;
	person_down(p);
	p->generation = g->ledgerd.generation;
	if (chan_pair(w) != 0)
		return gate_wrong(g, "no channel");
	r = chan_put_bind_monitor(g->ledgerd.chan, 0, &m, &w[1], 1);
	close(w[1]);
	if (r != 0 && gate_turn(g, 100) != 0)	/* its end is seen there */
		r = ERR_INTERNAL;
	p->monitor = chan_new(w[0], PEER_M, PEER_G);
	if (p->monitor == NULL)
		return ERR_NOMEM;
	if (r == 0 && (r = log_in(g, p)) == 0)
		r = bind_word(g, p);
	if (r != 0)
		person_down(p);
	return r;
}

int
person_ask(struct gate *g, struct person *p, const char *verb,
    const char *question, char code[CODE_MAX + 1], json_t **body)
{
	struct msg_call q = { .verb = CONST(verb), .body = {
	    (uint8_t *)(uintptr_t)question, strlen(question) } };
	struct msg_reply a = { 0 };
	struct msg m;
	int r;

	*body = NULL;
	if ((r = person_up(g, p)) != 0)
		return r;
	if ((r = chan_put_call(p->word, ++g->call, &q, NULL, 0)) != 0 ||
	    (r = gate_expect(g, p->word, MSG_REPLY, g->call, &m)) != 0) {
		person_down(p);
		(void)gate_turn(g, 100);
		return r;
	}
	if (msg_reply_get(m.body, &a) != 0 ||
	    json_read(a.body.p, a.body.n, body) != 0)
		r = gate_wrong(g, "%s: answer cannot be read", verb);
	else
		(void)strncpy(code, a.code, CODE_MAX);
	code[CODE_MAX] = '\0';
	msg_reply_free(&a);
	msg_done(&m);
	return r;
}
