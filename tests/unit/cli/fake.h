/*
 * fake.h - the other end of a gateway word for tests of texts: a child that
 * answers calls from a table, and files that catch what is printed.
 */
#ifndef UNIT_CLI_FAKE_H
#define UNIT_CLI_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "cli/cli.h"
#include "cli/out.h"
#include "cli/words.h"
#include "wire/chan.h"

/* fd: -1, or what goes with the answer (0 is none too, so that tables stay short). */
struct answer {
	const char	*verb, *code, *body;
	int		 fd;
	int		 more;
};

struct fake {
	struct cli	 c;
	int		 out_fd, err_fd;
	int		 calls_fd;	/* "verb body\n" of each call */
	pid_t		 child;
};

static inline void
fake_answer(struct chan *ch, struct msg *m, const struct answer *a, int calls)
{
	static const struct answer written = { "refused", "OK", "{}", 0, 0 };
	struct msg_call call = { 0 };
	struct msg_reply reply = { 0 };

	if (msg_call_get(m->body, &call) != 0)
		_exit(1);
	while (a->verb != NULL && strcmp(a->verb, call.verb) != 0)
		a++;
	/* refusals are written down: told only to tests that ask for it */
	if (a->verb == NULL && strcmp(call.verb, "refused") == 0)
		a = &written;
	else
		dprintf(calls, "%s %.*s\n", call.verb, (int)call.body.n,
		    (const char *)call.body.p);
	if (a->verb == NULL)
		_exit(2);
	reply.code = strdup(a->code);
	reply.body.p = (uint8_t *)strdup(a->body);
	reply.body.n = strlen(a->body);
	reply.more = (uint8_t)a->more;
	if (chan_put_reply(ch, m->id, &reply, &a->fd, a->fd > 0) != 0 ||
	    chan_drain(ch, 5000) != 0)
		_exit(3);
	msg_reply_free(&reply);
	msg_call_free(&call);
}

/* answers NULL: a ledger that closes its channel at once. */
static inline void
fake_start(struct fake *f, const struct answer *answers, int pty)
{
	int pair[2];
	struct chan *ch;
	struct msg m;

	memset(f, 0, sizeof(*f));
	assert_int_equal(chan_pair(pair), 0);
	f->out_fd = memfd_create("out", MFD_CLOEXEC);
	f->err_fd = memfd_create("err", MFD_CLOEXEC);
	f->calls_fd = memfd_create("calls", MFD_CLOEXEC);
	f->child = fork();
	assert_true(f->child >= 0);
	if (f->child == 0) {
		close(pair[0]);
		ch = chan_new(pair[1], PEER_G, PEER_W);
		while (ch != NULL && answers != NULL &&
		    chan_wait(ch, &m, -1) == 0) {
			fake_answer(ch, &m, answers, f->calls_fd);
			msg_done(&m);
		}
		chan_free(ch);
		_exit(0);
	}
	close(pair[1]);
	f->c.out = out_new(f->out_fd, pty);
	f->c.err = out_new(f->err_fd, pty);
	f->c.ledger = chan_new(pair[0], PEER_W, PEER_G);
	f->c.in_fd = -1;
	f->c.out_fd = f->out_fd;
	f->c.control_fd = -1;
	f->c.user = "alice";
	f->c.pty = pty;
	f->c.cols = 80;
	f->c.rows = 24;
}

/* All that was written to a file; the caller frees. */
static inline char *
fake_read(int fd)
{
	uint8_t *p = NULL;
	size_t n;

	assert_true(lseek(fd, 0, SEEK_SET) == 0);
	assert_int_equal(fd_read_all(fd, 1 << 22, &p, &n), 0);
	return (char *)p;
}

/* Runs one line of words, separated by single blanks, "_" standing for a blank inside a word. */
static inline int
fake_run(struct fake *f, const char *line)
{
	char *copy = strdup(line), *rest = copy, *w, *q;
	char *argv[64];
	size_t n = 0;
	int status;

	while (n < 63 && (w = strsep(&rest, " ")) != NULL) {
		for (q = w; *q != '\0'; q++)
			if (*q == '_')
				*q = ' ';
		argv[n++] = w;
	}
	argv[n] = NULL;
	status = words_run(&f->c, argv);
	assert_int_equal(out_flush(f->c.out), 0);
	assert_int_equal(out_flush(f->c.err), 0);
	free(copy);
	return status;
}

static inline void
fake_end(struct fake *f)
{
	int status;

	chan_free(f->c.ledger);
	out_free(f->c.out);
	out_free(f->c.err);
	close(f->out_fd);
	close(f->err_fd);
	close(f->calls_fd);
	assert_int_equal(waitpid(f->child, &status, 0), f->child);
	assert_int_equal(status, 0);
}

/* One line against one table: status, and exactly these texts (NULL: not compared). */
static inline void
fake_expect(const struct answer *answers, const char *line, int status,
    const char *out, const char *err)
{
	struct fake f;
	char *text;

	fake_start(&f, answers, 0);
	assert_int_equal(fake_run(&f, line), status);
	text = fake_read(f.out_fd);
	if (out != NULL)
		assert_string_equal(text, out);
	free(text);
	text = fake_read(f.err_fd);
	if (err != NULL)
		assert_string_equal(text, err);
	free(text);
	fake_end(&f);
}

#endif
