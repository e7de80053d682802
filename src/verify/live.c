/* live.c - pages of a gate that runs (src/ledgerd/call_verify.c is the other end). */
#include "verify/live.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypt/base64.h"
#include "crypt/sha256.h"
#include "ledger/entry.h"
#include "ledger/tree.h"
#include "verify/ask.h"
#include "wire/chan.h"

#define BYTES_MAX	(1 << 20)	/* of one value in base64 */
#define DEPTH_MAX	8		/* directories of recordings */
#define NAME_ROOM	512
#define NAMES_MAX	5000000		/* of one directory: who gives more gives them in circles */

struct live {
	struct subject	 s;
	struct ask	 ask;
	struct chan	*own;		/* NULL: the channel is the caller's */
	uint32_t	 own_calls;
	char		*vkeys;
	uint64_t	 ix;		/* of the entry given last */
	const json_t	*nodes;		/* that it completes, leaf first */
};

static struct live *
of(struct subject *s)
{
	return (struct live *)s;
}

/* A number of the answer.  ERR_FORMAT: there is none. */
static int
number(const json_t *v, const char *key, uint64_t *out)
{
	int64_t n;

	if (json_want_int(v, key, -1, 0, INT64_MAX, &n) != 0 || n < 0)
		return ERR_FORMAT;
	*out = (uint64_t)n;
	return 0;
}

static int
size(struct subject *s, uint64_t *out)
{
	struct answer a;
	int r;

	if ((r = ask(&of(s)->ask, "verify-entries", json_pack("{s:i}",
	    "limit", 0), &a)) != 0)
		return r;
	r = number(a.v, "size", out);
	answer_free(&a);
	return r;
}

static int
give_entry(struct live *l, const json_t *e, subject_entry_fn *fn, void *arg)
{
	const json_t *ix = json_array_get(e, 0), *body = json_array_get(e, 1);
	const char *text = json_string_value(body);
	uint8_t *bytes = NULL;
	size_t n = 0;
	int r;

	l->nodes = json_array_get(e, 2);
	if (!json_is_integer(ix) || json_integer_value(ix) < 0 ||
	    !json_is_array(l->nodes))
		return ERR_FORMAT;
	l->ix = (uint64_t)json_integer_value(ix);
	if (text != NULL)
		return fn(arg, l->ix, (const uint8_t *)text, strlen(text));
	text = json_string_value(json_object_get(body, "base64"));
	if (text == NULL || base64_decode(text, BYTES_MAX, &bytes, &n) != 0)
		return ERR_FORMAT;
	r = fn(arg, l->ix, bytes, n);
	mem_wipe(bytes, n);
	return r;
}

static int
entries(struct subject *s, uint64_t from, uint64_t to, subject_entry_fn *fn,
    void *arg)
{
	struct live *l = of(s);
	const json_t *list;
	struct answer a;
	uint64_t before;
	size_t i, n;
	int r = 0;

	while (r == 0 && from < to) {
		if ((r = ask(&l->ask, "verify-entries", json_pack("{s:I}",
		    "after", (json_int_t)from), &a)) != 0)
			return r;
		list = json_object_get(a.v, "entries");
		n = json_array_size(list);
		before = from;
		for (i = 0; i < n && from < to && r == 0; i++) {
			r = give_entry(l, json_array_get(list, i), fn, arg);
			from = l->ix + 1;
		}
		l->nodes = NULL;
		answer_free(&a);
		if (n == 0 || from <= before)
			break;		/* no more, or a gate that goes in circles */
	}
	return r > 0 ? 0 : r;
}

static int
node(struct subject *s, unsigned int level, uint64_t ix,
    uint8_t hash[TREE_HASH])
{
	const struct live *l = of(s);
	const char *text = json_string_value(json_array_get(l->nodes, level));
	uint8_t *p = NULL;
	size_t n = 0;
	int r;

	/* those of the entry given last; none of an entry that is missing */
	if (l->ix >> level != ix || text == NULL || *text == '\0')
		return ERR_NOTFOUND;
	r = base64_decode(text, TREE_HASH, &p, &n);
	if (r == 0 && n == TREE_HASH)
		memcpy(hash, p, TREE_HASH);
	else
		r = ERR_NOTFOUND;
	mem_wipe(p, n);
	return r;
}

/* A gate gives what it has under the names that it knows. */
static int
strange(struct subject *s, uint64_t entries_n,
    void (*fn)(void *arg, const char *place, const char *why), void *arg)
{
	(void)s;
	(void)entries_n;
	(void)fn;
	(void)arg;
	return 0;
}

/* {"blob":..}, {"sha256":..}, {"base64":..}, or anything else: what no entry says. */
static int
take_bytes(struct row *out, size_t i, const json_t *v)
{
	const char *text;
	uint8_t digest[SHA256_LEN], *p = NULL;
	size_t n = 0;
	int r;

	if ((text = json_string_value(json_object_get(v, "sha256"))) != NULL)
		return sha256_parse(text, digest) != 0 ? ERR_FORMAT :
		    row_bytes(out, i, CELL_SHA, digest, sizeof(digest));
	if ((text = json_string_value(json_object_get(v, "blob"))) == NULL)
		return row_bytes(out, i, CELL_OTHER, "", 0);
	if ((r = base64_decode(text, BYTES_MAX, &p, &n)) != 0)
		return r;
	r = row_bytes(out, i, CELL_BLOB, p, n);
	mem_wipe(p, n);
	return r;
}

static int
take_row(const json_t *v, size_t columns, struct row **out)
{
	const json_t *c;
	struct row *row;
	size_t i;
	int r = 0;

	if (json_array_size(v) != columns)
		return ERR_FORMAT;
	if ((row = row_new(columns)) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < columns && r == 0; i++) {
		c = json_array_get(v, i);
		if (json_is_integer(c))
			row_int(row, i, json_integer_value(c));
		else if (json_is_string(c))
			r = row_text(row, i, json_string_value(c));
		else if (json_is_object(c))
			r = take_bytes(row, i, c);
		else if (!json_is_null(c))
			r = ERR_FORMAT;
	}
	if (r != 0) {
		row_free(row);
		return r;
	}
	*out = row;
	return 0;
}

static json_t *
key_json(const struct row *after, size_t nkey)
{
	json_t *list = json_array();
	const struct cell *c;
	char *text;
	size_t i;

	for (i = 0; i < nkey; i++) {
		c = &after->c[i];
		if (c->kind == CELL_INT)
			json_array_append_new(list, json_integer(c->i));
		else if (c->kind == CELL_TEXT)
			json_array_append_new(list, json_string(c->p));
		else {
			text = base64_encode(c->p, c->n);
			json_array_append_new(list, json_pack("{s:s}",
			    "blob", text == NULL ? "" : text));
			str_wipe(text);
		}
	}
	return list;
}

static int
rows(struct subject *s, enum table_nr t, const struct row *after,
    struct page *out)
{
	json_t *body = json_pack("{s:s}", "table", tables[t].name);
	const json_t *list;
	struct answer a;
	struct row *row;
	size_t i;
	int r;

	memset(out, 0, sizeof(*out));
	if (after != NULL)
		json_object_set_new(body, "after", key_json(after,
		    tables[t].nkey));
	if ((r = ask(&of(s)->ask, "verify-rows", body, &a)) != 0)
		return r;
	list = json_object_get(a.v, "rows");
	r = number(a.v, "size", &out->size);
	for (i = 0; i < json_array_size(list) && r == 0; i++)
		if ((r = take_row(json_array_get(list, i),
		    tables[t].ncolumns, &row)) == 0)
			r = page_put(out, row);
	out->is_last = !a.more;
	answer_free(&a);
	return r;
}

static int
vkeys(struct subject *s, char **text)
{
	*text = strdup(of(s)->vkeys);
	return *text == NULL ? ERR_NOMEM : 0;
}

/* One name of a listing. */
static int
names(struct live *l, const char *verb, const char *dir, unsigned int depth,
    subject_name_fn *fn, void *arg);

static int
give_name(struct live *l, const char *verb, const char *dir,
    const json_t *v, unsigned int depth, subject_name_fn *fn, void *arg)
{
	const char *name = json_string_value(json_array_get(v, 0));
	const char *kind = json_string_value(json_array_get(v, 1));
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char path[NAME_ROOM];
	int is_dir;

	if (name == NULL || kind == NULL)
		return ERR_FORMAT;
	is_dir = strcmp(kind, "dir") == 0;
	if ((size_t)snprintf(path, sizeof(path), "%s%s%s", dir,
	    *dir == '\0' ? "" : "/", name) >= sizeof(path))
		return fn(arg, name, 0);
	/* what we never make is not looked into: it is strange enough */
	if (is_dir && strcmp(verb, "verify-files") == 0 && depth < DEPTH_MAX &&
	    strspn(name, plain) == strlen(name) && strlen(name) < 32 &&
	    *name != '.')
		return names(l, verb, path, depth + 1, fn, arg);
	return fn(arg, path, strcmp(kind, "file") == 0);
}

static int
names(struct live *l, const char *verb, const char *dir, unsigned int depth,
    subject_name_fn *fn, void *arg)
{
	uint64_t after = 0, next;
	const json_t *list;
	struct answer a;
	json_t *body;
	int more = 1, r = 0;
	size_t i, n = 0;

	while (more && r == 0) {
		body = json_pack("{s:I}", "after", (json_int_t)after);
		if (*dir != '\0')
			json_object_set_new(body, "dir", json_string(dir));
		if ((r = ask(&l->ask, verb, body, &a)) != 0)
			return r;
		list = json_object_get(a.v, "names");
		for (i = 0; i < json_array_size(list) && r == 0; i++)
			r = give_name(l, verb, dir, json_array_get(list, i),
			    depth, fn, arg);
		more = a.more && json_array_size(list) > 0;
		n += json_array_size(list);
		if (r == 0)
			r = number(a.v, "next", &next);
		if (r == 0 && more && (next == after || n > NAMES_MAX))
			r = ERR_LIMIT;
		if (r == 0)
			after = next;
		answer_free(&a);
	}
	return r;
}

static int
heads(struct subject *s, subject_name_fn *fn, void *arg)
{
	return names(of(s), "verify-heads", "", 0, fn, arg);
}

static int
head_open(struct subject *s, const char *name, int *fd)
{
	struct answer a;
	int r;

	if ((r = ask(&of(s)->ask, "verify-heads", json_pack("{s:s}", "name",
	    name), &a)) != 0)
		return r;
	*fd = a.fd;
	a.fd = -1;
	answer_free(&a);
	return *fd < 0 ? ERR_FORMAT : 0;
}

static int
recording(struct subject *s, int64_t nr, const char *path, int *fd)
{
	struct answer a;
	int r;

	(void)nr;
	if ((r = ask(&of(s)->ask, "verify-open", json_pack("{s:s}", "path",
	    path), &a)) != 0)
		return r;
	*fd = a.fd;
	a.fd = -1;
	answer_free(&a);
	return *fd < 0 ? ERR_NOTFOUND : 0;
}

static int
files(struct subject *s, subject_name_fn *fn, void *arg)
{
	return names(of(s), "verify-files", "", 0, fn, arg);
}

static void
release(struct subject *s)
{
	struct live *l = of(s);

	chan_free(l->own);
	free(l->vkeys);
	free(l);
}

static const struct subject_ops ops = {
	.size = size, .entries = entries, .node = node, .strange = strange,
	.rows = rows, .vkeys = vkeys, .heads = heads, .head_open = head_open,
	.recording = recording, .files = files, .free = release
};

int
live_new(struct chan *c, uint32_t *calls, const char *text,
    struct subject **out)
{
	struct live *l = calloc(1, sizeof(*l));

	if (l == NULL || (l->vkeys = strdup(text)) == NULL) {
		free(l);
		return ERR_NOMEM;
	}
	l->s.ops = &ops;
	l->s.is_live = 1;
	l->ask = (struct ask){ c, calls };
	*out = &l->s;
	return 0;
}

/* The entry `verify`, and the keys. */
static int
begin(struct chan *c, uint32_t *calls, int64_t only, struct subject **out)
{
	const struct ask a = { c, calls };
	char what[32] = "all";
	struct answer answer;
	const char *text;
	int r;

	if (only != 0)
		(void)snprintf(what, sizeof(what), "S%" PRId64, only);
	if ((r = ask(&a, "verify-begin", json_pack("{s:s}", "what", what),
	    &answer)) != 0)
		return r;
	text = json_string_value(json_object_get(answer.v, "vkeys"));
	r = live_new(c, calls, text == NULL ? "" : text, out);
	answer_free(&answer);
	return r;
}

int
live_open(int fd, int64_t only, struct subject **out)
{
	struct chan *c = chan_new(fd, PEER_W, PEER_G);
	uint32_t calls = 0;
	struct live *l;
	int r;

	if (c == NULL)
		return ERR_NOMEM;
	if ((r = begin(c, &calls, only, out)) != 0) {
		chan_free(c);
		return r;
	}
	l = of(*out);
	l->own = c;
	l->own_calls = calls;
	l->ask.calls = &l->own_calls;
	return 0;
}

int
live_connect(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path)) {
		log_error("the door's path is too long path=%s", path);
		return -1;
	}
	memcpy(to.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to,
	    sizeof(to)) == 0)
		return fd;
	log_errno("the gate's local door cannot be reached path=%s "
	    "(another place: --store DIR)", path);
	if (fd >= 0)
		close(fd);
	return -1;
}
