/* copy.c - rows, heads and recordings beneath one directory. */
#include "verify/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "ledger/tree.h"
#include "store/store.h"

#define VKEYS_MAX	4096
#define DEPTH_MAX	8		/* directories of recordings, ours are 3 */

struct copy {
	struct subject	 s;
	struct store	*store;
	int		 heads, recordings;	/* directories; -1: there is none */
};

static struct copy *
of(struct subject *s)
{
	return (struct copy *)s;
}

static int
size(struct subject *s, uint64_t *out)
{
	int64_t v;
	int r;

	r = store_number(of(s)->store, STORE_ENTRY_NEXT, NULL, 0, 0, &v);
	*out = v < 0 ? 0 : (uint64_t)v;
	return r;
}

struct each {
	subject_entry_fn *fn;
	void		*arg;
};

static int
on_entry(void *arg, const struct store_row *row)
{
	const struct each *e = arg;
	const uint8_t *p;
	size_t n;

	p = store_blob(row, 1, &n);
	return e->fn(e->arg, (uint64_t)store_int(row, 0), p, n);
}

static int
entries(struct subject *s, uint64_t from, uint64_t to, subject_entry_fn *fn,
    void *arg)
{
	struct each e = { fn, arg };

	return store_query(of(s)->store, STORE_VERIFY_ENTRIES, STORE_ARGS(
	    store_i((int64_t)from), store_i((int64_t)to)), on_entry, &e);
}

static int
on_hash(void *arg, const struct store_row *row)
{
	const uint8_t *p;
	size_t n;

	p = store_blob(row, 0, &n);
	((uint8_t *)arg)[TREE_HASH] = 1;
	if (n == TREE_HASH)
		memcpy(arg, p, TREE_HASH);
	return 1;
}

static int
node(struct subject *s, unsigned int level, uint64_t ix,
    uint8_t hash[TREE_HASH])
{
	uint8_t got[TREE_HASH + 1] = { 0 };
	int r;

	if ((r = store_query(of(s)->store, STORE_NODE_GET, STORE_ARGS(
	    store_i(level), store_i((int64_t)ix)), on_hash, got)) != 0)
		return r;
	if (got[TREE_HASH] == 0)
		return ERR_NOTFOUND;
	memcpy(hash, got, TREE_HASH);
	return 0;
}

struct stray {
	void	(*fn)(void *arg, const char *place, const char *why);
	void	*arg;
};

static int
on_node_stray(void *arg, const struct store_row *row)
{
	struct stray *x = arg;
	char place[REPORT_PLACE];

	(void)snprintf(place, sizeof(place), "node %" PRId64 " %" PRId64,
	    store_int(row, 0), store_int(row, 1));
	x->fn(x->arg, place, "the tree of these entries has no such node");
	return 0;
}

static int
on_entry_stray(void *arg, const struct store_row *row)
{
	struct stray *x = arg;
	char place[REPORT_PLACE];

	(void)snprintf(place, sizeof(place), "entry %" PRId64,
	    store_int(row, 0));
	x->fn(x->arg, place, "entries count from 0");
	return 0;
}

static int
strange(struct subject *s, uint64_t entries_n,
    void (*fn)(void *arg, const char *place, const char *why), void *arg)
{
	struct stray x = { .fn = fn, .arg = arg };
	struct store *db = of(s)->store;
	int r, worst;

	worst = store_schema(db, fn, arg);
	if ((r = store_query(db, STORE_VERIFY_ENTRY_STRAY, NULL, 0,
	    on_entry_stray, &x)) != 0)
		worst = r;
	if ((r = store_query(db, STORE_VERIFY_NODE_STRAY, STORE_ARGS(
	    store_i((int64_t)entries_n)), on_node_stray, &x)) != 0)
		worst = r;
	return worst;
}

/* Statements of each table: the first page, and those behind a key. */
static const struct {
	enum store_sql	first, next;
} pages[TABLES] = {
#define PAGES(NAME)	\
	[TABLE_##NAME] = { STORE_VERIFY_##NAME##_FIRST, STORE_VERIFY_##NAME##_NEXT }
	PAGES(REQUEST), PAGES(OPERATOR), PAGES(DECISION), PAGES(SESSION),
	PAGES(JOB), PAGES(VERDICT), PAGES(SEEN), PAGES(NEAR_MISS),
	PAGES(UNKNOWN_NAME), PAGES(NUMBER)
#undef PAGES
};

struct filling {
	struct page	*page;
	size_t		 columns;
};

static int
take_cell(struct row *out, size_t i, const struct store_row *row)
{
	const uint8_t *p;
	size_t n;

	switch (store_kind_of(row, (int)i)) {
	case STORE_INT:
		row_int(out, i, store_int(row, (int)i));
		return 0;
	case STORE_TEXT:
		p = store_blob(row, (int)i, &n);
		return row_bytes(out, i, CELL_TEXT, p, n);
	case STORE_BLOB:
		p = store_blob(row, (int)i, &n);
		return row_bytes(out, i, CELL_BLOB, p, n);
	case STORE_REAL:
		return row_bytes(out, i, CELL_OTHER, "", 0);
	case STORE_NULL:
	default:
		return 0;
	}
}

static int
on_row(void *arg, const struct store_row *row)
{
	struct filling *f = arg;
	struct row *out;
	size_t i;

	if ((out = row_new(f->columns)) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < f->columns; i++)
		if (take_cell(out, i, row) != 0) {
			row_free(out);
			return ERR_NOMEM;
		}
	return page_put(f->page, out);
}

static struct store_arg
bound(const struct cell *c)
{
	switch (c->kind) {
	case CELL_INT:
		return store_i(c->i);
	case CELL_TEXT:
		return store_s(c->p);
	case CELL_BLOB:
		return store_b(c->p, c->n);
	case CELL_NULL:
	case CELL_SHA:
	case CELL_OTHER:
	default:
		return store_null();
	}
}

static int
rows(struct subject *s, enum table_nr t, const struct row *after,
    struct page *out)
{
	struct filling f = { out, tables[t].ncolumns };
	struct store_arg args[4];
	size_t n = 0;
	int r;

	memset(out, 0, sizeof(*out));
	for (; after != NULL && n < tables[t].nkey; n++)
		args[n] = bound(&after->c[n]);
	args[n++] = store_i(PAGE_ROWS);
	r = store_query(of(s)->store, after == NULL ? pages[t].first :
	    pages[t].next, args, n, on_row, &f);
	out->is_last = out->n < PAGE_ROWS;
	return r != 0 ? r : size(s, &out->size);
}

static int
open_in(int dir, const char *name)
{
	return dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_NOFOLLOW |
	    O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* What root took away, as opposed to what this account may not read. */
static int
is_absent(void)
{
	return errno == ENOENT || errno == ELOOP || errno == ENOTDIR ||
	    errno == ENXIO;
}

static int
vkeys(struct subject *s, char **text)
{
	uint8_t *p = NULL;
	size_t n = 0;
	int fd, r;

	errno = ENOENT;		/* no directory either */
	fd = open_in(of(s)->heads, "gate.vkeys");
	if (fd < 0 && !is_absent()) {
		log_errno("keys cannot be opened name=heads/gate.vkeys");
		return ERR_SYS;
	}
	if (fd < 0) {
		*text = strdup("");
		return *text == NULL ? ERR_NOMEM : 0;
	}
	r = fd_read_all(fd, VKEYS_MAX, &p, &n);
	fd_close(&fd);
	if (r != 0 && r != ERR_LIMIT)
		return r;
	/* too long, or not only text: no keys */
	*text = r != 0 || n == 0 || memchr(p, 0, n) != NULL ? strdup("?") :
	    strndup((const char *)p, n);
	free(p);
	return *text == NULL ? ERR_NOMEM : 0;
}

/* Entries of a directory but "." and "..". */
static int
list(int dir, const char *front, unsigned int depth, int is_deep,
    subject_name_fn *fn, void *arg)
{
	char name[PATH_MAX];
	struct dirent *e;
	struct stat st;
	int fd, r = 0;
	DIR *d;

	if ((fd = dup(dir)) < 0 || (d = fdopendir(fd)) == NULL) {
		log_errno("directory cannot be read name=%s", front);
		return ERR_SYS;
	}
	rewinddir(d);
	while (r == 0 && (errno = 0, e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			st.st_mode = 0;
		if ((size_t)snprintf(name, sizeof(name), "%s%s%s", front,
		    e->d_name, is_deep && S_ISDIR(st.st_mode) ? "/" : "") >=
		    sizeof(name)) {
			r = ERR_LIMIT;
			break;
		}
		if (!is_deep || !S_ISDIR(st.st_mode) || depth >= DEPTH_MAX) {
			r = fn(arg, name, S_ISREG(st.st_mode));
			continue;
		}
		fd = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC);
		r = fd < 0 ? fn(arg, name, 0) : list(fd, name, depth + 1, 1,
		    fn, arg);
		fd_close(&fd);
	}
	(void)closedir(d);
	return r;
}

static int
heads(struct subject *s, subject_name_fn *fn, void *arg)
{
	return of(s)->heads < 0 ? 0 : list(of(s)->heads, "", 0, 0, fn, arg);
}

static int
head_open(struct subject *s, const char *name, int *fd)
{
	if ((*fd = open_in(of(s)->heads, name)) >= 0)
		return 0;
	log_errno("heads cannot be opened name=%s", name);
	return ERR_SYS;
}

/* Part by part, no link followed. */
static int
recording(struct subject *s, int64_t nr, const char *path, int *fd)
{
	const char *slash, *whole = path;
	char part[NAME_MAX + 1];
	int at = of(s)->recordings, next, is_shut;
	struct stat st;

	(void)nr;
	*fd = -1;
	errno = ENOENT;
	while (at >= 0 && (slash = strchr(path, '/')) != NULL) {
		if ((size_t)(slash - path) > NAME_MAX)
			break;
		memcpy(part, path, (size_t)(slash - path));
		part[slash - path] = '\0';
		next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
		    O_CLOEXEC);
		if (at != of(s)->recordings)
			close(at);
		at = next;
		path = slash + 1;
	}
	if (at >= 0)
		*fd = open_in(at, path);
	is_shut = *fd < 0 && !is_absent();
	if (is_shut)
		log_errno("recording cannot be opened path=%s", whole);
	if (at >= 0 && at != of(s)->recordings)
		close(at);
	if (is_shut)
		return ERR_SYS;
	if (*fd >= 0 && fstat(*fd, &st) == 0 && S_ISREG(st.st_mode))
		return 0;
	fd_close(fd);
	return ERR_NOTFOUND;
}

static int
files(struct subject *s, subject_name_fn *fn, void *arg)
{
	return of(s)->recordings < 0 ? 0 :
	    list(of(s)->recordings, "", 0, 1, fn, arg);
}

static void
release(struct subject *s)
{
	struct copy *c = of(s);

	store_free(c->store);
	fd_close(&c->heads);
	fd_close(&c->recordings);
	free(c);
}

static const struct subject_ops ops = {
	.size = size, .entries = entries, .node = node, .strange = strange,
	.rows = rows, .vkeys = vkeys, .heads = heads, .head_open = head_open,
	.recording = recording, .files = files, .free = release
};

/* A directory that may be missing, which the checks will notice. */
static int
open_dir(int dir, const char *name, int *out)
{
	*out = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*out >= 0 || errno == ENOENT)
		return 0;
	log_errno("directory cannot be opened name=%s", name);
	return ERR_SYS;
}

static void
on_unsound(void *arg, const char *line)
{
	report_fault(arg, FAULT_DATABASE, "the database", "%s", line);
}

int
copy_open(const char *dir, struct report *report, struct subject **out)
{
	struct copy *c = calloc(1, sizeof(*c));
	char path[PATH_MAX], why[STORE_WHY] = "";
	int fd = -1, r;

	if (c == NULL)
		return ERR_NOMEM;
	c->s.ops = &ops;
	c->heads = c->recordings = -1;
	if ((size_t)snprintf(path, sizeof(path), "%s/ledger/ledger.db",
	    dir) >= sizeof(path)) {
		r = ERR_LIMIT;
		goto out;
	}
	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		log_errno("store cannot be opened path=%s", dir);
		r = ERR_SYS;
		goto out;
	}
	if ((r = open_dir(fd, "heads", &c->heads)) != 0 ||
	    (r = open_dir(fd, "recordings", &c->recordings)) != 0)
		goto out;
	r = store_read(path, &c->store, why);
	if (r == ERR_FORMAT)
		report_fault(report, FAULT_DATABASE, "ledger/ledger.db",
		    "the database cannot be read: %s", why);
	else if (r != 0)
		log_error("database path=%s: %s", path, why);
	if (r == 0)
		r = store_inspect(c->store, on_unsound, report);
	if (r == 0) {
		*out = &c->s;
		c = NULL;
	}
out:
	fd_close(&fd);
	if (c != NULL)
		release(&c->s);
	return r;
}
