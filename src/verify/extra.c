/* extra.c - files among the recordings that belong to nobody (section 7, point 8). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/strv.h"
#include "record/header.h"
#include "verify/records.h"

/* Files that no session has, as far as the entries were read; looked at when all names are known. */
struct strangers {
	struct verify	*v;
	char		**names;
	size_t		 n;
	uint64_t	 more;		/* that were not kept */
};

#define STRANGERS_MAX	4096

/* The number in "2026/11/24/S345.skr"; 0: not a name of ours. */
static int64_t
number_in(const char *path)
{
	static const char form[] = "dddd/dd/dd/S";
	char digits[24];
	size_t i, n = strlen(path), front = strlen(form);
	int64_t nr;

	if (n < front + 5 || n > front + 4 + 19 ||
	    strcmp(path + n - 4, ".skr") != 0 || path[front] == '0')
		return 0;
	for (i = 0; i < front; i++)
		if (form[i] == 'd' ? path[i] < '0' || path[i] > '9' :
		    path[i] != form[i])
			return 0;
	memcpy(digits, path + front, n - 4 - front);
	digits[n - 4 - front] = '\0';
	return num_parse(digits, 1, INT64_MAX, &nr) == 0 ? nr : 0;
}

static const struct item *
session_of(const struct verify *v, const char *path)
{
	int64_t nr = number_in(path);
	const struct item *i;

	if (nr == 0)
		return NULL;
	i = map_find_nr(v->model.map[TABLE_SESSION], nr);
	return i != NULL && strcmp(path,
	    cell_str(&i->row->c[SE_RECORDING])) == 0 ? i : NULL;
}

static int
is_expected(const struct verify *v, const char *path)
{
	const struct item *i = session_of(v, path);
	const struct session_extra *x = i == NULL ? NULL : i->extra;

	return x != NULL && (x->has_use || x->is_recorded);
}

static int
on_file(void *arg, const char *path, int is_file)
{
	struct strangers *s = arg;

	if (is_file && is_expected(s->v, path))
		return 0;
	if (s->n >= STRANGERS_MAX) {
		s->more++;
		return 0;
	}
	s->n++;
	return strv_add(&s->names, path);
}

/*
 * A session that was prepared and never started: sealed by this gate, its
 * number in no entry that says it ran, and nothing shown.
 */
static const char *
judge(struct verify *v, const char *path, const struct record *x)
{
	const struct item *i = session_of(v, path);
	char name[RECORDING_NAME];
	int64_t nr = number_in(path);

	if (x->why[0] != '\0' || (!x->is_head_sealed && !x->has_late))
		return "it was not sealed by this gate";
	if (!record_is_of(x, nr, x->head->uuid) || strcmp(path,
	    recording_name(name, x->head->uuid, nr)) != 0)
		return "it is the record of another session";
	if (i == NULL && map_find_nr(v->model.map[TABLE_SESSION], nr) != NULL)
		return "another record is that of this session";
	if (i != NULL && memcmp(i->row->c[SE_UUID].p, x->head->uuid,
	    SKR_UUID) != 0)
		return "another record is that of this session";
	if (x->result.state == READER_DAMAGED)
		return "it is damaged";
	if (!record_is_silent(&x->result))
		return "it tells of a command that ran, and no entry does";
	return NULL;
}

/*
 * A file whose header was never finished, because its gate was killed, or is
 * about to be: nothing that happened in a session can be in it.
 */
static int
is_unfinished(int fd)
{
	uint8_t head[SKR_HEADER_FIXED];
	struct stat st;
	size_t len;
	ssize_t n;

	if (fstat(fd, &st) < 0 ||
	    (n = pread(fd, head, sizeof(head), 0)) < 0)
		return 0;
	if (memcmp(head, SKR_MAGIC, n < SKR_MAGIC_LEN ? (size_t)n :
	    SKR_MAGIC_LEN) != 0)
		return 0;
	return n < (ssize_t)sizeof(head) ||
	    (header_length(head, sizeof(head), &len) == 0 &&
	    (off_t)len > st.st_size);
}

static int
read_stranger(struct verify *v, const char *path, const char **why)
{
	struct record x;
	int fd = -1, r;

	*why = "it is no record of a session";
	if (number_in(path) == 0)
		return 0;
	r = v->subject->ops->recording(v->subject, number_in(path), path, &fd);
	if (r == ERR_NOTFOUND) {
		*why = "it is no regular file";
		return 0;
	}
	if (r != 0)
		return r;
	if (is_unfinished(fd)) {
		*why = session_of(v, path) != NULL || map_find_nr(
		    v->model.map[TABLE_SESSION], number_in(path)) == NULL ?
		    NULL : "another record is that of this session";
		fd_close(&fd);
		return 0;
	}
	r = record_read(&x, v, fd);
	if (r == 0)
		*why = judge(v, path, &x);
	record_end(&x);
	fd_close(&fd);
	return r == ERR_FORMAT ? 0 : r;
}

static int
look(struct verify *v, const char *path)
{
	uint64_t size;
	const char *why;
	int r;

	if ((r = read_stranger(v, path, &why)) != 0)
		return r;
	/* bytes come behind the entry of their use: a gate that runs has it by now */
	if (v->subject->is_live &&
	    ((r = v->subject->ops->size(v->subject, &size)) != 0 ||
	    (r = verify_play(v, size)) != 0))
		return r;
	if (is_expected(v, path))
		return 0;
	if (why == NULL)
		report_tell(v->report, TOLD_PREPARED, path,
		    "prepared, never started");
	else
		report_fault(v->report, FAULT_STRANGER, path, "%s", why);
	return 0;
}

int
verify_extra(struct verify *v)
{
	struct strangers s = { .v = v };
	size_t i;
	int r;

	r = v->subject->ops->files(v->subject, on_file, &s);
	for (i = 0; i < s.n && r == 0; i++)
		r = look(v, s.names[i]);
	if (s.more > 0)
		report_fault(v->report, FAULT_STRANGER, "recordings",
		    "%" PRIu64 " more files were not looked at", s.more);
	strv_free(s.names);
	return r;
}
