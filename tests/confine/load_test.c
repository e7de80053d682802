/* load_test.c - sekisho-load itself, under its own list: what it says, what it hands over, what it cannot do.  links: wire */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/err.h"
#include "base/fd.h"
#include "tests/unit/load/bed.h"
#include "wire/chan.h"
#include "wire/snapshot.h"

static char program[4096];

static int
enter(void **state)
{
	const char *bin = getenv("SEKISHO_BIN");

	snprintf(program, sizeof(program), "%s/sekisho-load",
	    bin == NULL ? "build/bin" : bin);
	return bed_enter(state);
}

/* Exit status of a run; what it wrote to 1 and 2 goes into "out".  "channel": its descriptor 3, or -1. */
static int
run(const char *option, int channel, char *out, size_t size)
{
	int pipes[2], status;
	size_t used = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		if (channel >= 0 && channel != 3)
			dup2(channel, 3);
		else if (channel == 3)
			(void)fd_set_cloexec(3, 0);
		dup2(pipes[1], 1);
		dup2(pipes[1], 2);
		execl(program, "sekisho-load", "-c", BED_CONF, option,
		    (char *)NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	close(pipes[1]);
	while (used < size - 1 &&
	    (n = read(pipes[0], out + used, size - 1 - used)) > 0)
		used += (size_t)n;
	out[used] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
a_good_policy_is_ok_and_printed(void **state)
{
	char out[65536];

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(run("--check", -1, out, sizeof(out)), 0);
	assert_string_equal(out, "ok\n");
	assert_int_equal(run("--print", -1, out, sizeof(out)), 0);
	assert_int_equal(out[0], '{');
	assert_non_null(strstr(out, "\"gate\": \"gate\""));
}

static void
a_bad_one_is_one_line_and_78(void **state)
{
	char out[65536];

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(bed_write("/etc/sekisho/roles.conf",
	    "# people\noperators = [ \"@\x1b[2J\" ];\n"), 0);
	assert_int_equal(run("--check", -1, out, sizeof(out)), 78);
	assert_string_equal(out, "/etc/sekisho/roles.conf:2: expected visible "
	    "characters, found U+001B\n");
	assert_int_equal(bed_policy(), 0);
}

static void
by_hand_without_an_option_and_with_a_wrong_one_it_says_so(void **state)
{
	char out[65536];

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(run("--what", -1, out, sizeof(out)), 64);
	assert_int_equal(run("--version", -1, out, sizeof(out)), 0);
	assert_int_equal(run(NULL, -1, out, sizeof(out)), 64);
	assert_string_equal(out, "sekisho-load: started by sekishod(8) only\n");
}

static void
the_snapshot_is_sealed_and_whole_and_a_bad_policy_sends_nothing(void **state)
{
	struct snapshot *s = NULL;
	struct chan *c;
	struct msg m;
	char out[65536];
	int fds[2], n = 0;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(run(NULL, fds[1], out, sizeof(out)), 0);
	assert_string_equal(out, "");
	close(fds[1]);
	c = chan_new(fds[0], PEER_D, PEER_L);
	while (chan_wait(c, &m, 1000) == 0) {
		n++;
		if (m.type == MSG_LOADED) {
			assert_int_equal(fcntl(m.fds[0], F_GET_SEALS) &
			    (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK |
			    F_SEAL_SEAL), F_SEAL_WRITE | F_SEAL_GROW |
			    F_SEAL_SHRINK | F_SEAL_SEAL);
			assert_int_equal(snapshot_read(m.fds[0], 1, &s), 0);
		}
		msg_done(&m);
	}
	chan_free(c);
	assert_int_equal(n, 10);	/* settings, a slice for each of eight kinds, the snapshot */
	assert_non_null(snapshot_profile(s, "inspect"));
	snapshot_free(s);

	assert_int_equal(bed_write("/etc/sekisho/approval.conf", "rules"), 0);
	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(run(NULL, fds[1], out, sizeof(out)), 78);
	close(fds[1]);
	c = chan_new(fds[0], PEER_D, PEER_L);
	assert_int_equal(chan_wait(c, &m, 1000), ERR_CLOSED);
	chan_free(c);
	assert_int_equal(bed_policy(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_policy_is_ok_and_printed),
		cmocka_unit_test(a_bad_one_is_one_line_and_78),
		cmocka_unit_test(
		    by_hand_without_an_option_and_with_a_wrong_one_it_says_so),
		cmocka_unit_test(
		    the_snapshot_is_sealed_and_whole_and_a_bad_policy_sends_nothing),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
