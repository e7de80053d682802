/* seals_test.c - nothing runs unsealed: seal channels, keys that are away, a disk that fills. */
#include "tests/unit/monitor/bed.h"

static const char no_keys[] = "sekisho: refused [UNAVAILABLE] the keys cannot "
    "be reached, nothing new starts\nnext: run R12\n";

/* JOB_KILL with the usual grace comes, the job ends, and all of it is told as "how". */
static void
ended(struct bed *b, enum job_end how)
{
	struct msg_job_kill k;
	struct msg msg;

	bed_expect(b, b->exec, MSG_JOB_KILL, &msg);
	assert_int_equal(msg_job_kill_get(msg.body, &k), 0);
	assert_int_equal(k.grace_ms, 10000);
	msg_done(&msg);
	bed_job_exit(b, 0, "TERM");
	bed_rec_end(b, how);
	bed_job_ended(b, how, 1);
}

static void
disk(struct bed *b, enum disk_level level)
{
	struct msg_disk d = { .level = (uint8_t)level };

	assert_int_equal(chan_put_disk(b->ledger, 0, &d, NULL, 0), 0);
	bed_turn(b);
}

static int
is_there(const struct bed *b)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/" BED_DAY "/S345.skr", b->dir);
	return access(path, F_OK) == 0;
}

static void
the_seal_channel_is_bound_once_and_handed_on_clean(void **state)
{
	struct bed *b = *state;
	struct msg msg;
	char said = 0;
	int fd;

	bed_to(b, BED_ORDER, 0);
	bed_kit(b, 0);
	bed_expect(b, b->record, MSG_REC_OPEN, &msg);
	assert_int_equal(msg.nfds, 2);
	fd = msg_take_fd(&msg, 1);
	msg_done(&msg);
	bed_seal_bind(b, b->keyd);
	bed_silent(b, b->keyd);
	/* the recorder's, and nobody else's: what keyd says is there, and its close is the end */
	assert_int_equal(write(chan_fd(b->keyd), "x", 1), 1);
	assert_int_equal(read(fd, &said, 1), 1);
	assert_int_equal(said, 'x');
	close(fd);
	bed_ended(b, b->keyd);
}

static void
a_header_without_its_digest_starts_nothing(void **state)
{
	struct msg_rec_opened o = { .header_digest = { bed_header, 31 } };
	struct bed *b = *state;

	bed_to(b, BED_PREPARE, 0);
	bed_prepared(b, bed_digest);
	assert_int_equal(chan_put_rec_opened(b->record, 0, &o, NULL, 0), 0);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [RECORD] the recording failed\n"
	    "next: run R12\n", 74);
	bed_silent(b, b->ledger);	/* no use was taken */
}

static void
a_header_is_opened_once(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_PREPARE, 0);
	bed_rec_opened(b);
	bed_rec_opened(b);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	(void)bed_take(b, b->net, MSG_CHAN_TEXT);
	bed_ended(b, b->record);
}

static void
a_launcher_is_prepared_once(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_PREPARE, 0);
	bed_prepared(b, bed_digest);
	bed_prepared(b, bed_digest);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	(void)bed_take(b, b->net, MSG_CHAN_TEXT);
	bed_ended(b, b->exec);
}

static void
new_keys_reach_the_recorder_of_a_running_job(void **state)
{
	struct bed *b = *state;
	struct chan *keyd;
	struct msg msg;
	int w[2];

	bed_to(b, BED_RUN, 0);
	assert_int_equal(chan_pair(w), 0);
	assert_non_null(keyd = chan_new(w[0], PEER_K, PEER_M));
	assert_int_equal(chan_put_seals(b->d, b->kit, NULL, &w[1], 1), 0);
	close(w[1]);
	bed_expect(b, b->record, MSG_REC_SEALS, &msg);
	assert_int_equal(msg.nfds, 1);
	bed_seal_bind(b, keyd);
	bed_silent(b, keyd);
	msg_done(&msg);
	bed_ended(b, keyd);
	assert_false(b->m->is_over);
	chan_free(keyd);
}

static void
new_keys_for_a_kit_that_is_gone_are_let_go(void **state)
{
	struct bed *b = *state;
	int w[2];

	bed_to(b, BED_RUN, 0);
	bed_job_exit(b, 0, "");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 1);
	bed_told(b, 0, NULL, 0);
	assert_int_equal(chan_pair(w), 0);
	assert_int_equal(chan_put_seals(b->d, b->kit, NULL, &w[1], 1), 0);
	bed_turn(b);
	assert_false(b->m->is_over);
	assert_int_equal(chan_put_seals(b->d, b->kit + 1000, NULL, &w[1], 1),
	    0);
	bed_turn(b);			/* never asked for */
	assert_true(b->m->is_over);
	close(w[0]);
	close(w[1]);
}

static void
without_keys_a_kit_cannot_be_had_and_costs_nothing(void **state)
{
	const struct msg_kit_failed no = { .why = KIT_NO_KEYS };
	struct bed *b = *state;

	bed_to(b, BED_ORDER, 0);
	b->kit = bed_take(b, b->d, MSG_NEED_KIT);
	assert_int_equal(chan_put_kit_failed(b->d, b->kit, &no, NULL, 0), 0);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, no_keys, 69);
}

static void
keys_that_die_before_the_binding_start_nothing(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_ORDER, 0);
	b->kit = bed_take(b, b->d, MSG_NEED_KIT);
	bed_processes(b, b->kit, 0);
	chan_free(b->keyd);
	b->keyd = NULL;
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, no_keys, 69);
}

static void
a_header_that_cannot_be_sealed_starts_nothing(void **state)
{
	const struct msg_rec_failed f = { .why = W("no seal"), .is_keys = 1 };
	struct bed *b = *state;

	bed_to(b, BED_PREPARE, 0);
	bed_prepared(b, bed_digest);
	assert_int_equal(chan_put_rec_failed(b->record, 0, &f, NULL, 0), 0);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, no_keys, 69);
	bed_ended(b, b->exec);
	assert_false(is_there(b));	/* no header, no recording */
}

static void
a_recording_with_a_header_stays_whatever_comes_next(void **state)
{
	struct bed *b = *state;
	struct msg msg;

	bed_to(b, BED_ORDER, 0);
	bed_kit(b, 0);
	bed_expect(b, b->record, MSG_REC_OPEN, &msg);
	assert_int_equal(write(msg.fds[0], "header", 6), 6);
	msg_done(&msg);
	chan_free(b->record);		/* before it could say so */
	b->record = NULL;
	bed_job_ended(b, JOB_NOT_RUN, 1);
	assert_true(is_there(b));
}

static void
a_session_that_is_not_sealed_any_more_is_ended(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	assert_int_equal(chan_put_rec_unsealed(b->record, 0, NULL, NULL, 0), 0);
	ended(b, JOB_LEDGER);
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the keys were away too "
	    "long\nnext: session show S345\n", 69);
}

static void
an_end_without_a_seal_is_no_success_but_a_recorded_one(void **state)
{
	struct bed *b = *state;

	b->is_unsealed = 1;
	bed_to(b, BED_RUN, 0);
	bed_job_exit(b, 0, "");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 1);	/* what END says, says the ledger too */
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the keys were away too "
	    "long, the end of the session is not sealed\n"
	    "next: session show S345\n", 69);
}

static void
on_a_nearly_full_disk_nothing_new_starts_and_what_runs_goes_on(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	disk(b, DISK_REFUSE);
	bed_silent(b, b->exec);
	bed_open(b, 1, 0);
	bed_exec(b, 1, "sed 's/a b/c d/'");
	bed_told(b, 1, "sekisho: refused [UNAVAILABLE] the gate's disk is nearly "
	    "full, nothing new starts\nnext: sed 's/a b/c d/'\n", 69);
	bed_open(b, 2, 0);
	bed_exec(b, 2, "run R12");
	(void)bed_take(b, b->net, MSG_CHAN_TEXT);
	(void)bed_take(b, b->net, MSG_CHAN_EXIT);
	bed_silent(b, b->ledger);	/* it is not even asked */
	bed_open(b, 3, 0);
	bed_exec(b, 3, "request list");	/* who wants to read may */
	(void)bed_take(b, b->ledger, MSG_BIND);
}

static void
after_room_was_made_commands_start_again(void **state)
{
	struct bed *b = *state;

	disk(b, DISK_REFUSE);
	disk(b, DISK_FINE);
	bed_to(b, BED_RUN, 0);
}

static void
on_a_full_disk_commands_are_ended_and_words_are_not(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_RUN, 0);
	bed_open(b, 1, 0);
	bed_exec(b, 1, "request list");
	(void)bed_take(b, b->ledger, MSG_BIND);
	disk(b, DISK_END);
	ended(b, JOB_RECORD);
	bed_told(b, 0, "sekisho: refused [RECORD] the gate's disk is full\n"
	    "next: session show S345\n", 74);
}

static void
a_disk_that_fills_before_go_runs_nothing(void **state)
{
	struct msg_consumed used = { .use = 1, .uses = 1, .at = 1 };
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	disk(b, DISK_END);
	assert_int_equal(chan_put_consumed(b->ledger, b->call, &used, NULL, 0),
	    0);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_ended(b, b->exec);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [RECORD] the gate's disk is full\n"
	    "next: run R12\n", 74);
}

static void
a_level_that_does_not_exist_ends_everything(void **state)
{
	struct bed *b = *state;

	disk(b, 5);
	assert_true(b->m->is_over);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, bed_setup, bed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_seal_channel_is_bound_once_and_handed_on_clean),
		T(a_header_without_its_digest_starts_nothing),
		T(a_header_is_opened_once),
		T(a_launcher_is_prepared_once),
		T(new_keys_reach_the_recorder_of_a_running_job),
		T(new_keys_for_a_kit_that_is_gone_are_let_go),
		T(without_keys_a_kit_cannot_be_had_and_costs_nothing),
		T(keys_that_die_before_the_binding_start_nothing),
		T(a_header_that_cannot_be_sealed_starts_nothing),
		T(a_recording_with_a_header_stays_whatever_comes_next),
		T(a_session_that_is_not_sealed_any_more_is_ended),
		T(an_end_without_a_seal_is_no_success_but_a_recorded_one),
		T(on_a_nearly_full_disk_nothing_new_starts_and_what_runs_goes_on),
		T(after_room_was_made_commands_start_again),
		T(on_a_full_disk_commands_are_ended_and_words_are_not),
		T(a_disk_that_fills_before_go_runs_nothing),
		T(a_level_that_does_not_exist_ends_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
