/* call_status.c - the verb that tells how the gate is: it names no person and no request. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "ledgerd/call.h"
#include "ledgerd/disk.h"
#include "ledgerd/growth.h"
#include "ledgerd/job.h"
#include "request/form.h"

#define NS		1000000000LL
#define MS_NS		1000000LL
#define DAY		86400
/* What deserves attention. */
#define REVIEW_DAYS	7	/* a job waited longer for its verdict */
#define DISK_DAYS	7	/* nothing new will start sooner than that */
#define CLOCK_MS	2000	/* ours and keyd's differ by more */
#define HEAD_S		5	/* a head is missing for longer */

struct status {
	struct call	*c;
	json_t		*o, *attention;
	int		 failed;
};

/* Takes "v" over. */
static void
put(struct status *s, json_t *o, const char *key, json_t *v)
{
	if (json_object_set_new(o, key, v) != 0)
		s->failed = 1;
}

static void
number(struct status *s, json_t *o, const char *key, int64_t v)
{
	put(s, o, key, json_integer((json_int_t)v));
}

static json_t *
part(struct status *s, const char *key)
{
	json_t *o = json_object();

	put(s, s->o, key, o);
	return o;
}

/* A line for people: what is wrong, and what to do. */
static void
attend(struct status *s, const char *what, const char *text, const char *next)
{
	if (json_array_append_new(s->attention, json_pack("{s:s, s:s, s:s}",
	    "what", what, "text", text, "next", next)) != 0)
		s->failed = 1;
}

static void
sessions(struct status *s, int64_t now)
{
	json_t *o = part(s, "sessions");
	int64_t n = 0, oldest = 0;
	struct store *store = s->c->ld->store;

	if (store_number(store, STORE_SESSION_RUN_COUNT, NULL, 0, 0,
	    &n) != 0 || store_number(store, STORE_SESSION_RUN_OLDEST, NULL, 0,
	    0, &oldest) != 0)
		s->failed = 1;
	number(s, o, "running", n);
	put(s, o, "oldest", form_time(oldest == 0 ? REQ_NONE : oldest));
	put(s, o, "oldest_s", oldest == 0 ? json_null() :
	    json_integer(now - oldest));
}

static void
requests(struct status *s, int64_t now)
{
	json_t *o = part(s, "requests");
	int64_t n = 0;

	if (store_number(s->c->ld->store, STORE_REQUEST_WAIT_COUNT, STORE_ARGS(
	    store_i(now)), 0, &n) != 0)
		s->failed = 1;
	number(s, o, "waiting", n);
}

static void
reviews(struct status *s, int64_t now)
{
	json_t *o = part(s, "reviews");
	struct unjudged_facts f;
	char id[32] = "", text[160];

	if (unjudged_look(s->c->ld, now, PAGE_SCAN, &f) != 0)
		s->failed = 1;
	number(s, o, "unjudged", (int64_t)f.number);
	number(s, o, "queued", (int64_t)f.queued);
	put(s, o, "queued_is_all", json_boolean(f.is_all));
	if (f.oldest != 0)
		(void)snprintf(id, sizeof(id), "J%llu",
		    (unsigned long long)f.oldest);
	put(s, o, "oldest", f.oldest == 0 ? json_null() : json_string(id));
	put(s, o, "oldest_s", f.oldest == 0 ? json_null() :
	    json_integer(now - f.opened));
	if (f.oldest == 0 || now - f.opened < REVIEW_DAYS * DAY)
		return;
	(void)snprintf(text, sizeof(text), "%s waits for its verdict for %lld "
	    "days, and %llu%s jobs in all", id,
	    (long long)((now - f.opened) / DAY), (unsigned long long)f.queued,
	    f.is_all ? "" : " or more");
	attend(s, "reviews", text, "an auditor: review next");
}

static void
disk(struct status *s, uint64_t ledger_bytes)
{
	json_t *o = part(s, "disk");
	struct disk_facts d;
	int64_t growth = -1, days = -1;
	char text[160];

	if (disk_facts(s->c->ld, &d) != 0 ||
	    growth_per_day(s->c->ld, ledger_bytes, &growth) != 0)
		s->failed = 1;
	if (growth > 0 && d.free_bytes > 0)
		days = (int64_t)(d.room / (uint64_t)growth);
	put(s, o, "level", json_string(disk_level_name(d.level)));
	number(s, o, "free", (int64_t)d.free_bytes);
	put(s, o, "growth_per_day", growth < 0 ? json_null() :
	    json_integer(growth));
	put(s, o, "days_left", days < 0 ? json_null() : json_integer(days));
	if (d.level != DISK_FINE && d.free_files < DISK_FILES_WARN)
		(void)snprintf(text, sizeof(text), "the disk has room for "
		    "%llu more files (df -i)%s", (unsigned long long)
		    d.free_files, d.level == DISK_WARN ? "" :
		    ", and nothing new starts");
	else if (d.level != DISK_FINE)
		(void)snprintf(text, sizeof(text), "the disk is nearly full: "
		    "%llu MB are left%s", (unsigned long long)d.free_bytes /
		    1000000, d.level == DISK_WARN ? "" :
		    ", and nothing new starts");
	else if (days >= 0 && days < DISK_DAYS)
		(void)snprintf(text, sizeof(text), "the disk has room for %lld "
		    "more days like the last ones", (long long)days);
	else
		return;
	attend(s, "disk", text, "make room, or a larger disk");
}

static void
clocks(struct status *s, const struct keys_facts *k, int64_t now)
{
	const struct tally *t = &s->c->ld->tally;
	json_t *o = part(s, "clock");
	int64_t ahead = k->ahead_ns / MS_NS;
	const char *next = "timedatectl status";
	char text[160];

	put(s, o, "keyd_ahead_ms", k->head_at == 0 ? json_null() :
	    json_integer(ahead));
	number(s, o, "steps", t->steps);
	put(s, o, "last_step", form_time(t->step_at == 0 ? REQ_NONE :
	    t->step_at));
	put(s, o, "last_step_ms", t->step_at == 0 ? json_null() :
	    json_integer(t->step_ms));
	if (ahead > CLOCK_MS) {
		(void)snprintf(text, sizeof(text), "the keys' clock is %lld s "
		    "ahead, and stands until the time of day has caught up",
		    (long long)ahead / 1000);
		next = "man sekisho-keyd: A clock that was ahead";
	} else if (ahead < -CLOCK_MS)
		(void)snprintf(text, sizeof(text), "the keys' clock is %lld s "
		    "behind the ledger's", (long long)-ahead / 1000);
	else if (t->step_at != 0 && now - t->step_at < DAY)
		(void)snprintf(text, sizeof(text), "the clock was set by %lld "
		    "ms within the last day", (long long)t->step_ms);
	else
		return;
	attend(s, "clock", text, next);
}

static void
heads(struct status *s, const struct keys_facts *k, int64_t now)
{
	json_t *head = part(s, "head"), *epoch = part(s, "epoch");
	const struct ledgerd *ld = s->c->ld;
	uint64_t size = 0;
	int64_t age = k->epoch == 0 ? 0 : now - k->epoch_start / NS;
	char text[200];

	if (book_size(s->c->ld, &size) != 0)
		s->failed = 1;
	number(s, head, "size", (int64_t)k->size);
	put(s, head, "at", form_time(k->head_at == 0 ? REQ_NONE :
	    k->head_at / NS));
	put(s, head, "age_s", k->head_at == 0 ? json_null() :
	    json_integer(now - k->head_at / NS));
	number(s, head, "uncovered", size > k->size ?
	    (int64_t)(size - k->size) : 0);
	put(s, epoch, "nr", k->epoch == 0 ? json_null() :
	    json_integer(k->epoch));
	put(s, epoch, "age_s", k->epoch == 0 ? json_null() :
	    json_integer(age));
	number(s, epoch, "life_s", ld->epoch_s);
	if (k->wrong[0] != '\0') {
		(void)snprintf(text, sizeof(text), "%s: nothing new starts",
		    k->wrong);
		attend(s, "keys", text, "sekisho-verify, and the gate's log");
	} else if (k->unsigned_ms > 1000LL * HEAD_S) {
		(void)snprintf(text, sizeof(text), "no head was signed for "
		    "%lld s", (long long)(k->unsigned_ms / 1000));
		attend(s, "keys", text, "is sekisho-keyd running?");
	} else if (ld->epoch_s != 0 && age > 2LL * ld->epoch_s)
		attend(s, "keys", "the keys' epoch is twice as old as it "
		    "should get", "is sekisho-keyd running?");
}

static void
ledger(struct status *s, uint64_t bytes)
{
	json_t *o = part(s, "ledger");
	uint64_t size = 0;

	if (book_size(s->c->ld, &size) != 0)
		s->failed = 1;
	number(s, o, "entries", (int64_t)size);
	number(s, o, "bytes", (int64_t)bytes);
}

static void
refusals(struct status *s)
{
	json_t *o = part(s, "refusals"), *all = json_object(),
	    *day = json_object();
	struct ledgerd *ld = s->c->ld;
	unsigned int i;

	for (i = 0; i < SEKISHO_CODES; i++) {
		number(s, all, sekisho_code_word((enum sekisho_code)i),
		    (int64_t)ld->tally.codes[i]);
		number(s, day, sekisho_code_word((enum sekisho_code)i),
		    (int64_t)tally_day(ld, i));
	}
	put(s, o, "since_start", all);
	put(s, o, "last_day", day);
}

/* What sekishod said of itself last; null: nothing yet. */
static void
gate(struct status *s, int64_t now)
{
	const struct ledgerd *ld = s->c->ld;
	const struct msg_gate_state *g = &ld->gate;
	int64_t mono = clock_mono_ms();
	int draining = ld->is_draining || (ld->gate_at_ms != 0 &&
	    g->is_draining);
	json_t *o;

	put(s, s->o, "at", form_time(now));
	number(s, s->o, "ledger_uptime_s", ld->tally.start_ms == 0 ? 0 :
	    (mono - ld->tally.start_ms) / 1000);
	put(s, s->o, "draining", json_boolean(draining));
	if (draining)
		attend(s, "drain", "the gate lets nobody in any more and stops "
		    "when the last session is over", "");
	if (ld->gate_at_ms == 0) {
		put(s, s->o, "opened", json_null());
		put(s, s->o, "uptime_s", json_null());
		put(s, s->o, "connections", json_null());
		return;
	}
	put(s, s->o, "opened", form_time(g->opened));
	number(s, s->o, "uptime_s", now - g->opened);
	o = part(s, "connections");
	number(s, o, "open", g->connections);
	number(s, o, "unauthenticated", g->unauth);
	number(s, o, "kits", g->kits);
	number(s, o, "warm_pairs", g->warm_pairs);
	number(s, o, "warm_kits", g->warm_kits);
	number(s, o, "penalised_sources", g->penalised);
	number(s, o, "taken", (int64_t)g->taken);
	number(s, o, "refused", (int64_t)g->refused);
	number(s, o, "penalty_refused", (int64_t)g->penalty_refused);
	number(s, o, "login_failed", (int64_t)g->login_failed);
	number(s, o, "grace_over", (int64_t)g->grace_over);
	number(s, o, "told_s", (mono - ld->gate_at_ms) / 1000);
}

int
call_status(struct call *c)
{
	static const char *const keys[] = { NULL };
	struct status s = { .c = c };
	int64_t now = clock_unix(), bytes = 0;
	struct keys_facts k;
	int r;

	if ((r = call_keys(c, keys)) != 0)
		return r;
	s.o = json_object();
	s.attention = json_array();
	if (store_number(c->ld->store, STORE_LEDGER_BYTES, NULL, 0, 0,
	    &bytes) != 0)
		s.failed = 1;
	keys_tell(c->ld, &k);
	put(&s, s.o, "gate", c->ld->snap == NULL ? json_null() :
	    json_text(c->ld->snap->head.gate));
	heads(&s, &k, now);
	disk(&s, (uint64_t)bytes);
	clocks(&s, &k, now);
	gate(&s, now);
	sessions(&s, now);
	reviews(&s, now);
	requests(&s, now);
	refusals(&s);
	ledger(&s, (uint64_t)bytes);
	put(&s, s.o, "ok", json_boolean(json_array_size(s.attention) == 0));
	put(&s, s.o, "attention", s.attention);
	c->reply = s.o;
	return s.failed ? store_is_broken(c->ld->store) ? ERR_SYS :
	    ERR_NOMEM : 0;
}
