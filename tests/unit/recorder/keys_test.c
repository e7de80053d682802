/* keys_test.c - sekisho-keyd is late, silent, gone, another, or says what it may not: what is recorded goes on. */
#include "rig.h"

#include "base/err.h"

/* A recorder that was asked to open; the test is its keyd. */
static void
start(struct rig *g, struct chan **k, uint32_t grace_s)
{
	int fd;

	rig_spawn(g);
	g->grace_s = grace_s;
	rig_ready(g);
	fd = rig_seal_channel(k);
	rig_open_asked(g, 0, fd);
}

static void
asked(struct chan *k, unsigned int kind, struct question *q)
{
	assert_int_equal(rig_asked(k, RIG_WAIT_MS, q), 0);
	assert_int_equal(q->kind, kind);
}

static void
heard(struct rig *g, enum msg_type type)
{
	struct msg m;

	rig_expect(g, type, &m);
	msg_done(&m);
}

/* The header is sealed and the command's pipes are there. */
static void
start_open(struct rig *g, struct chan **k, uint32_t grace_s)
{
	struct question q;

	start(g, k, grace_s);
	rig_bound(*k, 0);
	asked(*k, SEAL_HEAD, &q);
	assert_int_equal(q.epoch, SEALS_EPOCH);
	rig_answer(*k, &q);
	heard(g, MSG_REC_OPENED);
	rig_pipes(g, 1);
}

/* Bytes pass: whatever keyd does. */
static void
flows(struct rig *g, const char *text)
{
	assert_int_equal(write(g->job_out, text, strlen(text)),
	    (ssize_t)strlen(text));
	rig_expect_text(g->io, text);
	assert_int_equal(write(g->io, text, strlen(text)),
	    (ssize_t)strlen(text));
	rig_expect_text(g->job_in, text);
}

static void
send_end(struct rig *g)
{
	fd_close(&g->job_in);
	fd_close(&g->job_out);
	fd_close(&g->job_err);
	rig_send_end(g, JOB_RAN, 1000);
}

static void
ended(struct rig *g, int is_sealed)
{
	struct msg_rec_ended e;
	struct taken t;

	rig_ended(g, &e);
	assert_int_equal(e.is_sealed, is_sealed);
	rig_take(g, "", &t);
	assert_int_equal(t.result.state, READER_COMPLETE);
	assert_int_equal(t.result.end.is_sealed, is_sealed);
	assert_int_equal((uint64_t)t.seals, t.result.seals);
	assert_memory_equal(t.result.chain, e.chain.p, SKR_DIGEST);
	msg_rec_ended_free(&e);
	free(t.p);
}

/* REC_SEALS with a new channel to the test. */
static void
another(struct rig *g, struct chan **k)
{
	int fd;

	chan_free(*k);
	fd = rig_seal_channel(k);
	assert_int_equal(chan_put_rec_seals(g->monitor, 0, NULL, &fd, 1), 0);
	close(fd);
	rig_bound(*k, 0);
}

static void
stop(struct rig *g, struct chan *k)
{
	chan_free(k);
	rig_stop(g);
}

static void
failed_for_want_of_keys(struct rig *g)
{
	struct msg_rec_failed f;
	struct stat st;
	struct msg m;

	rig_expect(g, MSG_REC_FAILED, &m);
	assert_int_equal(msg_rec_failed_get(m.body, &f), 0);
	assert_int_equal(f.is_keys, 1);
	msg_rec_failed_free(&f);
	msg_done(&m);
	assert_int_equal(rig_wait(g), 69);
	assert_int_equal(stat(g->path, &st), 0);
	assert_int_equal(st.st_size, 0);
}

static void
without_a_sealed_header_nothing_starts(void **state)
{
	struct question q;
	struct chan *k;
	struct rig g;
	int i;

	(void)state;
	start(&g, &k, 30);		/* gone before it says anything */
	chan_free(k);
	failed_for_want_of_keys(&g);
	stop(&g, NULL);

	start(&g, &k, 30);		/* gone instead of an answer */
	rig_bound(k, 0);
	asked(k, SEAL_HEAD, &q);
	chan_free(k);
	failed_for_want_of_keys(&g);
	stop(&g, NULL);

	start(&g, &k, 1);		/* silent */
	rig_bound(k, 0);
	failed_for_want_of_keys(&g);
	stop(&g, k);

	start(&g, &k, 30);		/* never content */
	for (i = 0; i < 5; i++) {
		rig_bound(k, (uint32_t)i);
		asked(k, SEAL_HEAD, &q);
		assert_int_equal(q.epoch, SEALS_EPOCH + i);
	}
	rig_bound(k, 9);
	failed_for_want_of_keys(&g);
	stop(&g, k);
}

static void
a_header_is_made_anew_for_another_epoch(void **state)
{
	struct question first, q;
	struct reader *r;
	struct chan *k;
	struct rig g;
	int fd;

	(void)state;
	start(&g, &k, 30);
	rig_bound(k, 0);
	asked(k, SEAL_HEAD, &first);
	rig_bound(k, 1);
	asked(k, SEAL_HEAD, &q);
	assert_int_equal(q.epoch, SEALS_EPOCH + 1);
	assert_memory_not_equal(q.digest, first.digest, SKR_DIGEST);
	rig_answer(k, &q);
	heard(&g, MSG_REC_OPENED);
	fd = open(g.path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(reader_open(fd, &r), 0);
	assert_int_equal(reader_head(r)->epoch, SEALS_EPOCH + 1);
	reader_free(r);
	close(fd);
	stop(&g, k);
}

static void
bytes_do_not_wait_for_a_late_seal(void **state)
{
	struct question q;
	struct chan *k;
	struct rig g;
	int i;

	(void)state;
	start_open(&g, &k, 30);
	flows(&g, "one");
	asked(k, SEAL_CKPT, &q);
	assert_int_equal(q.epoch, 0);
	for (i = 0; i < 50; i++)
		flows(&g, "more");
	rig_answer(k, &q);
	asked(k, SEAL_CKPT, &q);	/* what came meanwhile */
	rig_answer(k, &q);
	send_end(&g);
	asked(k, SEAL_END, &q);
	rig_answer(k, &q);
	ended(&g, 1);
	stop(&g, k);
}

static void
a_silent_keyd_is_told_once_and_the_next_one_is_asked_again(void **state)
{
	struct question q, again;
	struct chan *k;
	struct msg m;
	struct rig g;

	(void)state;
	start_open(&g, &k, 1);
	flows(&g, "one");
	asked(k, SEAL_CKPT, &q);
	heard(&g, MSG_REC_UNSEALED);
	flows(&g, "two");
	another(&g, &k);
	asked(k, SEAL_CKPT, &again);
	assert_memory_equal(again.digest, q.digest, SKR_DIGEST);
	/* longer than the grace once more: not told again */
	assert_int_equal(chan_wait(g.monitor, &m, 1500), ERR_TIMEOUT);
	rig_answer(k, &again);
	send_end(&g);
	while (rig_asked(k, RIG_WAIT_MS, &q) == 0) {
		rig_answer(k, &q);
		if (q.kind == SEAL_END)
			break;
	}
	ended(&g, 1);
	stop(&g, k);
}

static void
an_idle_session_without_a_channel_is_told_too(void **state)
{
	struct chan *k;
	struct rig g;

	(void)state;
	start_open(&g, &k, 1);
	chan_free(k);
	heard(&g, MSG_REC_UNSEALED);
	flows(&g, "still");
	stop(&g, NULL);
}

static void
the_end_waits_for_its_seal_as_long_as_the_grace(void **state)
{
	struct question q;
	struct chan *k;
	struct rig g;

	(void)state;
	start_open(&g, &k, 1);
	flows(&g, "one");
	send_end(&g);
	asked(k, SEAL_END, &q);		/* and no answer */
	ended(&g, 0);
	rig_hang_up(&g);
	assert_int_equal(rig_wait(&g), 0);
	stop(&g, k);

	start_open(&g, &k, 30);		/* asked of the next one */
	send_end(&g);
	asked(k, SEAL_END, &q);
	another(&g, &k);
	asked(k, SEAL_END, &q);
	rig_answer(k, &q);
	ended(&g, 1);
	stop(&g, k);
}

static void
an_answer_that_the_end_overtook_is_let_pass(void **state)
{
	struct question ckpt, end;
	struct chan *k;
	struct rig g;

	(void)state;
	start_open(&g, &k, 30);
	flows(&g, "one");
	asked(k, SEAL_CKPT, &ckpt);
	send_end(&g);
	rig_answer(k, &ckpt);
	asked(k, SEAL_END, &end);
	rig_answer(k, &end);
	ended(&g, 1);
	stop(&g, k);
}

static void
alone_the_end_is_sealed_or_does_not_wait(void **state)
{
	struct question q;
	struct taken t;
	struct chan *k;
	struct rig g;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		start_open(&g, &k, 30);
		rig_hang_up(&g);
		asked(k, SEAL_END, &q);
		if (i == 0)
			rig_answer(k, &q);
		else {
			chan_free(k);
			k = NULL;
		}
		assert_int_equal(rig_wait(&g), 0);
		rig_take(&g, "", &t);
		assert_int_equal(t.result.state, READER_COMPLETE);
		assert_int_equal(t.result.end.how, JOB_LOST);
		assert_int_equal(t.result.end.is_sealed, i == 0);
		free(t.p);
		stop(&g, k);
	}
}

/* What keyd may not say while a checkpoint is asked for, or while nothing is. */
enum lie {
	LIE_UNASKED, LIE_OTHER_ID, LIE_SHORT, LIE_BACK, LIE_EPOCH, LIE_BOUND,
	LIE_REFUSED, LIE_TWICE, LIES
};

static void
lie(struct chan *k, enum lie what)
{
	uint8_t signature[64] = { 1 };
	struct msg_sealed a = { .epoch = SEALS_EPOCH, .at = SEALS_START +
		clock_mono_ns(), .signature = { signature, 64 } };
	struct msg_refused no = { .code = (char *)(uintptr_t)"DENIED",
		.reason = (char *)(uintptr_t)"no",
		.next = (char *)(uintptr_t)"" };
	struct question q = { .id = 99 };

	if (what != LIE_UNASKED)
		asked(k, SEAL_CKPT, &q);
	if (what == LIE_OTHER_ID)
		q.id++;
	if (what == LIE_SHORT)
		a.signature.n = 10;
	if (what == LIE_BACK)
		a.at = SEALS_START;
	if (what == LIE_EPOCH)
		a.epoch = SEALS_EPOCH - 1;
	if (what == LIE_BOUND)
		rig_bound(k, 0);
	else if (what == LIE_REFUSED)
		assert_int_equal(chan_put_refused(k, q.id, &no, NULL, 0), 0);
	else {
		assert_int_equal(chan_put_sealed(k, q.id, &a, NULL, 0), 0);
		if (what == LIE_TWICE)
			(void)chan_put_sealed(k, q.id, &a, NULL, 0);
	}
}

static void
a_keyd_that_breaks_the_rules_is_heard_no_more_and_bytes_go_on(void **state)
{
	struct chan *k, *next;
	struct question q;
	struct rig g;
	int i;

	(void)state;
	for (i = 0; i < LIES; i++) {
		start_open(&g, &k, 30);
		if (i != LIE_UNASKED)
			flows(&g, "one");
		lie(k, (enum lie)i);
		assert_int_equal(rig_asked(k, RIG_WAIT_MS, &q), ERR_CLOSED);
		flows(&g, "two");
		next = k;
		another(&g, &next);
		send_end(&g);
		do {
			assert_int_equal(rig_asked(next, RIG_WAIT_MS, &q), 0);
			rig_answer(next, &q);
		} while (q.kind != SEAL_END);
		if (i != LIE_TWICE)	/* that one stands in the file, unsigned */
			ended(&g, 1);
		stop(&g, next);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_sealed_header_nothing_starts),
		cmocka_unit_test(a_header_is_made_anew_for_another_epoch),
		cmocka_unit_test(bytes_do_not_wait_for_a_late_seal),
		cmocka_unit_test(a_silent_keyd_is_told_once_and_the_next_one_is_asked_again),
		cmocka_unit_test(an_idle_session_without_a_channel_is_told_too),
		cmocka_unit_test(the_end_waits_for_its_seal_as_long_as_the_grace),
		cmocka_unit_test(an_answer_that_the_end_overtook_is_let_pass),
		cmocka_unit_test(alone_the_end_is_sealed_or_does_not_wait),
		cmocka_unit_test(a_keyd_that_breaks_the_rules_is_heard_no_more_and_bytes_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
