/* word_test.c - gateway words from BIND to their status. */
#include "tests/unit/monitor/bed.h"

/* Up to the running word on channel 0. */
static void
to_word(struct bed *b, const char *command)
{
	int g[2];

	bed_open(b, 0, 0);
	if (command == NULL)
		assert_int_equal(chan_put_chan_shell(b->net, 0, NULL, NULL, 0), 0);
	else
		bed_exec(b, 0, command);
	b->call = bed_take(b, b->ledger, MSG_BIND);
	assert_int_equal(chan_pair(g), 0);
	assert_int_equal(chan_put_bound(b->ledger, b->call, NULL, &g[0], 1), 0);
	close(g[0]);
	close(g[1]);
	bed_kit(b, 1);
}

static void
a_word_gets_its_argv_and_the_bound_channel(void **state)
{
	struct msg_word_exit end = { .status = 4 };
	struct msg_chan_streams s;
	struct bed *b = *state;
	struct msg_word w;
	struct msg msg;

	to_word(b, "request new --reason it's due; go -- id");
	bed_expect(b, b->word, MSG_WORD, &msg);
	assert_int_equal(msg.nfds, 1);
	assert_int_equal(msg_word_get(msg.body, &w), 0);
	assert_string_equal(w.user, "alice");
	assert_string_equal(w.zone, "UTC");
	assert_string_equal(w.argv[3], "it's");
	assert_string_equal(w.argv[4], "due;");
	msg_word_free(&w);
	msg_done(&msg);
	bed_expect(b, b->net, MSG_CHAN_STREAMS, &msg);
	assert_int_equal(msg.nfds, 2);
	assert_int_equal(msg_chan_streams_get(msg.body, &s), 0);
	assert_int_equal(s.reads_input, 1);
	msg_done(&msg);
	assert_int_equal(chan_put_word_exit(b->word, 0, &end, NULL, 0), 0);
	bed_told(b, 0, NULL, 4);
	bed_ended(b, b->word);
	bed_silent(b, b->ledger);
}

static void
a_shell_is_the_word_shell(void **state)
{
	struct bed *b = *state;
	struct msg_word w;
	struct msg msg;

	to_word(b, NULL);
	bed_expect(b, b->word, MSG_WORD, &msg);
	assert_int_equal(msg_word_get(msg.body, &w), 0);
	assert_int_equal(strv_len(w.argv), 1);
	assert_string_equal(w.argv[0], "shell");
	msg_word_free(&w);
	msg_done(&msg);
}

static void
a_word_that_breaks_off_is_70(void **state)
{
	struct bed *b = *state;

	to_word(b, "help");
	(void)bed_take(b, b->word, MSG_WORD);
	(void)bed_take(b, b->net, MSG_CHAN_STREAMS);
	chan_free(b->word);
	b->word = NULL;
	bed_told(b, 0, "sekisho: refused [LOST] the gate's own word broke off\n"
	    "next: help\n", 70);
}

static void
a_person_the_ledger_does_not_bind_is_refused(void **state)
{
	struct bed *b = *state;

	bed_open(b, 0, 0);
	bed_exec(b, 0, "whoami");
	b->call = bed_take(b, b->ledger, MSG_BIND);
	bed_refuse(b, b->ledger, b->call);
	bed_told(b, 0, "sekisho: refused [USED-UP] every approved use has been "
	    "made\nnext: request again R12\n", 77);
	bed_silent(b, b->d);
}

static void
a_client_that_leaves_takes_its_word_along(void **state)
{
	struct bed *b = *state;

	to_word(b, "help");
	(void)bed_take(b, b->word, MSG_WORD);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	bed_ended(b, b->word);
	(void)bed_take(b, b->d, MSG_KILL_KIT);
	bed_turn(b);
	assert_int_equal(b->m->ntasks, 0);
}

static void
a_role_that_is_withdrawn_ends_what_may_rest_on_it(void **state)
{
	struct bed *b = *state;

	b->roles = PERSON_OPERATOR | PERSON_AUDITOR;
	bed_snapshot(b);
	to_word(b, "session replay S1");
	(void)bed_take(b, b->word, MSG_WORD);
	(void)bed_take(b, b->net, MSG_CHAN_STREAMS);
	bed_snapshot(b);		/* something else changed */
	bed_silent(b, b->net);
	b->roles = PERSON_OPERATOR;
	bed_snapshot(b);
	bed_told(b, 0, "sekisho: refused [REVOKED] one of your roles was "
	    "withdrawn\nnext: whoami\n", 77);
	bed_ended(b, b->word);
	(void)bed_take(b, b->d, MSG_KILL_KIT);
}

static void
words_for_which_there_is_no_process_are_refused(void **state)
{
	struct bed *b = *state;
	int g[2];

	bed_open(b, 0, 0);
	bed_exec(b, 0, "help");
	b->call = bed_take(b, b->ledger, MSG_BIND);
	assert_int_equal(chan_pair(g), 0);
	assert_int_equal(chan_put_bound(b->ledger, b->call, NULL, &g[0], 1), 0);
	b->kit = bed_take(b, b->d, MSG_NEED_WORD);
	assert_int_equal(chan_put_kit_failed(b->d, b->kit, NULL, NULL, 0), 0);
	bed_told(b, 0, "sekisho: refused [LIMIT] the gate cannot start more "
	    "processes now\nnext: help\n", 77);
	close(g[0]);
	close(g[1]);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, bed_setup, bed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_word_gets_its_argv_and_the_bound_channel),
		T(a_shell_is_the_word_shell),
		T(a_word_that_breaks_off_is_70),
		T(a_person_the_ledger_does_not_bind_is_refused),
		T(a_client_that_leaves_takes_its_word_along),
		T(a_role_that_is_withdrawn_ends_what_may_rest_on_it),
		T(words_for_which_there_is_no_process_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
