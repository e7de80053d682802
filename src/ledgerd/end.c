/* end.c - the end of a session: its row and its entry, in one transaction. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "crypt/random.h"
#include "ledger/entry.h"
#include "ledgerd/db.h"
#include "ledgerd/disk.h"
#include "ledgerd/inside.h"
#include "ledgerd/recover.h"

static const uint8_t no_chain[DIGEST_LEN];

/* Index: enum job_end. */
static const char *const ends[] = {
	"", "ran", "not run", "disconnect", "timeout", "revoked", "record",
	"ledger", "lost", "stopping", "refusals", "idle"
};

const char *
end_name(uint8_t how)
{
	return how < sizeof(ends) / sizeof(ends[0]) ? ends[how] : "lost";
}

/* What is written about one end. */
struct end {
	struct client	*client;	/* NULL: nobody told it */
	const struct msg_job_ended *b;
	const struct pending *x;	/* it never got its use; NULL: it did */
	const char	*state;
	int64_t		 at;
};

static int
has_chain(const struct msg_job_ended *b)
{
	return b->chain.n == DIGEST_LEN &&
	    memcmp(b->chain.p, no_chain, DIGEST_LEN) != 0;
}

/* Is there a recording of what never ran? */
static int
is_recorded(const struct ledgerd *ld, const struct end *n)
{
	return has_chain(n->b) ||
	    recording_is_there(ld, n->x->uuid, n->x->session);
}

/* What the entry `use` says of the others. */
static int
add_origin(json_t *e, const struct ledgerd *ld, const struct end *n)
{
	const struct pending *x = n->x;
	char uuid[UUID_TEXT];

	if (entry_id(e, "request", 'R', x->request) != 0 ||
	    entry_int(e, "revision", x->revision) != 0 ||
	    entry_int(e, "step", x->step) != 0 ||
	    entry_text(e, "uuid", uuid_text(uuid, x->uuid)) != 0 ||
	    entry_text(e, "operator", n->client->user) != 0 ||
	    entry_text(e, "source", n->client->source) != 0)
		return ERR_NOMEM;
	return entry_int(e, "recorded", is_recorded(ld, n));
}

static json_t *
end_entry(const struct ledgerd *ld, const struct end *n)
{
	json_t *e = book_entry("end", n->client == NULL ? NULL :
	    n->client->user);
	const struct msg_job_ended *b = n->b;

	if (entry_id(e, "session", 'S', b->session) != 0 ||
	    entry_text(e, "state", n->state) != 0 ||
	    entry_text(e, "how", end_name(b->how)) != 0 ||
	    entry_int(e, "status", b->status) != 0 ||
	    entry_text(e, "signal", b->signal) != 0 ||
	    entry_text(e, "reason", b->reason) != 0 ||
	    entry_int(e, "in", (int64_t)b->in_bytes) != 0 ||
	    entry_int(e, "out", (int64_t)b->out_bytes) != 0 ||
	    entry_int(e, "err", (int64_t)b->err_bytes) != 0 ||
	    entry_int(e, "refusals", b->refusals) != 0 ||
	    entry_int(e, "duration_ms", (int64_t)b->duration_ms) != 0 ||
	    entry_int(e, "ended_at", n->at) != 0 ||
	    entry_digest(e, "chain", has_chain(b) ? b->chain.p :
	    no_chain) != 0 || (n->x != NULL && add_origin(e, ld, n) != 0)) {
		json_decref(e);
		return NULL;
	}
	return e;
}

static int
update_row(struct ledgerd *ld, const struct end *n)
{
	const struct msg_job_ended *b = n->b;
	int has_status = b->how != JOB_NOT_RUN && b->signal[0] == '\0' &&
	    strcmp(n->state, "interrupted") != 0;
	/* the entry holds escaped text, and a row nothing that no entry says */
	json_t *reason = json_text(b->reason), *sig = json_text(b->signal);
	int r = ERR_NOMEM;

	if (reason != NULL && sig != NULL)
		r = store_run(ld->store, STORE_SESSION_END, STORE_ARGS(
		    store_i((int64_t)b->session), store_s(n->state),
		    store_s(end_name(b->how)), has_status ?
		    store_i(b->status) : store_null(),
		    store_s(json_string_value(sig)), store_i(n->at),
		    store_i((int64_t)b->in_bytes),
		    store_i((int64_t)b->out_bytes),
		    store_i((int64_t)b->err_bytes), store_i(b->refusals),
		    store_i((int64_t)b->duration_ms),
		    store_s(json_string_value(reason)), has_chain(b) ?
		    store_b(b->chain.p, DIGEST_LEN) : store_null()));
	json_decref(reason);
	json_decref(sig);
	return r;
}

/* A row for what was prepared and never got its use; the update that follows ends it. */
static int
add_not_run(struct client *p, const struct pending *x)
{
	struct request *r = NULL;
	int err;

	if ((err = db_request(p->ld->store, x->request, &r)) == 0)
		err = run_write_session(p, x, r, 0, REQ_NONE);
	req_free(r);
	return err;
}

/* *changed: the row was running.  If not, only who told of it gets an entry. */
static int
write_both(struct ledgerd *ld, const struct end *n, int *changed)
{
	int r = 0;

	if (n->x != NULL)
		r = add_not_run(n->client, n->x);
	if (r != 0 || (r = update_row(ld, n)) != 0)
		return r;
	*changed = store_changed(ld->store) == 1;
	return *changed || n->client != NULL ?
	    book_add(ld, end_entry(ld, n)) : 0;
}

static int
write_once(struct ledgerd *ld, const struct end *n, int *changed)
{
	int r;

	if ((r = store_begin(ld->store)) != 0)
		return r;
	return store_end(ld->store, write_both(ld, n, changed));
}

/* For this the reserve is kept. */
static int
write_end(struct ledgerd *ld, const struct end *n)
{
	int changed = 0, r;

	do
		r = write_once(ld, n, &changed);
	while (r == ERR_FULL && disk_make_room(ld, DISK_FOR_ENDS));
	if (r != 0)
		return r;
	if (!changed)
		log_warn("session had ended before session=S%llu",
		    (unsigned long long)n->b->session);
	else if (!has_chain(n->b) && (n->x == NULL || is_recorded(ld, n)))
		r = recover_want(ld, n->b->session);
	return r;
}

int
job_end(struct client *p, const struct msg_job_ended *b,
    const struct pending *x, const char *state)
{
	const struct end n = { p, b, x, state, clock_unix() };

	return write_end(p->ld, &n);
}

int
job_interrupt(struct ledgerd *ld, uint64_t session, const char *reason)
{
	char none[] = "";
	const struct msg_job_ended b = { .session = session, .how = JOB_LOST,
		.signal = none, .reason = (char *)(uintptr_t)reason };
	const struct end n = { NULL, &b, NULL, "interrupted", clock_unix() };

	return write_end(ld, &n);
}
