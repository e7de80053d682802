/* on_lookup.c - LOOKUP: from a command to its order.  Nothing is written unless the answer is no. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/strv.h"
#include "crypt/random.h"
#include "crypt/sha256.h"
#include "ledger/entry.h"
#include "ledgerd/db.h"
#include "ledgerd/disk.h"
#include "ledgerd/inside.h"
#include "ledgerd/pick.h"
#include "request/decide.h"

#define SHOWN		2048	/* of a command in a ledger entry */
#define KEPT_MS		30000	/* behind what a monitor waits for its kit and its header */

struct pending *
run_find(struct client *p, uint64_t session)
{
	struct pending *x;

	for (x = p->pending; x != NULL && x->session != session; x = x->next)
		continue;
	return x;
}

void
run_forget(struct client *p, uint64_t session)
{
	struct pending **at, *x;

	for (at = &p->pending; (x = *at) != NULL; at = &x->next) {
		if (x->session == session) {
			*at = x->next;
			free(x);
			p->npending--;
			return;
		}
	}
}

int
run_own(struct client *p, uint64_t session)
{
	struct running *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return ERR_NOMEM;
	x->session = session;
	x->next = p->running;
	p->running = x;
	return 0;
}

int
run_account(const struct snapshot *s, const char *name,
    uint8_t digest[DIGEST_LEN])
{
	const struct msg_snap_runas *as = snapshot_runas(s, name);
	struct buf *b;
	int r;

	if (as == NULL)
		return ERR_NOTFOUND;
	if ((b = buf_new(MESSAGE_MAX)) == NULL)
		return ERR_NOMEM;
	if ((r = msg_snap_runas_put(b, as)) == 0)
		r = sha256_mem(buf_data(b), buf_len(b), digest);
	buf_free(b);
	return r;
}

/* The request of "run R12.1". */
static int
by_number(struct client *p, const struct msg_lookup *b, struct request **out,
    struct req_refusal *why)
{
	struct ledgerd *ld = p->ld;
	int r;

	r = db_request(ld->store, b->request, out);
	if (r == ERR_NOTFOUND)
		return req_refuse(why, SEKISHO_CODE_NOT_FOUND, "request list",
		    "there is no request R%llu",
		    (unsigned long long)b->request);
	if (r != 0)
		return r;
	r = decide_run(*out, ld->snap, p->user, clock_unix(), why);
	if (r == ERR_DENIED && strv_has((*out)->operators, p->user))
		why->near = b->request;
	if (r == 0 && b->step > (*out)->nsteps)
		r = req_refuse(why, SEKISHO_CODE_NOT_FOUND, "request list",
		    "R%llu has no step %u", (unsigned long long)b->request,
		    b->step);
	return r;
}

static void
fill_order(struct client *p, const struct request *r, struct pending *x,
    struct msg_order *o)
{
	const struct req_step *step = &r->steps[x->step - 1];

	o->session = x->session;
	o->uuid = (struct blob){ x->uuid, UUID_LEN };
	o->request = r->nr;
	o->revision = r->revision;
	o->step = x->step;
	o->use = r->used + 1;
	o->uses = r->uses;
	o->operator = p->user;
	o->argv = step->argv;
	o->exe = step->exe;
	o->exe_digest = (struct blob){ (uint8_t *)(uintptr_t)step->exe_digest,
	    DIGEST_LEN };
	o->script = (struct blob){ step->script, step->script_len };
	o->input = r->input;
	o->run_as = r->run_as;
	o->cwd = (char *)(uintptr_t)"/";
	o->profile = r->profile;
	o->profile_digest = (struct blob){
	    (uint8_t *)(uintptr_t)r->profile_digest, DIGEST_LEN };
	o->target = r->target;
	o->max_run_s = (uint32_t)r->max_run;
	o->on_disconnect = r->on_disconnect;
	o->window_end = r->end_at;
	o->snapshot = p->ld->snap->serial;
	o->request_digest = (struct blob){ x->request_digest, DIGEST_LEN };
	o->label = r->label;
	o->ticket = r->ticket;
}

/* Number, order, digest of the order: kept until CONSUME. */
static int
give_order(struct client *p, uint32_t id, const struct request *r,
    const struct msg_lookup *b)
{
	struct msg_order o = { 0 };
	struct pending *x;
	struct buf *body = NULL;
	int err;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return ERR_NOMEM;
	x->request = r->nr;
	x->revision = r->revision;
	x->step = b->step == 0 ? 1 : b->step;
	x->is_found = b->request == 0;
	x->until_ms = clock_mono_ms() + KEPT_MS;
	memcpy(x->request_digest, r->digest, DIGEST_LEN);
	if ((err = run_account(p->ld->snap, r->run_as, x->account)) != 0 ||
	    (err = random_uuid7(x->uuid, clock_unix_ns())) != 0 ||
	    (err = book_session(p->ld, &x->session)) != 0)
		goto out;
	fill_order(p, r, x, &o);
	if ((body = buf_new(MESSAGE_MAX)) == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	if ((err = msg_order_put(body, &o)) != 0 ||
	    (err = sha256_mem(buf_data(body), buf_len(body),
	    x->order_digest)) != 0 ||
	    (err = chan_send(p->chan, MSG_ORDER, id, body, NULL, 0)) != 0)
		goto out;
	x->next = p->pending;
	p->pending = x;
	p->npending++;
	x = NULL;
out:
	buf_free(body);
	free(x);
	return err;
}

static int
look_up(struct client *p, const struct msg_lookup *b, struct request **out,
    struct req_refusal *why)
{
	char next[64];
	int r;

	if (p->ld->is_draining)
		return req_refuse(why, SEKISHO_CODE_STOPPING, "",
		    "the gate is stopping");
	if (p->npending >= PENDING_MAX)
		return req_refuse(why, SEKISHO_CODE_LIMIT, "",
		    "%d commands are being prepared already", PENDING_MAX);
	if ((r = disk_may_start(p->ld, why)) != 0 ||
	    (r = keys_may_start(p->ld, why)) != 0)
		return r;
	r = b->request != 0 ? by_number(p, b, out, why) :
	    pick_request(p, b->argv, out, why);
	if (r == 0 && *out == NULL)
		r = ERR_INTERNAL;
	if (r != 0 || strcmp((*out)->input, "tty") != 0 || b->pty != 0)
		return r;
	(void)snprintf(next, sizeof(next), "ssh -t GATE run R%llu",
	    (unsigned long long)(*out)->nr);
	(void)req_refuse(why, SEKISHO_CODE_INPUT, next,
	    "R%llu was approved with a terminal as its input",
	    (unsigned long long)(*out)->nr);
	why->near = (*out)->nr;
	return ERR_DENIED;
}

int
on_lookup(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_lookup b = { 0 };
	struct request *found = NULL;
	struct req_refusal why;
	char number[64], *asked = NULL;
	int r;

	if ((r = msg_lookup_get(m->body, &b)) != 0)
		return r;
	if (strcmp(b.user, p->user) != 0 || p->ld->snap == NULL) {
		log_error("monitor asks for another person user=%s asked=%s",
		    p->user, b.user);
		r = ERR_DENIED;
		goto out;
	}
	r = look_up(p, &b, &found, &why);
	if (r == 0 && found != NULL)
		r = give_order(p, m->id, found, &b);
	else if (r == ERR_DENIED) {
		(void)snprintf(number, sizeof(number), "run R%llu",
		    (unsigned long long)b.request);
		if (b.request == 0 &&
		    (asked = escape_argv(b.argv, SHOWN)) == NULL)
			r = ERR_NOMEM;
		else
			r = client_no(p, m->id, &why,
			    asked == NULL ? number : asked);
	}
out:
	str_wipe(asked);
	req_free(found);
	msg_lookup_free(&b);
	return r;
}
