/* report_test.c - reports between the launcher and its children, when one of them ends just then. */
#include "tests/unit/test.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "launch/report.h"

static int lines;

static void
count_lines(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
	lines++;
}

/* A signal that comes to an init that is ending must not cost the job its status. */
static void
the_status_arrives_though_the_init_left_a_signal_unread(void **state)
{
	struct report r;
	int s[2], fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	assert_int_equal(report_send(s[1], REPORT_SIGNAL, 2, NULL, -1), 0);
	assert_int_equal(report_send(s[0], REPORT_ENDED, 0x700, NULL, -1), 0);
	close(s[0]);
	assert_int_equal(report_recv(s[1], &r, &fd, 0), 0);
	assert_int_equal(r.kind, REPORT_ENDED);
	assert_int_equal(r.value, 0x700);
	assert_int_equal(report_recv(s[1], &r, &fd, 0), ERR_CLOSED);
	close(s[1]);
}

static void
whoever_ended_just_now_is_no_fault(void **state)
{
	int s[2];

	(void)state;
	lines = 0;
	log_set_sink(count_lines, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	close(s[0]);
	assert_int_equal(report_send(s[1], REPORT_TERM, 0, NULL, -1),
	    ERR_CLOSED);
	assert_int_equal(lines, 0);
	log_set_sink(NULL, NULL);
	close(s[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_status_arrives_though_the_init_left_a_signal_unread),
		cmocka_unit_test(whoever_ended_just_now_is_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
