/* live_test.c - gates that answer well, badly, in circles, or not at all: a child plays each. */
#include "built.h"

#include <sys/wait.h>

#include "verify/live.h"
#include "wire/chan.h"

/* What a gate answers to a verb; NULL ends the table.  more: there is another page. */
struct line {
	const char	*verb, *code, *body;
	int		 more;
};

static int
answer(struct chan *c, const struct line *lines)
{
	struct msg_reply reply = { 0 };
	struct msg_call call;
	struct msg m;
	int r;

	if ((r = chan_wait(c, &m, 10000)) != 0)
		return r;
	if (m.type != MSG_CALL || msg_call_get(m.body, &call) != 0)
		return ERR_FORMAT;
	for (; lines->verb != NULL; lines++)
		if (strcmp(lines->verb, call.verb) == 0)
			break;
	if (lines->verb == NULL)
		return ERR_CLOSED;
	reply.code = (char *)(uintptr_t)lines->code;
	reply.body.p = (uint8_t *)(uintptr_t)lines->body;
	reply.body.n = strlen(lines->body);
	reply.more = (uint8_t)lines->more;
	r = chan_put_reply(c, m.id, &reply, NULL, 0);
	msg_call_free(&call);
	msg_done(&m);
	return r;
}

/* A check of a gate that answers so.  What live_open() or verify_run() returned; faults in *n. */
static int
check(const struct line *lines, uint64_t *n)
{
	struct report *report = report_new();
	struct verify_args a = { .only = 0 };
	struct subject *s = NULL;
	struct verify v;
	struct chan *c;
	int fds[2], r;
	pid_t pid;

	assert_int_equal(chan_pair(fds), 0);
	if ((pid = fork()) == 0) {
		close(fds[0]);
		c = chan_new(fds[1], PEER_G, PEER_W);
		while (answer(c, lines) == 0)
			;
		_exit(0);
	}
	close(fds[1]);
	if ((r = live_open(fds[0], 0, &s)) == 0) {
		a.subject = s;
		r = verify_run(&v, &a, report);
		verify_free(&v);
		s->ops->free(s);
	}
	if (n != NULL)
		*n = report_faults(report);
	report_free(report);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return r;
}

#define BEGIN	{ "verify-begin", "OK", "{\"size\":0,\"note\":\"\",\"vkeys\":\"\"}", 0 }
#define EMPTY	{ "verify-entries", "OK", "{\"entries\":[],\"size\":0}", 0 }, \
		{ "verify-heads", "OK", "{\"names\":[],\"next\":0}", 0 }, \
		{ "verify-files", "OK", "{\"names\":[],\"next\":0}", 0 }
#define NO_ROWS	{ "verify-rows", "OK", "{\"rows\":[],\"size\":0}", 0 }
#define END	{ NULL, NULL, NULL, 0 }

static void
an_empty_gate_is_consistent(void **state)
{
	static const struct line lines[] = { BEGIN, EMPTY, NO_ROWS, END };
	uint64_t n;

	(void)state;
	assert_int_equal(check(lines, &n), 0);
	assert_int_equal(n, 0);
}

static void
a_refusal_ends_the_check(void **state)
{
	static const struct line lines[] = {
		{ "verify-begin", "NOT-ALLOWED", "{\"reason\":\"no\"}", 0 },
		END };

	(void)state;
	assert_int_equal(check(lines, NULL), ERR_DENIED);
}

static void
a_gate_that_goes_away_is_no_yes(void **state)
{
	static const struct line none[] = { END };
	static const struct line half[] = { BEGIN, EMPTY, END };

	(void)state;
	assert_int_equal(check(none, NULL), ERR_CLOSED);
	assert_int_equal(check(half, NULL), ERR_CLOSED);
}

/* More pages for ever, all the same: it ends, with a fault. */
static void
a_gate_that_answers_in_circles_is_a_fault(void **state)
{
	static const struct line lines[] = { BEGIN, EMPTY,
		{ "verify-rows", "OK", "{\"rows\":[[5,6,7,8,9,10,11,12,13,14,"
		    "15,16,17,18,19,20,21,22]],\"size\":0}", 1 }, END };
	static const struct line entries[] = { BEGIN,
		{ "verify-entries", "OK", "{\"entries\":[[0,\"{}\",[\"\"]]],"
		    "\"size\":9}", 1 },
		{ "verify-heads", "OK", "{\"names\":[],\"next\":0}", 0 },
		{ "verify-files", "OK", "{\"names\":[],\"next\":0}", 0 },
		NO_ROWS, END };
	static const struct line names[] = { BEGIN,
		{ "verify-heads", "OK", "{\"names\":[[\"x\",\"file\"]],"
		    "\"next\":5}", 1 }, EMPTY, NO_ROWS, END };
	uint64_t n;

	(void)state;
	(void)check(lines, &n);
	assert_true(n > 0);
	(void)check(entries, &n);
	assert_true(n > 0);
	assert_int_equal(check(names, &n), ERR_LIMIT);
}

static void
answers_of_another_form_end_the_check(void **state)
{
	static const char *const bad[] = { "[]", "{\"rows\":[7],\"size\":0}",
		"{\"rows\":[[1,2]],\"size\":0}", "{\"rows\":[],\"size\":-1}",
		"{\"rows\":[[{\"blob\":\"!\"},1]],\"size\":0}", "{\"rows\":[[true"
		",1]],\"size\":0}", "{}" };
	struct line lines[] = { BEGIN, EMPTY, NO_ROWS, END };
	uint64_t n;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		lines[4].body = bad[i];
		r = check(lines, &n);
		assert_true(r != 0 || n > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_gate_is_consistent),
		cmocka_unit_test(a_refusal_ends_the_check),
		cmocka_unit_test(a_gate_that_goes_away_is_no_yes),
		cmocka_unit_test(a_gate_that_answers_in_circles_is_a_fault),
		cmocka_unit_test(answers_of_another_form_end_the_check),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
