/* status_test.c - how the gate is: for people, for Prometheus, and the exit status. */
#include "tests/unit/cli/fake.h"

#define CODES "{\"DIFFERS\":2,\"SYNTAX\":0}"
#define REST								\
	"\"at\":\"2026-11-24T01:00:00Z\",\"clock\":{\"keyd_ahead_ms\":-1500,"	\
	"\"last_step\":null,\"last_step_ms\":null,\"steps\":0},"		\
	"\"disk\":{\"days_left\":3,\"free\":81234567890,\"growth_per_day\":"	\
	"27000000000,\"level\":\"fine\"},\"draining\":false,"			\
	"\"epoch\":{\"age_s\":2040,\"life_s\":3600,\"nr\":12},"		\
	"\"gate\":\"gate\",\"head\":{\"age_s\":12,\"at\":null,\"size\":100,"	\
	"\"uncovered\":0},\"ledger\":{\"bytes\":999,\"entries\":100},"		\
	"\"ledger_uptime_s\":90,"						\
	"\"refusals\":{\"last_day\":" CODES ",\"since_start\":" CODES "},"	\
	"\"requests\":{\"waiting\":2},\"reviews\":{\"oldest\":\"J7\","		\
	"\"oldest_s\":90000,\"queued\":500,\"queued_is_all\":false,"		\
	"\"unjudged\":900},\"sessions\":{\"oldest\":null,\"oldest_s\":null,"	\
	"\"running\":0}"
#define UNKNOWN "\"connections\":null,\"opened\":null,\"uptime_s\":null,"
#define KNOWN "\"connections\":{\"grace_over\":1,\"kits\":2,"			\
	"\"login_failed\":3,\"open\":4,\"penalised_sources\":5,"		\
	"\"penalty_refused\":6,\"refused\":7,\"taken\":8,\"told_s\":9,"	\
	"\"unauthenticated\":10,\"warm_kits\":11,\"warm_pairs\":12},"		\
	"\"opened\":null,\"uptime_s\":7200,"

static const struct answer well[] = {
	{ "status", "OK", "{\"attention\":[],\"ok\":true," KNOWN REST "}", 0,
	    0 },
	{ NULL, NULL, NULL, 0, 0 }
};

static const struct answer ill[] = {
	{ "status", "OK", "{\"attention\":[{\"next\":\"make room\",\"text\":"
	    "\"the disk has room for 3 more days\\u001b[31m\",\"what\":"
	    "\"disk\"}],\"ok\":false," UNKNOWN REST "}", 0, 0 },
	{ NULL, NULL, NULL, 0, 0 }
};

static char *
printed(const struct answer *ledger, const char *line, int status)
{
	struct fake f;
	char *text;

	fake_start(&f, ledger, 0);
	assert_int_equal(fake_run(&f, line), status);
	text = fake_read(f.out_fd);
	fake_end(&f);
	return text;
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		print_error("no \"%s\" in\n%s", part, text);
	assert_non_null(strstr(text, part));
}

static void
a_gate_that_is_well_is_told_in_a_table(void **state)
{
	char *text = printed(well, "status", 0);

	(void)state;
	assert_has(text, "gate         gate, open for 2 h 0 min\n");
	assert_has(text, "connections  4 open, 10 before login; 8 taken, 7 refused\n");
	assert_has(text, "sessions     0 running\n");
	assert_has(text, "reviews      500 or more queued, the oldest is J7 for 1 d 1 h\n");
	assert_has(text, "disk         fine, 81.2 GB free, 27.0 GB more a day: enough for 3 days\n");
	assert_has(text, "ledger       100 entries, 999 B\n");
	assert_has(text, "epoch        e12, 34 min of 1 h 0 min\n");
	assert_has(text, "refused, 24h 2 DIFFERS\n");
	assert_null(strstr(text, "! "));
	free(text);
}

static void
what_needs_attention_comes_first_and_is_a_status(void **state)
{
	char *text = printed(ill, "status", 1);

	(void)state;
	assert_memory_equal(text, "! the disk has room for 3 more days", 35);
	assert_has(text, " (make room)\n");
	assert_null(strchr(text, 033));		/* foreign text is text */
	assert_has(text, "connections  unknown\n");
	free(text);
	text = printed(ill, "status --json", 1);
	assert_has(text, "\"ok\":false");
	free(text);
}

static void
metrics_leave_out_what_is_not_known(void **state)
{
	char *text = printed(ill, "status --prometheus", 0);

	(void)state;
	assert_has(text, "# TYPE sekisho_attention gauge\n");
	assert_has(text, "sekisho_attention{what=\"disk\"} 1\n");
	assert_has(text, "sekisho_attention{what=\"keys\"} 0\n");
	assert_has(text, "sekisho_clock_keyd_ahead_seconds -1.500\n");
	assert_has(text, "sekisho_disk_level{level=\"fine\"} 1\n");
	assert_has(text, "sekisho_refusals_total{code=\"DIFFERS\"} 2\n");
	assert_has(text, "sekisho_refusals_total{code=\"TIMEOUT\"} 0\n");
	assert_null(strstr(text, "sekisho_connections"));
	assert_null(strstr(text, "sekisho_uptime_seconds"));
	assert_null(strstr(text, "sekisho_session_oldest_seconds"));
	free(text);
	text = printed(well, "status --prometheus", 0);
	assert_has(text, "sekisho_connections_taken_total 8\n");
	free(text);
}

static void
one_form_at_a_time_and_nothing_else(void **state)
{
	(void)state;
	free(printed(well, "status --json --prometheus", 64));
	free(printed(well, "status now", 64));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gate_that_is_well_is_told_in_a_table),
		cmocka_unit_test(what_needs_attention_comes_first_and_is_a_status),
		cmocka_unit_test(metrics_leave_out_what_is_not_known),
		cmocka_unit_test(one_form_at_a_time_and_nothing_else),
	};

	return cmocka_run_group_tests_name("cli/status", tests, NULL, NULL);
}
