/* The process itself: slice, confinement, one word, its status.  Needs root, as sekishod's starter is. */
/* no-asan: enters its role for real, and the sanitizer makes calls that the list kills */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/strv.h"
#include "cli/cli.h"
#include "tests/unit/cli/recording.h"
#include "tests/unit/cli/replies.h"
#include "wire/chan.h"

#define NOBODY	65534

struct word_process {
	struct chan	*control;	/* sekishod's and the monitor's end */
	struct chan	*ledger;
	int		 io, err;
	pid_t		 pid;
	char		 dir[40];	/* its empty root */
};

/* The child of the starter: descriptors in place, then the program's own main. */
static void
become_word(int control, int io, int err)
{
	char *argv[] = { strdup("sekisho"), strdup("--gateway"), NULL };
	int a = fcntl(control, F_DUPFD, 20), b = fcntl(io, F_DUPFD, 20);
	int c = fcntl(err, F_DUPFD, 20);

	if (dup2(a, 3) < 0 || dup2(b, 4) < 0 || dup2(c, 5) < 0)
		_exit(99);
	exit(cli_main(2, argv));
}

static void
start(struct word_process *w)
{
	int control[2], io[2], err[2];

	memset(w, 0, sizeof(*w));
	memcpy(w->dir, "/tmp/sekisho-word-XXXXXX", 25);
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(chmod(w->dir, 0755), 0);
	assert_int_equal(chan_pair(control), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, io), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, err), 0);
	w->pid = fork();
	assert_true(w->pid >= 0);
	if (w->pid == 0)
		become_word(control[1], io[1], err[1]);
	close(control[1]);
	close(io[1]);
	close(err[1]);
	w->control = chan_new(control[0], (enum peer)(PEER_D | PEER_M),
	    PEER_W);
	w->io = io[0];
	w->err = err[0];
}

static void
send_slice(struct word_process *w, uint32_t uid)
{
	struct msg_slice_word slice = { .uid = uid, .gid = NOBODY,
		.empty_dir = w->dir, .zone = strdup("Asia/Tokyo") };
	struct msg_slice outer = { 0 };
	struct buf *b = buf_new(4096);

	assert_int_equal(msg_slice_word_put(b, &slice), 0);
	outer.body.n = buf_len(b);
	outer.body.p = malloc(outer.body.n);
	assert_non_null(outer.body.p);
	memcpy(outer.body.p, buf_data(b), outer.body.n);
	assert_int_equal(chan_put_slice(w->control, 0, &outer, NULL, 0), 0);
	buf_free(b);
	msg_slice_free(&outer);
	free(slice.zone);
}

static void
expect(struct chan *c, enum msg_type type, struct msg *m)
{
	assert_int_equal(chan_wait(c, m, 10000), 0);
	assert_int_equal(m->type, type);
}

/* Slice, READY, and the word with its channel to us as the ledger. */
static void
give_word(struct word_process *w, const char *line, int pty)
{
	struct msg_word word = { .user = strdup("alice"),
		.zone = strdup("Asia/Tokyo"), .pty = (uint8_t)pty, .cols = 80,
		.rows = 24 };
	char *copy = strdup(line), *rest = copy, *s;
	int pair[2];
	struct msg m;

	send_slice(w, NOBODY);
	expect(w->control, MSG_READY, &m);
	msg_done(&m);
	while ((s = strsep(&rest, " ")) != NULL)
		assert_int_equal(strv_add(&word.argv, s), 0);
	assert_int_equal(chan_pair(pair), 0);
	assert_int_equal(chan_put_word(w->control, 0, &word, &pair[1], 1), 0);
	close(pair[1]);
	w->ledger = chan_new(pair[0], PEER_G, PEER_W);
	msg_word_free(&word);
	free(copy);
}

static void
answer(struct word_process *w, const char *verb, const char *body, int fd)
{
	struct msg_call call = { 0 };
	struct msg_reply reply = { .code = strdup("OK") };
	struct msg m;

	expect(w->ledger, MSG_CALL, &m);
	assert_int_equal(msg_call_get(m.body, &call), 0);
	assert_string_equal(call.verb, verb);
	reply.body.p = (uint8_t *)strdup(body);
	reply.body.n = strlen(body);
	assert_int_equal(chan_put_reply(w->ledger, m.id, &reply, &fd,
	    fd >= 0), 0);
	msg_reply_free(&reply);
	msg_call_free(&call);
	msg_done(&m);
}

/* Status of WORD_EXIT; the process ends by itself with 0. */
static uint32_t
word_status(struct word_process *w)
{
	struct msg_word_exit end;
	struct msg m;
	int status;

	expect(w->control, MSG_WORD_EXIT, &m);
	assert_int_equal(msg_word_exit_get(m.body, &end), 0);
	msg_done(&m);
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	w->pid = 0;
	assert_int_equal(status, 0);
	return end.status;
}

/* What came to the client until the process closed it; the caller frees. */
static char *
shown(int fd)
{
	uint8_t *p = NULL;
	size_t n;

	assert_int_equal(fd_read_all(fd, 1 << 20, &p, &n), 0);
	return (char *)p;
}

static void
finish(struct word_process *w)
{
	chan_free(w->control);
	chan_free(w->ledger);
	close(w->io);
	close(w->err);
	if (w->pid > 0)
		assert_int_equal(waitpid(w->pid, NULL, 0), w->pid);
	assert_int_equal(rmdir(w->dir), 0);
}

static void
a_word_runs_confined_and_its_status_reaches_the_monitor(void **state)
{
	struct word_process w;
	char *out;

	(void)state;
	start(&w);
	give_word(&w, "request new --until +2h -- sed", 1);
	answer(&w, "request-new", SUBMITTED, -1);
	assert_int_equal(word_status(&w), 0);
	out = shown(w.io);
	assert_string_equal(out, "R12 runs: [sed] [-i] [s/a b/c d/] "
	    "[/etc/my file] as root on local, "
	    "Tue 2026-11-24 01:00 to 05:00 JST\r\n"
	    "state: waiting, another person must approve it\r\n"
	    "next: request show R12\r\n");
	free(out);
	finish(&w);
}

static void
a_recording_is_read_and_replayed_inside_the_confinement(void **state)
{
	static const struct piece pieces[] = {
		{ 0, 'o', "one\r\n" }, { 700, 'o', "two\r\n" }, { 0, 0, NULL }
	};
	static const struct writer_end ran = { .how = 1, .signal = "",
		.reason = "" };
	struct word_process w;
	int fd = make_recording(pieces, &ran);
	char *out;

	(void)state;
	start(&w);
	give_word(&w, "session replay S345", 1);
	answer(&w, "session-open", "{\"id\":\"S345\"}", fd);
	answer(&w, "review-seen", "{}", -1);
	assert_int_equal(word_status(&w), 0);
	out = shown(w.io);
	assert_string_equal(out,
	    "one\r\ntwo\r\n-- S345 ended with status 0\r\n");
	free(out);
	finish(&w);
	close(fd);
}

static void
standard_input_is_read_to_its_end(void **state)
{
	struct word_process w;
	char *out;

	(void)state;
	start(&w);
	give_word(&w, "request new --script - --json -- sh", 0);
	assert_int_equal(write(w.io, "echo hi\n", 8), 8);
	assert_int_equal(shutdown(w.io, SHUT_WR), 0);
	answer(&w, "request-new", "{\"id\":\"R1\"}", -1);
	assert_int_equal(word_status(&w), 0);
	out = shown(w.io);
	assert_string_equal(out, "{\"id\":\"R1\"}\n");
	free(out);
	finish(&w);
}

static void
a_refusal_goes_to_stderr_with_its_status(void **state)
{
	struct word_process w;
	char *err;

	(void)state;
	start(&w);
	give_word(&w, "witness", 1);
	answer(&w, "refused", "{}", -1);	/* written down before it is shown */
	assert_int_equal(word_status(&w), 77);
	err = shown(w.err);
	assert_string_equal(err, "sekisho: refused [NOT-OFFERED] witness is not "
	    "offered by this gate yet\r\nnext: help\r\n");
	free(err);
	finish(&w);
}

static void
without_an_account_of_its_own_no_word_is_taken(void **state)
{
	struct word_process w;
	struct msg m;
	int status;

	(void)state;
	start(&w);
	send_slice(&w, 0);
	assert_int_not_equal(chan_wait(w.control, &m, 10000), 0);
	assert_int_equal(waitpid(w.pid, &status, 0), w.pid);
	w.pid = 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 70);
	finish(&w);
}

static void
a_gate_that_goes_away_ends_the_process(void **state)
{
	struct word_process w;
	int status;

	(void)state;
	start(&w);
	chan_free(w.control);
	w.control = NULL;
	assert_int_equal(waitpid(w.pid, &status, 0), w.pid);
	w.pid = 0;
	assert_int_equal(status, 0);
	finish(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_runs_confined_and_its_status_reaches_the_monitor),
		cmocka_unit_test(a_recording_is_read_and_replayed_inside_the_confinement),
		cmocka_unit_test(standard_input_is_read_to_its_end),
		cmocka_unit_test(a_refusal_goes_to_stderr_with_its_status),
		cmocka_unit_test(without_an_account_of_its_own_no_word_is_taken),
		cmocka_unit_test(a_gate_that_goes_away_ends_the_process),
	};

#ifdef __SANITIZE_ADDRESS__		/* its leak checker makes calls the role may not */
	return 0;
#endif
	if (geteuid() != 0)
		return 1;	/* no result is not a good one */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
