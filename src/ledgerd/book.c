/* book.c - the ledger's rows, numbers that are never given twice, entries about refusals. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledgerd/disk.h"
#include "ledgerd/group.h"
#include "ledgerd/inside.h"
#include "ledgerd/unknown.h"

#define NEXT_SESSION	"next_session"

json_t *
book_entry(const char *what, const char *who)
{
	return entry_new(clock_unix_ns(), what, who);
}

/* The row and every node that it completes. */
static int
append(struct ledgerd *ld, const char *bytes, size_t n)
{
	const struct tree_store tree = book_tree(ld);
	uint8_t leaf[TREE_HASH];
	uint64_t ix;
	int r;

	if ((r = book_size(ld, &ix)) != 0 ||
	    (r = store_run(ld->store, STORE_ENTRY_ADD, STORE_ARGS(
	    store_i((int64_t)ix), store_b(bytes, n)))) != 0 ||
	    (r = tree_leaf(bytes, n, leaf)) != 0)
		return r;
	return tree_append(&tree, ix, leaf);
}

int
book_add(struct ledgerd *ld, json_t *e)
{
	char *bytes = NULL;
	size_t n;
	int r;

	if (e == NULL)
		return ERR_NOMEM;
	if ((r = entry_bytes(e, &bytes, &n)) == 0 &&
	    (r = append(ld, bytes, n)) == 0)
		keys_grew(ld);
	str_wipe(bytes);
	json_decref(e);
	if (r != 0)
		log_error("ledger entry not written error=%s", err_name(r));
	return r;
}

int
book_alone(struct ledgerd *ld, json_t *e)
{
	int r;

	do {
		if ((r = store_begin(ld->store)) == 0)
			r = store_end(ld->store, book_add(ld,
			    json_incref(e)));
	} while (r == ERR_FULL && disk_make_room(ld, DISK_FOR_ANY));
	json_decref(e);
	return r;
}

json_t *
book_refusal(const struct client *p, const char *code, const char *what,
    const char *reason)
{
	json_t *e = book_entry("refusal", p->user);

	tally_refusal(p->ld, code);
	if (entry_text(e, "source", p->source) != 0 ||
	    entry_text(e, "code", code) != 0 ||
	    entry_text(e, "asked", what) != 0 ||
	    entry_text(e, "reason", reason) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

int
book_refused(struct ledgerd *ld, int all)
{
	int64_t now = clock_unix();
	unsigned int due = refused_due(ld->refused, now, all);
	json_t *e;
	int r, ended;

	/* guesses from many sources: as many entries, and nobody must wait for a sync of each */
	group_begin(ld, due);
	while ((r = refused_next(ld->refused, now, all, &e)) == 1)
		if ((r = unknown_book(ld, e)) != 0 ||
		    (r = group_turn(ld)) != 0)
			break;
	if ((ended = group_end(ld)) != 0 || r != 0)
		return ended != 0 ? ended : r;
	unknown_forget(ld, now, all);
	return 0;
}

/* "v" in the table and in the entry that tells of it; takes "e" over.  Within a transaction. */
static int
set_number(struct ledgerd *ld, json_t *e, uint64_t v)
{
	int r;

	if ((r = entry_int(e, NEXT_SESSION, (int64_t)v)) != 0 ||
	    (r = store_run(ld->store, STORE_NUMBER_SET, STORE_ARGS(
	    store_s(NEXT_SESSION), store_i((int64_t)v)))) != 0) {
		json_decref(e);
		return r;
	}
	return book_add(ld, e);
}

/* Another block of session numbers; takes the entry over. */
static int
reserve(struct ledgerd *ld, json_t *e)
{
	uint64_t end = ld->next_session + SESSION_BLOCK;
	int r;

	if ((r = store_begin(ld->store)) != 0) {
		json_decref(e);
		return r;
	}
	if ((r = store_end(ld->store, set_number(ld, e, end))) == 0)
		ld->reserved = end;
	return r;
}

int
book_session(struct ledgerd *ld, uint64_t *nr)
{
	int r;

	if (ld->next_session >= ld->reserved &&
	    (r = reserve(ld, book_entry("numbers", NULL))) != 0)
		return r;
	*nr = ld->next_session++;
	return 0;
}

int
book_start(struct ledgerd *ld, const char *gate)
{
	json_t *e = book_entry("gate-start", NULL);
	int64_t next, last;
	int r;

	if ((r = entry_text(e, "gate", gate)) != 0 ||
	    (r = store_number(ld->store, STORE_NUMBER_GET,
	    STORE_ARGS(store_s(NEXT_SESSION)), 1, &next)) != 0 ||
	    (r = store_number(ld->store, STORE_SESSION_LAST, NULL, 0, 0,
	    &last)) != 0) {
		json_decref(e);
		return r;
	}
	ld->next_session = (uint64_t)(next > last ? next : last + 1);
	return reserve(ld, e);
}

int
book_stop(struct ledgerd *ld)
{
	json_t *e = book_entry("gate-stop", NULL);
	int r;

	(void)entry_int(e, "ordered", ld->is_draining);
	if ((r = book_refused(ld, 1)) != 0 ||
	    (r = job_orphans(ld, "the gate stopped")) != 0 ||
	    (r = store_begin(ld->store)) != 0) {
		json_decref(e);
		return r;
	}
	return store_end(ld->store, set_number(ld, e, ld->next_session));
}

static int
on_time(void *arg, const struct store_row *row)
{
	json_t *e = NULL;
	const uint8_t *p;
	size_t n;
	int r;

	p = store_blob(row, 1, &n);
	if ((r = json_read(p, n, &e)) == 0)
		*(int64_t *)arg = json_integer_value(json_object_get(e,
		    "at_ns")) / 1000000000;
	json_decref(e);
	return r == 0 ? 1 : r;
}

int
book_time(struct ledgerd *ld, uint64_t ix, int64_t *at)
{
	*at = 0;
	return store_query(ld->store, STORE_ENTRY_LIST, STORE_ARGS(
	    store_i((int64_t)ix), store_i(1)), on_time, at);
}
