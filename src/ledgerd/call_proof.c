/* call_proof.c - the newest signed head, the keys it is checked with, and proofs that lead to it. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/base64.h"
#include "ledger/note.h"
#include "ledgerd/call.h"
#include "ledgerd/keys.h"
#include "request/decide.h"

/* The newest head, for whom it may concern. */
static int
newest(struct call *c, struct note *n)
{
	const char *text = c->ld->heads_note;

	if (!decide_has_role(c->ld->snap, c->who, CALL_READERS))
		return req_refuse(&c->why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
		    "the ledger is read by auditors and administrators, and "
		    "%s is none", c->who);
	if (text[0] == '\0' && keys_may_file(c->ld, &c->why) != 0)
		return ERR_DENIED;
	if (text[0] == '\0')
		return req_refuse(&c->why, SEKISHO_CODE_UNAVAILABLE, "",
		    "no head has been signed since the gate started: its "
		    "keys cannot be reached");
	return note_parse(text, strlen(text), n, NULL, NULL);
}

int
call_audit_head(struct call *c)
{
	static const char *const keys[] = { NULL };
	struct note n = { .size = 0 };
	int r;

	if ((r = call_keys(c, keys)) != 0 || (r = newest(c, &n)) != 0)
		return r;
	c->reply = json_pack("{s:s, s:I, s:s}", "note", c->ld->heads_note,
	    "size", (json_int_t)n.size, "vkeys", c->ld->vkeys);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

static json_t *
hashes(const struct tree_proof *p)
{
	json_t *list = json_array();
	char *text;
	size_t i;

	for (i = 0; i < p->n; i++) {
		text = base64_encode(p->hash[i], TREE_HASH);
		if (json_array_append_new(list, json_string(text)) != 0) {
			json_decref(list);
			list = NULL;
		}
		str_wipe(text);
	}
	return list;
}

/* {"index":N}: entry N is in the tree of the newest head; {"old":N}: that tree continues the one of N entries. */
int
call_audit_proof(struct call *c)
{
	static const char *const keys[] = { "index", "old", NULL };
	struct tree_store s = book_tree(c->ld);
	struct tree_proof proof;
	int64_t ix, old;
	struct note n = { .size = 0 };
	int r;

	if ((r = call_keys(c, keys)) != 0 || (r = newest(c, &n)) != 0)
		return r;
	if (json_want_int(c->body, "index", -1, 0, INT64_MAX, &ix) != 0)
		return call_bad(c, "index");
	if (json_want_int(c->body, "old", -1, 0, INT64_MAX, &old) != 0 ||
	    (ix < 0) == (old < 0))
		return call_bad(c, "old");
	if (ix >= (int64_t)n.size || old > (int64_t)n.size)
		return req_refuse(&c->why, SEKISHO_CODE_NOT_FOUND,
		    "audit head", "the newest head covers entries 0 to %lld",
		    (long long)n.size - 1);
	r = ix >= 0 ? tree_inclusion(&s, (uint64_t)ix, n.size, &proof) :
	    tree_consistency(&s, (uint64_t)old, n.size, &proof);
	if (r != 0)
		return r;
	c->reply = json_pack("{s:s, s:I, s:o, s:s, s:I}", "kind", ix >= 0 ?
	    "inclusion" : "consistency", ix >= 0 ? "index" : "old",
	    (json_int_t)(ix >= 0 ? ix : old), "hashes", hashes(&proof),
	    "note", c->ld->heads_note, "size", (json_int_t)n.size);
	return c->reply == NULL ? ERR_NOMEM : 0;
}
