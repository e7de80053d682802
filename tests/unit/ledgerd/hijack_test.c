/* hijack_test.c - a gateway word or a monitor that was taken over: wrong kinds, depth, floods, deaf ears. */
#include "tests/unit/ledgerd/gate.h"

static const char *const verbs[] = { "whoami", "waiting", "request-new",
	"request-list", "request-show", "request-approve", "request-reject",
	"request-withdraw", "session-list", "session-show", "session-open",
	"audit-log", "profile-list", "profile-show", "refused", "nonsense", "" };

static const char *const keys[] = { "id", "revision", "code", "message",
	"argv", "target", "run_as", "profile", "input", "from", "until",
	"until_span", "uses", "operators", "reason", "ticket", "label",
	"script", "on_disconnect", "max_run", "which", "state", "after",
	"limit", "how", "name", "user", "request", "asked", "x", "" };

static const char *const values[] = { "null", "true", "-1", "0", "1.5",
	"9223372036854775807", "-9223372036854775808", "\"\"", "\"\\u0001\"",
	"\"\\u202e\"", "\"a\\nb\"", "[]", "[[]]", "[1]", "[\"a\",null]", "{}",
	"{\"a\":{}}", "\"'; drop table entry; --\"", "[\"\"]",
	"[\"/bin/../bin/sed\"]" };

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Asks; the answer must be one, and its code a word.  1: it was OK. */
static int
ask(struct gate *g, struct chan *c, const char *verb, const char *body,
    size_t n)
{
	struct msg_call q = { .verb = CONST(verb), .body = {
	    (uint8_t *)(uintptr_t)body, n } };
	struct msg_reply a;
	struct msg m;
	int fd, ok;

	assert_int_equal(chan_put_call(c, 3, &q, NULL, 0), 0);
	gate_step(g);
	if (chan_recv(c, &m) != 0)
		fail_msg("no answer to %s %.200s", verb, body);
	assert_int_equal(m.type, MSG_REPLY);
	assert_int_equal(msg_reply_get(m.body, &a), 0);
	assert_true(a.code[0] >= 'A' && a.code[0] <= 'Z');
	fd = msg_take_fd(&m, 0);
	fd_close(&fd);
	ok = strcmp(a.code, "OK") == 0;
	msg_reply_free(&a);
	msg_done(&m);
	return ok;
}

/* Fields of every kind where another belongs, alone and in a question that is right otherwise. */
static void
wrong_kinds_are_answered_for_every_verb(void **state)
{
	char body[600];
	struct chan *c, *alice;
	struct gate g;
	size_t v, k, i;
	int n, asked = 0;

	(void)state;
	gate_new(&g);
	c = logged_in(&g, "alice");
	alice = person(&g, c, "alice");
	for (v = 0; v < COUNT(verbs); v++)
		for (k = 0; k < COUNT(keys); k++)
			for (i = 0; i < COUNT(values); i++) {
				n = snprintf(body, sizeof(body),
				    "{\"%s\":%s}", keys[k], values[i]);
				(void)ask(&g, alice, verbs[v], body, (size_t)n);
				asked++;
			}
	chan_free(alice);
	gate_step(&g);
	alice = person(&g, c, "alice");
	for (k = 0; k < COUNT(keys); k++)
		for (i = 0; i < COUNT(values); i++) {
			if (strcmp(keys[k], "argv") == 0)
				continue;
			n = snprintf(body, sizeof(body), "{\"argv\":[\"sed\"],"
			    "\"profile\":\"files\",\"run_as\":\"root\","
			    "\"target\":\"local\",\"reason\":\"r\"}");
			/* in place of the same key, else as one more */
			n = snprintf(body + n - 1, sizeof(body) - (size_t)n,
			    ",\"%s\":%s}", keys[k], values[i]) + n - 1;
			(void)ask(&g, alice, "request-new", body, (size_t)n);
			n = snprintf(body, sizeof(body), "{\"%s\":%s,"
			    "\"revision\":1,\"id\":1,\"code\":\"aaaa\"}",
			    keys[k], values[i]);
			(void)ask(&g, alice, "request-approve", body, (size_t)n);
			asked += 2;
		}
	assert_true(asked > 10000);
	assert_int_equal(ask(&g, alice, "whoami", "{}", 2), 1);
	chan_free(alice);
	chan_free(c);
	gate_end(&g);
}

static void
put(char *at, const char *s)
{
	while (*s != '\0')
		*at++ = *s++;
}

static void
deep_and_long_questions_are_answered(void **state)
{
	static char body[JSON_MAX];
	struct chan *c, *alice;
	struct gate g;
	uint32_t seed = 88172645;
	size_t i, n;

	(void)state;
	gate_new(&g);
	c = logged_in(&g, "alice");
	alice = person(&g, c, "alice");
	memset(body, '[', sizeof(body));
	assert_int_equal(ask(&g, alice, "whoami", body, sizeof(body)), 0);
	for (i = 0; i + 5 < sizeof(body); i += 5)
		put(body + i, "{\"a\":");
	assert_int_equal(ask(&g, alice, "whoami", body, i), 0);
	/* one word of nearly all there is */
	memset(body, 'a', sizeof(body));
	put(body, "{\"argv\":[\"");
	put(body + sizeof(body) - 3, "\"]}");
	assert_int_equal(ask(&g, alice, "request-new", body, sizeof(body)), 0);
	put(body, "{\"name\":  \"");
	put(body + sizeof(body) - 3, "\"} ");
	assert_int_equal(ask(&g, alice, "profile-show", body, sizeof(body)), 0);
	/* bytes of every kind */
	for (i = 0; i < 3000; i++) {
		for (n = 0; n < 40; n++) {
			seed ^= seed << 13;
			seed ^= seed >> 17;
			seed ^= seed << 5;
			body[n] = seed % 3 == 0 ? "{}[]\",:\\u0-e1n"[
			    seed / 3 % 14] : (char)(seed >> 8);
		}
		(void)ask(&g, alice, verbs[i % COUNT(verbs)], body, n);
	}
	assert_int_equal(ask(&g, alice, "whoami", "{}", 2), 1);
	chan_free(alice);
	chan_free(c);
	gate_end(&g);
}

static void
a_word_that_never_reads_is_given_up_and_nobody_else(void **state)
{
	struct msg_call q = { .verb = CONST("profile-list"), .body = {
	    (uint8_t *)CONST("{}"), 2 } };
	struct chan *c, *deaf, *alice;
	struct gate g;
	int i, r = 0;

	(void)state;
	gate_new(&g);
	c = logged_in(&g, "alice");
	deaf = person(&g, c, "alice");
	alice = person(&g, c, "alice");
	for (i = 0; i < 100000 && r == 0; i++) {
		r = chan_put_call(deaf, 3, &q, NULL, 0);
		if (r == 0)
			gate_step(&g);
	}
	assert_int_equal(r, ERR_CLOSED);
	assert_int_equal(g.ld.npersons, 1);
	assert_int_equal(ask(&g, alice, "whoami", "{}", 2), 1);
	chan_free(deaf);
	chan_free(alice);
	chan_free(c);
	gate_end(&g);
}

static void
a_monitor_with_a_session_hears_that_we_are_there(void **state)
{
	struct chan *c, *young;
	struct gate g;
	struct msg m;

	(void)state;
	gate_new(&g);
	young = monitor_new(&g);
	c = logged_in(&g, "alice");
	assert_int_equal(chan_put_ping(c, 0, NULL, NULL, 0), 0);
	assert_int_equal(answer(&g, c, &m), MSG_PONG);
	msg_done(&m);
	assert_int_equal(chan_put_ping(young, 7, NULL, NULL, 0), 0);
	assert_int_equal(answer(&g, young, &m), MSG_PONG);
	assert_int_equal(m.id, 7);
	msg_done(&m);
	chan_free(young);
	chan_free(c);
	gate_end(&g);
}

static void
a_monitor_cannot_bind_or_look_up_without_end(void **state)
{
	char *argv[] = { CONST("sed"), CONST("x"), NULL };
	struct msg_bind b = { .user = CONST("alice"),
		.source = CONST("192.0.2.7:4711") };
	struct msg_lookup l = { .user = CONST("alice"),
		.source = CONST("192.0.2.7:4711"), .argv = argv };
	int i, bound = 0, fds[PERSONS_MAX + 50];
	struct chan *c, *dave;
	struct gate g;
	struct msg m;

	(void)state;
	gate_new(&g);
	c = logged_in(&g, "alice");
	dave = logged_in(&g, "dave");
	for (i = 0; i < PERSONS_MAX + 50; i++) {
		assert_int_equal(chan_put_bind(c, 2, &b, NULL, 0), 0);
		if (answer(&g, c, &m) == MSG_BOUND)
			fds[bound++] = msg_take_fd(&m, 0);
		msg_done(&m);
	}
	assert_int_equal(bound, PERSONS_MAX);
	for (i = 0; i < 1000; i++) {
		assert_int_equal(chan_put_lookup(c, 4, &l, NULL, 0), 0);
		assert_int_equal(answer(&g, c, &m), MSG_REFUSED);
		msg_done(&m);
	}
	/* another one is served as ever */
	b.user = CONST("dave");
	assert_int_equal(chan_put_bind(dave, 2, &b, NULL, 0), 0);
	assert_int_equal(answer(&g, dave, &m), MSG_BOUND);
	msg_done(&m);
	for (i = 0; i < bound; i++)
		fd_close(&fds[i]);
	chan_free(c);
	chan_free(dave);
	gate_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_kinds_are_answered_for_every_verb),
		cmocka_unit_test(deep_and_long_questions_are_answered),
		cmocka_unit_test(
		    a_word_that_never_reads_is_given_up_and_nobody_else),
		cmocka_unit_test(
		    a_monitor_with_a_session_hears_that_we_are_there),
		cmocka_unit_test(a_monitor_cannot_bind_or_look_up_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
