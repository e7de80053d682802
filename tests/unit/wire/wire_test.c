/* wire_test.c - every message of the table: limits, leftovers, wrong sides; channels under pressure. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "wire/chan.h"
#include "wire/snapshot.h"

static void
quiet(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* For every message: an empty struct survives the trip, one byte more or less does not. */
static void
every_message_takes_exactly_its_own_bytes(void **state)
{
	(void)state;
#define MSG(NAME, name, nr, from, to, fds) do {				\
		struct msg_##name in, out;				\
		struct buf *b = buf_new(MESSAGE_MAX), *cut;		\
		size_t n;						\
									\
		memset(&in, 0, sizeof(in));				\
		assert_int_equal(msg_##name##_put(b, &in), 0);		\
		n = buf_len(b);						\
		cut = buf_new(MESSAGE_MAX);				\
		if (n > 0) {						\
			assert_int_equal(buf_put(cut, buf_data(b), n - 1), 0); \
			assert_int_equal(msg_##name##_get(cut, &out), ERR_FORMAT); \
		}							\
		buf_reset(cut);						\
		assert_int_equal(buf_put(cut, buf_data(b), n), 0);	\
		assert_int_equal(buf_put_u8(cut, 0), 0);		\
		assert_int_equal(msg_##name##_get(cut, &out), ERR_FORMAT); \
		assert_int_equal(msg_##name##_get(b, &out), 0);		\
		msg_##name##_free(&out);				\
		buf_free(cut);						\
		buf_free(b);						\
	} while (0);
#include "wire/msg.def"
#undef MSG
}

static void
fields_longer_than_their_bound_are_refused_on_both_sides(void **state)
{
	struct msg_auth_start in = { 0 }, out;
	struct buf *b = buf_new(1000);
	char user[USER_MAX + 2];

	(void)state;
	memset(user, 'a', sizeof(user));
	user[USER_MAX + 1] = '\0';
	in.user = user;
	assert_int_equal(msg_auth_start_put(b, &in), ERR_LIMIT);
	buf_reset(b);
	assert_int_equal(buf_put_str(b, user), 0);
	assert_int_equal(msg_auth_start_get(b, &out), ERR_LIMIT);
	buf_reset(b);
	user[USER_MAX] = '\0';
	assert_int_equal(buf_put_str(b, user), 0);
	assert_int_equal(msg_auth_start_get(b, &out), 0);
	assert_string_equal(out.user, user);
	msg_auth_start_free(&out);
	buf_free(b);
}

static void
a_vector_that_claims_more_than_there_is_costs_nothing(void **state)
{
	struct msg_auth_answers out;
	struct buf *b = buf_new(1000);

	(void)state;
	assert_int_equal(buf_put_u32(b, 0xffffffff), 0);
	assert_int_equal(msg_auth_answers_get(b, &out), ERR_LIMIT);
	buf_reset(b);
	assert_int_equal(buf_put_u32(b, 8000), 0);
	assert_int_equal(buf_put_u32(b, 0), 0);
	assert_int_equal(msg_auth_answers_get(b, &out), ERR_FORMAT);
	buf_free(b);
}

static void
numbers_are_unique_and_rows_make_sense(void **state)
{
	unsigned int nr, found = 0;
	const struct msg_row *row;

	(void)state;
	for (nr = 0; nr <= 0xffff; nr++) {
		if ((row = msg_row(nr)) == NULL)
			continue;
		found++;
		assert_int_equal((unsigned int)row->type, nr);
		assert_true(row->from != 0 && row->to != 0);
		assert_true(row->fds <= FDS_MAX);
	}
#define MSG(NAME, name, nr_, from, to, fds) found--;
#include "wire/msg.def"
#undef MSG
	assert_int_equal(found, 0);
}

static void
a_peer_may_only_say_what_its_row_allows(void **state)
{
	struct chan *mon, *net;
	struct msg m;
	struct buf *frame = buf_new(100);
	int fds[2];

	(void)state;
	log_set_sink(quiet, NULL);
	assert_int_equal(chan_pair(fds), 0);
	mon = chan_new(fds[0], PEER_M, PEER_N);
	/* the test itself is the hijacked net */
	net = chan_new(fds[1], PEER_N, PEER_M);
	assert_int_equal(chan_put_auth_result(net, 0, NULL, NULL, 0),
	    ERR_INTERNAL);
	assert_int_equal(chan_put_auth_abort(net, 9, NULL, NULL, 0), 0);
	assert_int_equal(chan_recv(mon, &m), 0);
	assert_int_equal(m.type, MSG_AUTH_ABORT);
	assert_int_equal(m.id, 9);
	msg_done(&m);
	assert_int_equal(chan_recv(mon, &m), 1);

	/* raw frames: wrong direction, unknown number, wrong length, rubbish */
	assert_int_equal(msg_frame_put(frame, MSG_ORDER, 1, 0, "", 0), 0);
	send(chan_fd(net), buf_data(frame), buf_len(frame), 0);
	assert_int_equal(chan_recv(mon, &m), ERR_DENIED);
	buf_reset(frame);
	assert_int_equal(msg_frame_put(frame, (enum msg_type)999, 1, 0, "", 0), 0);
	send(chan_fd(net), buf_data(frame), buf_len(frame), 0);
	assert_int_equal(chan_recv(mon, &m), ERR_DENIED);
	buf_reset(frame);
	assert_int_equal(msg_frame_put(frame, MSG_AUTH_ABORT, 1, 0, "", 0), 0);
	assert_int_equal(buf_put_u8(frame, 1), 0);
	send(chan_fd(net), buf_data(frame), buf_len(frame), 0);
	assert_int_equal(chan_recv(mon, &m), ERR_FORMAT);
	send(chan_fd(net), "abc", 3, 0);
	assert_int_equal(chan_recv(mon, &m), ERR_FORMAT);
	chan_free(net);
	assert_int_equal(chan_recv(mon, &m), ERR_CLOSED);
	chan_free(mon);
	buf_free(frame);
	log_set_sink(NULL, NULL);
}

/* Descriptors open in this process. */
static int
open_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
descriptors_nobody_asked_for_are_closed_and_counted(void **state)
{
	struct chan *d, *m_end;
	struct msg_conn conn = { .source = (char *)(uintptr_t)"127.0.0.1:5" };
	struct msg m;
	int fds[2], before, two[2] = { 0, 0 }, got;

	(void)state;
	log_set_sink(quiet, NULL);
	assert_int_equal(chan_pair(fds), 0);
	d = chan_new(fds[0], PEER_D, PEER_M);
	m_end = chan_new(fds[1], PEER_M, PEER_D);
	before = open_fds();
	assert_int_equal(chan_put_conn(d, 0, &conn, two, 2), ERR_INTERNAL);
	assert_int_equal(chan_put_conn(d, 0, &conn, two, 1), 0);
	assert_int_equal(chan_recv(m_end, &m), 0);
	got = msg_take_fd(&m, 0);
	assert_true(got > 2);
	assert_int_equal(fcntl(got, F_GETFD), FD_CLOEXEC);
	close(got);
	msg_done(&m);
	assert_int_equal(chan_put_conn(d, 0, &conn, two, 1), 0);
	assert_int_equal(chan_recv(m_end, &m), 0);
	msg_done(&m);
	assert_int_equal(open_fds(), before);
	chan_free(d);
	chan_free(m_end);
	log_set_sink(NULL, NULL);
}

static void
a_slow_reader_gets_everything_in_order_and_a_stuck_one_is_given_up(void **state)
{
	struct chan *n, *m_end;
	struct msg_chan_exec x = { .command = { calloc(1, 60000), 60000 } };
	struct msg m;
	int fds[2], r, sent = 0, got = 0;

	(void)state;
	assert_int_equal(chan_pair(fds), 0);
	n = chan_new(fds[0], PEER_N, PEER_M);
	m_end = chan_new(fds[1], PEER_M, PEER_N);
	while ((r = chan_put_chan_exec(n, (uint32_t)sent, &x, NULL, 0)) == 0)
		sent++;
	assert_int_equal(r, ERR_LIMIT);
	assert_true(sent > 60 && sent < 200);
	while (got < sent) {
		while ((r = chan_recv(m_end, &m)) == 0) {
			assert_int_equal(m.id, got);
			got++;
			msg_done(&m);
		}
		assert_int_equal(r, 1);
		assert_int_equal(chan_flush(n), 0);
	}
	assert_int_equal(chan_waiting(n), 0);
	mem_wipe(x.command.p, x.command.n);
	chan_free(n);
	chan_free(m_end);
}

/* The kernel tells of what the peer left unread before it gives out what the peer said. */
static void
last_words_arrive_though_the_peer_left_without_reading_ours(void **state)
{
	struct chan *net, *mon;
	struct msg m;
	int fds[2], is_sent;

	(void)state;
	for (is_sent = 0; is_sent < 2; is_sent++) {
		assert_int_equal(chan_pair(fds), 0);
		mon = chan_new(fds[0], PEER_M, PEER_N);
		net = chan_new(fds[1], PEER_N, PEER_M);
		assert_int_equal(chan_put_ping(mon, 0, NULL, NULL, 0), 0);
		assert_int_equal(chan_put_chan_closed(net, 7, NULL, NULL, 0),
		    0);
		chan_free(net);
		if (is_sent)
			assert_int_equal(chan_put_ping(mon, 0, NULL, NULL, 0),
			    ERR_CLOSED);
		assert_int_equal(chan_recv(mon, &m), 0);
		assert_int_equal(m.type, MSG_CHAN_CLOSED);
		assert_int_equal(m.id, 7);
		msg_done(&m);
		assert_int_equal(chan_recv(mon, &m), ERR_CLOSED);
		assert_int_equal(chan_recv(mon, &m), ERR_CLOSED);
		chan_free(mon);
	}
}

static void
a_snapshot_comes_back_whole_and_only_from_a_sealed_file(void **state)
{
	struct msg_snap_person person = { .name = (char *)(uintptr_t)"alice",
		.uid = 1001, .roles = PERSON_OPERATOR, .active = 1,
		.why = (char *)(uintptr_t)"" };
	struct snapshot s = { .people = &person, .npeople = 1 }, *back;
	struct buf *b = buf_new(SNAPSHOT_MAX);
	uint8_t *copy;
	size_t n, i, refused = 0;
	int fd;

	(void)state;
	log_set_sink(quiet, NULL);
	s.head.window_s = 28800;
	assert_int_equal(snapshot_put(b, &s), 0);
	fd = memfd_create("open", 0);
	assert_int_equal(fd_write_full(fd, buf_data(b), buf_len(b)), 0);
	assert_int_equal(snapshot_read(fd, 1, &back), ERR_DENIED);
	close(fd);
	fd = fd_sealed("snapshot", buf_data(b), buf_len(b), 0);
	assert_int_equal(snapshot_read(fd, 7, &back), 0);
	assert_true(back->serial == 7);
	assert_int_equal(back->head.window_s, 28800);
	assert_int_equal(snapshot_person(back, "alice")->uid, 1001);
	assert_null(snapshot_person(back, "bob"));
	snapshot_free(back);
	close(fd);
	/* cut anywhere: refused */
	n = buf_len(b);
	copy = malloc(n);
	memcpy(copy, buf_data(b), n);
	for (i = 0; i < n; i++)
		refused += snapshot_parse(copy, i, 1, &back) != 0;
	assert_int_equal(refused, n);
	free(copy);
	buf_free(b);
	log_set_sink(NULL, NULL);
}

static int handled;

static int
on_go(void *ctx, struct msg *m)
{
	(void)ctx;
	(void)m;
	handled++;
	return 0;
}

static void
a_message_outside_its_state_is_denied(void **state)
{
	static const struct msg_rule rules[] = {
		{ 1 << 2, MSG_GO, on_go },
	};
	struct msg m = { .type = MSG_GO };

	(void)state;
	log_set_sink(quiet, NULL);
	assert_int_equal(msg_dispatch(rules, 1, 1 << 1, NULL, &m), ERR_DENIED);
	assert_int_equal(msg_dispatch(rules, 1, 1 << 2, NULL, &m), 0);
	m.type = MSG_PREPARE;
	assert_int_equal(msg_dispatch(rules, 1, 1 << 2, NULL, &m), ERR_DENIED);
	assert_int_equal(handled, 1);
	log_set_sink(NULL, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_takes_exactly_its_own_bytes),
		cmocka_unit_test(fields_longer_than_their_bound_are_refused_on_both_sides),
		cmocka_unit_test(a_vector_that_claims_more_than_there_is_costs_nothing),
		cmocka_unit_test(numbers_are_unique_and_rows_make_sense),
		cmocka_unit_test(a_peer_may_only_say_what_its_row_allows),
		cmocka_unit_test(descriptors_nobody_asked_for_are_closed_and_counted),
		cmocka_unit_test(a_slow_reader_gets_everything_in_order_and_a_stuck_one_is_given_up),
		cmocka_unit_test(last_words_arrive_though_the_peer_left_without_reading_ours),
		cmocka_unit_test(a_snapshot_comes_back_whole_and_only_from_a_sealed_file),
		cmocka_unit_test(a_message_outside_its_state_is_denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
