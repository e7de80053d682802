/* tool_test.c - setup, check and drain as the host's root types them: this program plays sekisho and sekishod too. */
#include "tests/unit/cli/fake.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "cli/drain.h"
#include "cli/tool.h"

#define W(s)	((char *)(uintptr_t)(s))
#define GATE_MS	400		/* how long the fake gate "drains" */

static char dir[] = "/tmp/sekisho-tool-XXXXXX";

static const char *
at(const char *name)
{
	static char path[4][128];
	static unsigned int n;

	n = (n + 1) % 4;
	snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);
	return path[n];
}

/* Status of DIR/sekisho with these words; its texts into *out and *err. */
static int
run(const char *const *words_, uid_t uid, char **out, char **err)
{
	int fds[2] = { memfd_create("out", MFD_CLOEXEC),
		memfd_create("err", MFD_CLOEXEC) };
	char *argv[12] = { W("sekisho") };
	int status, n = 1;
	pid_t pid;

	for (; words_[n - 1] != NULL; n++)
		argv[n] = W(words_[n - 1]);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		if (dup2(fds[0], 1) < 0 || dup2(fds[1], 2) < 0 ||
		    (uid != 0 && setuid(uid) < 0))
			_exit(99);
		execv(at("sekisho"), argv);
		_exit(98);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	*out = fake_read(fds[0]);
	*err = fake_read(fds[1]);
	close(fds[0]);
	close(fds[1]);
	return WEXITSTATUS(status);
}

#define CHECK(status, text, uid, ...)	do {				\
	char *out_, *err_;						\
	assert_int_equal(run((const char *[]){ __VA_ARGS__, NULL },	\
	    uid, &out_, &err_), status);				\
	if (strstr(err_, text) == NULL && strstr(out_, text) == NULL)	\
		fail_msg("wanted \"%s\" in \"%s\" \"%s\"", text, out_, err_); \
	free(out_);							\
	free(err_);							\
} while (0)

static void
write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
only_setup_and_check_are_other_programs(void **state)
{
	(void)state;
	assert_true(tool_known("setup") && tool_known("check"));
	assert_false(tool_known("drain") || tool_known("request") ||
	    tool_known("") || tool_known("--gateway") || tool_known("../x"));
}

static void
the_program_beside_is_started_with_the_words_and_a_clean_environment(void **state)
{
	(void)state;
	write_file("sekisho-check", "#!/bin/sh\necho \"$# $1,$2 $EVIL "
	    "$PATH $TERM\"\nexit 3\n", 0755);
	assert_int_equal(setenv("EVIL", "evil", 1), 0);
	assert_int_equal(setenv("PATH", "/tmp", 1), 0);
	assert_int_equal(setenv("TERM", "vt100", 1), 0);
	CHECK(3, "2 a b,--json  /usr/sbin:/usr/bin:/sbin:/bin vt100", 0,
	    "check", "a b", "--json");
	assert_int_equal(unsetenv("EVIL"), 0);
	assert_int_equal(setenv("PATH", "/usr/bin:/bin", 1), 0);
}

static void
setup_is_for_root_and_its_help_for_everybody(void **state)
{
	(void)state;
	write_file("sekisho-setup", "#!/bin/sh\necho made\n", 0755);
	CHECK(77, "only root may do this\nnext: sudo sekisho setup", 65534,
	    "setup", "--yes");
	CHECK(0, "made", 65534, "setup", "--help");
	CHECK(0, "made", 0, "setup");
}

static void
what_is_not_installed_is_told(void **state)
{
	(void)state;
	assert_int_equal(unlink(at("sekisho-setup")), 0);
	CHECK(69, "next: make install", 0, "setup");
}

static void
titles_are_counted(void **state)
{
	struct drain_left left = { 0 };
	unsigned int i;

	(void)state;
	drain_count(&left, "sekisho-exec: S12 [supervisor]");
	drain_count(&left, "sekisho-exec: S12 [init]");
	drain_count(&left, "sekisho-exec: [warm]");
	drain_count(&left, "sekisho-exec: S [supervisor]");
	drain_count(&left, "sekisho-monitor: alice [priv]");
	drain_count(&left, "sekisho-monitor: [auth]");
	drain_count(&left, "sekisho-monitor: [warm]");
	drain_count(&left, "sekisho-net: alice [net]");
	drain_count(&left, "");
	assert_int_equal(left.commands, 1);
	assert_int_equal(left.connections, 1);
	assert_string_equal(left.sessions, "S12");
	for (i = 0; i < 100; i++)
		drain_count(&left, "sekisho-exec: S123456789 [supervisor]");
	assert_int_equal(left.commands, 101);
	assert_true(strlen(left.sessions) < sizeof(left.sessions));
	assert_string_equal(left.sessions + strlen(left.sessions) - 4, " ...");
}

/* DIR/sekishod with SIGUSR1 minded or not; its number is in DIR/pid. */
static pid_t
gate(const char *mode)
{
	int ready[2];
	char byte, text[16];
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		if (dup2(ready[1], 1) < 0)
			_exit(99);
		execl(at("sekishod"), "sekishod", mode, NULL);
		_exit(98);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	snprintf(text, sizeof(text), "%d\n", (int)pid);
	write_file("pid", text, 0600);
	return pid;
}

static void
a_gate_is_asked_and_waited_for(void **state)
{
	pid_t pid = gate("short");

	(void)state;
	CHECK(0, "the gate has stopped", 0, "drain", "--pid-file", at("pid"));
	assert_int_equal(access(at("starter-ended"), F_OK), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	CHECK(69, "no gate runs: process", 0, "drain", "--pid-file", at("pid"));
}

static void
the_time_to_wait_ends(void **state)
{
	pid_t pid = gate("long");

	(void)state;
	CHECK(75, "the gate goes on draining", 0, "drain", "--pid-file",
	    at("pid"), "--timeout", "1s");
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
a_gate_that_the_signal_would_end_is_left_alone(void **state)
{
	pid_t pid = gate("deaf");

	(void)state;
	CHECK(77, "SIGUSR1 would end it", 0, "drain", "--pid-file", at("pid"));
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The name of a program is its owner's: shown, it must not act on root's terminal. */
static void
a_name_of_a_program_is_shown_safely(void **state)
{
	char odd[] = "sleep\033[2J", text[16], copy[256];
	pid_t pid;
	int ready[2];
	char byte;

	(void)state;
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	snprintf(copy, sizeof(copy), "cp /bin/sleep '%s'", at(odd));
	assert_int_equal(system(copy), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		execl(at(odd), "sleep", "60", NULL);
		_exit(98);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);	/* it is executed */
	close(ready[0]);
	snprintf(text, sizeof(text), "%d\n", (int)pid);
	write_file("pid", text, 0600);
	CHECK(77, "sleep\\x1b[2J", 0, "drain", "--pid-file", at("pid"));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(unlink(at(odd)), 0);
}

static void
a_number_that_is_no_gate_is_not_signalled(void **state)
{
	char text[16];

	(void)state;
	snprintf(text, sizeof(text), "%d\n", (int)getpid());
	write_file("pid", text, 0600);
	CHECK(77, "is not this installation's sekishod", 0, "drain",
	    "--pid-file", at("pid"));
	write_file("pid", text, 0666);
	CHECK(77, "not a file that root alone can write", 0, "drain",
	    "--pid-file", at("pid"));
	write_file("pid", "", 0600);
	CHECK(69, "the gate is just starting", 0, "drain", "--pid-file",
	    at("pid"));
	write_file("pid", "1\n", 0600);
	CHECK(69, "holds no process number", 0, "drain", "--pid-file",
	    at("pid"));
	write_file("pid", "-1\n", 0600);
	CHECK(69, "holds no process number", 0, "drain", "--pid-file",
	    at("pid"));
	assert_int_equal(unlink(at("pid")), 0);
	CHECK(69, "no gate runs", 0, "drain", "--pid-file", at("pid"));
	assert_int_equal(symlink("/dev/zero", at("pid")), 0);
	CHECK(69, "no gate runs", 0, "drain", "--pid-file", at("pid"));
	assert_int_equal(unlink(at("pid")), 0);
}

static void
drain_is_used_right_and_by_root(void **state)
{
	(void)state;
	CHECK(77, "only root may do this", 65534, "drain");
	CHECK(0, "usage: sekisho drain", 65534, "drain", "--help");
	CHECK(64, "usage: sekisho drain", 0, "drain", "now");
	CHECK(64, "usage: sekisho drain", 0, "drain", "--timeout", "soon");
	CHECK(64, "usage: sekisho drain", 0, "drain", "--timeout", "0s");
	CHECK(64, "usage: sekisho drain", 0, "drain", "--pid-file");
}

/* As DIR/sekishod. */
static int
play_gate(const char *mode)
{
	struct signalfd_siginfo si;
	char own[256];
	sigset_t set;
	int fd;

	if (tool_dir(own, sizeof(own)) != 0 || chdir(own) < 0)
		return 1;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (strcmp(mode, "deaf") != 0)
		sigprocmask(SIG_BLOCK, &set, NULL);
	/* the starter ends a little later */
	if (strcmp(mode, "short") == 0 && fork() == 0) {
		usleep(3 * GATE_MS * 1000);
		_exit(creat("starter-ended", 0600) < 0);
	}
	if (write(1, "r", 1) != 1)
		return 1;
	if (strcmp(mode, "short") != 0)
		for (;;)
			pause();
	fd = signalfd(-1, &set, 0);	/* sigwait(3) would let it through meanwhile */
	if (read(fd, &si, sizeof(si)) != sizeof(si))
		return 1;
	usleep(GATE_MS * 1000);
	return 0;
}

static int
make_dir(void **state)
{
	char copy[1024], self[256];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)state;
	if (n <= 0 || mkdtemp(dir) == NULL || chmod(dir, 0755) < 0)
		return -1;
	self[n] = '\0';
	snprintf(copy, sizeof(copy), "cp '%s' %s/sekisho && cp '%s' "
	    "%s/sekishod", self, dir, self, dir);
	return system(copy);
}

static int
remove_dir(void **state)
{
	char text[64];

	(void)state;
	snprintf(text, sizeof(text), "rm -r %s", dir);
	return system(text);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_setup_and_check_are_other_programs),
		cmocka_unit_test(the_program_beside_is_started_with_the_words_and_a_clean_environment),
		cmocka_unit_test(setup_is_for_root_and_its_help_for_everybody),
		cmocka_unit_test(what_is_not_installed_is_told),
		cmocka_unit_test(titles_are_counted),
		cmocka_unit_test(a_gate_is_asked_and_waited_for),
		cmocka_unit_test(the_time_to_wait_ends),
		cmocka_unit_test(a_gate_that_the_signal_would_end_is_left_alone),
		cmocka_unit_test(a_name_of_a_program_is_shown_safely),
		cmocka_unit_test(a_number_that_is_no_gate_is_not_signalled),
		cmocka_unit_test(drain_is_used_right_and_by_root),
	};
	const char *name = argc > 0 ? basename(argv[0]) : "";

	if (strcmp(name, "sekisho") == 0)
		return cli_main(argc, argv);
	if (strcmp(name, "sekishod") == 0)
		return play_gate(argc > 1 ? argv[1] : "");
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
