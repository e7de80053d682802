/* recover.c - the queue of recordings without an end. */
#include "ledgerd/recover.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/db.h"
#include "ledgerd/inside.h"

#define PAUSE_MS	10000	/* after the first failure; doubled each time */
#define PAUSE_MAX_MS	3600000
#define SOME		256	/* rows at a time: within a query no other may be asked */

struct wanted {
	struct wanted	*next;
	uint64_t	 session;
	int64_t		 at_ms;		/* not before, monotonic */
	int64_t		 pause_ms;
	int		 is_asked;
};

struct recover {
	struct wanted	*list;		/* oldest first */
	unsigned int	 nasked;
	/* those of earlier lives: some each turn, what never ran and has no recording stays among them for ever */
	uint64_t	 seen, last;	/* looked at up to here, to be looked at */
};

void
recover_free(struct recover *q)
{
	struct wanted *w;

	while (q != NULL && (w = q->list) != NULL) {
		q->list = w->next;
		free(w);
	}
	free(q);
}

static struct wanted **
find(struct recover *q, uint64_t session)
{
	struct wanted **at;

	for (at = &q->list; *at != NULL && (*at)->session != session;
	    at = &(*at)->next)
		continue;
	return at;
}

int
recover_want(struct ledgerd *ld, uint64_t session)
{
	struct wanted **at, *w;

	if (ld->recover == NULL || *(at = find(ld->recover, session)) != NULL)
		return 0;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ERR_NOMEM;
	w->session = session;
	w->pause_ms = PAUSE_MS;
	*at = w;
	return 0;
}

struct found {
	struct {
		uint64_t nr;
		uint8_t	 uuid[UUID_LEN];
		int	 has_use;
	}	v[SOME];
	size_t	n;
};

static int
on_lost(void *arg, const struct store_row *row)
{
	struct found *f = arg;
	const uint8_t *uuid;
	size_t n;

	f->v[f->n].nr = (uint64_t)store_int(row, 0);
	uuid = store_blob(row, 1, &n);
	if (n != UUID_LEN)
		return ERR_FORMAT;
	memcpy(f->v[f->n].uuid, uuid, UUID_LEN);
	f->v[f->n].has_use = !store_is_null(row, 2);
	return ++f->n == SOME;
}

int
recover_new(struct ledgerd *ld)
{
	int64_t last;
	int r;

	if ((ld->recover = calloc(1, sizeof(*ld->recover))) == NULL)
		return ERR_NOMEM;
	if ((r = store_number(ld->store, STORE_SESSION_LAST, NULL, 0, 0,
	    &last)) == 0)
		ld->recover->last = (uint64_t)last;
	return r;
}

static int
is_looking(const struct recover *q)
{
	return q->seen < q->last;
}

/* Some more of those that earlier lives left. */
static int
look(struct ledgerd *ld)
{
	struct recover *q = ld->recover;
	struct found f = { .n = 0 };
	uint64_t nr;
	size_t i;
	int r;

	r = store_query(ld->store, STORE_SESSION_LOST, STORE_ARGS(
	    store_i((int64_t)q->seen), store_i(SOME)), on_lost, &f);
	for (i = 0; i < f.n && r == 0 && (nr = f.v[i].nr) <= q->last; i++) {
		q->seen = nr;
		/* what never ran may have come to no recording at all */
		if (f.v[i].has_use || recording_is_there(ld, f.v[i].uuid, nr))
			r = recover_want(ld, nr);
	}
	if (r == 0 && (i < f.n || f.n < SOME))
		q->seen = q->last;
	return r;
}

static int
ask(struct ledgerd *ld, struct wanted *w)
{
	char path[RECORDING_PATH];
	struct msg_recover m = { .session = w->session, .path = path };
	struct session *s = NULL;
	int r;

	if ((r = db_session(ld->store, w->session, &s)) != 0)
		return r;
	m.uuid = (struct blob){ s->uuid, UUID_LEN };
	(void)session_path(path, s->uuid, s->nr);
	if ((r = chan_put_recover(ld->d, 0, &m, NULL, 0)) == 0) {
		w->is_asked = 1;
		ld->recover->nasked++;
	}
	session_free(s);
	return r;
}

int
recover_due(struct ledgerd *ld)
{
	int64_t now = clock_mono_ms();
	struct wanted *w;
	int r = 0;

	if (ld->recover == NULL || ld->is_draining)
		return 0;
	if (is_looking(ld->recover) && (r = look(ld)) != 0)
		return r;
	for (w = ld->recover->list; w != NULL && r == 0 &&
	    ld->recover->nasked < RECOVER_AT_ONCE; w = w->next)
		if (!w->is_asked && w->at_ms <= now)
			r = ask(ld, w);
	/* the loop sees for itself that sekishod is gone */
	return r == ERR_CLOSED ? 0 : r;
}

int
recover_wait_ms(const struct ledgerd *ld)
{
	const struct wanted *w;
	int64_t left, least = -1;

	if (ld->recover != NULL && !ld->is_draining && is_looking(ld->recover))
		return 0;
	if (ld->recover == NULL || ld->is_draining ||
	    ld->recover->nasked >= RECOVER_AT_ONCE)
		return -1;
	for (w = ld->recover->list; w != NULL; w = w->next) {
		if (w->is_asked)
			continue;
		left = w->at_ms - clock_mono_ms();
		if (left < 0)
			left = 0;
		if (least < 0 || left < least)
			least = left;
	}
	return (int)least;
}

void
recover_now(struct ledgerd *ld)
{
	struct wanted *w;

	for (w = ld->recover->list; w != NULL; w = w->next)
		w->at_ms = 0;
}

/* Index: enum recovery. */
static const char *const results[] = {
	"", "end", "unfinished", "torn", "damaged", "missing"
};

static json_t *
recovered_entry(const struct msg_recovered *b, const uint8_t *chain)
{
	json_t *e = book_entry("recovered", NULL);

	if (entry_id(e, "session", 'S', b->session) != 0 ||
	    entry_text(e, "result", results[b->result]) != 0 ||
	    entry_int(e, "good", (int64_t)b->good) != 0 ||
	    entry_int(e, "found", (int64_t)b->found) != 0 ||
	    entry_int(e, "sealed", (int64_t)b->sealed) != 0 ||
	    entry_digest(e, "chain", chain) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

static int
write_down(struct ledgerd *ld, const struct msg_recovered *b)
{
	static const uint8_t none[DIGEST_LEN];
	const uint8_t *chain = b->chain.n == DIGEST_LEN &&
	    b->result != RECOVERY_MISSING ? b->chain.p : none;
	int r;

	r = store_run(ld->store, STORE_SESSION_RECOVERED, STORE_ARGS(
	    store_i((int64_t)b->session), store_s(results[b->result]),
	    memcmp(chain, none, DIGEST_LEN) == 0 ? store_null() :
	    store_b(chain, DIGEST_LEN)));
	if (r != 0 || store_changed(ld->store) != 1)
		return r;	/* it has its end by now */
	return book_add(ld, recovered_entry(b, chain));
}

static int
transaction(struct ledgerd *ld, const struct msg_recovered *b)
{
	int r;

	if ((r = store_begin(ld->store)) != 0)
		return r;
	return store_end(ld->store, write_down(ld, b));
}

/* It stays in the queue, for later. */
static void
again(struct wanted *w)
{
	w->at_ms = clock_mono_ms() + w->pause_ms;
	w->pause_ms = w->pause_ms > PAUSE_MAX_MS / 2 ? PAUSE_MAX_MS :
	    2 * w->pause_ms;
	log_warn("a recording was not recovered session=S%llu",
	    (unsigned long long)w->session);
}

static int
answered(struct ledgerd *ld, const struct msg_recovered *b)
{
	struct wanted **at = find(ld->recover, b->session), *w = *at;
	int r = 0;

	if (w == NULL || !w->is_asked) {
		log_warn("a recovery that nobody asked for session=S%llu",
		    (unsigned long long)b->session);
		return 0;
	}
	w->is_asked = 0;
	ld->recover->nasked--;
	if (b->result == RECOVERY_FAILED ||
	    (r = transaction(ld, b)) == ERR_FULL) {
		again(w);
		return 0;
	}
	if (r != 0)
		return r;
	log_info("recording recovered session=S%llu result=%s good=%llu "
	    "found=%llu", (unsigned long long)b->session, results[b->result],
	    (unsigned long long)b->good, (unsigned long long)b->found);
	*at = w->next;
	free(w);
	return 0;
}

int
on_recovered(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	struct msg_recovered b = { 0 };
	int r;

	if ((r = msg_recovered_get(m->body, &b)) != 0)
		return r;
	if (b.result < RECOVERY_END || b.result > RECOVERY_FAILED ||
	    b.good > INT64_MAX || b.found > INT64_MAX || b.sealed > INT64_MAX)
		r = ERR_FORMAT;
	else if (ld->recover != NULL)
		r = answered(ld, &b);
	msg_recovered_free(&b);
	return r;
}
