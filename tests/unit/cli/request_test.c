/* The texts of requests: filing, sheet, decisions, refusals. */
#include "tests/unit/cli/fake.h"
#include "tests/unit/cli/replies.h"

#include <time.h>

#include "base/clock.h"
#include "cli/request_text.h"

static const struct answer ledger[] = {
	{ "request-new", "OK", SUBMITTED, 0, 0 },
	{ "request-show", "OK", SUBMITTED, 0, 0 },
	{ "request-approve", "OK", APPROVED, 0, 0 },
	{ "request-reject", "OK",
	    REQUEST_BODY("rejected", "rejected", ""), 0, 0 },
	{ "request-withdraw", "OK",
	    REQUEST_BODY("withdrawn", "withdrawn", ""), 0, 0 },
	{ "request-list", "OK",
	    "{\"next\":12,\"requests\":[" SUBMITTED "]}", 0, 1 },
	{ NULL, NULL, NULL, 0, 0 }
};

/* What the one call of a line said. */
static void
expect_call(const char *line, const char *call)
{
	struct fake f;
	char *text;

	fake_start(&f, ledger, 0);
	assert_int_equal(fake_run(&f, line), 0);
	text = fake_read(f.calls_fd);
	assert_string_equal(text, call);
	free(text);
	fake_end(&f);
}

static void
a_filing_echoes_what_was_understood_and_the_next_step(void **state)
{
	(void)state;
	fake_expect(ledger, "request new -- sed -i s/a_b/c_d/ /etc/my_file", 0,
	    RUNS_LINE
	    "state: waiting, another person must approve it\n"
	    "next: request show R12\n", "");
}

static void
options_of_a_filing_reach_the_ledger_as_typed(void **state)
{
	(void)state;
	clock_set_test(1795449600);	/* 2026-11-24T01:00:00+09:00 */
	expect_call("request new -- ls", "request-new {\"argv\":[\"ls\"]}\n");
	expect_call("request new --reason don't; wait (now) --as root "
	    "--profile files --target local --input none --uses 3 "
	    "--operator alice --operator dave --label web --ticket CHG-1 "
	    "--max-run 5m --on-disconnect continue --until +2h -- ls -l -- x",
	    "request-new {\"argv\":[\"ls\",\"-l\",\"--\",\"x\"],"
	    "\"input\":\"none\",\"label\":\"web\",\"max_run\":300,"
	    "\"on_disconnect\":\"continue\","
	    "\"operators\":[\"alice\",\"dave\"],\"profile\":\"files\","
	    "\"reason\":\"don't; wait (now)\",\"run_as\":\"root\","
	    "\"target\":\"local\",\"ticket\":\"CHG-1\",\"until_span\":7200,"
	    "\"uses\":3}\n");
	expect_call("request new --from 2026-11-24T01:00 "
	    "--until 2026-11-24T05:00+09:00 -- ls",
	    "request-new {\"argv\":[\"ls\"],\"from\":1795449600,"
	    "\"until\":1795464000}\n");
	clock_set_test(0);
}

static void
the_sheet_shows_all_that_an_approver_must_see(void **state)
{
	struct fake f;
	char *text;

	(void)state;
	fake_start(&f, ledger, 0);
	f.c.user = "bob";
	assert_int_equal(fake_run(&f, "request show R12"), 0);
	text = fake_read(f.out_fd);
	assert_string_equal(text,
	    "request      R12, revision 1, code k7qd\n"
	    "state        waiting\n"
	    "runs         [sed] [-i] [s/a b/c d/] [/etc/my file]\n"
	    "  file       /usr/bin/sed\n"
	    "  sha256     aa11\n"
	    "as           root\n"
	    "on           local\n"
	    "in           /\n"
	    "profile      files\n"
	    "  sha256     bb22\n"
	    "input        none: nothing, standard input is empty\n"
	    "window       Tue 2026-11-24 01:00 to 05:00 JST\n"
	    "uses         0 of 1 used\n"
	    "longest run  4h, then the job is ended\n"
	    "line lost    kill\n"
	    "operators    alice\n"
	    "requester    alice\n"
	    "reason       disk full on web1\n"
	    "ticket       CHG-1\n"
	    "filed        Mon 2026-11-23 10:00 JST\n"
	    "decide by    Mon 2026-11-30 10:00 JST\n"
	    "digest       dd44\n"
	    "\n"
	    "To approve exactly this: request approve R12/1-k7qd\n"
	    "To say no:               request reject R12/1 -m WHY\n");
	free(text);
	fake_end(&f);
}

static void
a_requester_is_told_that_another_person_decides(void **state)
{
	struct fake f;
	char *text;

	(void)state;
	fake_start(&f, ledger, 0);
	assert_int_equal(fake_run(&f, "request show R12/1"), 0);
	text = fake_read(f.out_fd);
	assert_non_null(strstr(text,
	    "Another person approves exactly this with\n"
	    "  request approve R12/1-k7qd\n"
	    "To take it back: request withdraw R12\n"));
	free(text);
	fake_end(&f);
}

static void
scripts_and_warnings_cannot_look_like_lines_of_the_sheet(void **state)
{
	static const struct answer script[] = {
		{ "request-show", "OK",
		    "{\"id\":\"R3\",\"state\":\"approved\",\"view\":\"open\","
		    "\"revision\":2,\"code\":\"aaaa\",\"input\":\"pipe\","
		    "\"steps\":[{\"argv\":[\"/bin/sh\"],\"script\":"
		    "\"YQpkaWdlc3QgICAgICAgYmIKG1sySgp6\",\"script_digest\":\"cc\"},"
		    "{\"argv\":[\"x\"]}],"
		    "\"warnings\":[\"a shell\\nrequest approve R3\"]}", 0, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};
	struct fake f;
	char *text;

	(void)state;
	fake_start(&f, script, 0);
	assert_int_equal(fake_run(&f, "request show R3"), 0);
	text = fake_read(f.out_fd);
	assert_non_null(strstr(text, "runs 1 of 2  [/bin/sh]\n"
	    "script       24 bytes:\n"
	    "             | a\n"
	    "             | digest       bb\n"
	    "             | \\x1b[2J\n"
	    "             | z\n"
	    "             (no newline at the end)\n"
	    "  sha256     cc\n"
	    "runs 2 of 2  [x]\n"));
	assert_non_null(strstr(text, "input        pipe: what the operator "
	    "sends. A program that obeys its input can do anything\n"));
	assert_non_null(strstr(text,
	    "warning      a shell\\x0arequest approve R3\n"));
	assert_null(strstr(text, "To approve"));
	free(text);
	fake_end(&f);
}

static void
decisions_carry_revision_code_and_message(void **state)
{
	(void)state;
	expect_call("request approve R12/1-k7qd -m looks good; go",
	    "request-approve {\"code\":\"k7qd\",\"id\":12,"
	    "\"message\":\"looks good; go\",\"revision\":1}\n");
	expect_call("request reject R12/1",
	    "request-reject {\"id\":12,\"message\":\"\",\"revision\":1}\n");
	expect_call("request reject R12 -m no",
	    "request-show {\"id\":12}\n"
	    "request-reject {\"id\":12,\"message\":\"no\",\"revision\":1}\n");
	expect_call("request withdraw R12",
	    "request-withdraw {\"id\":12,\"message\":\"\"}\n");
	fake_expect(ledger, "request approve R12/1-k7qd", 0,
	    "R12 revision 1 approved by you, now scheduled\n" RUNS_LINE, "");
}

static void
an_approval_without_its_code_is_sent_to_the_sheet(void **state)
{
	(void)state;
	fake_expect(ledger, "request approve R12", 64, "",
	    "sekisho: refused [USAGE] approve takes the revision and the code "
	    "that `request show` prints, as in R12/1-k7qd\n"
	    "next: request show R12\n");
	fake_expect(ledger, "request show R12/2", 77, "",
	    "sekisho: refused [CHANGED] R12 is at revision 1 now\n"
	    "next: request show R12\n");
}

static void
lists_name_the_page_below(void **state)
{
	struct fake f;
	char *text;

	(void)state;
	fake_expect(ledger, "request list", 0,
	    "ID \tSTATE  \tBY   \tAS  \tON   \tWINDOW                           \tRUNS\n"
	    "R12\twaiting\talice\troot\tlocal\tTue 2026-11-24 01:00 to 05:00 JST\t"
	    "[sed] [-i] [s/a b/c d/] [/etc/my file]\n"
	    "next: request list --mine --after 12\n", "");
	fake_start(&f, ledger, 1);
	assert_int_equal(fake_run(&f, "request list --all"), 0);
	text = fake_read(f.out_fd);
	assert_string_equal(text,
	    "ID   STATE    BY     AS    ON     WINDOW                             RUNS\r\n"
	    "R12  waiting  alice  root  local  Tue 2026-11-24 01:00 to 05:00 JST  [sed] [-...\r\n"
	    "next: request list --all --after 12\r\n");
	free(text);
	fake_end(&f);
}

static void
json_prints_the_reply_as_it_came(void **state)
{
	(void)state;
	fake_expect(ledger, "request show R12 --json", 0, SUBMITTED "\n", "");
	fake_expect(ledger, "request new --json -- ls", 0, SUBMITTED "\n", "");
	fake_expect(ledger, "request withdraw R12 -m no --json", 0,
	    REQUEST_BODY("withdrawn", "withdrawn", "") "\n", "");
}

static void
values_that_are_none_are_refused_before_the_ledger_is_asked(void **state)
{
	static const char usage[] = "sekisho: refused [DATA] ";
	static const struct {
		const char *line, *why;
	} table[] = {
		{ "request new --from tomorow -- ls", "--from: \"tomorow\" is not a time" },
		{ "request new --from 2026-02-31T01:00 -- ls", "--from: \"2026-02-31T01:00\" is not a time" },
		{ "request new --until +2 -- ls", "--until: \"+2\" is not a span such as +2h" },
		{ "request new --until +0h -- ls", "--until: \"+0h\" is not a span such as +2h" },
		{ "request new --uses 0 -- ls", "--uses: \"0\" is not a number from 1" },
		{ "request new --uses 99999999999999999999 -- ls", "--uses: \"99999999999999999999\" is not a number from 1" },
		{ "request new --max-run 5 -- ls", "--max-run: \"5\" is not a span such as 30m" },
		{ "request new --script x.sh -- ls", "--script: \"x.sh\" is not - (a script comes on standard input)" }
	};
	char err[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		snprintf(err, sizeof(err), "%s%s\nnext: help request new\n",
		    usage, table[i].why);
		fake_expect(ledger, table[i].line, 65, "", err);
	}
}

/* A pipe whose other end holds these bytes and is closed. */
static int
input_of(const char *bytes, size_t n)
{
	int fd = memfd_create("in", MFD_CLOEXEC);

	assert_int_equal(fd_write_full(fd, bytes, n), 0);
	assert_true(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void
reasons_and_scripts_come_from_standard_input_bounded(void **state)
{
	static char big[70000];
	struct fake f;
	char *text;

	(void)state;
	fake_start(&f, ledger, 0);
	f.c.in_fd = input_of("disk\nfull\n", 10);
	assert_int_equal(fake_run(&f, "request new --reason - -- ls"), 0);
	close(f.c.in_fd);
	f.c.in_fd = input_of("echo\n", 5);
	assert_int_equal(fake_run(&f, "request new --script - -- sh"), 0);
	close(f.c.in_fd);
	memset(big, 'x', sizeof(big));
	f.c.in_fd = input_of(big, sizeof(big));
	assert_int_equal(fake_run(&f, "request new --script - -- sh"), 77);
	close(f.c.in_fd);
	f.c.in_fd = input_of("a\0b", 3);
	assert_int_equal(fake_run(&f, "request new --reason - -- sh"), 65);
	f.c.pty = 1;
	assert_int_equal(fake_run(&f, "request new --reason - -- sh"), 64);
	close(f.c.in_fd);
	text = fake_read(f.calls_fd);
	assert_string_equal(text,
	    "request-new {\"argv\":[\"ls\"],\"reason\":\"disk full\"}\n"
	    "request-new {\"argv\":[\"sh\"],\"script\":\"ZWNobwo=\"}\n");
	free(text);
	fake_end(&f);
}

static void
a_window_that_begins_with_the_approval_says_so(void **state)
{
	static const struct {
		const char *body, *want;
	} table[] = {
		{ "{\"from\":null,\"until\":null,\"bound_span\":28800}",
		    "from its approval for 8h" },
		{ "{\"from\":null,\"until\":\"2026-11-24T05:00:00+09:00\"}",
		    "from its approval to Tue 2026-11-24 05:00 JST" },
		{ "{\"from\":\"2026-11-24T01:00:00+09:00\","
		    "\"bound_span\":90}", "Tue 2026-11-24 01:00 JST for 90s" },
		{ "{\"from\":\"2026-11-24T01:00:00+09:00\",\"until\":"
		    "\"2026-11-25T05:00:00+09:00\"}",
		    "Tue 2026-11-24 01:00 to Wed 2026-11-25 05:00 JST" },
		{ "{}", "from its approval" },
		{ "{\"from\":\"+2h\",\"until\":7}", "from its approval" }
	};
	char out[WINDOW_TEXT];
	json_t *v = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(json_read(table[i].body,
		    strlen(table[i].body), &v), 0);
		assert_string_equal(window_text(out, v), table[i].want);
		json_decref(v);
	}
}

static int
tokyo(void **state)
{
	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filing_echoes_what_was_understood_and_the_next_step),
		cmocka_unit_test(options_of_a_filing_reach_the_ledger_as_typed),
		cmocka_unit_test(the_sheet_shows_all_that_an_approver_must_see),
		cmocka_unit_test(a_requester_is_told_that_another_person_decides),
		cmocka_unit_test(scripts_and_warnings_cannot_look_like_lines_of_the_sheet),
		cmocka_unit_test(decisions_carry_revision_code_and_message),
		cmocka_unit_test(an_approval_without_its_code_is_sent_to_the_sheet),
		cmocka_unit_test(lists_name_the_page_below),
		cmocka_unit_test(a_window_that_begins_with_the_approval_says_so),
		cmocka_unit_test(json_prints_the_reply_as_it_came),
		cmocka_unit_test(values_that_are_none_are_refused_before_the_ledger_is_asked),
		cmocka_unit_test(reasons_and_scripts_come_from_standard_input_bounded),
	};

	return cmocka_run_group_tests(tests, tokyo, NULL);
}
