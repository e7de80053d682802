/* check.c - the invariants: what was acknowledged is there, and sekisho-verify is content. */
#include "tests/fault/gate.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "record/reader.h"

#define HEADS_MAX	(4U << 20)
#define VERIFIED	0	/* exit statuses of sekisho-verify */
#define NO_HEAD		3

static const char *
text_of(const json_t *v, const char *key)
{
	const char *s = json_string_value(json_object_get(v, key));

	return s == NULL ? "" : s;
}

static int
show(struct gate *g, struct person *p, const char *verb, uint64_t nr,
    json_t **v)
{
	char code[CODE_MAX + 1], question[48];
	int i, r = ERR_CLOSED;

	/* a fault may still be to come: then once more */
	snprintf(question, sizeof(question), "{\"id\":%" PRIu64 "}", nr);
	for (i = 0; i < 4 && g->why[0] == '\0'; i++) {
		r = person_ask(g, p, verb, question, code, v);
		if (r == 0 && strcmp(code, "OK") == 0)
			return 0;
		json_decref(*v);
	}
	return gate_wrong(g, "%s %" PRIu64 ": %s", verb, nr,
	    r == 0 ? code : "no answer");
}

static int
check_request(struct gate *g)
{
	unsigned int taken = 0, asked = 0;
	int64_t used;
	json_t *v;
	size_t i;

	if (g->request == 0)
		return 0;
	if (show(g, &g->bob, "request-show", g->request, &v) != 0)
		return -1;
	for (i = 0; i < g->nsessions; i++) {
		taken += g->sessions[i].use != 0;
		asked += g->sessions[i].is_asked != 0;
	}
	used = (int64_t)json_integer_value(json_object_get(v, "used"));
	if (strcmp(text_of(v, "digest"), g->digest) != 0)
		(void)gate_wrong(g, "the request is another one");
	if (g->is_approved && strcmp(text_of(v, "state"), "approved") != 0)
		(void)gate_wrong(g, "the approval is lost");
	if (used < taken || used > asked)
		(void)gate_wrong(g, "used is %lld: %u acknowledged, %u asked",
		    (long long)used, taken, asked);
	json_decref(v);
	return g->why[0] == '\0' ? 0 : -1;
}

/* Is all that the client saw in front of what is recorded? */
struct seen {
	const struct known_session *s;
	size_t		 at;
	int		 differs;
};

static int
on_event(void *arg, const struct reader_event *e)
{
	struct seen *x = arg;
	size_t n = x->s->nseen - x->at;

	if (e->type != '1')
		return 0;
	if (n > e->n)
		n = e->n;
	if (n > 0 && memcmp(x->s->seen + x->at, e->p, n) != 0)
		x->differs = 1;
	x->at += n;
	return 0;
}

static int
check_recording(struct gate *g, const struct known_session *s)
{
	struct seen x = { s, 0, 0 };
	struct reader *r = NULL;
	char path[160];
	int fd, e;

	if (s->nseen == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/recordings/%s", g->dir, s->path);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return gate_wrong(g, "S%" PRIu64 ": no recording", s->nr);
	if ((e = reader_open(fd, &r)) == 0)
		e = reader_each(r, on_event, &x);
	reader_free(r);
	close(fd);
	if (e != 0 || x.differs || x.at != s->nseen)
		return gate_wrong(g, "S%" PRIu64 ": %zu bytes were seen, %zu "
		    "of them recorded", s->nr, s->nseen, x.at);
	return 0;
}

static int
check_session(struct gate *g, const struct known_session *s)
{
	const char *want = s->is_disowned ? "interrupted" :
	    s->how == JOB_NOT_RUN ? "not run" : "ended";
	json_t *v;

	if (s->use == 0)
		return 0;
	if (show(g, &g->carol, "session-show", s->nr, &v) != 0)
		return -1;
	if (s->is_ended && strcmp(text_of(v, "state"), want) != 0)
		(void)gate_wrong(g, "S%" PRIu64 " is %s, its end was "
		    "acknowledged", s->nr, text_of(v, "state"));
	json_decref(v);
	return g->why[0] != '\0' ? -1 : check_recording(g, s);
}

static int
check_verdict(struct gate *g)
{
	json_t *v;

	if (!g->is_judged)
		return 0;
	if (show(g, &g->carol, "review-show", 1, &v) != 0)
		return -1;
	if (strcmp(text_of(json_object_get(v, "verdict"), "verdict"),
	    "adequate") != 0)
		(void)gate_wrong(g, "the verdict is lost");
	json_decref(v);
	return g->why[0] == '\0' ? 0 : -1;
}

int
check_facts(struct gate *g)
{
	size_t i;

	if (check_request(g) != 0)
		return -1;
	for (i = 0; i < g->nsessions; i++)
		if (check_session(g, &g->sessions[i]) != 0)
			return -1;
	return check_verdict(g) != 0 ? -1 : crowd_check(g);
}

/* --- heads -------------------------------------------------------------------------- */
static int
is_heads(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 6 && strcmp(d->d_name + n - 6, ".heads") == 0;
}

/* The last whole note: eight lines, the last one empty.  NULL: none. */
static const char *
last_note(const char *p, size_t n, size_t *len)
{
	const char *note = NULL, *start = p, *end = p + n;
	int lines = 0;

	*len = 0;
	for (; p < end; p++) {
		if (*p != '\n')
			continue;
		if (++lines == 8) {
			note = start;
			*len = (size_t)(p - start);
			start = p + 1;
			lines = 0;
		}
	}
	return note;
}

void
check_keep_head(const struct gate *g, const char *name)
{
	char path[400], out[160];
	struct dirent **list;
	const char *note;
	uint8_t *all = NULL;
	size_t n, len;
	int i, fd;

	snprintf(path, sizeof(path), "%s/heads", g->dir);
	if ((i = scandir(path, &list, is_heads, alphasort)) <= 0)
		return;
	snprintf(path, sizeof(path), "%s/heads/%s", g->dir,
	    list[i - 1]->d_name);
	while (i-- > 0)
		free(list[i]);
	free(list);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return;
	if (fd_read_all(fd, HEADS_MAX, &all, &n) == 0 &&
	    (note = last_note((const char *)all, n, &len)) != NULL) {
		close(fd);
		snprintf(out, sizeof(out), "%s.%s", g->dir, name);
		fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0 || fd_write_full(fd, note, len) != 0)
			abort();
	}
	close(fd);
	free(all);
}

/* --- sekisho-verify -------------------------------------------------------------------- */
static int
verify(struct gate *g, const char *head, int want)
{
	char program[PATH_MAX + 32], path[160], log[128];
	int status, fd;
	pid_t pid;

	snprintf(program, sizeof(program), "%s/sekisho-verify", g->programs);
	snprintf(path, sizeof(path), "%s.%s", g->dir, head == NULL ? "" : head);
	snprintf(log, sizeof(log), "%s.verify", g->dir);
	if (head != NULL && access(path, F_OK) < 0)
		return 0;
	if ((pid = fork()) == 0) {
		fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
		execl(program, program, "--store", g->dir,
		    head == NULL ? NULL : "--head", path, (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		return gate_wrong(g, "no sekisho-verify");
	if (WIFEXITED(status) && WEXITSTATUS(status) == want)
		return 0;
	return gate_wrong(g, "sekisho-verify%s%s ends with %d instead of %d",
	    head == NULL ? "" : " --head ", head == NULL ? "" : head,
	    WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status), want);
}

int
check_store(struct gate *g)
{
	check_keep_head(g, "last");
	if (verify(g, NULL, NO_HEAD) != 0 || verify(g, "crash", VERIFIED) != 0)
		return -1;
	return verify(g, "last", VERIFIED);
}
