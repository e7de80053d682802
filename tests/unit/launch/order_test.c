/* order_test.c - the command's side of an order that does not come whole. */
#include "tests/unit/test.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "launch/order.h"
#include "launch/report.h"

/* Two descriptors are announced, "n" come. */
static int
take(size_t n)
{
	struct report r = { .kind = REPORT_ORDER,
		.value = 1 << ORDER_STDIN | 1 << ORDER_SCRIPT };
	struct job j;
	int s[2], fds[3], e;

	memset(&j, 0, sizeof(j));
	exe_init(&j.exe);
	stdio_init(&j.io);
	assert_non_null(j.slate = order_slate());
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	fds[0] = fds[1] = fds[2] = s[0];
	assert_int_equal(report_send_whole(s[0], &r, fds, n), 0);
	e = order_take(&j, s[1]);
	close(s[0]);
	close(s[1]);
	return e;
}

static void
an_order_whose_script_got_lost_is_none(void **state)
{
	(void)state;
	assert_int_equal(take(0), ERR_STATE);
	assert_int_equal(take(1), ERR_STATE);
	assert_int_equal(take(3), ERR_STATE);
	/* all are there: it goes on to the slate, which is empty */
	assert_int_equal(take(2), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_whose_script_got_lost_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
