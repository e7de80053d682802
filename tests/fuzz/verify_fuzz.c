/*
 * verify_fuzz.c - a store whose entries, rows, heads and keys are hostile bytes, checked from end to end.
 * links: verify store record ledger request crypt json wire confine
 *
 * Input: records of type (1), length (2, little-endian), bytes.  Types: 0 an
 * entry, 1 to 10 a row of that table, 11 a piece of the one file of heads, 12
 * the keys, 13 the head from outside, 14 a name among the recordings.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "verify/print.h"
#include "verify/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct fed {
	struct subject	 s;
	const uint8_t	*p;
	size_t		 n;
};

/* The next record from *at on.  0: no more. */
static int
record(const struct fed *f, size_t *at, unsigned int *type, const uint8_t **p,
    size_t *n)
{
	if (f->n - *at < 3)
		return 0;
	*type = f->p[*at];
	*n = (size_t)(f->p[*at + 1] | f->p[*at + 2] << 8);
	*at += 3;
	if (*n > f->n - *at)
		*n = f->n - *at;
	*p = f->p + *at;
	*at += *n;
	return 1;
}

static uint64_t
count(const struct fed *f, unsigned int want)
{
	size_t at = 0, n;
	unsigned int type;
	const uint8_t *p;
	uint64_t i = 0;

	while (record(f, &at, &type, &p, &n))
		i += type == want;
	return i;
}

static int
size(struct subject *s, uint64_t *out)
{
	*out = count((struct fed *)s, 0);
	return 0;
}

static int
entries(struct subject *s, uint64_t from, uint64_t to, subject_entry_fn *fn,
    void *arg)
{
	const struct fed *f = (struct fed *)s;
	size_t at = 0, n;
	unsigned int type;
	const uint8_t *p;
	uint64_t ix = 0;
	int r = 0;

	while (r == 0 && record(f, &at, &type, &p, &n)) {
		if (type != 0)
			continue;
		/* an empty one is a gap of one */
		if (n > 0 && ix >= from && ix < to)
			r = fn(arg, ix, p, n);
		ix++;
	}
	return r > 0 ? 0 : r;
}

static int
node(struct subject *s, unsigned int level, uint64_t ix, uint8_t hash[32])
{
	(void)s;
	memset(hash, (int)(level + ix), 32);
	return ix % 3 == 0 ? ERR_NOTFOUND : 0;
}

static int
strange(struct subject *s, uint64_t n, void (*fn)(void *arg,
    const char *place, const char *why), void *arg)
{
	(void)s;
	(void)n;
	(void)fn;
	(void)arg;
	return 0;
}

/* Cells: kind (1), then 8 bytes of a number or a length (1) and bytes. */
static int
take_row(const uint8_t *p, size_t n, size_t columns, struct row **out)
{
	struct row *row = row_new(columns);
	int64_t v = 0;
	size_t i, len;

	for (i = 0; i < columns && n > 1; i++) {
		if (p[0] % 6 == CELL_INT) {
			len = n - 1 < 8 ? n - 1 : 8;
			memcpy(&v, p + 1, len);
			row_int(row, i, v);
		} else {
			len = p[1] < n - 1 ? p[1] : n - 1;
			if (p[0] % 6 != CELL_NULL)
				(void)row_bytes(row, i, p[0] % 6 == CELL_SHA &&
				    len != 32 ? CELL_BLOB : p[0] % 6, p + 1,
				    len);
		}
		p += 1 + len;
		n -= 1 + len;
	}
	*out = row;
	return 0;
}

static int
rows(struct subject *s, enum table_nr t, const struct row *after,
    struct page *out)
{
	const struct fed *f = (struct fed *)s;
	size_t at = 0, n;
	unsigned int type;
	const uint8_t *p;
	struct row *row;

	(void)after;
	memset(out, 0, sizeof(*out));
	while (record(f, &at, &type, &p, &n))
		if (type == (unsigned int)t + 1 &&
		    take_row(p, n, tables[t].ncolumns, &row) == 0 &&
		    page_put(out, row) != 0)
			return ERR_NOMEM;
	/* now and then a gate that answers in circles */
	out->is_last = f->n % 7 != 0;
	out->size = count(f, 0);
	return 0;
}

static char *
text_of(const struct fed *f, unsigned int want)
{
	size_t at = 0, n;
	unsigned int type;
	const uint8_t *p;

	while (record(f, &at, &type, &p, &n))
		if (type == want)
			return strndup((const char *)p, n);
	return strdup("");
}

static int
vkeys(struct subject *s, char **text)
{
	*text = text_of((struct fed *)s, 12);
	return 0;
}

static int
heads(struct subject *s, subject_name_fn *fn, void *arg)
{
	return count((struct fed *)s, 11) == 0 ? 0 :
	    fn(arg, "2026-11-24.heads", 1);
}

static int
head_open(struct subject *s, const char *name, int *fd)
{
	const struct fed *f = (struct fed *)s;
	size_t at = 0, n;
	unsigned int type;
	const uint8_t *p;

	(void)name;
	if ((*fd = memfd_create("heads", MFD_CLOEXEC)) < 0)
		return ERR_SYS;
	while (record(f, &at, &type, &p, &n))
		if (type == 11 && write(*fd, p, n) != (ssize_t)n)
			return ERR_SYS;
	return lseek(*fd, 0, SEEK_SET) == 0 ? 0 : ERR_SYS;
}

static int
recording(struct subject *s, int64_t nr, const char *path, int *fd)
{
	(void)s;
	(void)nr;
	(void)path;
	*fd = -1;
	return ERR_NOTFOUND;
}

static int
files(struct subject *s, subject_name_fn *fn, void *arg)
{
	const struct fed *f = (struct fed *)s;
	size_t at = 0, n;
	unsigned int type;
	const uint8_t *p;
	char name[256];
	int r = 0;

	while (r == 0 && record(f, &at, &type, &p, &n)) {
		if (type != 14 || n >= sizeof(name))
			continue;
		memcpy(name, p, n);
		name[n] = '\0';
		r = fn(arg, name, 1);
	}
	return r;
}

static void
release(struct subject *s)
{
	(void)s;
}

static void
no_log(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct subject_ops ops = {
		.size = size, .entries = entries, .node = node,
		.strange = strange, .rows = rows, .vkeys = vkeys,
		.heads = heads, .head_open = head_open,
		.recording = recording, .files = files, .free = release
	};
	struct fed f = { .s = { .ops = &ops }, .p = p, .n = n };
	struct report *report = report_new();
	struct verify_args a = { .subject = &f.s };
	struct print print = { .name = "fuzz", .head = "" };
	struct verify v;
	char *head = text_of(&f, 13), *text = NULL;
	size_t len = 0;

	log_set_sink(no_log, NULL);
	if (*head != '\0') {
		a.head = head;
		a.head_len = strlen(head);
	}
	print.error = verify_run(&v, &a, report);
	print.out = open_memstream(&text, &len);
	print.is_json = (int)(n & 1);
	print_report(&v, &print);
	fclose(print.out);
	/* what is printed acts on no terminal */
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)text[i] < 0x20 && text[i] != '\n')
			abort();
	free(text);
	free(head);
	verify_free(&v);
	report_free(report);
	return 0;
}
