/* relay_test.c - one direction: nothing is lost, nothing blocks, a sink that is gone takes everything. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "recorder/relay.h"

/* A relay between two pipes; the test holds in[1] and out[0]. */
static void
connect_relay(struct relay *r, int in[2], int out[2])
{
	assert_int_equal(relay_init(r), 0);
	assert_int_equal(pipe2(in, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
	r->source = in[0];
	r->sink = out[1];
}

static void
bytes_pass_in_order_and_the_end_is_told_once(void **state)
{
	struct relay r;
	const uint8_t *p;
	char back[8];
	int in[2], out[2];
	size_t n;

	(void)state;
	connect_relay(&r, in, out);
	assert_int_equal(relay_read(&r, &p, &n), 1);
	assert_int_equal(write(in[1], "abc", 3), 3);
	assert_int_equal(relay_read(&r, &p, &n), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(p, "abc", 3);
	assert_int_equal(relay_waiting(&r), 0);	/* not yet recorded */
	relay_commit(&r, n);
	assert_int_equal(relay_put(&r, "de", 2), 0);
	relay_write(&r);
	assert_int_equal(read(out[0], back, sizeof(back)), 5);
	assert_memory_equal(back, "abcde", 5);
	close(in[1]);
	assert_int_equal(relay_read(&r, &p, &n), ERR_CLOSED);
	assert_int_equal(r.source, -1);
	assert_int_equal(relay_read(&r, &p, &n), 1);
	close(out[0]);
	relay_close(&r);
}

static void
what_the_sink_does_not_take_waits_within_its_bound(void **state)
{
	static uint8_t big[RELAY_READ], back[RELAY_SIZE];
	struct relay r;
	const uint8_t *p;
	int in[2], out[2];
	size_t n, total = 0, got = 0;
	ssize_t x;

	(void)state;
	connect_relay(&r, in, out);
	for (;;) {
		x = write(in[1], big, sizeof(big));
		if (relay_read(&r, &p, &n) != 0)
			break;
		assert_true(x > 0 && n <= RELAY_READ);
		relay_commit(&r, n);
		total += n;
		relay_write(&r);
	}
	assert_int_equal(relay_room(&r), 0);
	assert_int_equal(relay_put(&r, "x", 1), ERR_LIMIT);
	while (got < total) {
		x = read(out[0], back, sizeof(back));
		assert_true(x > 0);
		got += (size_t)x;
		relay_write(&r);
	}
	assert_int_equal(relay_waiting(&r), 0);
	close(in[1]);
	close(out[0]);
	relay_close(&r);
}

static void
a_sink_that_is_gone_drops_what_waits(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct relay r;
	const uint8_t *p;
	int in[2], out[2];
	size_t n;

	(void)state;
	sigaction(SIGPIPE, &ignore, NULL);
	connect_relay(&r, in, out);
	close(out[0]);
	assert_int_equal(relay_put(&r, "lost", 4), 0);
	relay_write(&r);
	assert_int_equal(r.sink, -1);
	assert_int_equal(relay_waiting(&r), 0);
	assert_int_equal(write(in[1], "more", 4), 4);
	assert_int_equal(relay_read(&r, &p, &n), 0);
	relay_commit(&r, n);
	assert_int_equal(relay_waiting(&r), 0);
	close(in[1]);
	relay_close(&r);
}

/* A socket that gives one packet a read, as a terminal gives 4 KiB. */
static void
what_comes_in_pieces_is_taken_together(void **state)
{
	static uint8_t piece[2 * RELAY_MORE];
	struct relay r;
	const uint8_t *p;
	int s[2], i;
	size_t n;

	(void)state;
	assert_int_equal(relay_init(&r), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, s), 0);
	r.source = s[0];
	for (i = 0; i < 3; i++) {
		memset(piece, 'a' + i, sizeof(piece));
		assert_int_equal(write(s[1], piece, sizeof(piece)),
		    sizeof(piece));
	}
	assert_int_equal(write(s[1], "key", 3), 3);
	assert_int_equal(write(s[1], "next", 4), 4);
	assert_int_equal(relay_read(&r, &p, &n), 0);
	assert_int_equal(n, 3 * sizeof(piece) + 3);	/* a small one is the last */
	for (i = 0; i < 3; i++)
		assert_int_equal(p[(size_t)i * sizeof(piece)], 'a' + i);
	assert_memory_equal(p + 3 * sizeof(piece), "key", 3);
	assert_int_equal(relay_read(&r, &p, &n), 0);
	assert_int_equal(n, 4);
	assert_memory_equal(p, "next", 4);
	assert_int_equal(write(s[1], piece, sizeof(piece)), sizeof(piece));
	close(s[1]);
	assert_int_equal(relay_read(&r, &p, &n), 0);	/* the end behind it waits */
	assert_int_equal(n, sizeof(piece));
	assert_int_equal(relay_read(&r, &p, &n), ERR_CLOSED);
	relay_close(&r);
}

static void
pieces_are_taken_together_within_a_bound(void **state)
{
	static uint8_t piece[2 * RELAY_MORE];
	struct relay r;
	const uint8_t *p;
	int s[2];
	size_t n, sent = 0, got = 0;

	(void)state;
	assert_int_equal(relay_init(&r), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, s), 0);
	r.source = s[0];
	while (sent < 2 * RELAY_ENOUGH &&
	    write(s[1], piece, sizeof(piece)) == (ssize_t)sizeof(piece))
		sent += sizeof(piece);
	assert_true(sent > RELAY_ENOUGH + sizeof(piece));
	while (relay_read(&r, &p, &n) == 0) {
		assert_true(n < RELAY_ENOUGH + sizeof(piece));
		got += n;
	}
	assert_int_equal(got, sent);
	close(s[1]);
	relay_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_pass_in_order_and_the_end_is_told_once),
		cmocka_unit_test(what_the_sink_does_not_take_waits_within_its_bound),
		cmocka_unit_test(what_comes_in_pieces_is_taken_together),
		cmocka_unit_test(pieces_are_taken_together_within_a_bound),
		cmocka_unit_test(a_sink_that_is_gone_drops_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
