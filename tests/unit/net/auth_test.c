/* auth_test.c - the conversation of a login, with a client and a monitor of our own. */
#include "../test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "net/net.h"

/* What auth.c asked of the client. */
static struct {
	size_t	 prompts;
	int	 asked;
	char	 instruction[64];
	int	 fd;
} client;

int
client_ask(struct client *c, const char *name, const char *instruction,
    size_t n, char *const *prompts, const uint8_t *echo)
{
	(void)c;
	(void)name;
	(void)prompts;
	(void)echo;
	client.asked++;
	client.prompts = n;
	snprintf(client.instruction, sizeof(client.instruction), "%s",
	    instruction);
	return 0;
}

static struct {
	int	 is_unheard;
	uint64_t received;
	char	 goodbye[128];
} said;

int
client_is_unheard(const struct client *c)
{
	(void)c;
	return said.is_unheard;
}

uint64_t
client_received(const struct client *c)
{
	(void)c;
	return said.received;
}

void
client_set_goodbye(struct client *c, const char *text)
{
	(void)c;
	snprintf(said.goodbye, sizeof(said.goodbye), "%s", text);
}

int
client_fd(const struct client *c)
{
	(void)c;
	return client.fd;
}

static struct net net;
static struct chan *monitor;
static int client_pair[2];

static int
set_up(void **state)
{
	memset(&said, 0, sizeof(said));
	int fds[2];

	(void)state;
	memset(&net, 0, sizeof(net));
	memset(&client, 0, sizeof(client));
	if (chan_pair(fds) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, client_pair) < 0)
		return -1;
	client.fd = client_pair[0];
	net.mon = chan_new(fds[0], PEER_N, PEER_M);
	monitor = chan_new(fds[1], PEER_M, PEER_N);
	net.state = NET_LOGIN;
	net.slice.max_key_offers = 3;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	chan_free(net.mon);
	chan_free(monitor);
	free(net.auth.user);
	close(client_pair[0]);
	if (client_pair[1] >= 0)
		close(client_pair[1]);
	return 0;
}

/* What the monitor will say is put there before: nothing here waits. */
static void
monitor_will_ask(size_t n)
{
	char text[] = "x: ", none[] = "", info[] = "please";
	char *prompts[PROMPTS_MAX + 2] = { NULL };
	uint8_t echo[PROMPTS_MAX] = { 0 };
	struct msg_auth_prompt m = { .name = none, .instruction = info,
		.prompts = prompts, .echo = { echo, n } };
	size_t i;

	for (i = 0; i < n; i++)
		prompts[i] = text;
	assert_int_equal(chan_put_auth_prompt(monitor, 0, &m, NULL, 0), 0);
}

static void
monitor_will_say(enum auth_result r)
{
	struct msg_auth_result m = { .result = (uint8_t)r };

	assert_int_equal(chan_put_auth_result(monitor, 0, &m, NULL, 0), 0);
}

static void
monitor_heard(enum msg_type type)
{
	struct msg m;

	assert_int_equal(chan_recv(monitor, &m), 0);
	assert_int_equal(m.type, type);
	msg_done(&m);
}

static enum client_verdict
answer(size_t n)
{
	char a[] = "secret";
	char *answers[PROMPTS_MAX + 2];
	size_t i;

	for (i = 0; i < n; i++)
		answers[i] = a;
	return auth_on_dialogue(&net, NULL, answers, n);
}

static void
a_dialogue_of_two_rounds_ends_in_ok(void **state)
{
	(void)state;
	monitor_will_ask(1);
	assert_int_equal(auth_on_dialogue(&net, "alice", NULL, 0),
	    CLIENT_ASKED);
	assert_int_equal(client.prompts, 1);
	assert_string_equal(client.instruction, "please");
	monitor_will_ask(2);
	assert_int_equal(answer(1), CLIENT_ASKED);
	monitor_will_say(AUTH_OK);
	assert_int_equal(answer(2), CLIENT_OK);
	assert_int_equal(net.state, NET_OPEN);
	monitor_heard(MSG_AUTH_START);
	monitor_heard(MSG_AUTH_ANSWERS);
	monitor_heard(MSG_AUTH_ANSWERS);
}

static void
a_round_without_prompts_takes_no_answer(void **state)
{
	(void)state;
	monitor_will_ask(0);
	assert_int_equal(auth_on_dialogue(&net, "a", NULL, 0), CLIENT_ASKED);
	monitor_will_say(AUTH_OK);
	assert_int_equal(answer(0), CLIENT_OK);
}

static void
a_wrong_number_of_answers_ends_it(void **state)
{
	(void)state;
	monitor_will_ask(2);
	(void)auth_on_dialogue(&net, "alice", NULL, 0);
	assert_int_equal(answer(1), CLIENT_END);
	assert_int_equal(net.is_over, 1);
	monitor_heard(MSG_AUTH_START);
	monitor_heard(MSG_AUTH_ABORT);
}

static void
answers_nobody_asked_for_end_it(void **state)
{
	(void)state;
	assert_int_equal(answer(0), CLIENT_END);
	assert_int_equal(net.is_over, 1);
}

static void
an_answer_is_given_once(void **state)
{
	(void)state;
	monitor_will_ask(1);
	(void)auth_on_dialogue(&net, "alice", NULL, 0);
	monitor_will_say(AUTH_FAIL);
	assert_int_equal(answer(1), CLIENT_FAIL);
	assert_int_equal(answer(1), CLIENT_END);
}

static void
another_user_name_ends_it(void **state)
{
	(void)state;
	monitor_will_say(AUTH_FAIL);
	assert_int_equal(auth_on_dialogue(&net, "alice", NULL, 0),
	    CLIENT_FAIL);
	assert_int_equal(auth_on_dialogue(&net, "bob", NULL, 0), CLIENT_END);
	monitor_heard(MSG_AUTH_START);
}

static void
a_new_dialogue_aborts_the_open_one(void **state)
{
	(void)state;
	monitor_will_ask(1);
	(void)auth_on_dialogue(&net, "alice", NULL, 0);
	monitor_will_say(AUTH_FAIL);
	monitor_will_ask(1);
	assert_int_equal(auth_on_dialogue(&net, "alice", NULL, 0),
	    CLIENT_ASKED);
	monitor_heard(MSG_AUTH_START);
	monitor_heard(MSG_AUTH_ABORT);
	monitor_heard(MSG_AUTH_START);
}

static void
success_after_an_abort_is_never_believed(void **state)
{
	(void)state;
	monitor_will_ask(1);
	(void)auth_on_dialogue(&net, "alice", NULL, 0);
	monitor_will_say(AUTH_OK);
	assert_int_equal(auth_on_attempt(&net, CLIENT_NONE, "alice"),
	    CLIENT_END);
}

static void
sixteen_prompts_are_the_most(void **state)
{
	(void)state;
	monitor_will_ask(PROMPTS_MAX);
	assert_int_equal(auth_on_dialogue(&net, "alice", NULL, 0),
	    CLIENT_ASKED);
	assert_int_equal(client.prompts, PROMPTS_MAX);
}

static void
keys_are_counted_to_their_limit(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(auth_on_attempt(&net, CLIENT_KEY, "alice"),
		    CLIENT_FAIL);
	assert_int_equal(auth_on_attempt(&net, CLIENT_KEY, "alice"),
	    CLIENT_END);
	for (i = 0; i < 4; i++)
		monitor_heard(MSG_AUTH_OTHER);
}

static void
other_methods_and_none_have_their_own_limits(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		assert_int_equal(auth_on_attempt(&net, CLIENT_PASSWORD, "a"),
		    CLIENT_FAIL);
		assert_int_equal(auth_on_attempt(&net, CLIENT_NONE, "a"),
		    CLIENT_FAIL);
	}
	assert_int_equal(auth_on_attempt(&net, CLIENT_GSSAPI, "a"),
	    CLIENT_END);
}

static void
a_client_that_went_away_is_not_waited_for(void **state)
{
	(void)state;
	close(client_pair[1]);
	client_pair[1] = -1;
	assert_int_equal(auth_on_dialogue(&net, "alice", NULL, 0), CLIENT_END);
}

static void
a_ping_in_between_is_answered(void **state)
{
	(void)state;
	assert_int_equal(chan_put_ping(monitor, 5, NULL, NULL, 0), 0);
	monitor_will_say(AUTH_FAIL);
	assert_int_equal(auth_on_dialogue(&net, "alice", NULL, 0),
	    CLIENT_FAIL);
	monitor_heard(MSG_AUTH_START);
	monitor_heard(MSG_PONG);
}

static void
an_unknown_result_is_no_success(void **state)
{
	(void)state;
	monitor_will_say((enum auth_result)0x42);
	assert_int_equal(auth_on_dialogue(&net, "alice", NULL, 0), CLIENT_END);
	assert_int_equal(net.state, NET_LOGIN);
}

static void
monitor_will_rate(uint8_t is_listed, uint8_t is_factor)
{
	struct msg_auth_key_result m = { .is_listed = is_listed,
		.is_factor = is_factor };

	assert_int_equal(chan_put_auth_key_result(monitor, 0, &m, NULL, 0), 0);
}

/* 32 bytes look like a key of Ed25519 */
#define ED25519_LEN	51
static const uint8_t ed25519[ED25519_LEN] = "\0\0\0\x0bssh-ed25519\0\0\0\x20";

static enum client_verdict
show(const char *user, int is_proven)
{
	return auth_on_key(&net, user, "ssh-ed25519", ed25519, ED25519_LEN,
	    is_proven);
}

static void
a_key_is_what_the_monitor_says_and_fixes_the_name(void **state)
{
	struct msg_auth_key k;
	struct msg m;

	(void)state;
	monitor_will_rate(1, 0);
	assert_int_equal(show("alice", 0), CLIENT_LISTED);
	assert_int_equal(chan_recv(monitor, &m), 0);
	assert_int_equal(m.type, MSG_AUTH_KEY);
	assert_int_equal(msg_auth_key_get(m.body, &k), 0);
	assert_string_equal(k.user, "alice");
	assert_int_equal(k.blob.n, ED25519_LEN);
	assert_memory_equal(k.blob.p, ed25519, ED25519_LEN);
	assert_int_equal(k.is_proven, 0);
	msg_auth_key_free(&k);
	msg_done(&m);
	monitor_will_rate(0, 0);
	assert_int_equal(show("bob", 1), CLIENT_FAIL);
	monitor_will_rate(1, 1);
	assert_int_equal(show("alice", 1), CLIENT_PARTIAL);
	assert_int_equal(net.state, NET_LOGIN);
	assert_int_equal(show("bob", 0), CLIENT_END);
}

/* The monitor gets no bytes that are no key; it hears of them as of every method that fails. */
static void
what_is_no_key_stays_here_and_is_counted(void **state)
{
	static const struct {
		const char	*type;
		size_t		 n;
	} bad[] = {
		{ "ssh-ed25519", ED25519_LEN - 1 }, { "ssh-ed25519", 0 },
		{ "ssh-ed25519", 3 }, { "ssh-rsa", ED25519_LEN },
		{ "", ED25519_LEN }, { "sk-ssh-ed25519@openssh.com",
		    ED25519_LEN },
	};
	struct msg_auth_other o;
	struct msg m;
	size_t i;

	(void)state;
	net.slice.max_key_offers = sizeof(bad) / sizeof(bad[0]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(auth_on_key(&net, "alice", bad[i].type,
		    ed25519, bad[i].n, (int)(i % 2)), CLIENT_FAIL);
		assert_int_equal(chan_recv(monitor, &m), 0);
		assert_int_equal(m.type, MSG_AUTH_OTHER);
		assert_int_equal(msg_auth_other_get(m.body, &o), 0);
		assert_int_equal(o.kind, AUTH_KEY);
		assert_string_equal(o.user, "alice");
		msg_auth_other_free(&o);
		msg_done(&m);
	}
	assert_int_equal(auth_on_key(&net, "alice", "ssh-rsa", ed25519, 9, 1),
	    CLIENT_END);
}

static void
a_factor_for_a_bare_offer_is_never_believed(void **state)
{
	(void)state;
	monitor_will_rate(1, 1);
	assert_int_equal(show("alice", 0), CLIENT_END);
	assert_int_equal(net.is_over, 1);
}

static void
a_rating_nobody_asked_for_ends_it(void **state)
{
	(void)state;
	monitor_will_rate(1, 1);
	assert_int_equal(auth_on_dialogue(&net, "alice", NULL, 0), CLIENT_END);
}

static void
a_login_in_answer_to_a_key_is_never_believed(void **state)
{
	(void)state;
	monitor_will_say(AUTH_OK);
	assert_int_equal(show("alice", 1), CLIENT_END);
	assert_int_equal(net.state, NET_LOGIN);
	assert_int_equal(net.is_over, 1);
}

static void
a_key_in_the_middle_aborts_the_dialogue(void **state)
{
	(void)state;
	monitor_will_ask(1);
	(void)auth_on_dialogue(&net, "alice", NULL, 0);
	monitor_will_say(AUTH_FAIL);
	monitor_will_rate(1, 0);
	assert_int_equal(show("alice", 0), CLIENT_LISTED);
	monitor_heard(MSG_AUTH_START);
	monitor_heard(MSG_AUTH_ABORT);
	monitor_heard(MSG_AUTH_KEY);
}

static void
keys_shown_are_counted_offers_and_signatures(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		monitor_will_rate(1, 0);
		assert_int_equal(show("alice", i % 2), CLIENT_LISTED);
	}
	assert_int_equal(show("alice", 0), CLIENT_END);
}

/* The time from the last byte on is over. */
static void
waits(void)
{
	assert_true(net.auth.unheard_ms != 0);
	net.auth.unheard_ms = clock_mono_ms() - 1;
	assert_int_equal(auth_wait_ms(&net), 0);
}

static void
a_request_that_is_dropped_ends_it_with_a_text(void **state)
{
	(void)state;
	auth_turn(&net);
	assert_int_equal(auth_wait_ms(&net), -1);
	said.is_unheard = 1;
	auth_turn(&net);
	assert_in_range(auth_wait_ms(&net), 1, 2000);
	auth_turn(&net);
	assert_int_equal(net.is_over, 0);
	waits();
	auth_turn(&net);
	assert_int_equal(net.is_over, 1);
	assert_non_null(strstr(said.goodbye, "signature"));
	monitor_heard(MSG_AUTH_OTHER);
}

/* The monitor counts the keys it heard of when the client has gone, by their name. */
static void
behind_a_key_the_monitor_knows_whose_failure_it_is(void **state)
{
	struct msg m;

	(void)state;
	monitor_will_rate(1, 0);
	assert_int_equal(show("alice", 0), CLIENT_LISTED);
	monitor_heard(MSG_AUTH_KEY);
	said.is_unheard = 1;
	auth_turn(&net);
	waits();
	auth_turn(&net);
	assert_int_equal(net.is_over, 1);
	assert_int_equal(chan_recv(monitor, &m), 1);
}

static void
a_client_that_says_more_or_is_asked_is_not_given_up(void **state)
{
	(void)state;
	said.is_unheard = 1;
	auth_turn(&net);
	waits();
	said.received++;		/* IGNORE again */
	auth_turn(&net);
	assert_true(auth_wait_ms(&net) > 0);
	said.is_unheard = 0;		/* a request that is heard */
	auth_turn(&net);
	assert_int_equal(auth_wait_ms(&net), -1);
	said.is_unheard = 1;
	auth_turn(&net);
	monitor_will_ask(1);		/* now it is its turn */
	assert_int_equal(auth_on_dialogue(&net, "alice", NULL, 0),
	    CLIENT_ASKED);
	waits();
	auth_turn(&net);
	assert_int_equal(auth_wait_ms(&net), -1);
	assert_int_equal(net.is_over, 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_dialogue_of_two_rounds_ends_in_ok),
		TEST(a_round_without_prompts_takes_no_answer),
		TEST(a_wrong_number_of_answers_ends_it),
		TEST(answers_nobody_asked_for_end_it),
		TEST(an_answer_is_given_once),
		TEST(another_user_name_ends_it),
		TEST(a_new_dialogue_aborts_the_open_one),
		TEST(success_after_an_abort_is_never_believed),
		TEST(sixteen_prompts_are_the_most),
		TEST(keys_are_counted_to_their_limit),
		TEST(other_methods_and_none_have_their_own_limits),
		TEST(a_client_that_went_away_is_not_waited_for),
		TEST(a_ping_in_between_is_answered),
		TEST(an_unknown_result_is_no_success),
		TEST(a_key_is_what_the_monitor_says_and_fixes_the_name),
		TEST(what_is_no_key_stays_here_and_is_counted),
		TEST(a_factor_for_a_bare_offer_is_never_believed),
		TEST(a_rating_nobody_asked_for_ends_it),
		TEST(a_login_in_answer_to_a_key_is_never_believed),
		TEST(a_key_in_the_middle_aborts_the_dialogue),
		TEST(keys_shown_are_counted_offers_and_signatures),
		TEST(a_request_that_is_dropped_ends_it_with_a_text),
		TEST(behind_a_key_the_monitor_knows_whose_failure_it_is),
		TEST(a_client_that_says_more_or_is_asked_is_not_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
