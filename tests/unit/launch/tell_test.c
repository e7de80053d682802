/* tell_test.c - names of calls and signals, and that no text of a job acts on a terminal. */
#include "tests/unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "launch/names.h"
#include "launch/pty.h"
#include "launch/refusal.h"
#include "launch/tell.h"
#include "wire/chan.h"

static void
calls_have_their_names(void **state)
{
	char room[32];

	(void)state;
	assert_string_equal(call_name(SYS_mount, room, sizeof(room)), "mount");
	assert_string_equal(call_name(SYS_read, room, sizeof(room)), "read");
	assert_string_equal(call_name(462, room, sizeof(room)), "mseal");
	assert_string_equal(call_name(400, room, sizeof(room)), "call 400");
	assert_string_equal(call_name(0xffffffffU, room, sizeof(room)),
	    "call 4294967295");
}

static void
only_harmless_signals_may_be_sent(void **state)
{
	(void)state;
	assert_int_equal(pty_signal_number("TERM"), SIGTERM);
	assert_int_equal(pty_signal_number("WINCH"), SIGWINCH);
	assert_int_equal(pty_signal_number("KILL"), SIGKILL);
	assert_int_equal(pty_signal_number("STOP"), -1);
	assert_int_equal(pty_signal_number("SIGTERM"), -1);
	assert_int_equal(pty_signal_number(""), -1);
	assert_string_equal(pty_signal_name(SIGSYS), "SYS");
	assert_string_equal(pty_signal_name(SIGRTMAX), "RT");
}

static void
a_refusal_says_who_what_and_what_next(void **state)
{
	const struct refused_call c = { .nr = SYS_umount2, .pid = 7738,
		.comm = "umount", .args = { 0x7ffe0000, 2 },
		.text = { "/mnt\033[m" } };
	char text[1024], body[1024];

	(void)state;
	tell_text(text, sizeof(text), &c, "files", "\r\n");
	assert_string_equal(text, "sekisho: 'umount' (pid 7738) was refused "
	    "umount2(\"/mnt\\x1b[m\", 2): not in profile \"files\".\r\n"
	    "         To ask for more: request new --profile NAME ...\r\n");
	tell_body(body, sizeof(body), &c);
	assert_string_equal(body, "{\"args\":[\"/mnt\\\\x1b[m\",\"0x2\",\"0x0\","
	    "\"0x0\",\"0x0\",\"0x0\"],\"call\":\"umount2\",\"comm\":\"umount\","
	    "\"nr\":166,\"pid\":7738}");
}

static void
hostile_names_stay_text(void **state)
{
	static const char *const names[] = { "\033[2J", "\x9b" "2J", "a\nb",
	    "\"}\\", "\xe2\x80\xae", "\x80\xff", "\033]0;x\007", "\r\b\177" };
	struct refused_call c = { .nr = SYS_mount };
	char text[1024], body[1024];
	const char *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		memset(c.comm, 0, sizeof(c.comm));
		memcpy(c.comm, names[i], strlen(names[i]));
		tell_text(text, sizeof(text), &c, names[i], "\n");
		tell_body(body, sizeof(body), &c);
		for (p = text; *p != '\0'; p++)
			assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
		for (p = body; *p != '\0'; p++)
			assert_true(*p >= 0x20 && *p < 0x7f);
	}
	memset(c.comm, 0, sizeof(c.comm));
	memcpy(c.comm, "\"}\\", 3);
	tell_body(body, sizeof(body), &c);
	assert_non_null(strstr(body, "\"comm\":\"\\\"}\\\\\\\\\""));
}

static void
the_first_reason_stays(void **state)
{
	struct refusal why = { 0 };

	(void)state;
	(void)refuse(&why, SEKISHO_CODE_INPUT, "first \033[m");
	(void)refuse(&why, SEKISHO_CODE_SANDBOX, "second");
	assert_int_equal(why.code, SEKISHO_CODE_INPUT);
	assert_string_equal(why.reason, "first \\x1b[m");
}

/* Many harmless calls do not push another one out of the record. */
static void
the_summary_names_every_call(void **state)
{
	static uint32_t count[512];
	struct job j = { .order = { .pty = 0 } };
	struct msg_event e;
	struct msg m;
	struct chan *x, *r;
	char want[64], room[32];
	int fds[2];
	uint32_t i;

	(void)state;
	for (i = 0; i < 512; i++)
		count[i] = 1000000 + i;
	assert_int_equal(chan_pair(fds), 0);
	assert_non_null(x = chan_new(fds[0], PEER_X, PEER_R));
	assert_non_null(r = chan_new(fds[1], PEER_R, PEER_X));
	tell_summary(count, 512, 4000000000U, &j, x);
	assert_int_equal(chan_drain(x, 1000), 0);
	assert_int_equal(chan_wait(r, &m, 1000), 0);
	assert_int_equal(m.type, MSG_EVENT);
	assert_int_equal(msg_event_get(m.body, &e), 0);
	for (i = 0; i < 512; i++) {
		snprintf(want, sizeof(want), "{\"call\":\"%s\",\"count\":%u}",
		    call_name(i, room, sizeof(room)), count[i]);
		assert_non_null(memmem(e.body.p, e.body.n, want,
		    strlen(want)));
	}
	assert_non_null(memmem(e.body.p, e.body.n, "],\"refused\":4000000000}",
	    23));
	msg_event_free(&e);
	msg_done(&m);
	chan_free(x);
	chan_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_have_their_names),
		cmocka_unit_test(only_harmless_signals_may_be_sent),
		cmocka_unit_test(the_summary_names_every_call),
		cmocka_unit_test(a_refusal_says_who_what_and_what_next),
		cmocka_unit_test(hostile_names_stay_text),
		cmocka_unit_test(the_first_reason_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
