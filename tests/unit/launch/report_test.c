/* report_test.c - reports between the launcher and its children, when one of them ends just then. */
#include "tests/unit/test.h"

#include <string.h>
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

/*
 * The room for five descriptors is rounded up by the kernel, to six: whoever
 * sends so many gets none of them into us, and nothing behind the room is written.
 */
static void
more_descriptors_than_there_is_room_for_are_an_error(void **state)
{
	struct {
		int	fds[REPORT_FDS];
		int	behind;
	} got = { .behind = 4711 };
	union {
		struct cmsghdr	 head;
		char		 room[CMSG_SPACE((REPORT_FDS + 1) *
		    sizeof(int))];
	} control = { 0 };
	struct report r = { .kind = REPORT_ORDER };
	struct iovec iov = { &r, sizeof(r) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	struct cmsghdr *cm = CMSG_FIRSTHDR(&mh);
	int s[2], fds[REPORT_FDS + 1], i, before, after;
	size_t n;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	for (i = 0; i < REPORT_FDS + 1; i++)
		fds[i] = s[0];
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cm), fds, sizeof(fds));
	assert_int_equal(sendmsg(s[0], &mh, 0), (ssize_t)sizeof(r));
	before = dup(s[0]);
	assert_int_equal(report_recv_all(s[1], &r, got.fds, &n, 0),
	    ERR_LIMIT);
	assert_int_equal(n, 0);
	assert_int_equal(got.behind, 4711);
	after = dup(s[0]);			/* none of them stayed open */
	assert_int_equal(after, before + 1);
	close(before);
	close(after);
	close(s[0]);
	close(s[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_status_arrives_though_the_init_left_a_signal_unread),
		cmocka_unit_test(whoever_ended_just_now_is_no_fault),
		cmocka_unit_test(more_descriptors_than_there_is_room_for_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
