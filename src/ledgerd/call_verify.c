/* call_verify.c - the ledger and its tables in pages, for whoever checks them from outside (verify-begin, -entries, -rows). */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/base64.h"
#include "crypt/sha256.h"
#include "ledger/entry.h"
#include "ledgerd/call.h"
#include "ledgerd/verify.h"
#include "request/decide.h"

#define ROWS		256	/* objects on one page: everybody else waits meanwhile */
#define BLOB_SHOWN	1024	/* longer ones are told by their SHA-256 */
#define KEY_MAX		3	/* columns of a primary key */
#define NAME_ROOM	4096	/* salt and name; names are cut far below */
enum { UNKNOWN_SALT = 1, UNKNOWN_NAME };	/* columns */

int
verify_may(struct call *c)
{
	if (decide_has_role(c->ld->snap, c->who,
	    CALL_READERS))
		return 0;
	return req_refuse(&c->why, SEKISHO_CODE_NOT_ALLOWED, "whoami",
	    "the ledger is checked by auditors and administrators, and %s is "
	    "none", c->who);
}

/* "all", or a session's id. */
static int
is_what(const char *what)
{
	size_t n = strlen(what);

	return strcmp(what, "all") == 0 || (what[0] == 'S' && n > 1 &&
	    n < 21 && strspn(what + 1, "0123456789") == n - 1);
}

int
call_verify_begin(struct call *c)
{
	static const char *const keys[] = { "what", NULL };
	const char *what;
	uint64_t size;
	json_t *e;
	int r;

	if ((r = call_keys(c, keys)) != 0 || (r = verify_may(c)) != 0)
		return r;
	if (json_want_str(c->body, "what", "all", &what) != 0 ||
	    !is_what(what))
		return call_bad(c, "what");
	e = book_entry("verify", c->who);
	if ((r = entry_text(e, "source", c->client->source)) != 0 ||
	    (r = entry_text(e, "what_of", what)) != 0) {
		json_decref(e);
		return r;
	}
	if ((r = book_alone(c->ld, e)) != 0 ||
	    (r = book_size(c->ld, &size)) != 0)
		return r;
	c->reply = json_pack("{s:I, s:s, s:s}", "size", (json_int_t)size,
	    "note", c->ld->heads_note, "vkeys", c->ld->vkeys);
	return c->reply == NULL ? ERR_NOMEM : 0;
}

/* Bytes as a JSON string; what is no text as {"base64":..}. */
static json_t *
text_json(const uint8_t *p, size_t n)
{
	json_t *v = NULL;
	char *text;

	if (n == 0 || memchr(p, 0, n) == NULL)
		v = json_stringn(n == 0 ? "" : (const char *)p, n);
	if (v != NULL)
		return v;
	text = base64_encode(p, n);
	v = json_pack("{s:s}", "base64", text == NULL ? "" : text);
	str_wipe(text);
	return v;
}

/* The hashes of an entry and of the nodes that it completes, as they are stored. */
static json_t *
nodes_json(struct ledgerd *ld, uint64_t ix)
{
	const struct tree_store tree = book_tree(ld);
	uint8_t hash[TREE_HASH];
	json_t *list = json_array();
	unsigned int level;
	char *text;

	for (level = 0; level == 0 || ((ix + 1) >> level << level) == ix + 1;
	    level++) {
		text = tree.get(tree.arg, level, ix >> level, hash) == 0 ?
		    base64_encode(hash, TREE_HASH) : NULL;
		json_array_append_new(list, json_string(text == NULL ? "" :
		    text));
		str_wipe(text);
	}
	return list;
}

struct filling {
	struct ledgerd	*ld;
	json_t		*list;
	size_t		 bytes, max;
	int		 columns;
	int		 is_unknown;	/* rows of unknown_name */
	int		 is_full;
};

/* Takes "v" over.  1: the page is full without it. */
static int
fill(struct filling *f, json_t *v)
{
	size_t n;

	if (v == NULL)
		return ERR_NOMEM;
	n = json_dumpb(v, NULL, 0, JSON_COMPACT) + 1;
	if (json_array_size(f->list) >= f->max ||
	    (f->bytes > 0 && f->bytes + n > PAGE_BYTES)) {
		f->is_full = 1;
		json_decref(v);
		return 1;
	}
	f->bytes += n;
	return json_array_append_new(f->list, v) == 0 ? 0 : ERR_NOMEM;
}

static int
on_entry(void *arg, const struct store_row *row)
{
	struct filling *f = arg;
	const uint8_t *p;
	size_t n;

	p = store_blob(row, 1, &n);
	return fill(f, json_pack("[I, o, o]", (json_int_t)store_int(row, 0),
	    text_json(p, n), nodes_json(f->ld, (uint64_t)store_int(row, 0))));
}

int
call_verify_entries(struct call *c)
{
	static const char *const keys[] = { "after", "limit", NULL };
	struct filling f = { .ld = c->ld };
	int64_t from, limit;
	uint64_t size;
	int r;

	if ((r = call_keys(c, keys)) != 0 || (r = verify_may(c)) != 0)
		return r;
	if (json_want_int(c->body, "after", 0, 0, INT64_MAX, &from) != 0)
		return call_bad(c, "after");
	if (json_want_int(c->body, "limit", ROWS, 0, ROWS, &limit) != 0)
		return call_bad(c, "limit");
	f.max = (size_t)limit;
	if ((r = book_size(c->ld, &size)) != 0)
		return r;
	if ((f.list = json_array()) == NULL)
		return ERR_NOMEM;
	if (limit > 0)
		r = store_query(c->ld->store, STORE_ENTRY_LIST, STORE_ARGS(
		    store_i(from), store_i(limit + 1)), on_entry, &f);
	c->more = f.is_full;
	c->reply = json_pack("{s:o, s:I}", "entries", f.list, "size",
	    (json_int_t)size);
	return r != 0 ? r : c->reply == NULL ? ERR_NOMEM : 0;
}

static const struct {
	const char	*name;
	int		 columns;
	size_t		 nkey;
	enum store_sql	 first, next;
} tables[] = {
#define TABLE(name, NAME, columns, nkey)				\
	{ name, columns, nkey, STORE_VERIFY_##NAME##_FIRST,		\
	    STORE_VERIFY_##NAME##_NEXT }
	TABLE("request", REQUEST, 18, 1), TABLE("operator", OPERATOR, 2, 2),
	TABLE("decision", DECISION, 7, 3), TABLE("session", SESSION, 27, 1),
	TABLE("job", JOB, 5, 1), TABLE("verdict", VERDICT, 6, 1),
	TABLE("seen", SEEN, 4, 3), TABLE("near_miss", NEAR_MISS, 4, 1),
	TABLE("unknown_name", UNKNOWN_NAME, 4, 1), TABLE("number", NUMBER, 2, 1)
#undef TABLE
};

static json_t *
blob_json(const uint8_t *p, size_t n)
{
	uint8_t digest[SHA256_LEN];
	char hex[SHA256_HEX], *text;
	json_t *v;

	if (n > BLOB_SHOWN)
		return sha256_mem(p, n, digest) != 0 ? NULL :
		    json_pack("{s:s}", "sha256", sha256_hex(hex, digest));
	text = base64_encode(p, n);
	v = text == NULL ? NULL : json_pack("{s:s}", "blob", text);
	str_wipe(text);
	return v;
}

static json_t *
cell_json(const struct store_row *row, int i)
{
	const uint8_t *p;
	size_t n;

	switch (store_kind_of(row, i)) {
	case STORE_INT:
		return json_integer(store_int(row, i));
	case STORE_TEXT:
		p = store_blob(row, i, &n);
		return text_json(p, n);
	case STORE_BLOB:
		p = store_blob(row, i, &n);
		return blob_json(p, n);
	case STORE_REAL:
		return json_pack("{s:b}", "real", 1);
	case STORE_NULL:
	default:
		return json_null();
	}
}

/*
 * unknown_name: what somebody typed as a name, perhaps a password.  It does
 * not leave the gate; SHA-256(salt || name) shows that the row is right.
 */
static json_t *
name_json(const struct store_row *row, int i)
{
	uint8_t both[NAME_ROOM], digest[SHA256_LEN];
	const uint8_t *salt, *name;
	char hex[SHA256_HEX];
	size_t ns, nn;

	if (i == UNKNOWN_SALT)
		return json_null();
	salt = store_blob(row, UNKNOWN_SALT, &ns);
	name = store_blob(row, UNKNOWN_NAME, &nn);
	if (store_kind_of(row, UNKNOWN_SALT) != STORE_BLOB ||
	    store_kind_of(row, UNKNOWN_NAME) != STORE_BLOB ||
	    ns + nn > sizeof(both))
		return json_pack("{s:b}", "real", 1);
	if (ns > 0)
		memcpy(both, salt, ns);
	if (nn > 0)
		memcpy(both + ns, name, nn);
	return sha256_mem(both, ns + nn, digest) != 0 ? NULL :
	    json_pack("{s:s}", "sha256", sha256_hex(hex, digest));
}

static int
on_row(void *arg, const struct store_row *row)
{
	struct filling *f = arg;
	json_t *v = json_array();
	int i;

	for (i = 0; v != NULL && i < f->columns; i++)
		if (json_array_append_new(v, f->is_unknown &&
		    (i == UNKNOWN_SALT || i == UNKNOWN_NAME) ?
		    name_json(row, i) : cell_json(row, i)) != 0) {
			json_decref(v);
			v = NULL;
		}
	return fill(f, v);
}

/* A key as a row had it: numbers, texts, {"blob":..}.  Decoded bytes are the caller's, in "bytes". */
static int
read_key(const json_t *v, struct store_arg *out, uint8_t **bytes)
{
	const char *text;
	size_t n;

	if (json_is_integer(v))
		*out = store_i(json_integer_value(v));
	else if (json_is_string(v))
		*out = store_s(json_string_value(v));
	else {
		text = json_string_value(json_object_get(v, "blob"));
		if (text == NULL || *bytes != NULL ||
		    base64_decode(text, BLOB_SHOWN, bytes, &n) != 0)
			return ERR_FORMAT;
		*out = store_b(*bytes, n);
	}
	return 0;
}

static int
query(struct call *c, size_t t, const json_t *after, struct filling *f)
{
	struct store_arg args[KEY_MAX + 1];
	uint8_t *bytes = NULL;
	size_t n = 0;
	int r = 0;

	if (after != NULL && json_array_size(after) != tables[t].nkey)
		return call_bad(c, "after");
	for (; after != NULL && n < tables[t].nkey && r == 0; n++)
		if (read_key(json_array_get(after, n), &args[n],
		    &bytes) != 0)
			r = call_bad(c, "after");
	args[n++] = store_i(ROWS + 1);
	if (r == 0)
		r = store_query(c->ld->store, after == NULL ?
		    tables[t].first : tables[t].next, args, n, on_row, f);
	free(bytes);
	return r;
}

int
call_verify_rows(struct call *c)
{
	static const char *const keys[] = { "table", "after", NULL };
	const json_t *after = json_object_get(c->body, "after");
	struct filling f = { .ld = c->ld, .max = ROWS };
	const char *name;
	uint64_t size;
	size_t t;
	int r;

	if ((r = call_keys(c, keys)) != 0 || (r = verify_may(c)) != 0)
		return r;
	if (json_want_str(c->body, "table", "", &name) != 0)
		return call_bad(c, "table");
	for (t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		if (strcmp(tables[t].name, name) == 0)
			break;
	if (t == sizeof(tables) / sizeof(tables[0]))
		return call_bad(c, "table");
	f.columns = tables[t].columns;
	f.is_unknown = strcmp(name, "unknown_name") == 0;
	if ((r = book_size(c->ld, &size)) != 0)
		return r;
	if ((f.list = json_array()) == NULL)
		return ERR_NOMEM;
	if ((r = query(c, t, after, &f)) != 0) {
		json_decref(f.list);
		return r;
	}
	c->more = f.is_full;
	c->reply = json_pack("{s:o, s:I}", "rows", f.list, "size",
	    (json_int_t)size);
	return c->reply == NULL ? ERR_NOMEM : 0;
}
