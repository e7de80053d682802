/* warm_test.c - spare processes, penalties, patience: the real main process and starter, with stand-ins for the rest. */
/* no-asan: enters its role for real, and the sanitizer makes calls that the list kills */
#include "drive.h"
#include "listen/warm.h"

#define SPARE	2	/* what the stand-in of sekisho-load wants; one kit, one word */

static pid_t
warm_begin(void)
{
	pid_t pid;

	tell("warm");
	spare = SPARE;
	pid = gate_begin();
	wait_for("sekisho-record", 1);
	wait_for("sekisho-exec", 1);
	wait_for("sekisho", 1);
	return pid;
}

/* Did this launcher hear of a guess? */
static int
was_told(pid_t launcher)
{
	char path[200], name[64];

	snprintf(name, sizeof(name), "guessed-%d", (int)launcher);
	return access(beside(path, name), F_OK) == 0;
}

/* What a monitor says to a client that asks for its pid. */
static pid_t
asks_pid(int fd)
{
	char said[64] = "";
	int n;

	assert_true(read(fd, said, sizeof(said) - 1) > 0);
	assert_int_equal(sscanf(said, "pid %d", &n), 1);
	return (pid_t)n;
}

static int
is_among(pid_t pid, const pid_t *pids, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (pids[i] == pid)
			return 1;
	return 0;
}

static void
a_client_meets_who_was_there_before(void **state)
{
	pid_t pid = warm_begin(), before[SPARE];
	int fds[SPARE], i;

	(void)state;
	usleep(50000);
	assert_int_equal(all_of("sekisho-monitor", before, SPARE), SPARE);
	for (i = 0; i < SPARE; i++) {
		fds[i] = client("p");
		assert_true(is_among(asks_pid(fds[i]), before, SPARE));
	}
	wait_for("sekisho-monitor", 2 * SPARE);
	for (i = 0; i < SPARE; i++)
		close(fds[i]);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_kit_and_a_word_are_handed_over_whole_and_followed_by_others(void **state)
{
	pid_t pid = warm_begin(), record, exec, word;
	int fd;

	(void)state;
	assert_int_equal(alive("sekisho-record", &record), 1);
	assert_int_equal(alive("sekisho-exec", &exec), 1);
	assert_int_equal(alive("sekisho", &word), 1);
	fd = client("a");
	assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
	wait_for("sekisho-record", 2);
	wait_for("sekisho-exec", 2);
	wait_for("sekisho", 2);
	assert_int_equal(kill(record, 0), 0);
	assert_int_equal(kill(exec, 0), 0);
	assert_int_equal(kill(word, 0), 0);
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

/* Who was there before anybody asked, and who comes in the place of the one handed over. */
static void
spare_launchers_expect_what_was_asked_for_last(void **state)
{
	pid_t pid, before[2], after[3];
	char name[64];
	int fd, i;

	(void)state;
	tell("warm");
	tell("guesses");
	spare = SPARE;
	pid = gate_begin();
	wait_for("sekisho-exec", 2);
	wait_for("sekisho", 2);
	assert_int_equal(all_of("sekisho-exec", before, 2), 2);
	usleep(300000);
	fd = client("a");
	assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
	wait_for("sekisho-exec", 3);
	assert_int_equal(all_of("sekisho-exec", after, 3), 3);
	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "guessed-%d", (int)after[i]);
		if (!is_among(after[i], before, 2))
			wait_told(name);
	}
	/* one of the two went with the client, the other one waits on */
	for (i = 0; i < 200 && !was_told(before[0]) && !was_told(before[1]);
	    i++)
		usleep(10000);
	assert_int_not_equal(was_told(before[0]), was_told(before[1]));
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
more_clients_than_pairs_are_all_served(void **state)
{
	pid_t pid = warm_begin();
	int fds[5], i;

	(void)state;
	for (i = 0; i < 5; i++)
		fds[i] = client("p");
	for (i = 0; i < 5; i++)
		assert_true(asks_pid(fds[i]) > 0);
	for (i = 0; i < 5; i++)
		close(fds[i]);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

/* None of "before" lives any more. */
static void
wait_replaced(const pid_t *before, size_t n)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	size_t i;

	for (i = 0; i < n; i++)
		while (kill(before[i], 0) == 0) {
			if (clock_mono_ms() > end)
				fail_msg("%d is still there",
				    (int)before[i]);
			usleep(5000);
		}
}

static void
spare_ones_that_die_are_replaced(void **state)
{
	static const char *const names[] = { "sekisho-monitor", "sekisho-net",
		"sekisho-record", "sekisho-exec", "sekisho" };
	pid_t pid = warm_begin(), victim;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < 5; i++) {
		assert_true(alive(names[i], &victim) > 0);
		assert_int_equal(kill(victim, SIGKILL), 0);
		fd = client("a");
		assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
		close(fd);
		wait_replaced(&victim, 1);
	}
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_ledger_and_keys_that_are_new_matter_to_nobody_who_waits(void **state)
{
	static const char *const names[] = { "sekisho-ledgerd",
		"sekisho-keyd" };
	pid_t pid = warm_begin(), victim, before[SPARE];
	size_t i;
	int fd;

	(void)state;
	usleep(50000);
	assert_int_equal(all_of("sekisho-monitor", before, SPARE), SPARE);
	for (i = 0; i < 2; i++) {
		wait_told("bound");
		assert_int_equal(alive(names[i], &victim), 1);
		assert_int_equal(kill(victim, SIGKILL), 0);
	}
	wait_told("bound");
	fd = client("p");
	assert_true(is_among(asks_pid(fd), before, SPARE));
	close(fd);
	fd = client("a");
	assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_change_replaces_all_who_wait_and_none_who_work(void **state)
{
	pid_t pid = warm_begin(), before[2 * SPARE + 1], mine;
	size_t n = 0;
	int fd;

	(void)state;
	assert_int_equal(all_of("sekisho-monitor", before, SPARE), SPARE);
	assert_int_equal(kill(pid, SIGHUP), 0);	/* a host key may be new */
	wait_replaced(before, SPARE);
	fd = client("p");
	mine = asks_pid(fd);
	wait_for("sekisho-monitor", SPARE + 1);
	assert_int_equal(all_of("sekisho-monitor", before, SPARE + 1),
	    SPARE + 1);
	while (before[n] != mine)
		n++;
	before[n] = before[SPARE];
	wait_for("sekisho-record", 1);
	assert_int_equal(all_of("sekisho-record", &before[SPARE], 1), 1);
	tell("other-digest");
	assert_int_equal(kill(pid, SIGHUP), 0);
	wait_replaced(before, SPARE + 1);
	wait_for("sekisho-monitor", SPARE + 1);
	assert_int_equal(kill(mine, 0), 0);
	untell("warm");			/* and none wait when none shall */
	untell("other-digest");
	assert_int_equal(kill(pid, SIGHUP), 0);
	wait_for("sekisho-monitor", 1);
	wait_for("sekisho-record", 0);
	wait_for("sekisho", 0);
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
nobody_waits_longer_than_five_minutes(void **state)
{
	(void)state;
	assert_false(warm_is_old(1000, 1000));
	assert_false(warm_is_old(1000, 1000 + 299999));
	assert_true(warm_is_old(1000, 1000 + 300000));
}

static void
spare_ones_that_do_not_stay_up_are_no_loop(void **state)
{
	pid_t pid = warm_begin();
	int i, fd;

	(void)state;
	tell("monitor-fails");
	tell("other-digest");
	assert_int_equal(kill(pid, SIGHUP), 0);
	poll(NULL, 0, 2000);	/* 100 + 200 + 400 + 800 ms, and some */
	untell("monitor-fails");
	for (i = 0; i < 50; i++) {
		assert_int_equal(alive("sekisho-monitor", NULL), 0);
		usleep(5000);
	}
	fd = client("a");		/* cold */
	assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

/* Is a new connection closed without a word? */
static int
is_shut_out(void)
{
	int fd = client("p"), r = !hears(fd, "pid ");

	close(fd);
	return r;
}

static void
harm_shuts_its_source_out_but_not_who_is_in(void **state)
{
	static const char *const harm[] = { "w", "s" };
	int fd, in, i, k;
	pid_t pid;

	(void)state;
	for (i = 0; i < 2; i++) {
		tell("penalties");
		pid = gate_begin();
		in = client("a");
		assert_true(hears_both(in, "KIT/5 ", "WORD_KIT/3 "));
		fd = client(harm[i]);
		assert_false(hears(fd, "never said"));
		close(fd);
		for (k = 0; k < 20 && !is_shut_out(); k++)
			usleep(5000);	/* a death is told by the starter */
		assert_true(is_shut_out());
		if (i == 0)
			wait_told("state-1-1-0");
		wait_for("sekisho-monitor", 1);
		tell("exempt");
		tell("other-digest");
		assert_int_equal(kill(pid, SIGHUP), 0);
		assert_true(hears(in, "SNAPSHOT/1 "));
		assert_false(is_shut_out());
		close(in);
		assert_int_equal(gate_end(pid, SIGTERM), 0);
		assert_int_equal(clean_up(NULL), 0);
	}
}

/* Neither as failures nor as connections that tried nothing. */
static void
what_was_our_fault_shuts_nobody_out(void **state)
{
	pid_t pid;
	int fd, i;

	(void)state;
	tell("penalties");
	pid = gate_begin();
	for (i = 0; i < 20; i++) {
		fd = client("x");
		assert_false(hears(fd, "never said"));
		close(fd);
	}
	assert_false(is_shut_out());
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_restarted_ledger_is_told_the_state_at_once(void **state)
{
	pid_t pid = gate_begin(), ledger;
	int fd = client("a");

	(void)state;
	wait_told("state-1-0-0");
	assert_int_equal(alive("sekisho-ledgerd", &ledger), 1);
	assert_int_equal(kill(ledger, SIGKILL), 0);
	wait_told("state-1-0-0");
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_gate_that_drains_ends_when_the_last_one_has_left(void **state)
{
	pid_t pid = gate_begin();
	int fd = client("a");

	(void)state;
	assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
	assert_int_equal(gate_end(pid, SIGUSR1), 0);
	close(fd);
	assert_int_equal(dial(), -1);
}

static void
a_drain_has_time_until_a_stop_comes(void **state)
{
	int64_t start;
	int fd, fd2, other, status;
	pid_t pid;

	(void)state;
	tell("no-drain");
	tell("with-door");
	pid = gate_begin();
	fd = client("a");
	other = client("-");		/* never logs in */
	assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
	assert_int_equal(kill(pid, SIGUSR1), 0);
	wait_told("drain-patient");
	assert_false(hears(other, "never said"));
	fd2 = dial();
	assert_true(is_sent_away(fd2, "the gate is going down"));
	close(fd2);
	wait_told("state-1-0-1");
	poll(NULL, 0, 1100);	/* longer than stop_grace */
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	start = clock_mono_ms();
	assert_int_equal(gate_end(pid, SIGTERM), 0);
	wait_told("drain-now");
	assert_true(clock_mono_ms() - start >= 900);
	close(fd);
	close(other);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		GATE_TEST(a_client_meets_who_was_there_before),
		GATE_TEST(a_kit_and_a_word_are_handed_over_whole_and_followed_by_others),
		GATE_TEST(spare_launchers_expect_what_was_asked_for_last),
		GATE_TEST(more_clients_than_pairs_are_all_served),
		GATE_TEST(spare_ones_that_die_are_replaced),
		GATE_TEST(a_ledger_and_keys_that_are_new_matter_to_nobody_who_waits),
		GATE_TEST(a_change_replaces_all_who_wait_and_none_who_work),
		GATE_TEST(nobody_waits_longer_than_five_minutes),
		GATE_TEST(spare_ones_that_do_not_stay_up_are_no_loop),
		GATE_TEST(harm_shuts_its_source_out_but_not_who_is_in),
		GATE_TEST(what_was_our_fault_shuts_nobody_out),
		GATE_TEST(a_restarted_ledger_is_told_the_state_at_once),
		GATE_TEST(a_gate_that_drains_ends_when_the_last_one_has_left),
		GATE_TEST(a_drain_has_time_until_a_stop_comes),
	};
	int r = drive_run(20000 + 7 * 313, argc, argv);

	return r >= 0 ? r :
	    cmocka_run_group_tests(tests, make_programs, remove_programs);
}
