/* gate_test.c - the real main process and starter, with stand-ins for the other programs. */
/* no-asan: enters its role for real, and the sanitizer makes calls that the list kills */
#include "drive.h"

/* --- tests --------------------------------------------------------------------- */

static void
a_login_gets_its_kit_and_its_word_with_all_descriptors(void **state)
{
	pid_t pid = gate_begin();
	int fd = client("a");

	(void)state;
	assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
	wait_for("sekisho-monitor", 1);
	wait_for("sekisho-net", 1);
	wait_for("sekisho-record", 1);
	wait_for("sekisho-exec", 1);
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
nobody_gets_a_kit_before_the_login(void **state)
{
	pid_t pid = gate_begin();
	int fd = client("e");

	(void)state;
	assert_false(hears(fd, "KIT"));
	close(fd);
	wait_for("sekisho-monitor", 0);
	wait_for("sekisho-net", 0);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_monitor_that_asks_for_too_much_is_told_no(void **state)
{
	pid_t pid = gate_begin();
	int fd = client("m");

	(void)state;
	assert_true(hears(fd, "KIT_FAILED/0 "));
	assert_true(alive("sekisho", NULL) <= KITS_MAX);
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

/* Two monitors that never stop talking. */
static void
hijacked_monitors_keep_nobody_waiting(void **state)
{
	pid_t pid = gate_begin();
	int f = client("f"), n = client("n"), fd, i;
	int64_t began;

	(void)state;
	for (i = 0; i < 3; i++) {
		began = clock_mono_ms();
		fd = client("a");
		assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
		assert_true(clock_mono_ms() - began < WAIT_MS);
		close(fd);
	}
	/* one number is one kit, and who does not listen is given up */
	assert_true(alive("sekisho-record", NULL) <= 5);
	close(f);
	close(n);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_killed_kit_is_gone(void **state)
{
	pid_t pid;
	int fd;

	(void)state;
	tell("kill-kit");
	pid = gate_begin();
	fd = client("a");
	assert_true(hears(fd, "WORD_KIT/3 "));
	wait_for("sekisho", 1);		/* the last of the three to start */
	wait_for("sekisho-record", 0);
	wait_for("sekisho-exec", 0);
	untell("kill-kit");
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_silent_client_is_cut_when_the_grace_is_over(void **state)
{
	pid_t pid = gate_begin();
	int64_t start = clock_mono_ms();
	int fd = dial();

	(void)state;
	assert_false(hears(fd, "x"));
	assert_true(clock_mono_ms() - start >= 900);
	assert_true(clock_mono_ms() - start < 2500);
	close(fd);
	wait_for("sekisho-monitor", 0);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
one_source_cannot_hold_more_than_its_share(void **state)
{
	pid_t pid = gate_begin();
	int fds[8], i, told = 0;

	(void)state;
	for (i = 0; i < 8; i++)
		fds[i] = dial();
	for (i = 0; i < 8; i++)
		told += is_sent_away(fds[i], "too many logins under way");
	/* the one that asked whether the gate is open may still count */
	assert_in_range(told, 3, 4);
	for (i = 0; i < 8; i++)
		close(fds[i]);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
monitor_and_net_end_together(void **state)
{
	static const char *const victims[] = { "sekisho-monitor",
		"sekisho-net" };
	pid_t pid = gate_begin(), victim;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < 2; i++) {
		fd = dial();
		wait_for(victims[i], 1);
		assert_int_equal(alive(victims[i], &victim), 1);
		assert_int_equal(kill(victim, SIGKILL), 0);
		wait_for("sekisho-monitor", 0);
		wait_for("sekisho-net", 0);
		close(fd);
	}
	fd = client("s");			/* a crash is not contagious */
	assert_false(hears(fd, "x"));
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_dead_ledger_is_replaced_and_every_monitor_bound_again(void **state)
{
	pid_t pid = gate_begin(), ledger;
	int fd = client("a");

	(void)state;
	assert_true(hears(fd, "WORD_KIT/3 "));
	assert_int_equal(alive("sekisho-ledgerd", &ledger), 1);
	assert_int_equal(kill(ledger, SIGKILL), 0);
	assert_true(hears(fd, "LEDGER/1 "));
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_ledger_that_keeps_failing_stops_the_gate(void **state)
{
	pid_t pid = gate_begin(), ledger;

	(void)state;
	assert_int_equal(alive("sekisho-ledgerd", &ledger), 1);
	tell("ledger-fails");
	assert_int_equal(kill(ledger, SIGKILL), 0);
	assert_int_equal(gate_end(pid, 0), 69 << 8);
	untell("ledger-fails");
}

static void
the_keys_are_bound_to_the_ledger_whenever_either_is_new(void **state)
{
	static const char *const victims[] = { "sekisho-ledgerd",
		"sekisho-keyd" };
	pid_t pid = gate_begin(), victim;
	size_t i;

	(void)state;
	wait_told("bound");
	for (i = 0; i < 2; i++) {
		assert_int_equal(alive(victims[i], &victim), 1);
		assert_int_equal(kill(victim, SIGKILL), 0);
		wait_told("bound");
	}
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
new_keys_reach_the_kits_that_run(void **state)
{
	pid_t pid = gate_begin(), keyd;
	int fd = client("a");

	(void)state;
	assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
	assert_int_equal(alive("sekisho-keyd", &keyd), 1);
	assert_int_equal(kill(keyd, SIGKILL), 0);
	assert_true(hears(fd, "SEALS/1 "));
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
without_keys_no_command_starts_but_words_do(void **state)
{
	pid_t pid = gate_begin(), keyd;
	int fd;

	(void)state;
	assert_int_equal(alive("sekisho-keyd", &keyd), 1);
	tell("keyd-mute");
	assert_int_equal(kill(keyd, SIGKILL), 0);
	wait_for("sekisho-keyd", 0);
	fd = client("a");
	assert_true(hears_both(fd, "KIT_FAILED/0 ", "WORD_KIT/3 "));
	assert_int_equal(alive("sekisho-record", NULL), 0);
	untell("keyd-mute");
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
keys_that_keep_failing_stop_the_gate(void **state)
{
	pid_t pid = gate_begin(), keyd;

	(void)state;
	assert_int_equal(alive("sekisho-keyd", &keyd), 1);
	tell("keyd-fails");
	assert_int_equal(kill(keyd, SIGKILL), 0);
	assert_int_equal(gate_end(pid, 0), 69 << 8);
	untell("keyd-fails");
}

static void
recordings_are_looked_after_four_at_a_time_and_each_is_answered(void **state)
{
	char name[40];
	pid_t pid;
	int i;

	(void)state;
	tell("recover");
	tell("recover-hangs");
	pid = gate_begin();
	wait_for("sekisho-record", 4);
	untell("recover-hangs");
	for (i = 1; i <= 6; i++) {
		snprintf(name, sizeof(name), "recovered-%d-%d", i,
		    RECOVERY_TORN);
		wait_told(name);
	}
	wait_for("sekisho-record", 0);
	untell("recover");
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_recoverer_that_dies_or_lies_is_a_failure_that_is_told(void **state)
{
	static const char *const how[] = { "recover-silent", "recover-other" };
	char name[40];
	pid_t pid;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < 2; i++) {
		tell("recover");
		tell(how[i]);
		pid = gate_begin();
		for (k = 1; k <= 6; k++) {
			snprintf(name, sizeof(name), "recovered-%d-%d", k,
			    RECOVERY_FAILED);
			wait_told(name);
		}
		untell("recover");
		untell(how[i]);
		assert_int_equal(gate_end(pid, SIGTERM), 0);
	}
}

static int
knock(uid_t uid)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int r;

	assert_true(fd >= 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/door", dir);
	assert_int_equal(seteuid(uid), 0);
	r = connect(fd, (struct sockaddr *)&at, sizeof(at));
	assert_int_equal(seteuid(0), 0);
	if (r == 0)
		return fd;
	close(fd);
	return -1;
}

static void
the_local_door_tells_the_ledger_what_the_kernel_says(void **state)
{
	char said[32] = "";
	struct stat st;
	char path[200];
	pid_t pid;
	int fd, i;

	(void)state;
	tell("with-door");
	for (i = 0; i < 2; i++) {	/* the second finds the name of the first */
		pid = gate_begin();
		assert_int_equal(stat(beside(path, "door"), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0666);
		assert_true((fd = knock(4711)) >= 0);
		assert_true(read(fd, said, sizeof(said) - 1) > 0);
		assert_string_equal(said, "uid 4711");
		close(fd);
		assert_int_equal(gate_end(pid, i == 0 ? SIGKILL : SIGTERM),
		    i == 0 ? SIGKILL : 0);
	}
	assert_int_equal(knock(4711), -1);
	untell("with-door");
	untell("door");
}

static void
a_flood_at_the_local_door_is_cut_and_harms_nobody(void **state)
{
	char said[32] = "";
	int fds[4 * DOOR_PER_UID], fd, i, cut = 0;
	pid_t pid;

	(void)state;
	tell("with-door");
	pid = gate_begin();
	for (i = 0; i < 4 * DOOR_PER_UID; i++)
		fds[i] = knock(4711);
	assert_true((fd = knock(4712)) >= 0);
	assert_true(read(fd, said, sizeof(said) - 1) > 0);
	assert_string_equal(said, "uid 4712");
	for (i = 0; i < 4 * DOOR_PER_UID; i++) {
		assert_true(fds[i] >= 0);
		cut += read(fds[i], said, sizeof(said) - 1) <= 0;
		close(fds[i]);
	}
	assert_true(cut > 0);
	close(fd);
	fd = client("a");
	assert_true(hears_both(fd, "KIT/5 ", "WORD_KIT/3 "));
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
	untell("with-door");
	untell("door");
}

static void
a_new_snapshot_reaches_the_monitors_and_a_failed_load_changes_nothing(
    void **state)
{
	pid_t pid = gate_begin();
	int fd = client("a");

	(void)state;
	assert_true(hears(fd, "WORD_KIT/3 "));
	tell("load-fails");
	assert_int_equal(kill(pid, SIGHUP), 0);
	usleep(200000);
	untell("load-fails");
	tell("load-incomplete");
	assert_int_equal(kill(pid, SIGHUP), 0);
	usleep(200000);
	untell("load-incomplete");
	assert_int_equal(kill(pid, SIGHUP), 0);	/* the same: nothing to tell */
	usleep(200000);
	tell("other-digest");
	assert_int_equal(kill(pid, SIGHUP), 0);
	assert_true(hears(fd, "SNAPSHOT/1 "));
	untell("other-digest");
	close(fd);
	assert_int_equal(gate_end(pid, SIGTERM), 0);
}

static void
a_stop_waits_for_monitors_but_not_for_ever(void **state)
{
	int64_t start;
	pid_t pid;
	int fd;

	(void)state;
	tell("no-drain");
	pid = gate_begin();
	fd = client("a");
	assert_true(hears(fd, "WORD_KIT/3 "));
	start = clock_mono_ms();
	assert_int_equal(gate_end(pid, SIGTERM), 0);
	assert_true(clock_mono_ms() - start >= 900);
	assert_true(clock_mono_ms() - start < 4000);
	untell("no-drain");
	close(fd);
}

static void
nothing_outlives_the_main_process_or_the_starter(void **state)
{
	pid_t pid = gate_begin();
	int fd = client("a"), status;

	(void)state;
	assert_true(hears(fd, "WORD_KIT/3 "));
	status = gate_end(pid, SIGKILL);
	assert_true(WIFSIGNALED(status));
	close(fd);
}

static void
a_gate_that_cannot_begin_says_why_by_its_status(void **state)
{
	char path[200], name[] = "gate";
	char *argv[] = { name, NULL };
	static const char *const how[] = { "load-fails", "load-incomplete",
		"ledger-fails", "keyd-fails", "keyd-tidies-up", "door" };
	static const int want[] = { 78, 78, 69, 69, 74, 69 };
	int status, null = open("/dev/null", O_WRONLY);
	size_t i;

	(void)state;
	tell("with-door");
	for (i = 0; i < 6; i++) {
		tell(how[i]);		/* the last: a file where the door should be */
		fflush(NULL);
		if (fork() == 0) {
			dup2(null, 2);
			execv(beside(path, "gate"), argv);
			_exit(95);
		}
		assert_true(wait(&status) > 0);
		assert_int_equal(status, want[i] << 8);
		untell(how[i]);
		untell("door");
		wait_for(NULL, 0);
	}
	untell("with-door");
	close(null);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		GATE_TEST(a_login_gets_its_kit_and_its_word_with_all_descriptors),
		GATE_TEST(nobody_gets_a_kit_before_the_login),
		GATE_TEST(a_monitor_that_asks_for_too_much_is_told_no),
		GATE_TEST(hijacked_monitors_keep_nobody_waiting),
		GATE_TEST(a_killed_kit_is_gone),
		GATE_TEST(a_silent_client_is_cut_when_the_grace_is_over),
		GATE_TEST(one_source_cannot_hold_more_than_its_share),
		GATE_TEST(monitor_and_net_end_together),
		GATE_TEST(a_dead_ledger_is_replaced_and_every_monitor_bound_again),
		GATE_TEST(a_ledger_that_keeps_failing_stops_the_gate),
		GATE_TEST(the_keys_are_bound_to_the_ledger_whenever_either_is_new),
		GATE_TEST(new_keys_reach_the_kits_that_run),
		GATE_TEST(without_keys_no_command_starts_but_words_do),
		GATE_TEST(keys_that_keep_failing_stop_the_gate),
		GATE_TEST(recordings_are_looked_after_four_at_a_time_and_each_is_answered),
		GATE_TEST(a_recoverer_that_dies_or_lies_is_a_failure_that_is_told),
		GATE_TEST(the_local_door_tells_the_ledger_what_the_kernel_says),
		GATE_TEST(a_flood_at_the_local_door_is_cut_and_harms_nobody),
		GATE_TEST(a_new_snapshot_reaches_the_monitors_and_a_failed_load_changes_nothing),
		GATE_TEST(a_stop_waits_for_monitors_but_not_for_ever),
		GATE_TEST(nothing_outlives_the_main_process_or_the_starter),
		GATE_TEST(a_gate_that_cannot_begin_says_why_by_its_status),
	};
	int r = drive_run(20000 + 7 * 311, argc, argv);

	return r >= 0 ? r :
	    cmocka_run_group_tests(tests, make_programs, remove_programs);
}
