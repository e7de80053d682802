/* idle_test.c - connections and terminals that nobody uses have an end, work never has one here. */
#include "tests/unit/monitor/bed.h"

#include "monitor/idle.h"

#define CONNECTION_S	600
#define TERMINAL_S	60
#define LATE_MS		4000	/* net's word may be a PING late */

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
passes(struct bed *b, int64_t s)
{
	struct task *t;

	b->m->idle.moved_ms -= s * 1000;
	for (t = b->m->tasks; t != NULL; t = t->next)
		if (t->moved_ms != 0)
			t->moved_ms -= s * 1000;
	bed_turn(b);
}

static void
active(struct bed *b, uint32_t id)
{
	assert_int_equal(chan_put_chan_active(b->net, id, NULL, NULL, 0), 0);
	bed_turn(b);
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

	passes(b, CONNECTION_S);
	bed_silent(b, b->net);
	passes(b, LATE_MS / 1000 + 1);
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
	passes(b, CONNECTION_S);
	active(b, 77);			/* a channel that is gone by now */
	passes(b, CONNECTION_S);
	bed_silent(b, b->net);
}

static void
a_gateway_word_is_no_work(void **state)
{
	struct bed *b = *state;

	bed_open(b, 0, 1);
	bed_exec(b, 0, "whoami");
	(void)bed_take(b, b->ledger, MSG_BIND);
	passes(b, CONNECTION_S + 5);
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
	passes(b, TERMINAL_S);
	bed_silent(b, b->exec);
	active(b, 1);			/* of another channel */
	passes(b, LATE_MS / 1000 + 1);
	bed_expect(b, b->exec, MSG_JOB_KILL, &msg);
	assert_int_equal(msg_job_kill_get(msg.body, &k), 0);
	assert_int_equal(k.grace_ms, 10000);
	msg_done(&msg);
	bed_job_exit(b, 0, "HUP");
	bed_rec_end(b, JOB_IDLE);
	bed_job_ended(b, JOB_IDLE, 1);
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
		T(what_goes_on_without_its_client_is_not_idle),
		T(zero_is_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
