/* Jobs under review: the list, what deserves attention, the sheet, the verdict. */
#include "tests/unit/cli/fake.h"
#include "tests/unit/cli/recording.h"
#include "tests/unit/cli/replies.h"

#include <time.h>

#include "base/escape.h"
#include "cli/review.h"
#include "tests/unit/hostile.h"

#define META(argv, exe, run_as) \
	"{\"argv\":[" argv "],\"exe\":\"/usr/bin/sed\",\"exe_digest\":\"" exe \
	"\",\"input\":\"none\",\"operator\":\"alice\",\"profile\":\"files\"," \
	"\"profile_digest\":\"bb22\",\"request\":\"R12\",\"revision\":1," \
	"\"run_as\":\"" run_as "\",\"session\":\"S345\",\"target\":\"local\"}"
#define ARGV	"\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/my file\""
#define AS_PLANNED	META(ARGV, "aa11", "root")

#define SESSION(state, how, status, in, refusals, record) \
	"{\"id\":\"S345\",\"nr\":345,\"uuid\":" \
	"\"00000000-0000-0000-0000-000000000000\",\"use\":1," \
	"\"operator\":\"alice\",\"state\":\"" state "\",\"how\":\"" how "\"," \
	"\"status\":" status ",\"signal\":\"\",\"reason\":\"\"," \
	"\"started\":\"2026-11-24T01:00:00+09:00\"," \
	"\"ended\":\"2026-11-24T01:00:02+09:00\",\"in\":" in ",\"out\":20," \
	"\"err\":3,\"refusals\":" refusals ",\"duration_ms\":1500," \
	"\"source\":\"192.0.2.1:4711\",\"record\":\"" record "\"," \
	"\"seen\":[{\"by\":\"heidi\",\"percent\":40}]}"
#define FINE	SESSION("ended", "ran", "0", "0", "0", "complete")

#define NEAR \
	"{\"index\":41,\"at\":\"2026-11-24T00:59:00+09:00\",\"code\":" \
	"\"DIFFERS\",\"asked\":\"[sed] [-n]\",\"reason\":\"differs at word 2\"}"
#define SHEET(sessions, near, total, may, why) \
	"{\"id\":\"J7\",\"nr\":7,\"view\":\"queued\",\"operator\":\"alice\"," \
	"\"request\":\"R12\",\"revision\":1,\"may_judge\":" may "," \
	"\"why_not\":\"" why "\",\"verdict\":null,\"ran\":1,\"running\":0," \
	"\"notable\":0,\"near_misses\":[" near "],\"near_total\":" total "," \
	"\"seen\":[{\"by\":\"grace\",\"percent\":100},{\"by\":\"heidi\"," \
	"\"percent\":100}],\"sessions\":[" sessions "],\"plan\":" APPROVED "," \
	"\"next\":345}"

static const struct piece quiet[] = { { 0, 0, NULL } };
static const struct piece refused[] = {
	{ 5, 'D', "{\"args\":[\"0xd\",\"\\\\x1b[2J\"],\"call\":\"bpf\","
	    "\"comm\":\"sed\",\"nr\":321,\"pid\":9}" },
	{ 6, 'D', "{\"calls\":[{\"call\":\"bpf\",\"count\":3}],\"refused\":3}" },
	{ 7, 'D', "{\"remark\":\"x\",\"text\":\"y\"}" },
	{ 8, 'D', "not json" },
	{ 0, 0, NULL }
};
static const struct writer_end ran = { .how = 1, .signal = "", .reason = "" };

/* The sheet with the facts of a recording, as the word makes it; json_decref(). */
static json_t *
sheet_with(const char *body, int fd, int look)
{
	json_t *v = NULL, *list, *x;
	size_t i;

	assert_int_equal(json_read(body, strlen(body), &v), 0);
	list = json_object_get(v, "sessions");
	json_array_foreach(list, i, x)
		json_object_set_new(x, "found", facts_of(fd, look));
	return v;
}

/* "what: text" of each line, with newlines; the caller frees. */
static char *
attention(const char *body, const char *meta, int look)
{
	int fd = make_recording_of(meta, refused, &ran);
	json_t *v = sheet_with(body, fd, look), *list = attention_of(v), *a;
	char *out = calloc(1, 8192);
	size_t i, n = 0;

	json_array_foreach(list, i, a)
		n += (size_t)snprintf(out + n, 8192 - n, "%s %s: %s\n",
		    json_string_value(json_object_get(a, "session")),
		    json_string_value(json_object_get(a, "what")),
		    json_string_value(json_object_get(a, "text")));
	json_decref(list);
	json_decref(v);
	close(fd);
	return out;
}

static const struct {
	const char	*body, *meta;
	int		 look;
	const char	*want;
} rows[] = {
	{ SHEET(FINE, "", "0", "true", ""), AS_PLANNED, 0, "" },
	{ SHEET(FINE, NEAR, "2", "true", ""), AS_PLANNED, 0,
	  " near misses: 2 times alice was refused something close to this request\n" },
	{ SHEET(SESSION("ended", "ran", "3", "0", "0", "complete"), "", "0",
	  "true", ""), AS_PLANNED, 0, "S345 status: ended with status 3\n" },
	{ SHEET(SESSION("ended", "ran", "0", "0", "1", "complete"), "", "0",
	  "true", ""), AS_PLANNED, 0,
	  "S345 refusals: 1 call was refused by the sandbox\n" },
	{ SHEET(SESSION("ended", "ran", "0", "0", "2", "complete"), "", "0",
	  "true", ""), AS_PLANNED, 1,
	  "S345 refusals: 3 calls were refused by the sandbox\n" },
	{ SHEET(SESSION("interrupted", "lost", "null", "0", "0",
	  "not recovered yet"), "", "0", "true", ""), AS_PLANNED, 0,
	  "S345 how: broken off: a process of the gate was lost\n"
	  "S345 record: its recording is not recovered yet\n" },
	{ SHEET(SESSION("ended", "timeout", "143", "0", "0", "complete"), "",
	  "0", "true", ""), AS_PLANNED, 0,
	  "S345 how: ended by its longest run time\n"
	  "S345 status: ended with status 143\n" },
	{ SHEET(SESSION("not run", "not run", "null", "0", "0", "recovered"),
	  "", "0", "true", ""), AS_PLANNED, 0,
	  "S345 how: it took a use and did not run\n"
	  "S345 record: its recording is recovered\n" },
	{ SHEET(SESSION("running", "", "null", "0", "0", "running"), "", "0",
	  "false", ""), AS_PLANNED, 0, "S345 state: still runs\n" },
	{ SHEET(SESSION("ended", "ran", "0", "5", "0", "complete"), "", "0",
	  "true", ""), AS_PLANNED, 0,
	  "S345 input: got 5 bytes of input, and none was approved\n" },
	{ SHEET(FINE, "", "0", "true", ""), META("\"sed\"", "aa11", "root"), 0,
	  "S345 argv: the recording names another command than the plan\n" },
	{ SHEET(FINE, "", "0", "true", ""), META(ARGV, "aa12", "root"), 0,
	  "S345 exe_digest: the recording names another content of the executable than the plan\n" },
	{ SHEET(FINE, "", "0", "true", ""), META(ARGV, "aa11", "toor"), 0,
	  "S345 run_as: the recording names another account than the plan\n" },
	{ SHEET(FINE, "", "0", "true", ""), "[1]", 0,
	  "S345 record: its recording: its head does not say what ran\n" },
};

static void
whatever_differs_or_went_wrong_is_told_and_nothing_else(void **state)
{
	size_t i;
	char *got;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = attention(rows[i].body, rows[i].meta, rows[i].look);
		if (strcmp(got, rows[i].want) != 0)
			print_error("row %zu: %s", i, got);
		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

/* A plan whose program obeys what it is fed, another window, a longer run. */
static void
what_the_plan_warns_of_is_told_when_it_happened(void **state)
{
	int fd = make_recording_of(AS_PLANNED, quiet, &ran);
	json_t *v = sheet_with(SHEET(SESSION("ended", "ran", "0", "9", "0",
	    "complete"), "", "0", "true", ""), fd, 0);
	json_t *plan = json_object_get(v, "plan"), *list, *x;

	(void)state;
	x = json_array_get(json_object_get(v, "sessions"), 0);
	json_object_set_new(plan, "input", json_string("tty"));
	json_object_set_new(json_object_get(x, "found"), "input",
	    json_string("tty"));
	list = attention_of(v);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	json_object_set_new(plan, "warnings", json_pack("[s]",
	    "the program obeys its input (tty): whoever"));
	json_object_set_new(plan, "until",
	    json_string("2026-11-24T01:00:00+09:00"));
	json_object_set_new(plan, "max_run", json_integer(60));
	json_object_set_new(x, "duration_ms", json_integer(76000));
	list = attention_of(v);
	assert_int_equal(json_array_size(list), 3);
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(list, 0), "what")), "started");
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(list, 1), "what")), "took");
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(list, 2), "what")), "input");
	json_decref(list);
	json_decref(v);
	close(fd);
}

static void
facts_come_from_the_recording_and_are_bounded(void **state)
{
	struct piece many[FACTS_REFUSED + 10];
	json_t *v;
	size_t i;
	int fd;

	(void)state;
	fd = make_recording_of(AS_PLANNED, refused, &ran);
	v = facts_of(fd, 1);
	assert_int_equal(json_array_size(json_object_get(v, "refused")), 1);
	assert_int_equal(json_integer_value(json_object_get(v,
	    "refused_total")), 3);
	assert_string_equal(json_string_value(json_object_get(v, "looked")),
	    "all");
	json_decref(v);
	close(fd);
	for (i = 0; i < FACTS_REFUSED + 9; i++)
		many[i] = refused[0];
	many[i] = refused[4];
	fd = make_recording_of(AS_PLANNED, many, NULL);
	v = facts_of(fd, 1);
	assert_int_equal(json_array_size(json_object_get(v, "refused")),
	    FACTS_REFUSED);
	assert_int_equal(json_integer_value(json_object_get(v,
	    "refused_total")), FACTS_REFUSED + 9);
	json_decref(v);
	assert_int_equal(ftruncate(fd, 20), 0);
	v = facts_of(fd, 1);
	assert_string_equal(json_string_value(json_object_get(v, "problem")),
	    "it cannot be read");
	json_decref(v);
	close(fd);
}

/* Who reads the JSON can rely on the kinds of its values, whatever a recorder that was taken over writes. */
static void
values_of_another_kind_are_left_out(void **state)
{
	static const struct piece strange[] = {
		{ 0, 'D', "{\"args\":{\"a\":1},\"call\":\"bpf\",\"comm\":[7]}" },
		{ 1, 'D', "{\"args\":[\"0x1\",2],\"call\":\"bpf\"}" },
		{ 2, 'D', "{\"call\":7,\"refused\":\"many\"}" },
		{ 0, 0, NULL }
	};
	int fd = make_recording_of("{\"argv\":[\"id\",7],\"exe\":null,"
	    "\"input\":{},\"operator\":[\"alice\"],\"request\":12,"
	    "\"revision\":\"1\",\"run_as\":\"root\",\"session\":true}",
	    strange, &ran);
	json_t *v = facts_of(fd, 1);
	char *text = NULL;

	(void)state;
	(void)json_object_del(v, "uuid");
	assert_int_equal(json_canonical(v, &text, NULL), 0);
	assert_string_equal(text, "{\"looked\":\"all\",\"refused\":["
	    "{\"at_ms\":0,\"call\":\"bpf\"},{\"at_ms\":1,\"call\":\"bpf\"}],"
	    "\"refused_total\":2,\"run_as\":\"root\"}");
	free(text);
	json_decref(v);
	close(fd);
}

#define BAD	SESSION("ended", "ran", "3", "0", "2", "complete")
static const char bad_sheet[] =
"job J7, queued: what alice did with R12\n"
"\n"
"attention\n"
"! the job 1 time alice was refused something close to this request\n"
"! S345 ended with status 3\n"
"! S345 3 calls were refused by the sandbox\n"
"! S345 the recording names another account than the plan\n"
"\n"
"plan: R12, revision 1\n"
"  runs         [sed] [-i] [s/a b/c d/] [/etc/my file]\n"
"  file         /usr/bin/sed\n"
"  sha256       aa11\n"
"  as           root\n"
"  on           local\n"
"  profile      files\n"
"  sha256       bb22\n"
"  input        none\n"
"  window       Tue 2026-11-24 01:00 to 05:00 JST\n"
"  uses         0 of 1 used\n"
"  longest run  4h\n"
"  operators    alice\n"
"  requester    alice\n"
"  reason       disk full on web1\n"
"  ticket       CHG-1\n"
"  filed        Mon 2026-11-23 10:00 JST\n"
"  decision     approve by bob, Mon 2026-11-23 11:00 JST: looks good; go\n"
"  digest       dd44\n"
"\n"
"session S345, use 1\n"
"  ran          [sed] [-i] [s/a b/c d/] [/etc/my file]\n"
"  file         /usr/bin/sed\n"
"  sha256       aa11\n"
"! as           toor\n"
"  on           local\n"
"  profile      files\n"
"  sha256       bb22\n"
"  state        ended\n"
"  started      Tue 2026-11-24 01:00 JST\n"
"  ended        Tue 2026-11-24 01:00 JST\n"
"  took         1500 ms\n"
"  how          ran\n"
"! status       3\n"
"  input        0 bytes\n"
"  output       23 bytes\n"
"! refusals     2\n"
"!   sed: bpf(0xd, \\\\x1b[2J) at 5 ms\n"
"!   and 2 more: see the recording\n"
"  recording    complete, says the ledger; to check it: verify S345\n"
"  from         192.0.2.1:4711\n"
"  seen by      heidi 40 percent\n"
"\n"
"near misses of alice\n"
"! Tue 2026-11-24 00:59 JST  [DIFFERS] [sed] [-n]: differs at word 2 (entry 41)\n"
"\n"
"sheet read by grace, heidi\n"
"\n"
"To look at a session: session replay S345\n"
"To judge it:          review verdict J7 adequate|remarks|inadequate|cannot-judge -m WORDS\n";

static void
the_sheet_says_first_what_deserves_attention_then_all(void **state)
{
	int fd = make_recording_of(META(ARGV, "aa11", "toor"), refused, &ran);
	const struct answer answers[] = {
		{ "review-show", "OK", SHEET(BAD, NEAR, "1", "true", ""), 0, 0 },
		{ "session-open", "OK", BAD, fd, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};

	(void)state;
	fake_expect(answers, "review show J7", 0, bad_sheet, "");
	close(fd);
}

static void
a_quiet_job_says_so_and_who_may_not_judge_reads_why(void **state)
{
	int fd = make_recording_of(AS_PLANNED, quiet, &ran);
	const struct answer answers[] = {
		{ "review-show", "OK", SHEET(FINE, "", "0", "false",
		    "bob is one who decided of R12 and cannot judge J7"), 0,
		    0 },
		{ "session-open", "OK", FINE, fd, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};
	struct fake f;
	char *out;

	(void)state;
	fake_start(&f, answers, 0);
	assert_int_equal(fake_run(&f, "review show J7"), 0);
	out = fake_read(f.out_fd);
	assert_non_null(strstr(out, "attention\n  nothing: all of it ran as "
	    "it was approved, with status 0\n"));
	assert_non_null(strstr(out, "Not for you to judge now: bob is one"));
	assert_null(strchr(out, '!'));
	free(out);
	out = fake_read(f.calls_fd);
	assert_string_equal(out, "review-show {\"after\":0,\"id\":7}\n"
	    "session-open {\"how\":\"sheet\",\"id\":345}\n");
	free(out);
	fake_end(&f);
	close(fd);
}

/* A recording that is refused is a line of the sheet, not the end of it. */
static void
a_recording_that_is_not_there_is_told_in_the_sheet(void **state)
{
	static const struct answer answers[] = {
		{ "review-show", "OK", SHEET(FINE, "", "0", "true", ""), 0, 0 },
		{ "session-open", "NOT-FOUND", "{\"code\":\"NOT-FOUND\","
		    "\"next\":\"\",\"reason\":\"gone\"}", 0, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};
	struct fake f;
	char *out;

	(void)state;
	fake_start(&f, answers, 0);
	assert_int_equal(fake_run(&f, "review show J7"), 0);
	out = fake_read(f.out_fd);
	assert_non_null(strstr(out,
	    "! S345 its recording: it cannot be opened\n"));
	assert_non_null(strstr(out, "! recording    complete, says the ledger; "
	    "to check it: verify S345\n"));
	free(out);
	out = fake_read(f.err_fd);
	assert_string_equal(out, "");
	free(out);
	fake_end(&f);
}

#define JOB \
	"{\"id\":\"J7\",\"nr\":7,\"view\":\"queued\",\"operator\":\"alice\"," \
	"\"run_as\":\"root\",\"target\":\"local\",\"request\":\"R12\"," \
	"\"argv\":[\"id\",\"-u\"],\"ran\":3,\"notable\":1,\"verdict\":null}"
#define JUDGED \
	"{\"id\":\"J8\",\"nr\":8,\"view\":\"judged\",\"operator\":\"alice\"," \
	"\"run_as\":\"root\",\"target\":\"local\",\"request\":\"R13\"," \
	"\"argv\":[\"id\"],\"ran\":1,\"notable\":0,\"verdict\":{\"by\":" \
	"\"carol\",\"verdict\":\"remarks\",\"at\":null,\"message\":\"m\"," \
	"\"seen\":{\"sheet\":true,\"sessions\":[],\"summary\":\"35 percent\"}}}"

static void
the_queue_is_a_table_with_pages(void **state)
{
	static const struct answer answers[] = {
		{ "review-list", "OK", "{\"jobs\":[" JOB "," JUDGED "],"
		    "\"next\":8}", 0, 1 },
		{ NULL, NULL, NULL, 0, 0 }
	};
	static const struct answer empty[] = {
		{ "review-list", "OK", "{\"jobs\":[],\"next\":0}", 0, 0 },
		{ "review-next", "OK", "{\"job\":null,\"next\":0}", 0, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};

	(void)state;
	fake_expect(answers, "review list --all", 0,
	    "ID\tSTATE           \tBY   \tAS  \tON   \tREQUEST\tSESSIONS\tRAN\n"
	    "J7\tqueued          \talice\troot\tlocal\tR12    \t3, 1 !  \t[id] [-u]\n"
	    "J8\tremarks by carol\talice\troot\tlocal\tR13    \t1       \t[id]\n"
	    "next: review list --all --after 8\n", "");
	fake_expect(answers, "review list --json", 0, "{\"jobs\":[" JOB ","
	    JUDGED "],\"next\":8}\n", "");
	fake_expect(empty, "review list", 0,
	    "no job waits for a verdict\n", "");
	fake_expect(empty, "review next", 0,
	    "no job waits for your verdict\n", "");
	fake_expect(empty, "review next --json", 0, "{\"job\":null}\n", "");
}

static void
next_is_the_sheet_of_the_oldest(void **state)
{
	int fd = make_recording_of(AS_PLANNED, quiet, &ran);
	const struct answer answers[] = {
		{ "review-next", "OK", "{\"job\":" JOB ",\"next\":7}", 0, 0 },
		{ "review-show", "OK", SHEET(FINE, "", "0", "true", ""), 0, 0 },
		{ "session-open", "OK", FINE, fd, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};
	struct fake f;
	char *out;

	(void)state;
	fake_start(&f, answers, 0);
	assert_int_equal(fake_run(&f, "review next"), 0);
	out = fake_read(f.out_fd);
	assert_memory_equal(out, "job J7, queued", 14);
	free(out);
	out = fake_read(f.calls_fd);
	assert_memory_equal(out, "review-next {\"after\":0}\n"
	    "review-show {\"after\":0,\"id\":7}\n", 55);
	free(out);
	fake_end(&f);
	close(fd);
}

static void
json_is_one_document_with_facts_and_attention(void **state)
{
	int fd = make_recording_of(AS_PLANNED, refused, &ran);
	const struct answer answers[] = {
		{ "review-show", "OK", SHEET(BAD, NEAR, "1", "true", ""), 0, 0 },
		{ "session-open", "OK", BAD, fd, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};
	json_t *v = NULL, *x;
	struct fake f;
	char *out;

	(void)state;
	fake_start(&f, answers, 0);
	assert_int_equal(fake_run(&f, "review show J7 --json"), 0);
	out = fake_read(f.out_fd);
	assert_int_equal(json_read(out, strlen(out), &v), 0);
	assert_int_equal(json_array_size(json_object_get(v, "attention")), 3);
	x = json_object_get(json_array_get(json_object_get(v, "sessions"), 0),
	    "found");
	assert_string_equal(json_string_value(json_object_get(x, "exe")),
	    "/usr/bin/sed");
	assert_null(json_object_get(v, "next"));
	json_decref(v);
	free(out);
	fake_end(&f);
	close(fd);
}

static void
a_verdict_is_sent_as_typed_and_told(void **state)
{
	static const struct answer answers[] = {
		{ "review-verdict", "OK", JUDGED, 0, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};
	struct fake f;
	char *out;

	(void)state;
	fake_start(&f, answers, 0);
	assert_int_equal(fake_run(&f,
	    "review verdict J8 remarks -m wrong hour; see R13"), 0);
	out = fake_read(f.calls_fd);
	assert_string_equal(out, "review-verdict {\"id\":8,\"message\":"
	    "\"wrong hour; see R13\",\"verdict\":\"remarks\"}\n");
	free(out);
	out = fake_read(f.out_fd);
	assert_string_equal(out, "J8 judged remarks by you; seen of its "
	    "recordings: 35 percent\n");
	free(out);
	fake_end(&f);
}

static void
wrong_use_is_told(void **state)
{
	static const struct answer none[] = { { NULL, NULL, NULL, 0, 0 } };
	static const char *const lines[] = { "review list --open --all",
		"review list --after x", "review list x", "review next x",
		"review show", "review show 7", "review show S7",
		"review show J7 J8", "review verdict J7",
		"review verdict adequate J7", "review verdict J7 a b", NULL };
	size_t i;

	(void)state;
	for (i = 0; lines[i] != NULL; i++)
		fake_expect(none, lines[i], 64, "", NULL);
	fake_expect(none, "review show 7", 64, "",
	    "sekisho: refused [USAGE] a job is named like J7\n"
	    "next: help review\nusage: review show J7 [--json]\n");
}

/* Replay and text tell how much was played. */
static void
what_was_played_is_told_to_the_ledger(void **state)
{
	static const struct piece four[] = {
		{ 0, '1', "a\n" }, { 1, '2', "b\n" }, { 2, '1', "c\n" },
		{ 3, '0', "d\n" }, { 0, 0, NULL }
	};
	static const struct {
		const char	*line;
		int		 percent;
	} plays[] = {
		{ "session replay S345", 100 }, { "session text S345", 100 },
		{ "session text S345 --stream out", 50 },
		{ "session text S345 --stream err", 25 },
	};
	int fd = make_recording(four, NULL);
	const struct answer answers[] = {
		{ "session-open", "OK", FINE, fd, 0 },
		{ "review-seen", "OK", "{}", 0, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};
	char want[80], *out;
	struct fake f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(plays) / sizeof(plays[0]); i++) {
		fake_start(&f, answers, 0);
		assert_int_equal(fake_run(&f, plays[i].line), 0);
		out = fake_read(f.calls_fd);
		(void)snprintf(want, sizeof(want),
		    "review-seen {\"percent\":%d,\"session\":345}\n",
		    plays[i].percent);
		assert_non_null(strstr(out, want));
		free(out);
		fake_end(&f);
	}
	close(fd);
}

static void
assert_plain(const char *s)
{
	unsigned int cp;
	size_t n;

	for (; *s != '\0'; s += n) {
		n = escape_utf8(s, strlen(s), &cp);
		assert_true(n > 0);
		assert_true(escape_is_plain(cp) || cp == '\n');
	}
}

/* Every string in a value becomes the hostile one; numbers and shape stay. */
static json_t *
poison(const json_t *v, const char *s)
{
	const char *key;
	json_t *out, *x;
	size_t i;

	if (json_is_string(v))
		return json_text(s);
	if (json_is_array(v)) {
		out = json_array();
		json_array_foreach(v, i, x)
			json_array_append_new(out, poison(x, s));
		return out;
	}
	if (json_is_object(v)) {
		out = json_object();
		json_object_foreach((json_t *)(uintptr_t)v, key, x)
			json_object_set_new(out, key, poison(x, s));
		return out;
	}
	return json_deep_copy(v);
}

/* Lines of the sheet: what a hostile value may not add to. */
static size_t
lines_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

static void
no_hostile_text_acts_or_makes_a_line(void **state)
{
	int fd = make_recording_of(AS_PLANNED, refused, &ran);
	json_t *clean = sheet_with(SHEET(BAD, NEAR, "1", "false", "why"), fd,
	    1), *v;
	size_t i, want = 0;
	struct fake f;
	char *out;

	(void)state;
	json_object_set_new(clean, "attention", attention_of(clean));
	for (i = 0; i <= HOSTILE_COUNT; i++) {
		v = poison(clean, i == 0 ? "x" : hostile[i - 1].bytes);
		fake_start(&f, NULL, 0);
		review_sheet(&f.c, v);
		assert_int_equal(out_flush(f.c.out), 0);
		out = fake_read(f.out_fd);
		assert_plain(out);
		if (i == 0)
			want = lines_of(out);
		assert_int_equal(lines_of(out), want);
		free(out);
		json_decref(v);
		fake_end(&f);
	}
	json_decref(clean);
	close(fd);
}

/* META and refusals of a recording are the command's own words. */
static void
a_hostile_recording_makes_no_line_either(void **state)
{
	struct piece events[2] = { { 0, 0, NULL }, { 0, 0, NULL } };
	char *meta = NULL, *event = NULL, *out;
	struct fake f;
	json_t *v;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		const char *s = hostile[i].bytes;

		v = json_pack("{s:[o], s:o, s:o, s:o}", "argv", json_text(s),
		    "exe", json_text(s), "run_as", json_text(s), "request",
		    json_text(s));
		assert_int_equal(json_canonical(v, &meta, NULL), 0);
		json_decref(v);
		v = json_pack("{s:o, s:[o], s:o}", "call", json_text(s),
		    "args", json_text(s), "comm", json_text(s));
		assert_int_equal(json_canonical(v, &event, NULL), 0);
		json_decref(v);
		events[0] = (struct piece){ 1, 'D', event };
		fd = make_recording_of(meta, events, &ran);
		v = sheet_with(SHEET(BAD, "", "0", "true", ""), fd, 1);
		json_object_set_new(v, "attention", attention_of(v));
		fake_start(&f, NULL, 0);
		review_sheet(&f.c, v);
		assert_int_equal(out_flush(f.c.out), 0);
		out = fake_read(f.out_fd);
		assert_plain(out);
		free(out);
		fake_end(&f);
		json_decref(v);
		free(meta);
		free(event);
		close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_another_kind_are_left_out),
		cmocka_unit_test(whatever_differs_or_went_wrong_is_told_and_nothing_else),
		cmocka_unit_test(what_the_plan_warns_of_is_told_when_it_happened),
		cmocka_unit_test(facts_come_from_the_recording_and_are_bounded),
		cmocka_unit_test(the_sheet_says_first_what_deserves_attention_then_all),
		cmocka_unit_test(a_quiet_job_says_so_and_who_may_not_judge_reads_why),
		cmocka_unit_test(a_recording_that_is_not_there_is_told_in_the_sheet),
		cmocka_unit_test(the_queue_is_a_table_with_pages),
		cmocka_unit_test(next_is_the_sheet_of_the_oldest),
		cmocka_unit_test(json_is_one_document_with_facts_and_attention),
		cmocka_unit_test(a_verdict_is_sent_as_typed_and_told),
		cmocka_unit_test(wrong_use_is_told),
		cmocka_unit_test(what_was_played_is_told_to_the_ledger),
		cmocka_unit_test(no_hostile_text_acts_or_makes_a_line),
		cmocka_unit_test(a_hostile_recording_makes_no_line_either),
	};

	setenv("TZ", "JST-9", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
