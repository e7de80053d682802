/* Replay and text of recordings. */
#include "tests/unit/cli/fake.h"
#include "tests/unit/cli/recording.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "base/escape.h"
#include "cli/play.h"
#include "tests/unit/hostile.h"

static const struct piece session[] = {
	{ 0, 'r', "80x24" },
	{ 1, 'n', "sekisho: R12, use 1 of 1, S345, recorded\r\n" },
	{ 2, 'o', "$ " },
	{ 3, 'i', "l" }, { 4, 'o', "l" },
	{ 5, 'i', "s\r" }, { 6, 'o', "s\r\n\x1b[31mred\x1b[0m\x1b]0;t\x07\r\n" },
	{ 7, 'D', "{\"call\":\"bpf\"}" },
	{ 8, 's', "INT" },
	{ 9, 'o', "-- exit 0" },
	{ 0, 0, NULL }
};
static const struct writer_end ran = { .how = 1, .signal = "", .reason = "" };

/* Of the last one. */
static int percent;

/* Runs replay (text 0) or text (1 + its stream) over a recording; the caller frees. */
static char *
play(int fd, int text, int pty, int status)
{
	struct fake f;
	char *out;

	fake_start(&f, NULL, pty);
	assert_int_equal(text ? play_text(&f.c, fd, 345,
	    (enum play_stream)(text - 1), &percent) :
	    play_replay(&f.c, fd, 345, 100, &percent), status);
	assert_int_equal(out_flush(f.c.out), 0);
	out = fake_read(f.out_fd);
	fake_end(&f);
	return out;
}

static void
text_tells_each_kind_of_line_by_its_beginning(void **state)
{
	int fd = make_recording(session, &ran);
	char *out = play(fd, 1, 0, 0);

	(void)state;
	assert_string_equal(out,
	    "-- window 80x24\n"
	    "-- notice sekisho: R12, use 1 of 1, S345, recorded\n"
	    "< ls\n"
	    "  $ ls\n"
	    "  red\\x1b]0;t\\x07\n"
	    "-- refused by the sandbox {\"call\":\"bpf\"}\n"
	    "-- signal INT\n"
	    "  -- exit 0\n"
	    "-- exit 0\n"
	    "-- S345 ended with status 0\n");
	free(out);
	close(fd);
}

static void
streams_without_a_pty_stay_apart(void **state)
{
	static const struct piece pipes[] = {
		{ 0, '0', "in\n" }, { 1, '1', "half " }, { 2, '2', "oops\n" },
		{ 3, '1', "line\n" }, { 4, '1', "no end" }, { 0, 0, NULL }
	};
	int fd = make_recording(pipes, NULL);
	char *out = play(fd, 1, 0, 0);

	(void)state;
	assert_string_equal(out, "< in\n2 oops\n  half line\n  no end\n"
	    "-- S345 has no end: it runs, or its recorder was killed\n");
	free(out);
	out = play(fd, 1 + PLAY_OUT, 0, 0);
	assert_string_equal(out, "half line\nno end");
	free(out);
	out = play(fd, 1 + PLAY_ERR, 0, 0);
	assert_string_equal(out, "oops\n");
	free(out);
	out = play(fd, 1 + PLAY_IN, 0, 0);
	assert_string_equal(out, "in\n");
	free(out);
	out = play(fd, 0, 0, 0);
	assert_string_equal(out, "half oops\nline\nno end\n"
	    "-- S345 has no end: it runs, or its recorder was killed\n");
	free(out);
	close(fd);
}

static void
a_replay_shows_what_the_operator_saw(void **state)
{
	int fd = make_recording(session, &ran);
	char *out = play(fd, 0, 1, 0);

	(void)state;
	assert_string_equal(out,
	    "sekisho: R12, use 1 of 1, S345, recorded\r\n"
	    "$ ls\r\n\x1b[31mred\x1b[0m\r\n-- exit 0\x1b[0m\r\n"
	    "-- S345 ended with status 0\r\n");
	free(out);
	close(fd);
}

static void
a_signal_and_a_reason_stand_at_the_end(void **state)
{
	static const struct piece nothing[] = { { 0, 0, NULL } };
	static const struct writer_end killed = { .how = 4, .signal = "KILL",
		.reason = "longest \x1b[2Jrun" };
	int fd = make_recording(nothing, &killed);
	char *out = play(fd, 0, 0, 0);

	(void)state;
	assert_string_equal(out,
	    "-- S345 ended by signal KILL: longest \\x1b[2Jrun\n");
	free(out);
	close(fd);
}

static void
a_damaged_recording_shows_what_is_good_and_says_so(void **state)
{
	int fd = make_recording(session, &ran), cut;
	uint8_t *p = NULL;
	size_t n;
	char *out;

	(void)state;
	assert_true(lseek(fd, 0, SEEK_SET) == 0);
	assert_int_equal(fd_read_all(fd, 1 << 20, &p, &n), 0);
	cut = memfd_create("cut", MFD_CLOEXEC);
	assert_int_equal(fd_write_full(cut, p, n - 7), 0);
	out = play(cut, 1, 0, 65);
	assert_non_null(strstr(out, "  $ ls\n"));
	assert_non_null(strstr(out, "-- S345 torn at offset "));
	free(out);
	out = play(cut, 0, 0, 65);
	free(out);
	assert_int_equal(ftruncate(cut, 10), 0);
	out = play(cut, 1, 0, 65);
	assert_string_equal(out, "");
	free(out);
	free(p);
	close(cut);
	close(fd);
}

static void
a_key_ends_a_replay_and_long_silence_is_cut(void **state)
{
	static const struct piece slow[] = {
		{ 0, 'o', "one" }, { 100000, 'o', "two" },
		{ 100000, 'o', "three" }, { 900000, 'o', "four" },
		{ 0, 0, NULL }
	};
	int fd = make_recording(slow, &ran), keys[2];
	int64_t begin = clock_mono_ms();
	struct fake f;
	pid_t typist;
	char *out;

	(void)state;
	fake_start(&f, NULL, 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, keys), 0);
	f.c.in_fd = keys[0];
	typist = fork();
	assert_true(typist >= 0);
	if (typist == 0) {
		usleep(2500000);
		_exit(write(keys[1], "q", 1) != 1);
	}
	assert_int_equal(play_replay(&f.c, fd, 345, 1, &percent), 0);
	assert_int_equal(out_flush(f.c.out), 0);
	assert_in_range(clock_mono_ms() - begin, 2300, 3900);
	out = fake_read(f.out_fd);
	assert_string_equal(out, "onetwothree\r\n");
	assert_int_equal(percent, 60);	/* three of five: four, and its exit */
	free(out);
	assert_int_equal(waitpid(typist, NULL, 0), typist);
	fake_end(&f);
	close(keys[0]);
	close(keys[1]);
	close(fd);
}

static void
the_end_of_the_line_stops_a_replay(void **state)
{
	static const struct piece slow[] = {
		{ 0, 'o', "one" }, { 100000, 'o', "two" }, { 0, 0, NULL }
	};
	int fd = make_recording(slow, &ran), control[2];
	int64_t begin = clock_mono_ms();
	struct fake f;

	(void)state;
	fake_start(&f, NULL, 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
	f.c.control_fd = control[0];
	close(control[1]);
	assert_int_equal(play_replay(&f.c, fd, 345, 1, &percent), 0);
	assert_in_range(clock_mono_ms() - begin, 0, 1500);
	fake_end(&f);
	close(control[0]);
	close(fd);
}

/* Nothing but plain characters, newline, tab and what "also" names. */
static void
assert_plain(const char *s, const char *also)
{
	unsigned int cp;
	size_t n;

	for (; *s != '\0'; s += n) {
		n = escape_utf8(s, strlen(s), &cp);
		assert_true(n > 0);
		assert_true(escape_is_plain(cp) || cp == '\n' || cp == '\t' ||
		    (cp < 0x80 && strchr(also, (int)cp) != NULL));
	}
}

static void
no_hostile_recording_acts_on_the_reader(void **state)
{
	static const char types[] = "oi012rsnDE";
	struct piece pieces[sizeof(types)] = { { 0, 0, NULL } };
	size_t i, k;
	char *out, *esc;
	int fd;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		for (k = 0; types[k] != '\0'; k++)
			pieces[k] = (struct piece){ (int64_t)k,
				(uint8_t)types[k], hostile[i].bytes };
		fd = make_recording(pieces, &ran);
		out = play(fd, 1, 0, 0);
		assert_plain(out, "");
		free(out);
		out = play(fd, 1 + (int)(i % 4), 0, 0);
		assert_plain(out, "");
		free(out);
		out = play(fd, 0, 0, 0);
		assert_plain(out, "");
		free(out);
		out = play(fd, 0, 1, 0);
		/* SGR alone may hold ESC: what follows is checked in term */
		for (esc = strchr(out, '\x1b'); esc != NULL;
		    esc = strchr(esc + 1, '\x1b'))
			assert_true(esc[1] == '[' &&
			    esc[2 + strspn(esc + 2, "0123456789;")] == 'm');
		assert_plain(out, "\r\b\x1b");
		free(out);
		close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_tells_each_kind_of_line_by_its_beginning),
		cmocka_unit_test(streams_without_a_pty_stay_apart),
		cmocka_unit_test(a_replay_shows_what_the_operator_saw),
		cmocka_unit_test(a_signal_and_a_reason_stand_at_the_end),
		cmocka_unit_test(a_damaged_recording_shows_what_is_good_and_says_so),
		cmocka_unit_test(a_key_ends_a_replay_and_long_silence_is_cut),
		cmocka_unit_test(the_end_of_the_line_stops_a_replay),
		cmocka_unit_test(no_hostile_recording_acts_on_the_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
