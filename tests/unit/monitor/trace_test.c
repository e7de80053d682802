/* trace_test.c - which figures a line of the trace shows, and where they come from. */
#include "tests/unit/monitor/bed.h"

static const struct trace_span spans[] = {
	{ "first", 0, 1 }, { "second", 1, 2 }, { "all", 0, 2 }
};

static void
a_span_is_shown_in_microseconds(void **state)
{
	const int64_t at[] = { 1000, 2500999, 3000000 };
	char out[TRACE_LINE];

	(void)state;
	trace_spans(out, sizeof(out), at, spans, 3);
	assert_string_equal(out, " first_us=2499 second_us=499 all_us=2999");
}

static void
a_step_that_never_came_has_no_figure(void **state)
{
	const int64_t at[] = { 1000, 0, 3000000 };
	char out[TRACE_LINE];

	(void)state;
	trace_spans(out, sizeof(out), at, spans, 3);
	assert_string_equal(out, " all_us=2999");
}

static void
a_line_that_is_too_long_is_cut_between_two_figures(void **state)
{
	const int64_t at[] = { 1000, 2500999, 3000000 };
	char out[20];

	(void)state;
	trace_spans(out, sizeof(out), at, spans, 3);
	assert_string_equal(out, " first_us=2499");
}

static void
without_the_setting_no_clock_is_read(void **state)
{
	struct mon m = { 0 };
	struct task t = { .mon = &m };

	(void)state;
	trace_mark(&m, TRACE_CONN);
	trace_step(&t, TRACE_EXEC);
	assert_int_equal(m.traced[TRACE_CONN], 0);
	assert_int_equal(t.traced[TRACE_EXEC], 0);
}

static void
the_first_instant_of_a_step_counts_but_the_last_answer(void **state)
{
	struct mon m = { .slice = { .trace_time = 1 } };
	int64_t prompt, answer;

	(void)state;
	trace_mark(&m, TRACE_PROMPT);
	trace_mark(&m, TRACE_ANSWER);
	prompt = m.traced[TRACE_PROMPT];
	answer = m.traced[TRACE_ANSWER];
	assert_true(prompt != 0 && answer >= prompt);
	while (clock_mono_ns() == answer)
		continue;
	trace_mark(&m, TRACE_PROMPT);
	trace_mark(&m, TRACE_ANSWER);
	assert_true(m.traced[TRACE_PROMPT] == prompt);
	assert_true(m.traced[TRACE_ANSWER] > answer);
}

/* All steps of a command up to its start. */
static void
a_command_has_every_step_and_none_goes_back(void **state)
{
	struct bed *b = *state;
	struct task *t;
	int i;

	b->m->slice.trace_time = 1;
	bed_to(b, BED_RUN, 0);
	bed_turn(b);
	t = task_find(b->m, 0);
	assert_non_null(t);
	for (i = TRACE_EXEC; i <= TRACE_GONE; i++)
		assert_true(t->traced[i] != 0);
	assert_int_equal(t->traced[TRACE_JOB_EXIT], 0);
	assert_true(t->traced[TRACE_EXEC] <= t->traced[TRACE_LOOKUP]);
	assert_true(t->traced[TRACE_LOOKUP] <= t->traced[TRACE_ORDER]);
	assert_true(t->traced[TRACE_REC_OPENED] <= t->traced[TRACE_CONSUME]);
	assert_true(t->traced[TRACE_CONSUMED] <= t->traced[TRACE_GO]);
	assert_true(t->traced[TRACE_GO] <= t->traced[TRACE_GONE]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_is_shown_in_microseconds),
		cmocka_unit_test(a_step_that_never_came_has_no_figure),
		cmocka_unit_test(a_line_that_is_too_long_is_cut_between_two_figures),
		cmocka_unit_test(without_the_setting_no_clock_is_read),
		cmocka_unit_test(the_first_instant_of_a_step_counts_but_the_last_answer),
		cmocka_unit_test_setup_teardown(
		    a_command_has_every_step_and_none_goes_back, bed_setup,
		    bed_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
