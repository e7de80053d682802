/* command_test.c - one command from LOOKUP to its status, and every point where it can fail before that. */

#include "tests/unit/monitor/bed.h"

#include <time.h>

#include "monitor/recording.h"

static void
the_happy_path_keeps_its_order(void **state)
{
	struct msg_consumed used = { .use = 1, .uses = 1, .at = 1 };
	struct bed *b = *state;
	struct msg_consume c;
	struct msg msg;

	bed_to(b, BED_PREPARE, 0);
	bed_silent(b, b->ledger);
	bed_prepared(b, bed_digest);
	bed_silent(b, b->ledger);	/* no CONSUME before the header is on disk */
	bed_rec_opened(b);
	bed_expect(b, b->ledger, MSG_CONSUME, &msg);
	assert_int_equal(msg_consume_get(msg.body, &c), 0);
	assert_int_equal(c.session, SESSION);
	assert_memory_equal(c.order_digest.p, b->sent_order, DIGEST_LEN);
	assert_memory_equal(c.exe_digest.p, bed_digest, DIGEST_LEN);
	assert_string_equal(c.features, "landlock=2");
	assert_int_equal(c.header_digest.n, DIGEST_LEN);
	assert_memory_equal(c.header_digest.p, bed_header, DIGEST_LEN);
	msg_consume_free(&c);
	bed_silent(b, b->exec);		/* no GO before CONSUMED */
	(void)bed_take(b, b->net, MSG_CHAN_NO_INPUT);	/* early: a short command is over when streams come */
	bed_silent(b, b->net);
	assert_int_equal(chan_put_consumed(b->ledger, msg.id, &used, NULL, 0), 0);
	msg_done(&msg);
	(void)bed_take(b, b->exec, MSG_GO);
	(void)bed_take(b, b->net, MSG_CHAN_STREAMS);
	bed_silent(b, b->record);	/* without a terminal nothing is added */
	assert_int_equal(chan_put_gone(b->exec, 0, NULL, NULL, 0), 0);
	(void)bed_take(b, b->ledger, MSG_JOB_STARTED);
	bed_job_exit(b, 3, "");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 1);
	bed_told(b, 0, NULL, 3);
	bed_ended(b, b->record);
	bed_ended(b, b->exec);
	assert_int_equal(b->m->ntasks, 1);
	assert_int_equal(chan_put_chan_closed(b->net, 0, NULL, NULL, 0), 0);
	bed_turn(b);
	assert_int_equal(b->m->ntasks, 0);
	assert_false(b->m->is_over);
}

static void
prepare_carries_numbers_plan_and_environment_of_our_own_snapshot(void **state)
{
	struct bed *b = *state;
	struct msg_prepare p;
	struct msg msg;

	bed_to(b, BED_ORDER, 0);
	bed_kit(b, 0);
	bed_expect(b, b->exec, MSG_PREPARE, &msg);
	assert_int_equal(msg_prepare_get(msg.body, &p), 0);
	assert_int_equal(p.uid, 33);
	assert_int_equal(p.gid, 33);
	assert_string_equal(p.home, "/var/www");
	assert_true(p.plan.n > 0);
	assert_true(strv_equal(p.argv, bed_sed));
	assert_true(strv_has(p.hide, "/var/lib/sekisho"));
	assert_true(strv_has(p.env, "SEKISHO_SESSION=S345"));
	assert_true(strv_has(p.env, "USER=web"));
	assert_true(strv_has(p.env, "SHELL=/bin/sh"));
	assert_string_equal(p.more, "R12");
	msg_prepare_free(&p);
	msg_done(&msg);
}

static void
the_recording_is_new_append_only_and_in_the_day_of_utc(void **state)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct bed *b = *state;
	struct msg_rec_open o;
	struct msg msg;
	struct stat st;
	char path[80];
	int fd, day, other;

	bed_to(b, BED_ORDER, 1);
	bed_kit(b, 0);
	bed_expect(b, b->record, MSG_REC_OPEN, &msg);
	assert_int_equal(msg_rec_open_get(msg.body, &o), 0);
	assert_int_equal(o.pty, 1);
	fd = msg_take_fd(&msg, 0);
	assert_true((fcntl(fd, F_GETFL) & O_APPEND) != 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_WRONLY);
	assert_non_null(memmem(o.meta.p, o.meta.n, "\"session\":\"S345\"", 16));
	assert_non_null(memmem(o.meta.p, o.meta.n, "[\"sed\",\"s/a b/c d/\"]", 20));
	assert_non_null(memmem(o.meta.p, o.meta.n, "\"cols\":80", 9));
	msg_rec_open_free(&o);
	msg_done(&msg);
	snprintf(path, sizeof(path), "%s/" BED_DAY "/S345.skr", b->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0440);
	/* whoever looks after it waits until the last of its writers is gone */
	assert_true((other = open(path, O_RDWR | O_CLOEXEC)) >= 0);
	assert_int_equal(fcntl(other, F_OFD_SETLK, &lock), -1);
	close(fd);
	assert_int_equal(fcntl(other, F_OFD_SETLK, &lock), 0);
	close(other);
	assert_int_equal(recording_create(b->m->recordings, SESSION, BED_AT,
	    0, &fd, &day), ERR_CONFLICT);
}

/* Its maker died between mkdir and chmod: the ledger could never read what lies below. */
static void
a_directory_half_made_is_made_whole(void **state)
{
	struct bed *b = *state;
	char year[8], path[80];
	time_t now = time(NULL);
	struct stat st;
	struct tm tm;
	int fd, day;

	assert_non_null(gmtime_r(&now, &tm));
	strftime(year, sizeof(year), "%Y", &tm);
	assert_int_equal(mkdirat(b->m->recordings, year, 0700), 0);
	assert_int_equal(recording_create(b->m->recordings, 7, now, 77, &fd,
	    &day), 0);
	assert_int_equal(recording_settle(fd, day), 0);
	close(fd);
	close(day);
	assert_int_equal(recording_settle(-1, -1), ERR_SYS);
	snprintf(path, sizeof(path), "%s/%s", b->dir, year);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(st.st_gid, 77);
}

static void
on_a_terminal_one_line_stands_before_the_command(void **state)
{
	struct msg_consumed used = { .use = 2, .uses = 3, .at = 1 };
	struct bed *b = *state;
	struct msg_rec_notice n;
	struct msg msg;

	bed_to(b, BED_READY, 1);
	assert_int_equal(chan_put_consumed(b->ledger, b->call, &used, NULL, 0), 0);
	bed_expect(b, b->record, MSG_REC_NOTICE, &msg);
	assert_int_equal(msg_rec_notice_get(msg.body, &n), 0);
	assert_int_equal(n.show, 1);
	assert_memory_equal(n.text.p,
	    "sekisho: R12, use 2 of 3, S345, recorded\r\n", n.text.n);
	msg_rec_notice_free(&n);
	msg_done(&msg);
	(void)bed_take(b, b->exec, MSG_GO);
}

static void
death_by_signal_is_told_as_such(void **state)
{
	struct bed *b = *state;
	struct msg_chan_exit e;
	struct msg msg;

	bed_to(b, BED_RUN, 0);
	bed_job_exit(b, 0, "SEGV");
	bed_rec_end(b, JOB_RAN);
	bed_job_ended(b, JOB_RAN, 1);
	bed_expect(b, b->net, MSG_CHAN_EXIT, &msg);
	assert_int_equal(msg_chan_exit_get(msg.body, &e), 0);
	assert_string_equal(e.signal, "SEGV");
	msg_chan_exit_free(&e);
	msg_done(&msg);
}

static void
run_by_number_asks_for_the_request_and_runs_its_argv(void **state)
{
	char *argv[] = { W("id"), NULL };
	struct bed *b = *state;
	struct msg_lookup q;
	struct msg msg;

	bed_open(b, 0, 0);
	bed_exec(b, 0, "run R12.2");
	bed_expect(b, b->ledger, MSG_LOOKUP, &msg);
	assert_int_equal(msg_lookup_get(msg.body, &q), 0);
	assert_int_equal(q.request, 12);
	assert_int_equal(q.step, 2);
	assert_int_equal(strv_len(q.argv), 0);
	msg_lookup_free(&q);
	b->call = msg.id;
	msg_done(&msg);
	bed_order(b, argv);		/* step 0: not the one asked for */
	bed_turn(b);
	assert_true(b->m->is_over);
}

static void
a_refused_lookup_shows_the_ledgers_words(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_LOOKUP, 0);
	bed_refuse(b, b->ledger, b->call);
	bed_told(b, 0, "sekisho: refused [USED-UP] every approved use has been "
	    "made\nnext: request again R12\n", 77);
	bed_silent(b, b->ledger);
	bed_silent(b, b->d);
}

static void
a_syntax_error_is_an_entry_first(void **state)
{
	struct bed *b = *state;
	struct msg msg;

	bed_open(b, 0, 0);
	bed_exec(b, 0, "ls *");
	bed_silent(b, b->net);
	bed_refusal(b, "SYNTAX");
	bed_expect(b, b->net, MSG_CHAN_TEXT, &msg);
	assert_non_null(memmem(buf_data(msg.body), buf_len(msg.body),
	    "sekisho: refused [SYNTAX]", 25));
	msg_done(&msg);
	(void)bed_take(b, b->net, MSG_CHAN_EXIT);
}

static void
file_transfer_is_refused_with_a_text(void **state)
{
	struct msg_chan_subsystem sftp = { .name = W("sftp") };
	struct bed *b = *state;

	bed_open(b, 0, 0);
	assert_int_equal(chan_put_chan_subsystem(b->net, 0, &sftp, NULL, 0), 0);
	bed_refusal(b, "NOT-OFFERED");
	bed_told(b, 0, "sekisho: refused [NOT-OFFERED] file transfer "
	    "(sftp, scp) is not offered\nnext: help\n", 77);
}

static void
run_without_a_request_is_wrong_use(void **state)
{
	struct bed *b = *state;

	bed_open(b, 0, 0);
	bed_exec(b, 0, "run 12");
	bed_refusal(b, "USAGE");
	bed_told(b, 0, "sekisho: refused [USAGE] run takes one request, as in "
	    "run R12 or run R12.2\nnext: request list\n", 64);
}

static void
an_order_for_other_words_ends_everything(void **state)
{
	char *argv[] = { W("sed"), W("s/a/b/"), NULL };
	struct bed *b = *state;

	bed_to(b, BED_LOOKUP, 0);
	bed_order(b, argv);
	(void)bed_take(b, b->ledger, MSG_REFUSAL);
	assert_true(b->m->is_over);
	bed_silent(b, b->d);		/* no kit was asked for */
}

static void
an_order_for_another_person_ends_everything(void **state)
{
	struct bed *b = *state;

	b->operator = "bob";
	bed_to(b, BED_LOOKUP, 0);
	bed_order(b, bed_sed);
	(void)bed_take(b, b->ledger, MSG_REFUSAL);
	assert_true(b->m->is_over);
}

static void
an_order_under_a_newer_snapshot_waits_for_it(void **state)
{
	struct bed *b = *state;
	uint64_t serial;

	bed_to(b, BED_LOOKUP, 0);
	serial = b->serial;
	b->serial = serial + 1;
	bed_order(b, bed_sed);		/* the snapshot is only on its way */
	b->serial = serial;
	bed_snapshot(b);
	(void)bed_take(b, b->d, MSG_NEED_KIT);
}

static void
an_order_under_an_unknown_snapshot_is_asked_again_once(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_LOOKUP, 0);
	b->serial += 7;
	bed_order(b, bed_sed);
	b->call = bed_take(b, b->ledger, MSG_LOOKUP);
	bed_order(b, bed_sed);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [UNAVAILABLE] the policy is just being "
	    "replaced, try again\nnext: run R12\n", 69);
	bed_silent(b, b->d);
}

static void
a_kit_that_cannot_be_had_costs_nothing(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_ORDER, 0);
	b->kit = bed_take(b, b->d, MSG_NEED_KIT);
	assert_int_equal(chan_put_kit_failed(b->d, b->kit, NULL, NULL, 0), 0);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [LIMIT] the gate cannot start more "
	    "processes now\nnext: run R12\n", 77);
}

static void
a_launch_that_cannot_be_prepared_costs_nothing(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_PREPARE, 0);
	bed_rec_opened(b);
	bed_refuse(b, b->exec, 0);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [USED-UP] every approved use has been "
	    "made\nnext: request again R12\n", 77);
	bed_ended(b, b->exec);
}

static void
another_executable_costs_nothing(void **state)
{
	uint8_t other[DIGEST_LEN] = { 66 };
	struct bed *b = *state;

	bed_to(b, BED_PREPARE, 0);
	bed_rec_opened(b);
	bed_prepared(b, other);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [CHANGED] the executable is not the one "
	    "that was approved\nnext: request show R12\n", 77);
}

static void
a_recorder_that_fails_early_costs_nothing(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_PREPARE, 0);
	bed_prepared(b, bed_digest);
	bed_turn(b);
	chan_free(b->record);
	b->record = NULL;
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [RECORD] the recording failed\n"
	    "next: run R12\n", 74);
	bed_ended(b, b->exec);
}

static void
a_recording_that_is_there_already_costs_nothing(void **state)
{
	struct bed *b = *state;
	int fd, day;

	assert_int_equal(recording_create(b->m->recordings, SESSION, BED_AT,
	    0, &fd, &day), 0);
	close(fd);
	close(day);
	bed_to(b, BED_ORDER, 0);
	bed_kit(b, 0);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [RECORD] the recording could not be "
	    "created\nnext: run R12\n", 74);
}

static void
a_use_that_is_not_given_is_not_run(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_READY, 0);
	bed_refuse(b, b->ledger, b->call);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [USED-UP] every approved use has been "
	    "made\nnext: request again R12\n", 77);
	bed_ended(b, b->exec);
}

static void
a_go_that_is_refused_is_not_run(void **state)
{
	struct bed *b = *state;

	bed_to(b, BED_GO, 0);
	bed_refuse(b, b->exec, 0);
	bed_rec_end(b, JOB_NOT_RUN);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [USED-UP] every approved use has been "
	    "made\nnext: request again R12\n", 77);
}

static void
piped_input_is_hashed_before_the_use_is_taken(void **state)
{
	struct bed *b = *state;

	b->input = "sha256:0123456789abcdef0123456789abcdef"
	    "0123456789abcdef0123456789abcdef";
	bed_to(b, BED_PREPARE, 0);
	(void)bed_take(b, b->net, MSG_CHAN_STREAMS);
	bed_silent(b, b->ledger);
}

static void
a_terminal_for_a_piped_input_is_refused(void **state)
{
	struct bed *b = *state;

	b->input = "pipe";
	bed_to(b, BED_ORDER, 1);
	bed_job_ended(b, JOB_NOT_RUN, 1);
	bed_told(b, 0, "sekisho: refused [INPUT] the approved input is a pipe "
	    "and you asked for a terminal\r\nnext: ssh -T GATE run R12\r\n", 77);
}

static void
input_nobody_reads_is_told_once(void **state)
{
	struct bed *b = *state;
	struct msg_rec_notice n;
	struct msg msg;

	bed_to(b, BED_RUN, 0);
	assert_int_equal(chan_put_chan_unread(b->net, 0, NULL, NULL, 0), 0);
	assert_int_equal(chan_put_chan_unread(b->net, 0, NULL, NULL, 0), 0);
	bed_expect(b, b->record, MSG_REC_NOTICE, &msg);
	assert_int_equal(msg_rec_notice_get(msg.body, &n), 0);
	assert_memory_equal(n.text.p, "sekisho: input is not read: R12 was "
	    "approved with input = none\n", n.text.n);
	msg_rec_notice_free(&n);
	msg_done(&msg);
	bed_silent(b, b->record);
}

static void
many_channels_do_not_mix(void **state)
{
	struct bed *b = *state;
	uint32_t one, two;

	bed_open(b, 0, 0);
	bed_open(b, 1, 0);
	bed_exec(b, 0, "sed x");
	bed_exec(b, 1, "sed 's/a b/c d/'");
	one = bed_take(b, b->ledger, MSG_LOOKUP);
	two = bed_take(b, b->ledger, MSG_LOOKUP);
	b->call = two;
	bed_order(b, bed_sed);		/* the second answer first */
	(void)bed_take(b, b->d, MSG_NEED_KIT);
	bed_refuse(b, b->ledger, one);
	bed_told(b, 0, "sekisho: refused [USED-UP] every approved use has been "
	    "made\nnext: request again R12\n", 77);
	assert_false(b->m->is_over);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, bed_setup, bed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_happy_path_keeps_its_order),
		T(prepare_carries_numbers_plan_and_environment_of_our_own_snapshot),
		T(the_recording_is_new_append_only_and_in_the_day_of_utc),
		T(a_directory_half_made_is_made_whole),
		T(on_a_terminal_one_line_stands_before_the_command),
		T(death_by_signal_is_told_as_such),
		T(run_by_number_asks_for_the_request_and_runs_its_argv),
		T(a_refused_lookup_shows_the_ledgers_words),
		T(a_syntax_error_is_an_entry_first),
		T(file_transfer_is_refused_with_a_text),
		T(run_without_a_request_is_wrong_use),
		T(an_order_for_other_words_ends_everything),
		T(an_order_for_another_person_ends_everything),
		T(an_order_under_a_newer_snapshot_waits_for_it),
		T(an_order_under_an_unknown_snapshot_is_asked_again_once),
		T(a_kit_that_cannot_be_had_costs_nothing),
		T(a_launch_that_cannot_be_prepared_costs_nothing),
		T(another_executable_costs_nothing),
		T(a_recorder_that_fails_early_costs_nothing),
		T(a_recording_that_is_there_already_costs_nothing),
		T(a_use_that_is_not_given_is_not_run),
		T(a_go_that_is_refused_is_not_run),
		T(piped_input_is_hashed_before_the_use_is_taken),
		T(a_terminal_for_a_piped_input_is_refused),
		T(input_nobody_reads_is_told_once),
		T(many_channels_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
