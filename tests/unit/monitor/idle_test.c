/* idle_test.c - connections and terminals that nobody uses have an end, work never has one here. */
#include "tests/unit/monitor/bed.h"

#include "monitor/idle.h"

#define CONNECTION_S	600
#define TERMINAL_S	60

static int
set_up(void **state)
{
	struct bed *b;

	if (bed_setup(state) != 0)
		return -1;
	b = *state;
	b->m->slice.idle_connection_s = CONNECTION_S;
	b->m->slice.idle_terminal_s = TERMINAL_S;
	bed_turn(b);
	return 0;
}

/* Nothing happened for so long. */
static void
passes_ms(struct bed *b, int64_t ms)
{
	struct task *t;

	b->m->idle.moved_ms -= ms;
	b->m->idle.asked_ms -= ms;
	b->m->idle.heard_ms -= ms;
	for (t = b->m->tasks; t != NULL; t = t->next)
		if (t->moved_ms != 0)
			t->moved_ms -= ms;
	bed_turn(b);
}

static void
passes(struct bed *b, int64_t s)
{
	passes_ms(b, s * 1000);
}

static void
active_since(struct bed *b, uint32_t id, uint32_t ago_ms)
{
	struct msg_chan_active a = { .ago_ms = ago_ms };

	assert_int_equal(chan_put_chan_active(b->net, id, &a, NULL, 0), 0);
	bed_turn(b);
}

static void
active(struct bed *b, uint32_t id)
{
	active_since(b, id, 0);
}

/* The number of the last PING that net got; 0: none came. */
static uint32_t
asked(struct bed *b)
{
	struct msg msg;
	uint32_t nr = 0;

	bed_turn(b);
	while (chan_recv(b->net, &msg) == 0) {
		assert_int_equal(msg.type, MSG_PING);
		nr = msg.id;
		msg_done(&msg);
	}
	return nr;
}

static void
says_pong(struct bed *b, uint32_t nr)
{
	assert_int_equal(chan_put_pong(b->net, nr, NULL, NULL, 0), 0);
	bed_turn(b);
}

/* Net is asked once more, has nothing to tell, and says so. */
static void
nothing_moved(struct bed *b)
{
	uint32_t nr = asked(b);

	assert_int_not_equal(nr, 0);
	says_pong(b, nr);
}

static void
told_good_bye(struct bed *b, const char *text)
{
	struct msg_bye bye;
	struct msg msg;

	bed_expect(b, b->net, MSG_BYE, &msg);
	assert_int_equal(msg_bye_get(msg.body, &bye), 0);
	assert_string_equal(bye.text, text);
	msg_bye_free(&bye);
	msg_done(&msg);
}

static void
a_connection_without_work_is_closed_and_told_why(void **state)
{
	struct bed *b = *state;

	passes(b, CONNECTION_S - 1);
	(void)asked(b);
	passes(b, 1);
	nothing_moved(b);
	told_good_bye(b, "sekisho: closed after 10 min without work and "
	    "without a byte");
	passes(b, CONNECTION_S);
	bed_silent(b, b->net);		/* once */
}

static void
bytes_anywhere_keep_it(void **state)
{
	struct bed *b = *state;

	passes(b, CONNECTION_S);
	active(b, UINT32_MAX);
	nothing_moved(b);		/* since */
	passes(b, CONNECTION_S);
	active(b, 77);			/* a channel that is gone by now */
	nothing_moved(b);
	bed_silent(b, b->net);
	/* and by when they moved, not by when it was told */
	passes(b, CONNECTION_S);
	active_since(b, 77, 1000);
	nothing_moved(b);
	passes(b, CONNECTION_S - 1);
	nothing_moved(b);
	told_good_bye(b, "sekisho: closed after 10 min without work and "
	    "without a byte");
}

static void
a_gateway_word_is_no_work(void **state)
{
	struct bed *b = *state;

	bed_open(b, 0, 1);
	bed_exec(b, 0, "whoami");
	(void)bed_take(b, b->ledger, MSG_BIND);
	passes(b, CONNECTION_S);
	nothing_moved(b);
	told_good_bye(b, "sekisho: closed after 10 min without work and "
	    "without a byte");
}

static void
a_command_without_a_terminal_is_never_idle(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	passes(b, 100 * CONNECTION_S);
	bed_silent(b, b->exec);
	bed_silent(b, b->net);
	/* and its connection only begins to be when it is over */
	bed_job_exit(b, 0, "");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 1);
	bed_told(b, 0, NULL, 0);
	passes(b, CONNECTION_S);
	bed_silent(b, b->net);
}

static void
a_terminal_in_which_no_byte_moves_ends_with_grace(void **state)
{
	struct bed *b = *state;
	struct msg_job_kill k;
	struct msg msg;

	bed_to(b, BED_RUN, 1);
	passes(b, TERMINAL_S);
	active(b, 0);
	nothing_moved(b);
	bed_silent(b, b->exec);
	passes(b, TERMINAL_S);
	bed_silent(b, b->exec);		/* net was not heard yet */
	active(b, 1);			/* of another channel */
	nothing_moved(b);
	bed_expect(b, b->exec, MSG_JOB_KILL, &msg);
	assert_int_equal(msg_job_kill_get(msg.body, &k), 0);
	assert_int_equal(k.grace_ms, 10000);
	msg_done(&msg);
	bed_job_exit(b, 0, "HUP");
	bed_rec_end(b, JOB_IDLE);
	bed_job_ended(b, JOB_IDLE, 1);
}

/* An older answer says nothing about this moment; while it is awaited nothing is due, and nobody is asked twice. */
static void
only_the_answer_to_the_last_question_counts(void **state)
{
	struct bed *b = *state;
	uint32_t nr;

	bed_to(b, BED_RUN, 1);
	(void)asked(b);
	passes(b, TERMINAL_S);
	nr = asked(b);
	assert_int_not_equal(nr, 0);
	assert_true(idle_next(b->m) == 0 ||
	    idle_next(b->m) > clock_mono_ms());
	says_pong(b, nr - 1);
	says_pong(b, nr + 1);
	bed_silent(b, b->exec);
	assert_int_equal(asked(b), 0);
	/* a byte that moved before the answer has its say first */
	active_since(b, 0, 500);
	says_pong(b, nr);
	bed_silent(b, b->exec);
	passes_ms(b, TERMINAL_S * 1000 - 500);
	nothing_moved(b);
	(void)bed_take(b, b->exec, MSG_JOB_KILL);
}

static void
what_goes_on_without_its_client_is_not_idle(void **state)
{
	struct bed *b = *state;

	b->on_disconnect = "continue";
	bed_to(b, BED_RUN, 1);
	chan_free(b->net);
	b->net = NULL;
	bed_turn(b);
	passes(b, 100 * CONNECTION_S);
	bed_silent(b, b->exec);
	assert_false(b->m->is_over);
}

static void
zero_is_never(void **state)
{
	struct bed *b = *state;

	b->m->slice.idle_connection_s = b->m->slice.idle_terminal_s = 0;
	bed_to(b, BED_RUN, 1);
	passes(b, 1000000);
	bed_silent(b, b->exec);
	assert_int_equal(idle_next(b->m), 0);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, set_up, bed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_connection_without_work_is_closed_and_told_why),
		T(bytes_anywhere_keep_it),
		T(a_gateway_word_is_no_work),
		T(a_command_without_a_terminal_is_never_idle),
		T(a_terminal_in_which_no_byte_moves_ends_with_grace),
		T(only_the_answer_to_the_last_question_counts),
		T(what_goes_on_without_its_client_is_not_idle),
		T(zero_is_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
