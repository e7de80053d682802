/* Words that exist, that do not, that come later; a ledger that refuses, lies or is away. */
#include "tests/unit/cli/fake.h"
#include "tests/unit/cli/replies.h"

#include <time.h>

static const struct answer none[] = { { NULL, NULL, NULL, 0, 0 } };

#define SESSION \
	"{\"id\":\"S345\",\"nr\":345,\"uuid\":\"0192\",\"request\":\"R12\"," \
	"\"revision\":1,\"operator\":\"alice\",\"argv\":[\"id\",\"-u\"]," \
	"\"run_as\":\"root\",\"target\":\"local\",\"profile\":\"inspect\"," \
	"\"state\":\"ended\",\"how\":\"ran\",\"status\":0,\"signal\":\"\"," \
	"\"started\":\"2026-11-24T01:00:00+09:00\"," \
	"\"ended\":\"2026-11-24T01:00:02+09:00\",\"in\":0,\"out\":2,\"err\":0," \
	"\"refusals\":0,\"duration_ms\":1500,\"source\":\"192.0.2.1:4711\"," \
	"\"recording\":\"2026/11/23/S345.skr\",\"reason\":\"\"}"

static const struct answer ledger[] = {
	{ "whoami", "OK", "{\"gate\":\"gate\",\"may_approve\":[],\"may_run\":"
	    "[{\"profile\":\"inspect\",\"run_as\":[\"root\",\"www\"],"
	    "\"targets\":[\"local\"]}],\"name\":\"alice\",\"roles\":"
	    "[\"operator\",\"auditor\"],\"source\":\"192.0.2.1:4711\","
	    "\"uid\":1001}", 0, 0 },
	{ "waiting", "OK", "{\"approve\":[],\"mine\":[" SUBMITTED "],"
	    "\"runnable\":[]}", 0, 0 },
	{ "session-list", "OK", "{\"next\":345,\"sessions\":[" SESSION "]}",
	    0, 1 },
	{ "session-show", "OK", SESSION, 0, 0 },
	{ "session-open", "OK", SESSION, 0, 0 },
	{ "audit-log", "OK", "{\"entries\":[{\"entry\":{\"at\":"
	    "\"2026-11-23T16:00:00Z\",\"at_ns\":1,\"source\":\"192.0.2.1\","
	    "\"what\":\"login\",\"who\":\"alice\"},\"index\":7}],\"next\":7}",
	    0, 0 },
	{ "profile-list", "OK", "{\"profiles\":[{\"digest\":\"bb22\","
	    "\"name\":\"files\",\"summary\":\"Change files\"}]}", 0, 0 },
	{ "profile-show", "OK", "{\"digest\":\"bb22\",\"name\":\"files\","
	    "\"profile\":{\"files\":{\"read\":[\"/usr\",\"/etc\"],\"write\":"
	    "[\"/etc\"]},\"network\":{\"namespace\":\"none\"},\"version\":2},"
	    "\"rule\":{\"approvers\":[\"bob\"],\"need\":1}}", 0, 0 },
	{ "request-show", "NOT-FOUND", "{\"code\":\"NOT-FOUND\",\"next\":"
	    "\"request list\",\"reason\":\"there is no request R9\"}", 0, 0 },
	{ "request-approve", "OWN-REQUEST", "{\"code\":\"OWN-REQUEST\","
	    "\"next\":\"\",\"reason\":\"R12 is your own\"}", 0, 0 },
	{ "request-withdraw", "OK", "[1]", 0, 0 },
	{ "request-list", "OK", "{\"a\":1,\"a\":2}", 0, 0 },
	{ NULL, NULL, NULL, 0, 0 }
};

static void
whoami_says_who_and_what_for(void **state)
{
	(void)state;
	fake_expect(ledger, "whoami", 0,
	    "name         alice\n"
	    "uid          1001\n"
	    "roles        operator, auditor\n"
	    "source       192.0.2.1:4711\n"
	    "gate         gate\n"
	    "may ask for  profile inspect as root, www on local\n"
	    "may approve  nothing\n", "");
}

static void
without_a_word_what_waits_comes_before_the_help(void **state)
{
	struct fake f;
	char *text;

	(void)state;
	fake_start(&f, ledger, 0);
	assert_int_equal(fake_run(&f, "shell"), 0);
	text = fake_read(f.out_fd);
	assert_memory_equal(text, "Your requests:\nID \tSTATE", 24);
	assert_non_null(strstr(text, "\n\nWords of this gate"));
	free(text);
	fake_end(&f);
}

static void
sessions_entries_and_profiles_are_shown_to_people(void **state)
{
	(void)state;
	fake_expect(ledger, "session list --request R12 --user alice", 0,
	    "ID  \tSTATE\tBY   \tAS  \tON   \tREQUEST\tSTARTED                 \tRAN\n"
	    "S345\tended\talice\troot\tlocal\tR12    \tTue 2026-11-24 01:00 JST\t[id] [-u]\n"
	    "next: session list --after 345\n", "");
	fake_expect(ledger, "session show S345", 0,
	    "session      S345\nran          [id] [-u]\nstate        ended\n"
	    "how          ran\noperator     alice\nsource       192.0.2.1:4711\n"
	    "as           root\non           local\nprofile      inspect\n"
	    "request      R12\nstatus       0\n"
	    "started      Tue 2026-11-24 01:00 JST\n"
	    "ended        Tue 2026-11-24 01:00 JST\ntook         1500 ms\n"
	    "input        0 bytes\noutput       2 bytes\nerrors       0 bytes\n"
	    "refusals     0\nrecording    2026/11/23/S345.skr\n"
	    "uuid         0192\n", "");
	fake_expect(ledger, "audit log", 0,
	    "INDEX\tAT                       \tWHAT \tWHO  \tMORE\n"
	    "7    \t2026-11-24T01:00:00+09:00\tlogin\talice\t"
	    "{\"source\":\"192.0.2.1\"}\n", "");
	fake_expect(ledger, "profile list", 0,
	    "NAME \tSUMMARY     \tSHA256\nfiles\tChange files\tbb22\n", "");
	fake_expect(ledger, "profile show files", 0, NULL, "");
	fake_expect(ledger, "profile check", 0,
	    "profile      files\nsha256       bb22\n"
	    "  files.write             /etc\n"
	    "                          ^ paths the command may change\n", "");
	fake_expect(ledger, "profile check files --json", 0,
	    "{\"profiles\":[{\"approvable\":true,\"attention\":[{\"key\":"
	    "\"files.write\",\"value\":[\"/etc\"],\"why\":\"paths the "
	    "command may change\"}],\"digest\":\"bb22\",\"name\":"
	    "\"files\"}]}\n", "");
}

static void
words_of_the_design_that_do_not_exist_yet_say_so(void **state)
{
	static const char *const later[] = { "job", "report",
		"policy check", "target", "person",
		"emergency", "look", "ticket", "label", "sweep", "hold",
		"incident", "witness", "client-config", "request edit",
		"session watch", "profile learn" };
	struct fake f;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		fake_start(&f, none, 0);
		assert_int_equal(fake_run(&f, later[i]), 77);
		text = fake_read(f.err_fd);
		assert_memory_equal(text,
		    "sekisho: refused [NOT-OFFERED] ", 31);
		assert_non_null(strstr(text,
		    " is not offered by this gate yet\nnext: help\n"));
		free(text);
		fake_end(&f);
	}
}

static void
wrong_use_shows_the_usage_line(void **state)
{
	(void)state;
	fake_expect(none, "whoami --x", 64, "",
	    "sekisho: refused [USAGE] --x is not an option of this word\n"
	    "next: help whoami\nusage: whoami [--json]\n");
	fake_expect(none, "session", 64, "",
	    "sekisho: refused [USAGE] session needs a second word\n"
	    "next: help\n"
	    "usage: session list [--user USER] [--request R12] [--after N] [--json]\n"
	    "usage: session show S345 [--json]\n"
	    "usage: session replay S345 [--speed N]\n"
	    "usage: session text S345 [--stream out|err|in]\n"
	    "usage: session export S345 [--format asciicast|text] [--input]\n");
	fake_expect(none, "session show 345", 64, "",
	    "sekisho: refused [USAGE] a session is named like S345\n"
	    "next: help session\nusage: session show S345 [--json]\n");
	fake_expect(none, "session replay S1 --speed 0", 64, "", NULL);
	fake_expect(none, "session text S1 --stream both", 64, "", NULL);
	fake_expect(none, "request new --uses many -- ls", 65, "", NULL);
	fake_expect(none, "request new --reason x", 64, "", NULL);
	fake_expect(none, "request new ls", 64, "", NULL);
	fake_expect(none, "request new --", 64, "", NULL);
	fake_expect(none, "request list --mine --all", 64, "", NULL);
	fake_expect(none, "request show R1 -m x", 64, "", NULL);
	fake_expect(none, "audit log --last 51", 64, "",
	    "sekisho: refused [USAGE] --last takes a number from 1 to 50\n"
	    "next: help audit\n"
	    "usage: audit log [--after N] [--before N] [--last N] [--json]\n");
	fake_expect(none, "audit log --last 0", 64, "", NULL);
	fake_expect(none, "audit log --before x", 64, "", NULL);
	fake_expect(none, "audit log --after 1 --before 9", 64, "", NULL);
	fake_expect(none, "run", 64, "",
	    "sekisho: refused [USAGE] run takes one request\n"
	    "next: help run\nusage: run R12[.STEP]\n");
	fake_expect(none, "frobnicate", 64, "",
	    "sekisho: refused [USAGE] frobnicate is no gateway word\n"
	    "next: help\n");
}

static void
every_listed_word_has_help(void **state)
{
	const struct word *w;
	struct fake f;
	char line[100], *text;

	(void)state;
	for (w = words; w->name != NULL; w++) {
		snprintf(line, sizeof(line), "help %s%s%s", w->name,
		    w->sub == NULL ? "" : " ", w->sub == NULL ? "" : w->sub);
		fake_start(&f, none, 0);
		assert_int_equal(fake_run(&f, line),
		    w->summary == NULL ? 77 : 0);
		text = fake_read(f.out_fd);
		if (w->summary != NULL)
			assert_non_null(strstr(text, w->summary));
		free(text);
		fake_end(&f);
	}
	fake_expect(none, "help nope", 77, "",
	    "sekisho: refused [NOT-FOUND] there is no help about nope\n"
	    "next: help\n");
}

static void
a_refusal_of_the_ledger_is_shown_with_its_status(void **state)
{
	(void)state;
	fake_expect(ledger, "request show R9", 77, "",
	    "sekisho: refused [NOT-FOUND] there is no request R9\n"
	    "next: request list\n");
	fake_expect(ledger, "request approve R12/1-k7qd --json", 77,
	    "{\"code\":\"OWN-REQUEST\",\"next\":\"help request\","
	    "\"reason\":\"R12 is your own\"}\n",
	    "sekisho: refused [OWN-REQUEST] R12 is your own\n"
	    "next: help request\n");
}

static void
a_program_that_asked_for_json_is_refused_in_json(void **state)
{
	(void)state;
	fake_expect(none, "whoami --json --\x1b[2J\"", 64,
	    "{\"code\":\"USAGE\",\"next\":\"help whoami\",\"reason\":"
	    "\"--\\\\x1b[2J\\\" is not an option of this word\"}\n",
	    "sekisho: refused [USAGE] --\\\\x1b[2J\" is not an option of this "
	    "word\nnext: help whoami\nusage: whoami [--json]\n");
	fake_expect(none, "session text S1 --json", 64, "{\"code\":\"USAGE\","
	    "\"next\":\"help session\",\"reason\":\"--json is not an option "
	    "of this word\"}\n", NULL);
	fake_expect(none, "witness --json", 77, "{\"code\":\"NOT-OFFERED\","
	    "\"next\":\"help\",\"reason\":\"witness is not offered by this "
	    "gate yet\"}\n", NULL);
	fake_expect(NULL, "whoami --json", 69, "{\"code\":\"UNAVAILABLE\","
	    "\"next\":\"the same command again in a few seconds\",\"reason\":"
	    "\"the ledger cannot be reached\"}\n", NULL);
	/* of the command that is asked for, not of the word */
	fake_expect(none, "request new --input -- ls --json", 64, "", NULL);
}

static void
an_answer_that_is_none_counts_as_no_ledger(void **state)
{
	static const char text[] = "sekisho: refused [UNAVAILABLE] the ledger's "
	    "answer cannot be read\n"
	    "next: the same command again in a few seconds\n";

	(void)state;
	fake_expect(ledger, "request withdraw R1", 69, "", text);
	fake_expect(ledger, "request list", 69, "", text);
	fake_expect(ledger, "session text S345", 77, "",
	    "sekisho: refused [NOT-FOUND] S345 has no recording\n"
	    "next: session list\n");
	fake_expect(NULL, "whoami", 69, "",
	    "sekisho: refused [UNAVAILABLE] the ledger cannot be reached\n"
	    "next: the same command again in a few seconds\n");
}

static void
an_empty_page_tells_where_the_next_one_begins(void **state)
{
	static const struct answer pages[] = {
		{ "request-list", "OK", "{\"next\":77,\"requests\":[]}", 0, 1 },
		{ "session-list", "OK", "{\"next\":88,\"sessions\":[]}", 0, 1 },
		{ NULL, NULL, NULL, 0, 0 }
	};

	(void)state;
	fake_expect(pages, "request list --all", 0, "no requests on this page\n"
	    "next: request list --all --after 77\n", "");
	fake_expect(pages, "session list", 0, "no sessions on this page\n"
	    "next: session list --after 88\n", "");
}

static void
an_empty_list_tells_what_else_there_is(void **state)
{
	static const struct answer empty[] = {
		{ "request-list", "OK", "{\"next\":0,\"requests\":[]}", 0, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};

	(void)state;
	fake_expect(empty, "request list", 0, "no requests of yours\n"
	    "next: request list --waiting for those you may decide, --all for "
	    "every one\n", "");
	fake_expect(empty, "request list --waiting", 0,
	    "no requests that you may decide\n", "");
	fake_expect(empty, "request list --all", 0, "no requests\n", "");
}

static void
what_the_program_refuses_itself_is_written_down(void **state)
{
	static const struct answer book[] = {
		{ "refused", "OK", "{}", 0, 0 }, { NULL, NULL, NULL, 0, 0 }
	};
	struct fake f;
	char *text;

	(void)state;
	fake_start(&f, book, 0);
	assert_int_equal(fake_run(&f, "whoami --colour"), 64);
	assert_int_equal(fake_run(&f, "report \xff"), 77);
	text = fake_read(f.calls_fd);
	assert_string_equal(text,
	    "refused {\"asked\":\"[whoami] [--colour]\",\"code\":\"USAGE\","
	    "\"reason\":\"--colour is not an option of this word\"}\n"
	    "refused {\"asked\":\"[report] [\\\\xff]\",\"code\":"
	    "\"NOT-OFFERED\",\"reason\":"
	    "\"report is not offered by this gate yet\"}\n");
	free(text);
	fake_end(&f);
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
		cmocka_unit_test(whoami_says_who_and_what_for),
		cmocka_unit_test(without_a_word_what_waits_comes_before_the_help),
		cmocka_unit_test(sessions_entries_and_profiles_are_shown_to_people),
		cmocka_unit_test(words_of_the_design_that_do_not_exist_yet_say_so),
		cmocka_unit_test(wrong_use_shows_the_usage_line),
		cmocka_unit_test(every_listed_word_has_help),
		cmocka_unit_test(a_refusal_of_the_ledger_is_shown_with_its_status),
		cmocka_unit_test(a_program_that_asked_for_json_is_refused_in_json),
		cmocka_unit_test(an_answer_that_is_none_counts_as_no_ledger),
		cmocka_unit_test(an_empty_page_tells_where_the_next_one_begins),
		cmocka_unit_test(an_empty_list_tells_what_else_there_is),
		cmocka_unit_test(what_the_program_refuses_itself_is_written_down),
	};

	return cmocka_run_group_tests(tests, tokyo, NULL);
}
