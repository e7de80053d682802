/* session export: asciicast v3 of a recording, what it shows and what it leaves out. */
#include "tests/unit/cli/fake.h"
#include "tests/unit/cli/recording.h"

#include "cli/export.h"
#include "tests/unit/hostile.h"

#define META	"{\"argv\":[\"sed\",\"s/a b/\xc3\xa4/\"],\"cols\":80,"	\
		"\"operator\":\"alice\",\"request\":\"R12\",\"rows\":24,"	\
		"\"run_as\":\"root\",\"session\":\"S345\",\"target\":\"local\","	\
		"\"term\":\"xterm\"}"
#define PIPES	"{\"argv\":[\"id\"],\"operator\":\"alice\",\"request\":"	\
		"\"R12\",\"run_as\":\"root\",\"target\":\"local\"}"
#define NOTE	"# whether this is all of S345 and unchanged says the "	\
		"recording alone: ssh GATE verify S345, or sekisho-verify(1)\n"
#define TITLE	"\"S345: alice as root on local, R12 (not verified)\""

static const struct piece session[] = {
	{ 0, 'r', "80x24" },
	{ 1, 'n', "sekisho: R12, use 1 of 1, S345, recorded\r\n" },
	{ 2, 'o', "Password: " },
	{ 3, 'i', "s3cret\r" }, { 4, 'o', "\r\n\xe8\xa8" },
	{ 5, 'o', "\xad\x1b[31mred" },
	{ 7, 'D', "{\"call\":\"bpf\"}" },
	{ 8, 's', "INT" }, { 9, 'r', "100x30" }, { 10, 'E', "later" },
	{ 11, 'x', "7" }, { 0, 0, NULL }
};
static const struct writer_end ran = { .how = 1, .status = 7, .signal = "",
	.reason = "" };

/* The caller frees. */
static char *
export(int fd, int has_input, int status)
{
	struct fake f;
	char *out;

	fake_start(&f, NULL, 0);
	assert_int_equal(export_cast(&f.c, fd, 345, has_input), status);
	assert_int_equal(out_flush(f.c.out), 0);
	out = fake_read(f.out_fd);
	fake_end(&f);
	return out;
}

static void
it_shows_what_the_operator_saw_and_no_input(void **state)
{
	int fd = make_recording_of(META, session, &ran);
	char *out = export(fd, 0, 0);

	(void)state;
	assert_string_equal(out, "{\"version\":3,\"term\":{\"cols\":80,"
	    "\"rows\":24,\"type\":\"xterm\"},\"timestamp\":1795449600,"
	    "\"command\":\"[sed] [s/a b/\\u00e4/]\",\"title\":" TITLE "}\n"
	    NOTE
	    "# {\"argv\":[\"sed\",\"s/a b/\\u00e4/\"],\"cols\":80,"
	    "\"operator\":\"alice\",\"request\":\"R12\",\"rows\":24,"
	    "\"run_as\":\"root\",\"session\":\"S345\",\"target\":\"local\","
	    "\"term\":\"xterm\"}\n"
	    "[0.001000,\"m\",\"sekisho: R12, use 1 of 1, S345, recorded\"]\n"
	    "[0.000000,\"o\",\"sekisho: R12, use 1 of 1, S345, recorded\\r\\n\"]\n"
	    "[0.001000,\"o\",\"Password: \"]\n"
	    "[0.002000,\"o\",\"\\r\\n\"]\n"
	    "[0.001000,\"o\",\"\\u8a2d\\u001b[31mred\"]\n"
	    "[0.002000,\"m\",\"refused by the sandbox {\\\"call\\\":\\\"bpf\\\"}\"]\n"
	    "[0.001000,\"m\",\"signal INT\"]\n"
	    "[0.001000,\"r\",\"100x30\"]\n"
	    "[0.002000,\"x\",\"7\"]\n"
	    "# S345 ended with status 7\n");
	free(out);
	out = export(fd, 1, 0);
	assert_non_null(strstr(out, "[0.001000,\"i\",\"s3cret\\r\"]\n"
	    "[0.001000,\"o\",\"\\r\\n\"]\n"));
	free(out);
	close(fd);
}

static void
a_session_without_a_terminal_has_a_usual_one(void **state)
{
	static const struct piece pipes[] = {
		{ 0, '0', "in\n" }, { 1, '1', "out\n" }, { 2, '2', "err\n" },
		{ 3, 'n', "refused\n" }, { 4, 'x', "SIGKILL" }, { 0, 0, NULL }
	};
	static const struct writer_end killed = { .how = 4, .signal = "KILL",
		.reason = "longest \x1b[2Jrun" };
	int fd = make_recording_of(PIPES, pipes, &killed);
	char *out = export(fd, 1, 0);

	(void)state;
	assert_non_null(strstr(out, "\"term\":{\"cols\":80,\"rows\":24},"));
	assert_non_null(strstr(out,
	    "[0.000000,\"i\",\"in\\n\"]\n"
	    "[0.001000,\"o\",\"out\\r\\n\"]\n"
	    "[0.001000,\"o\",\"err\\r\\n\"]\n"
	    "[0.001000,\"m\",\"refused\"]\n"
	    "[0.000000,\"o\",\"refused\\r\\n\"]\n"
	    "[0.001000,\"x\",\"137\"]\n"
	    "# S345 ended by signal KILL: longest \\x1b[2Jrun\n"));
	free(out);
	out = export(fd, 0, 0);
	assert_null(strstr(out, "\"i\""));
	free(out);
	close(fd);
}

static void
what_broke_off_says_so_where_players_show_it(void **state)
{
	static const struct piece part[] = { { 5, '1', "half" }, { 0, 0, NULL } };
	int fd = make_recording_of(PIPES, part, NULL), cut;
	uint8_t *p = NULL;
	size_t n;
	char *out = export(fd, 0, 0);

	(void)state;
	assert_non_null(strstr(out, "[0.005000,\"o\",\"half\"]\n"
	    "[0.000000,\"m\",\"S345 has no end: it runs, or its recorder was "
	    "killed\"]\n# S345 has no end: it runs, or its recorder was "
	    "killed\n"));
	free(out);
	assert_true(lseek(fd, 0, SEEK_SET) == 0);
	assert_int_equal(fd_read_all(fd, 1 << 20, &p, &n), 0);
	cut = memfd_create("cut", MFD_CLOEXEC);
	assert_int_equal(fd_write_full(cut, p, n - 7), 0);
	out = export(cut, 0, 65);
	assert_non_null(strstr(out, "\"m\",\"S345 torn at offset "));
	free(out);
	assert_int_equal(ftruncate(cut, 10), 0);
	out = export(cut, 0, 65);
	assert_string_equal(out, "");
	free(out);
	free(p);
	close(cut);
	close(fd);
}

static void
no_hostile_recording_leaves_ascii(void **state)
{
	static const char types[] = "oi012rsnDEx";
	struct piece pieces[sizeof(types)] = { { 0, 0, NULL } };
	char *out, *p, meta[8192];
	size_t i, k;
	int fd;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		for (k = 0; types[k] != '\0'; k++)
			pieces[k] = (struct piece){ (int64_t)k,
				(uint8_t)types[k], hostile[i].bytes };
		/* no JSON at all, if it must be */
		snprintf(meta, sizeof(meta), "{\"operator\":\"%s\"}",
		    hostile[i].bytes);
		fd = make_recording_of(meta, pieces, &ran);
		out = export(fd, 1, 0);
		assert_true(*out == '{');
		for (p = out; *p != '\0'; p++)
			assert_true((*p >= 0x20 && *p <= 0x7e) || *p == '\n');
		for (p = out; (p = strchr(p, '\n')) != NULL && p[1] != '\0'; p++)
			assert_true(p[1] == '[' || p[1] == '#');
		free(out);
		close(fd);
	}
}

/* The word: what it asks of the ledger, and what it refuses before. */
static void
the_ledger_is_told_what_is_handed_out(void **state)
{
	static const struct piece some[] = { { 0, 'i', "typed\r" },
		{ 1, 'o', "shown\r\n" }, { 2, 'x', "0" }, { 0, 0, NULL } };
	static const struct writer_end well = { .how = 1, .signal = "",
		.reason = "" };
	static const struct { const char *line, *how; int typed, cast; } t[] = {
		{ "session export S345", "export", 0, 1 },
		{ "session export S345 --format asciicast --input",
		    "export-input", 1, 1 },
		{ "session export S345 --format text", "export", 0, 0 },
		{ "session export S345 --format text --input", "export-input",
		    1, 0 }
	};
	struct answer answers[2] = { { "session-open", "OK", "{}", 0, 0 },
		{ NULL, NULL, NULL, 0, 0 } };
	char want[200], *out;
	struct fake f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		answers[0].fd = make_recording_of(META, some, &well);
		fake_start(&f, answers, 0);
		assert_int_equal(fake_run(&f, t[i].line), 0);
		/* one call: nothing is kept as looked at */
		snprintf(want, sizeof(want),
		    "session-open {\"how\":\"%s\",\"id\":345}\n", t[i].how);
		out = fake_read(f.calls_fd);
		assert_string_equal(out, want);
		free(out);
		out = fake_read(f.out_fd);
		assert_int_equal(strstr(out, "typed") != NULL, t[i].typed);
		assert_int_equal(*out == '{', t[i].cast);
		assert_non_null(strstr(out, "shown"));
		free(out);
		fake_end(&f);
		close(answers[0].fd);
	}
	fake_expect(answers, "session export S345 --format svg", 64, "",
	    "sekisho: refused [USAGE] --format takes asciicast or text\n"
	    "next: help session\nusage: session export S345 [--format "
	    "asciicast|text] [--input]\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_shows_what_the_operator_saw_and_no_input),
		cmocka_unit_test(a_session_without_a_terminal_has_a_usual_one),
		cmocka_unit_test(what_broke_off_says_so_where_players_show_it),
		cmocka_unit_test(no_hostile_recording_leaves_ascii),
		cmocka_unit_test(the_ledger_is_told_what_is_handed_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
