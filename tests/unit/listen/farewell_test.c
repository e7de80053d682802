/* farewell_test.c - what is said to whom the gate does not serve, and that they cannot stay. */
#include "../test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listen/farewell.h"

static struct farewells f;

static int
clean(void **state)
{
	(void)state;
	farewell_close_all(&f);
	return 0;
}

static uint32_t
u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* RFC 4253: the version line, then one packet, padded, that is DISCONNECT with a reason, a text and no language. */
static void
every_farewell_is_a_version_and_one_whole_packet(void **state)
{
	static const char version[] = "SSH-2.0-Sekisho\r\n";
	static const uint8_t reasons[FAREWELL_KINDS] = { 1, 12, 12, 7 };
	uint8_t bytes[FAREWELL_BYTES + 1], *p;
	size_t n, packet, text, i;
	int why;

	(void)state;
	for (why = 0; why < FAREWELL_KINDS; why++) {
		memset(bytes, 0xee, sizeof(bytes));
		n = farewell_bytes((enum farewell)why, bytes);
		assert_true(n <= FAREWELL_BYTES);
		assert_int_equal(bytes[n], 0xee);
		assert_memory_equal(bytes, version, strlen(version));
		p = bytes + strlen(version);
		packet = u32(p);
		assert_int_equal(strlen(version) + 4 + packet, n);
		assert_int_equal((4 + packet) % 8, 0);
		assert_true(p[4] >= 4 && p[4] < 16);
		assert_int_equal(p[5], 1);
		assert_int_equal(u32(p + 6), reasons[why]);
		text = u32(p + 10);
		assert_int_equal(1 + 1 + 4 + 4 + text + 4 + p[4], packet);
		assert_memory_equal(p + 14, "sekisho: ", 9);
		for (i = 0; i < text; i++)
			assert_in_range(p[14 + i], ' ', '~');
		assert_int_equal(u32(p + 14 + text), 0);
	}
}

/* The client's end of a connection that was told "why" at "now". */
static int
tell(enum farewell why, int64_t now)
{
	int w[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    w), 0);
	farewell_say(&f, w[0], why, now);
	return w[1];
}

/* 1: it was told, 0: and it is over; -1: it was not told yet. */
static int
heard(int fd)
{
	uint8_t bytes[FAREWELL_BYTES];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	return n > 0 ? 1 : n == 0 ? 0 : -1;
}

static void
turn(void)
{
	struct pollfd set[FAREWELLS_MAX];
	size_t n = f.n;

	farewell_watch(&f, set);
	assert_true(poll(set, n, 0) >= 0);
	farewell_serve(&f, set, n);
}

static void
a_client_is_told_kept_and_let_go_when_it_goes(void **state)
{
	int fd = tell(FAREWELL_BUSY, 0), other = tell(FAREWELL_BUSY, 0);

	(void)state;
	assert_int_equal(heard(fd), 1);
	assert_int_equal(heard(fd), -1);
	/* what it says is not looked at, and wakes nobody */
	assert_int_equal(write(fd, "SSH-2.0-x\r\n", 11), 11);
	turn();
	assert_int_equal(f.n, 2);
	assert_int_equal(heard(fd), -1);
	close(fd);
	turn();
	assert_int_equal(f.n, 1);
	assert_int_equal(heard(other), 1);
	close(other);
}

static void
who_does_not_go_is_closed_when_the_time_is_over(void **state)
{
	int one = tell(FAREWELL_PENALTY, 1000);
	int two = tell(FAREWELL_PENALTY, 1500);

	(void)state;
	assert_int_equal(heard(one) + heard(two), 2);
	assert_int_equal(farewell_timer(&f, 1000 + FAREWELL_MS - 1),
	    1000 + FAREWELL_MS);
	assert_int_equal(heard(one), -1);
	assert_int_equal(farewell_timer(&f, 1000 + FAREWELL_MS),
	    1500 + FAREWELL_MS);
	assert_int_equal(heard(one), 0);
	assert_int_equal(heard(two), -1);
	assert_int_equal(farewell_timer(&f, 1500 + FAREWELL_MS), INT64_MAX);
	assert_int_equal(heard(two), 0);
	close(one);
	close(two);
}

static void
a_flood_holds_no_more_than_its_places(void **state)
{
	int fds[3 * FAREWELLS_MAX], i, n = 3 * FAREWELLS_MAX;

	(void)state;
	for (i = 0; i < n; i++) {
		fds[i] = tell(FAREWELL_SOURCE_FULL, i);
		assert_true(f.n <= FAREWELLS_MAX);
	}
	/* all were told; the oldest are closed, the newest are kept */
	for (i = 0; i < n; i++) {
		assert_int_equal(heard(fds[i]), 1);
		assert_int_equal(heard(fds[i]), i < n - FAREWELLS_MAX ? 0 : -1);
	}
	/* and those who go in any order leave the others in theirs */
	for (i = n - FAREWELLS_MAX; i < n; i += 2)
		close(fds[i]);
	turn();
	assert_int_equal(f.n, FAREWELLS_MAX / 2);
	assert_int_equal(farewell_timer(&f, 0),
	    n - FAREWELLS_MAX + 1 + FAREWELL_MS);
	for (i = 0; i < n; i++)
		if (i < n - FAREWELLS_MAX || i % 2 != 0)
			close(fds[i]);
}

static void
who_has_gone_before_takes_no_place(void **state)
{
	int w[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, w), 0);
	close(w[1]);
	farewell_say(&f, w[0], FAREWELL_STOPPING, 0);
	assert_int_equal(f.n, 0);
	assert_int_equal(close(w[0]), -1);	/* it was ours to close */
	assert_int_equal(errno, EBADF);
}

#define T(name)	cmocka_unit_test_teardown(name, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_farewell_is_a_version_and_one_whole_packet),
		T(a_client_is_told_kept_and_let_go_when_it_goes),
		T(who_does_not_go_is_closed_when_the_time_is_over),
		T(a_flood_holds_no_more_than_its_places),
		T(who_has_gone_before_takes_no_place),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);	/* as the gate does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
